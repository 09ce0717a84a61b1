#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run suites of checks one after the other, say how each went, and count at the end:
#
#   tools/check.sh             the suites of `make check`
#   tools/check.sh SUITE...    these
#
# A suite is a function suite_NAME below, or an executable tests/NAME/run, which finds the build
# folder in $BUILD. Its counts are what its runners print: Criterion's synthesis, and lines "N passed,
# N failed". A suite that fails without a count, or prints none, counts as one failure. The whole
# output of a suite is in build/check/NAME.log, and what failed in all of them in build/check/failures.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
: "${BUILD:=build}" "${JOBS:=$(nproc)}" "${SEEDS:=2000}" "${FUZZ_SECONDS:=5}"
default_suites=(unit asan replay sim points load journal e2e escape recipes fuzz lint)
logs=$BUILD/check

# configure DIR [MESON OPTION...]: makes the build folder if it is not there yet.
configure() {
    local dir=$1
    shift
    if [ -f "$dir/build.ninja" ]; then
        # A folder that was made before Criterion was installed lacks the tests.
        ninja -C "$dir" -t query meson-test-prereq 2>/dev/null | grep -q /unit- ||
            meson configure "$dir" -Dtests=enabled
    else
        meson setup "$dir" "$@"
    fi
}

# Builds and runs tests of a Meson suite in DIR; their output, which has the counts, follows.
meson_suite() {
    local dir=$1 suite=$2 log
    shift 2
    ninja -C "$dir" -j "$JOBS" && ninja -C "$dir" -j "$JOBS" meson-test-prereq || return 1
    meson test -C "$dir" --suite "$suite" --no-rebuild --logbase "check-$suite" \
        --num-processes "$JOBS" "$@"
    local status=$?
    log=$dir/meson-logs/check-$suite.txt
    [ ! -f "$log" ] || cat "$log"
    return $status
}

# With LAYER=core only its tests, with FILTER='graph/*' only these of them.
suite_unit() {
    configure "$BUILD" -Dtests=enabled || return 1
    if [ -n "${LAYER:-}" ]; then
        ninja -C "$BUILD" -j "$JOBS" && ninja -C "$BUILD" -j "$JOBS" "tests/unit-$LAYER" &&
            KELP_TEST_SOURCE=$PWD KELP_TEST_BUILD=$PWD/$BUILD \
                "$BUILD/tests/unit-$LAYER" --jobs "$JOBS" --filter "${FILTER:-*/*}"
    else
        meson_suite "$BUILD" unit
    fi
}

suite_asan() {
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1
    export LSAN_OPTIONS=suppressions=$PWD/tools/lsan.supp:print_suppressions=0
    configure build-asan --werror -Doptimization=1 -Dtests=enabled -Db_sanitize=address,undefined -Db_lundef=false &&
        meson_suite build-asan unit --timeout-multiplier 4
}

# The runner of the unit tests does not start under the thread sanitizer; but only these programs
# have threads.
suite_tsan() {
    export TSAN_OPTIONS=exitcode=66
    configure "$BUILD" -Dtests=enabled &&
        configure build-tsan -Dtests=enabled -Db_sanitize=thread -Db_lundef=false &&
        ninja -C build-tsan -j "$JOBS" programs tests/sim/kelp-sim &&
        ninja -C "$BUILD" -j "$JOBS" tests/unit-git &&
        build-tsan/tests/sim/kelp-sim --seeds 100 --jobs 4 &&
        KELP_TEST_SOURCE=$PWD KELP_TEST_BUILD=$PWD/build-tsan \
            "$BUILD/tests/unit-git" --jobs "$JOBS" --filter 'discard/*' &&
        BUILD=$PWD/build-tsan JOBS=$JOBS tests/e2e/run providers
}

suite_replay() {
    configure "$BUILD" -Dtests=enabled && meson_suite "$BUILD" replay
}

suite_sim() {
    SEEDS=$SEEDS JOBS=$JOBS tests/sim/run "$BUILD"
}

# A test file at a time, side by side; the counts of all follow from those of each.
suite_recipes() {
    ninja -C "$BUILD" -j "$JOBS" programs || return 1
    printf '%s\n' tests/recipes/test-*.sh | xargs -P "$JOBS" -n 1 sh tests/recipes/run.sh
}

# The same inputs each time, so that a check of the same source says the same: new ones are what
# `make fuzz` is for.
suite_fuzz() {
    FUZZ_SEED=${FUZZ_SEED:-1} tools/fuzz.sh "$FUZZ_SECONDS" "$JOBS"
}

suite_lint() {
    tools/lint.sh
}

suite_lint-all() {
    tools/lint.sh --all
}

suite_deadcode() {
    tools/deadcode.sh
}

# Adds up the counts in a log; prints "PASSED FAILED", or nothing if it has none.
count_log() {
    sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
        /Synthesis: Tested:/ { gsub("\\|", ""); seen = 1
            for (i = 1; i < NF; i++) {
                if ($i == "Passing:") passed += $(i + 1)
                if ($i == "Failing:" || $i == "Crashing:") failed += $(i + 1) } }
        /^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ { seen = 1; passed += $1; failed += $3 }
        END { if (seen) print passed + 0, failed + 0 }'
}

run_suite() {
    local name=$1 log=$logs/$1.log started=$SECONDS status counts passed failed

    if declare -F "suite_$name" >/dev/null; then
        "suite_$name" >"$log" 2>&1 </dev/null
    elif [ -x "tests/$name/run" ]; then
        BUILD=$PWD/$BUILD "tests/$name/run" >"$log" 2>&1 </dev/null
    else
        echo "no such suite" >"$log" && false
    fi
    status=$?
    counts=$(count_log "$log")
    read -r passed failed <<<"${counts:-0 0}"
    if { [ $status -ne 0 ] || [ -z "$counts" ]; } && [ "$failed" -eq 0 ]; then
        failed=1
    fi
    printf '%-10s %6d passed %4d failed %5d s\n' "$name" "$passed" "$failed" $((SECONDS - started))
    if [ "$failed" -gt 0 ]; then
        grep -E '\[(FAIL|CRASH)\]|Assertion Failed|^not ok|^FAIL|error:|ERROR|^kelp: bug at|^Base64: ' "$log" | head -n 20 |
            sed "s/^/    $name: /" | tee -a "$logs/failures"
        echo "    the end of $log:"
        tail -n 30 "$log" | sed 's/^/    | /'
    fi
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
}

total_passed=0 total_failed=0
[ $# -gt 0 ] || set -- "${default_suites[@]}"
[ -f "$BUILD/build.ninja" ] || meson setup "$BUILD" >/dev/null || exit 1
mkdir -p "$logs"
: >"$logs/failures"
export SEEDS FUZZ_SECONDS JOBS
for suite in "$@"; do
    run_suite "$suite"
done
echo
cat "$logs/failures"
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" -eq 0 ]
