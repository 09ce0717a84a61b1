#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy over the given sources, or all: tools/tidy.sh BUILD_DIR [FILE...]. The exit status is 1
# if it found anything.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
dir=$1
shift
[ $# -gt 0 ] || mapfile -t files < <(git ls-files 'src/*.c' 'man/*.c')
[ $# -eq 0 ] || files=("$@")
model=(--extra-arg=-I"$PWD/src" --extra-arg=-include"$PWD/tools/analyzer.h")

printf '%s\n' "${files[@]}" | grep -v '^src/base/fault\.c$' |
    xargs -P "${JOBS:-$(nproc)}" -n 4 clang-tidy -p "$dir" --quiet "${model[@]}" 2>/dev/null
found=$?
for file in "${files[@]}"; do
    [ "$file" != src/base/fault.c ] || clang-tidy -p "$dir" --quiet "$file" 2>/dev/null || found=1
done
exit $((found != 0))
