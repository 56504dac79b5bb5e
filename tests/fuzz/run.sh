#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh FUZZER SOURCE-FOLDER NAME SECONDS: fuzz from the kept inputs; what is
# found goes to a folder of its own, so the tree stays as it is. To keep new
# inputs: FUZZER -merge=1 SOURCE-FOLDER/corpus/NAME FOUND-FOLDER
set -eu
found=$(mktemp -d)
trap 'rm -rf "$found"' EXIT
"$1" -max_total_time="$4" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
     -verbosity=0 -dict="$2/vfio-user.dict" -artifact_prefix="${FUZZ_ARTIFACTS:-./}" \
     "$found" "$2/corpus/$3"
