#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job, shown: builds the program, serves a disk with it, boots a
# stock Linux guest in a stock QEMU that uses it, and says what it saw.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
"$top/scripts/install-packages.sh" demo

# The last line that ninja printed, every ten seconds while process $1 lives.
show_progress() {
    waited=0
    while kill -0 "$1" 2>/dev/null; do
        sleep 1
        waited=$((waited + 1))
        if [ $((waited % 10)) = 0 ]; then
            echo "  $(tail -n 1 build.log | cut -c1-100)"
        fi
    done
}

mkdir -p "$top/build"
cd "$top/build"
echo "Building (log: build/build.log), a minute or two ..."
{ { [ -f build.ninja ] || ../configure; } && ninja qemu-system-x86_64 vfu; } >build.log 2>&1 &
builder=$!
show_progress $builder
wait $builder || {
    tail -n 30 build.log >&2
    echo "The build failed." >&2
    exit 1
}
exec python3 "$top/scripts/demo.py" "$top/build/qemu-system-x86_64"
