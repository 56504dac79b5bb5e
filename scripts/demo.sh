#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job, shown: builds the program, serves devices with it, boots a
# stock Linux guest in a stock QEMU that uses them, and says what it saw.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
"$top/scripts/install-packages.sh" demo
echo "Building (log: build/build.log) ..."
mkdir -p "$top/build"
cd "$top/build"
{ [ -f build.ninja ] || ../configure; ninja; } >build.log 2>&1 || {
    tail -n 30 build.log >&2
    echo "The build failed." >&2
    exit 1
}
exec python3 "$top/scripts/demo.py" "$top/build/qemu-system-x86_64"
