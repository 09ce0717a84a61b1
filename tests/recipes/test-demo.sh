# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# tools/demo.sh leaves the repository alone, whatever it is. A stand-in for kelp tells where it is
# run and with what; the real one does the same analysis in test-examples.sh.
put "$temp/kelp" <<'END'
#!/bin/sh
printf '%s\n' "$1 $2" "$3" "$(git symbolic-ref --short HEAD)" "$(git rev-parse HEAD)" \
    "$(git ls-remote origin HEAD | cut -f 1)" "$(git rev-parse --abbrev-ref '@{upstream}')"
echo changed >>README && git commit -qam changed && git push -q
END
chmod +x "$temp/kelp"
demo() {
    TMPDIR=$temp/demos "$root/tools/demo.sh" "$temp/kelp" "$@" >"$temp/out" 2>&1
    status=$?
}
mkdir -p "$temp/demos"
export GIT_AUTHOR_NAME=Test GIT_AUTHOR_EMAIL=test@localhost
export GIT_COMMITTER_NAME=Test GIT_COMMITTER_EMAIL=test@localhost

repo 'my own'
echo '# A' | put README
commit
head=$(git rev-parse HEAD)
# told BRANCH: the stand-in was run on a clone with a remote and an upstream
told() {
    is "$status" 0 "$1: exit status"
    is "$(sed 1,2d "$temp/out")" "run --yes
Analyze repository across 6 dimensions: documentation, code quality, tests, security, \
performance, dependencies
$1
$head
$head
origin/$1" "$1: what is run, and where"
    is "$(git rev-parse HEAD) $(git status --porcelain)" "$head " "$1: the repository is as it was"
}
demo "$temp/my own"
told main
cd "$temp" || exit 2
git clone -q --bare 'my own' bare.git
demo bare.git
is "$status" 0 'a bare repository'
cd "$temp/my own" && git checkout -q --detach || exit 2
mkdir inside && echo x >inside/file && commit
head=$(git rev-parse HEAD)
demo inside # a folder of it will do
told demo
mkdir "$temp/plain"
demo "$temp/plain"
is "$status" 4 'a folder without a repository'
is "$(sed -n 's/^hint: //p' "$temp/out")" 'make demo REPO=PATH takes any other' 'and what to do'
unset GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
