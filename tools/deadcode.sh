#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Find functions that no program uses. Everything is built with a section for each function, and the
# linker drops those that main does not reach: what a library defines and no program kept is dead.
# Functions that wait for a caller are named in tools/deadcode.allow, with the reason.
set -euo pipefail
cd "$(dirname "$0")/.."
: "${JOBS:=$(nproc)}"
dir=build-dead
work=$dir/deadcode

[ -f $dir/build.ninja ] || meson setup $dir -Dtests=disabled -Dbuildtype=debug \
    -Dc_args='-ffunction-sections -fdata-sections -fno-inline' -Dc_link_args=-Wl,--gc-sections
ninja -C $dir -j "$JOBS" >/dev/null
mkdir -p $work

functions() {
    nm --defined-only "$@" 2>/dev/null | awk '$2 == "T" { print $3 }' | sort -u
}

mapfile -t programs < <(find $dir -maxdepth 3 -name 'kelp*' -type f -executable)
programs+=("$dir/man/manual")
functions $dir/libkelp_*.a >$work/all
functions "${programs[@]}" >$work/used
comm -23 $work/all $work/used >$work/unused
sed 's/[[:space:]]*#.*//; /^$/d' tools/deadcode.allow | sort -u >$work/allowed

comm -23 $work/unused $work/allowed | sed 's/^/not ok no program uses /'
comm -13 $work/unused $work/allowed | sed 's/^/not ok not dead, but in tools\/deadcode.allow: /'
dead=$(comm -3 $work/unused $work/allowed | wc -l)
echo "$(($(wc -l <$work/all) - dead)) passed, $dead failed"
[ "$dead" -eq 0 ]
