#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Line and branch coverage of the pure layers by their own unit tests and, for src/core, a short
# search of the simulator, which is what drives the tree; and what is not covered with its reason:
# tools/coverage.sh [LAYER...]. The report for a browser is build-cov/coverage/.
#
# A line that cannot be reached says so where it stands, and why:
#     /* uncovered: REASON */            this line
# Calls of bug() are left out everywhere: they are for what cannot happen.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2
: "${JOBS:=$(nproc)}"
dir=build-cov
[ $# -gt 0 ] || set -- base core

[ -f $dir/build.ninja ] ||
    meson setup $dir -Db_coverage=true -Dtests=enabled -Dbuildtype=debug >/dev/null || exit 1
ninja -C $dir -j "$JOBS" kelp >/dev/null || exit 1
find $dir -name '*.gcda' -delete
for layer in "$@"; do
    ninja -C $dir -j "$JOBS" "tests/unit-$layer" >/dev/null || exit 1
    # KELP_TEST_* are what Meson gives to tests.
    KELP_TEST_SOURCE=$PWD KELP_TEST_BUILD=$PWD/$dir \
        $dir/tests/unit-"$layer" --jobs "$JOBS" >$dir/unit-"$layer".log 2>&1 ||
        { tail -n 20 $dir/unit-"$layer".log && exit 1; }
done

case " $* " in *' core '*)
    ninja -C $dir -j "$JOBS" tests/sim/kelp-sim >/dev/null || exit 1
    $dir/tests/sim/kelp-sim --seeds 400 --jobs "$JOBS" >$dir/sim.log 2>&1 ||
        { tail -n 20 $dir/sim.log && exit 1; }
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
    # Counters may be cut short by tests that kill the program; gcovr says where.
    gcovr -r . --gcov-ignore-parse-errors "${filters[@]}" "${exclude[@]}" -j "$JOBS" "$@" $dir
}
report --html-details $dir/coverage/index.html
echo 'Lines'
report
echo
echo 'Branches'
report --branches
echo
echo 'Not covered, and why'
for layer in "$@"; do
    git ls-files -co --exclude-standard "src/$layer/*.c" |
        xargs grep -nE '/\* uncovered: ' | sed -E 's/^([^:]+:[0-9]+):.*\/\* uncovered: (.*) \*\/.*/  \1  \2/'
    grep -cE '\bbug\(' src/"$layer"/*.c | awk -F: -v layer="$layer" \
        '{ n += $2 } END { print "  src/" layer ": " n " calls of bug(), for what cannot happen" }'
done
