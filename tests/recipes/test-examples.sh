# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# The examples make what they say, and the commands of their READMEs do what is written beside them.
# KELP names the program; else build/kelp is taken.
KELP=${KELP:-$root/build/kelp}
yes 'kelp is built (ninja -C build programs), or KELP names it' "$KELP" --version
mkdir -p "$temp/bin" && ln -sf "$KELP" "$temp/bin/kelp"
path_before=$PATH
PATH=$temp/bin:$PATH

# follow EXAMPLE: runs its README line by line, in "$temp" instead of /tmp, and after each of them
# `seen LINE`. A comment "# exit status N" is what a line promises; without one it is 0.
follow() {
    cd "$root" || return
    sed -n '/^```sh/,/^```$/p' "$examples/$1/README.md" |
        sed "/^\`\`\`/d; s,/tmp/,$temp/,g" >"$temp/lines"
    while IFS= read -r line <&3; do
        [ -n "$line" ] || continue
        wanted=$(echo "$line" | sed -n 's/.*# exit status \([0-9]*\).*/\1/p')
        eval "$line" >"$temp/out" 2>&1 </dev/null
        status=$?
        said=$(echo "${line%%  \#*}" | sed "s,$temp,/tmp,g")
        if [ "$status" = "${wanted:-0}" ]; then
            passed "$1: $said"
        else
            broke "$1: $said" "exit $status" "$(tail -n 20 "$temp/out")"
        fi
        seen "$line"
    done 3<"$temp/lines"
}
# decided PATTERN: what kelp would do with the plan here, changing nothing
decided() {
    "$KELP" plan --json "$example/plan.yaml" >"$result" 2>"$temp/out"
    is "$(ask '$r->{decision}{pattern}')" "$1" "the decision is $1"
    is "$(git status --porcelain)" '' 'planning changes nothing'
}

tools='words median csv leap size slug'
seen() {
    case $1 in
        sh*textkit2*)
            for tool in $tools trim; do
                no "$tool has a bug" make -s "check-$tool"
                yes "$tool: the analyst sees it" sh -c "$(sed -n \
                    "s/.*run: \(tools\/analyse $tool .*\)/\1/p" "$example/plan.yaml")"
            done
            decided meta
            ;;
        SEVEN_BUGS_BREAK=*)
            for tool in $tools; do yes "$tool has landed" make -s "check-$tool"; done
            no 'trim has not' make -s check-trim
            ;;
    esac
}
follow seven-bugs
no 'no second repository in the same folder' sh "$example/make-repo.sh" "$temp/textkit"

seen() {
    case $1 in
        'kelp plan '*) decided waves ;;
        *tagged*) is "$(cut -f 2 "$temp/out" | tail -n 1)" 'buy bread' 'found by its tag' ;;
    esac
}
follow one-feature
yes 'tags work' make -s check
yes 'the manual names them' grep -q tagged README.md

services() { tr -s ' ' <"$temp/out" | tr '\n' ';'; }
seen() {
    case $1 in
        sh*shop7*) is "$(grep -c . broken.txt)" 7 'version 2 of seven will not come up' ;;
        sh*) is "$(bin/status | tr -s ' ')" ' 100 version 1 up' 'a hundred run version 1' ;;
        kelp*)
            [ -s broken.txt ] || decided meta
            while read -r service; do
                yes "$service is named" grep -q "$service: failed" "$temp/out"
            done <broken.txt
            ;;
        bin/status*7*)
            is "$(services)" ' 7 version 1 up; 93 version 2 up;' 'seven are rolled back'
            ;;
        bin/status*) is "$(services)" ' 100 version 2 up;' 'a hundred are deployed' ;;
    esac
}
follow hundred-services

seen() {
    case $1 in sh*) is "$(git ls-files docs | wc -l)" 4 'the clock has four documents' ;; esac
}
follow missions
is "$(git ls-files docs | wc -l)" 2 'one document for each topic'

cd "$temp/textkit" || exit 2
"$KELP" run --yes 'Analyze repository across 6 dimensions: documentation, code quality, tests,
security, performance, dependencies' >"$temp/out" 2>&1 </dev/null
is "$?" 0 'six dimensions'
is "$(grep -c '^- ORG_[0-9]*\.[1-6] .*: done' "$temp/out")" 6 'six children are done'
PATH=$path_before
