# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# Every check on a repository whose names and bytes are as bad as git allows.
checks=$(cd "$recipes/checks" && for check in */*.pm; do echo "${check%.pm}"; done)

repo hostile
newline='line
break.md'
invalid=$(printf 'bad\377name')
nl='
'
for name in "$newline" "$invalid.md" '-rf.md' 'a "quote" $(touch pwned) `touch pwned`.md' \
    "tab	back\\slash.md" ' .md'; do
    printf '# A\n[gone](none.md)\nteh end\n' >"./$name"
done
for name in "src$nl.c" "$invalid.c" '-x.c' '$(touch pwned).sh' "it's.py" ';touch pwned;.js'; do
    {
        printf '/* TODO: %s */ int main(void) { for (;;) strcat(a, b); }\n' 'x'
        printf '#!/bin/sh\nfor x in $y; do git log $x; done\n'
        printf 'bytes \377\376 of no encoding\r\n'
    } >"./$name"
done
printf 'a\0b\n' >binary.c
awk 'BEGIN { for (i = 0; i < 300000; i++) printf "((((((((((" }' >deep.js
awk 'BEGIN { for (i = 0; i < 100000; i++) printf "{[" }' >package.json
printf '{"dependencies": ["a"], "devDependencies": {"b": 1, "c": null}}' >nested.json
mkdir -p sub && cp nested.json sub/package.json
printf '[[[[[[\n= = =\n' >Cargo.toml
awk 'BEGIN { for (i = 0; i < 20000; i++) print "# [x](y" }' >open.md
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "```" }' >fences.md
awk 'BEGIN { for (i = 0; i < 50000; i++) printf "\"\\" }' >quotes.c
ln -s /dev/zero zero.c
ln -s loop loop
ln -s "$invalid.md" link.md
printf 'on: {{{\n\trun: ${{ github.event.issue.title }}\n' | put .github/workflows/a.yml
commit
mkfifo pipe.c
rm ./-x.c && mkdir ./-x.c
for check in $checks; do
    agent check "$check"
    # Perl says a warning to be true where the text of a foreign file surprised it.
    if [ "$status" = 0 ] && ! grep -q ' line [0-9]' "$temp/out" &&
        proof=$(perl -I "$recipes/lib" "$recipes/lib/check-result.pl" "$result" 2>&1); then
        passed "$check on bad names and bytes"
    else
        broke "$check on bad names and bytes" "exit $status" "$(cat "$temp/out")" "$proof"
    fi
done
no 'no name was run' test -e pwned -o -e sub/pwned
agent check documentation/links
is "$(ask 'scalar grep { $_->{file} =~ /^bad\xef\xbf\xbdname\.md/ } @f')" \
    1 'a name of no encoding is shown'
is "$(ask 'scalar grep { $_->{file} eq "line\nbreak.md" } @f')" 1 'a name with a newline stays one'

# Places that are no ordinary repository.
mkdir -p "$temp/nowhere" && cd "$temp/nowhere" || exit 2
agent check documentation/survey
is "$status" 1 'outside of a repository'
is "$(ask '$r->{status}')" failed 'and the result says so'
is "$(ask '$r->{summary} =~ /(not a git work tree)/')" 'not a git work tree' 'with the reason'
git init -q --bare "$temp/bare" && cd "$temp/bare" || exit 2
agent check security/secrets
is "$status" 1 'a bare repository'
repo unborn
echo 'int x;' >a.c
for check in $checks; do
    agent check "$check"
    is "$status" 0 "$check without a commit"
done
git clone -q --depth 1 "file://$temp/performance" "$temp/shallow" 2>/dev/null || repo shallow
cd "$temp/shallow" || exit 2
agent check performance/blobs
is "$status" 0 'a shallow repository'
for check in none ../lib/Kelp/Json 'documentation/links;x'; do
    KELP_RECIPES=$recipes sh "$recipes/agent.sh" check "$check" >"$temp/out" 2>&1
    is "$?" 2 "refused: check $check"
done
