# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# The examples make what they say, and, where kelp is built, kelp does what their READMEs say.
# KELP names the program; else build/kelp is taken.
KELP=${KELP:-$root/build/kelp}

make_repo() { # EXAMPLE FOLDER ...
    example=$1
    shift
    sh "$examples/$example/make-repo.sh" "$@" && cd "$1" || return
}
# kelp_run FILE...: $status, and what was printed in $temp/out
kelp_run() {
    "$KELP" run --yes "$@" >"$temp/out" 2>&1 </dev/null
    status=$?
}
ran() { # STATUS NAME
    if [ "$status" = "$1" ]; then passed "$2"; else broke "$2" "exit $status" "$(tail -n 20 "$temp/out")"; fi
}

make_repo seven-bugs "$temp/textkit" || exit 2
for tool in words median trim csv leap size slug; do
    no "$tool has a bug" make -s "check-$tool"
    yes "$tool: the analyst sees it" sh -c "$(sed -n "s/.*run: \(tools\/analyse $tool .*\)/\1/p" "$examples/seven-bugs/plan.yaml")"
done
no 'no second repository in the same folder' sh "$examples/seven-bugs/make-repo.sh" "$temp/textkit"
make_repo one-feature "$temp/notebook" || exit 2
yes 'the notebook works' make -s check
make_repo hundred-services "$temp/shop" 20 3 || exit 2
is "$(bin/status | tr -s ' ')" ' 20 version 1 up' 'twenty services run version 1'
is "$(grep -c . broken.txt)" 3 'of three version 2 will not come up'
make_repo missions "$temp/clock" || exit 2
is "$(git ls-files docs | wc -l)" 4 'the clock has four documents'

if [ -x "$KELP" ] && "$KELP" help plan >/dev/null 2>&1; then
    for example in seven-bugs:textkit:meta one-feature:notebook:waves hundred-services:shop:meta; do
        cd "$temp/$(echo "$example" | cut -d: -f2)" || exit 2
        "$KELP" plan --json "$examples/${example%%:*}/plan.yaml" >"$result" 2>"$temp/out"
        is "$(ask '$r->{decision}{pattern}')" "${example##*:}" "${example%%:*}: the decision"
        is "$(git status --porcelain)" '' "${example%%:*}: planning changes nothing"
    done

    cd "$temp/textkit" || exit 2
    SEVEN_BUGS_BREAK=trim kelp_run "$examples/seven-bugs/plan.yaml"
    ran 3 'six of seven bugs'
    for tool in words median csv leap size slug; do yes "$tool has landed" make -s "check-$tool"; done
    no 'trim has not' make -s check-trim
    "$KELP" retry --yes ORG_1001.3 >"$temp/out" 2>&1 </dev/null
    status=$?
    ran 0 'the third again'
    yes 'all seven have landed' make -s check

    cd "$temp/notebook" || exit 2
    kelp_run "$examples/one-feature/plan.yaml"
    ran 0 'one feature'
    yes 'tags work' make -s check
    yes 'the manual names them' grep -q tagged README.md

    cd "$temp/shop" || exit 2
    kelp_run "$examples/hundred-services/plan.yaml"
    ran 3 'three of twenty services fail'
    is "$(bin/status | tr -s ' ' | tr '\n' ';')" ' 3 version 1 up; 17 version 2 up;' 'they are rolled back'
    while read -r service; do yes "$service is named" grep -q "$service: failed" "$temp/out"; done <broken.txt

    cd "$temp/clock" || exit 2
    kelp_run "$examples/missions/documentation.md" "$examples/missions/scripts.md" "$examples/missions/licences.md"
    ran 0 'three missions'
    is "$(git ls-files docs | wc -l)" 2 'one document for each topic'

    cd "$temp/textkit" || exit 2
    kelp_run 'Analyze repository across 6 dimensions: documentation, code quality, tests, security, performance, dependencies'
    ran 0 'six dimensions'
    is "$(grep -c '^- ORG_[0-9]*\.[1-6] .*: done' "$temp/out")" 6 'six children are done'
else
    echo "# kelp is not built ($KELP): the examples were made, and not run"
fi
