#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Fuzz every target of tests/fuzz/meson.build: tools/fuzz.sh [SECONDS] [JOBS] [TARGET...].
# What is found lies in build-fuzz/found/; new inputs of interest in build-fuzz/corpus/, from which the
# next time goes on. FUZZ_KEEP=1 takes those that reach further into tests/fuzz/corpus/, made few.
# FUZZ_SEED makes the inputs the same each time, as long as the corpora are the same.
# The figures go to $TRUST_DIR/fuzz.json if that is set.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
seconds=${1:-60}
jobs=${2:-$(nproc)}
shift $(($# > 2 ? 2 : $#))
dir=build-fuzz
began=$SECONDS

[ -f $dir/build.ninja ] || CC=clang meson setup $dir -Dfuzz=true -Dtests=disabled \
    -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link || exit 1
if [ $# -gt 0 ]; then
    ninja -C $dir -j "$jobs" "${@/#/tests/fuzz/fuzz-}" || exit 1
else
    ninja -C $dir -j "$jobs" fuzzers || exit 1
    mapfile -t targets < <(find $dir/tests/fuzz -maxdepth 1 -name 'fuzz-*' -type f -printf '%f\n' | sort)
    set -- "${targets[@]#fuzz-}"
fi

# One target; prints its verdict, and the end of the output when it found something.
fuzz_one() {
    local name=$1 log=$dir/found/$1.log dictionary=tests/fuzz/dict/$1 words=()
    mkdir -p "$dir/corpus/$name"
    [ ! -f "$dictionary" ] || words=("-dict=$dictionary")
    [ -z "${FUZZ_SEED:-}" ] || words+=("-seed=$FUZZ_SEED")
    # The limit of time is libFuzzer's own; the outer one is for a target that hangs it.
    if timeout $((seconds + 120)) "$dir/tests/fuzz/fuzz-$name" -max_total_time="$seconds" \
        -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 "${words[@]}" \
        -artifact_prefix="$dir/found/$name-" "$dir/corpus/$name" "tests/fuzz/corpus/$name" \
        >"$log" 2>&1; then
        echo "ok $name: $(inputs_in "$log") inputs"
    else
        echo "not ok $name: $(inputs_in "$log") inputs"
        what_was_found "$log"
        again "$name" "$log"
    fi
}

# What went wrong first, however long the stack that follows it; and the end, which has the input.
what_was_found() {
    grep -aE '^kelp: bug at|: runtime error: |^==[0-9]+== *ERROR: ' "$1" | head -n 3
    tail -n 40 "$1"
}

# What was found as a command that finds it again: the input that libFuzzer says it has written.
again() {
    local input
    input=$(sed -n 's/.*Test unit written to //p' "$2" | tail -n 1)
    [ -z "$input" ] || echo "again: $dir/tests/fuzz/fuzz-$1 $input"
}

inputs_in() {
    sed -n 's/^stat::number_of_executed_units: *//p' "$1"
}

# The inputs that reach what those of the source do not, at most a few and none of them long.
keep_one() {
    local name=$1 kept=tests/fuzz/corpus/$1 more=$dir/more/$1
    rm -rf "$more" && mkdir -p "$more" && cp "$kept"/* "$more" &&
        "$dir/tests/fuzz/fuzz-$name" -merge=1 -max_len=2048 "$more" "$dir/corpus/$name" \
            >"$dir/found/$name.merge" 2>&1 || return
    find "$more" -type f -name '????????????????????????????????????????' -printf '%s %p\n' | sort -rn |
        head -n 8 | while read -r _ file; do
        cp "$file" "$kept/found-$(basename "$file" | cut -c-8)"
    done
}

write_figures() {
    cat <<JSON
{
 "part": "fuzz",
 "command": "make fuzz FUZZ_SECONDS=$seconds",
 "targets": $#,
 "seconds_each": $seconds,
 "inputs_tried": $(sed -n 's/.*: \([0-9]*\) inputs$/\1/p' $dir/found/summary | awk '{n += $1} END {print n + 0}'),
 "targets_that_found_a_fault": $failed,
 "seconds": $((SECONDS - began)),
 "commit": "$(git rev-parse --short HEAD)"
}
JSON
}

mkdir -p $dir/found
export -f fuzz_one inputs_in what_was_found again
export dir seconds
printf '%s\n' "$@" | xargs -P "$jobs" -I{} bash -c 'fuzz_one {}' | tee $dir/found/summary
passed=$(grep -c '^ok ' $dir/found/summary)
failed=$(grep -c '^not ok ' $dir/found/summary)
if [ -n "${FUZZ_KEEP:-}" ]; then
    for name; do keep_one "$name"; done
fi
if [ -n "${TRUST_DIR:-}" ]; then
    mkdir -p "$TRUST_DIR" && write_figures "$@" >"$TRUST_DIR/fuzz.json"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
