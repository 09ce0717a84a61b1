#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Tests of recipes/ and examples/: run.sh [NAME...] runs tests/recipes/test-NAME.sh, or all.
# Prints TAP, then "N passed, N failed"; the exit status is 0 if none failed.
set -u
LC_ALL=C
export LC_ALL

here=$(cd "$(dirname -- "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
recipes=$root/recipes
examples=$root/examples
temp=$(mktemp -d "${TMPDIR:-/tmp}/kelp-recipes.XXXXXX") || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' INT TERM
export root recipes examples temp
count=0 failed=0

# shellcheck source=tests/recipes/lib.sh
. "$here/lib.sh"

[ $# -gt 0 ] || set -- "$here"/test-*.sh
for test do
    [ -f "$test" ] || test=$here/test-$test.sh
    [ -f "$test" ] || { echo "run.sh: no test '$test'" >&2; exit 2; }
    echo "# ${test##*/}"
    count_before=$count
    # shellcheck source=/dev/null
    . "$test"
    [ "$count" -gt "$count_before" ] || broke "${test##*/} tests something"
done
echo "1..$count"
echo "$((count - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
