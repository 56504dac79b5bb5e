#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# All tests, the same here and in CI; see run-tests.py for its options.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
"$top/scripts/install-packages.sh" test
exec python3 "$top/scripts/run-tests.py" "$@"
