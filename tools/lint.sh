#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Everything that reads the sources without running them: tools/lint.sh [--all]. The short form leaves
# out what takes minutes; that gcc has no warnings is shown by the build for the sanitizers, too.
# Prints "ok NAME" or "not ok NAME" with what was found, and counts.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
: "${JOBS:=$(nproc)}"
passed=0 failed=0

# check NAME COMMAND...: what it says is shown only when it fails.
check() {
    local name=$1 said
    shift
    if said=$("$@" 2>&1); then
        echo "ok $name"
        passed=$((passed + 1))
    else
        echo "not ok $name"
        printf '%s\n' "$said" | tail -n 60 | sed 's/^/    /'
        failed=$((failed + 1))
    fi
}

sources() {
    git ls-files --cached --others --exclude-standard -- "$@"
}

build_with() {
    local cc=$1 dir=$2
    [ -f "$dir/build.ninja" ] ||
        CC=$cc meson setup "$dir" --werror -Dtests=enabled -Dbuildtype=debugoptimized || return 1
    ninja -C "$dir" -j "$JOBS" && ninja -C "$dir" -j "$JOBS" meson-test-prereq
}

format() {
    sources '*.c' '*.h' | xargs clang-format --dry-run -Werror
}

shell() {
    # A file is a shell script if its first line or its name says so.
    sources ':!examples' |
        xargs awk 'FNR == 1 { if (/^#!.*[\/ ](ba|da)?sh\>/ || FILENAME ~ /\.sh$/) print FILENAME; nextfile }' |
        xargs shellcheck
}

licence_lines() {
    local file status=0
    while read -r file; do
        head -n 2 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' ||
            { echo "$file: no licence line" && status=1; }
    done < <(sources '*.c' '*.h' '*.sh' '*.py' Makefile)
    return $status
}

# Whole paragraphs of plans belong to the tracker, not to the sources.
loose_ends() {
    ! sources 'src/*' 'man/*' 'tools/*' 'tests/*.[ch]' 'bench/*' |
        grep -v '^tools/lint\.sh$' | xargs grep -nE '\b(TODO|FIXME|XXX|HACK)\b'
}

long_files() {
    # Tables may be as long as they need; these are long for another reason.
    ! sources 'src/*.c' 'src/*.h' | xargs wc -l | awk '$1 > 600 && $2 != "total"' | grep .
}

static_check() {
    cppcheck --enable=warning,performance,portability --std=c11 --quiet -j "$JOBS" \
        --error-exitcode=1 --inline-suppr --library=tools/cppcheck.cfg \
        --suppress=missingIncludeSystem -D_GNU_SOURCE -Isrc src man/manual.c tests/fuzz
}

check format format
check shellcheck shell
check spelling codespell
check licence-lines licence_lines
check loose-ends loose_ends
check long-files long_files
check clang build_with clang build-clang
if [ "${1:-}" = --all ]; then
    check gcc build_with gcc build-gcc
    check clang-tidy tools/tidy.sh build-clang
    check cppcheck static_check
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
