#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fuzz every target of tests/fuzz/meson.build: tools/fuzz.sh [SECONDS] [JOBS] [TARGET...].
# What is found lies in build-fuzz/found/; new inputs of interest in build-fuzz/corpus/.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
seconds=${1:-60}
jobs=${2:-$(nproc)}
shift $(($# > 2 ? 2 : $#))
dir=build-fuzz

[ -f $dir/build.ninja ] || CC=clang meson setup $dir -Dfuzz=true -Dtests=disabled \
    -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link || exit 1
ninja -C $dir -j "$jobs" fuzzers || exit 1
if [ $# -eq 0 ]; then
    mapfile -t targets < <(find $dir/tests/fuzz -maxdepth 1 -name 'fuzz-*' -type f -printf '%f\n')
    set -- "${targets[@]#fuzz-}"
fi

# One target; prints its verdict, and the whole output when it found something.
fuzz_one() {
    local name=$1 log=$dir/found/$1.log
    mkdir -p "$dir/corpus/$name"
    # The limit of time is libFuzzer's own; the outer one is for a target that hangs it.
    if timeout $((seconds + 120)) "$dir/tests/fuzz/fuzz-$name" -max_total_time="$seconds" \
        -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
        -artifact_prefix="$dir/found/$name-" "$dir/corpus/$name" "tests/fuzz/corpus/$name" \
        >"$log" 2>&1; then
        echo "ok $name: $(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$log") inputs"
    else
        echo "not ok $name"
        tail -n 40 "$log"
    fi
}

mkdir -p $dir/found
export -f fuzz_one
export dir seconds
printf '%s\n' "$@" | xargs -P "$jobs" -I{} bash -c 'fuzz_one {}' | tee $dir/found/summary
passed=$(grep -c '^ok ' $dir/found/summary)
failed=$(grep -c '^not ok ' $dir/found/summary)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
