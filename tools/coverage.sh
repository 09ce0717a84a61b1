#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Line and branch coverage of the pure layers by their own unit tests and, for src/core, by what drives
# its tree; and what is not covered with its reason: tools/coverage.sh [LAYER...]. The report for a
# browser is build-cov/coverage/.
#
# What is not covered is in tools/coverage.reasons, by function; a single line may say it itself:
#     /* uncovered: REASON */
# Calls of bug() are left out everywhere: they are for what cannot happen.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
: "${JOBS:=$(nproc)}"
dir=build-cov
[ $# -gt 0 ] || set -- base core

# The simulator counts in threads.
[ -f $dir/build.ninja ] ||
    meson setup $dir -Db_coverage=true -Dtests=enabled -Dbuildtype=debug \
        -Dc_args=-fprofile-update=atomic >/dev/null || exit 1
ninja -C $dir -j "$JOBS" kelp >/dev/null || exit 1
find $dir -name '*.gcda' -delete
# KELP_TEST_* are what Meson gives to tests.
unit_tests() {
    KELP_TEST_SOURCE=$PWD KELP_TEST_BUILD=$PWD/$dir "$dir/tests/unit-$1" --jobs "$JOBS"
}

for layer in "$@"; do
    ninja -C $dir -j "$JOBS" "tests/unit-$layer" >/dev/null || exit 1
    unit_tests "$layer" >$dir/unit-"$layer".log 2>&1 ||
        { tail -n 20 $dir/unit-"$layer".log && exit 1; }
done

# The tree is driven by the simulator, and by tests of the layers that build or show whole runs.
case " $* " in *' core '*)
    ninja -C $dir -j "$JOBS" tests/sim/kelp-sim tests/unit-{plan,sim,report} >/dev/null || exit 1
    {
        $dir/tests/sim/kelp-sim --seeds 400 --jobs "$JOBS" &&
            $dir/tests/sim/kelp-sim --seeds 60 --every-point --jobs "$JOBS" &&
            unit_tests plan && unit_tests sim && unit_tests report
    } >$dir/tree.log 2>&1 || { tail -n 20 $dir/tree.log && exit 1; }
    ;;
esac

filters=()
for layer in "$@"; do
    filters+=(--filter "src/$layer/")
done
mkdir -p $dir/coverage
exclude=(--exclude-lines-by-pattern '.*(\bbug\(|/\* uncovered: ).*'
    --exclude-branches-by-pattern '.*(\bbug\(|/\* uncovered: |cleanup|AUTO_).*')
report() {
    gcovr -r . "${filters[@]}" "${exclude[@]}" -j "$JOBS" "$@" $dir
}
report --html-details $dir/coverage/index.html
echo 'Lines'
report
echo
echo 'Branches'
report --branches
echo
echo 'Not covered, and why'
sed '/^#/d; s/^/  /' tools/coverage.reasons
for layer in "$@"; do
    git ls-files -co --exclude-standard "src/$layer/*.c" |
        xargs grep -nE '/\* uncovered: ' | sed -E 's/^([^:]+:[0-9]+):.*\/\* uncovered: (.*) \*\/.*/  \1  \2/'
    grep -cE '\bbug\(' src/"$layer"/*.c | awk -F: -v layer="$layer" \
        '{ n += $2 } END { print "  src/" layer ": " n " calls of bug(), for what cannot happen" }'
done
