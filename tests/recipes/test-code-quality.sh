# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

repo code-quality
long() { # NAME LINES DECISIONS
    printf 'int %s(int x)\n{\n' "$1"
    awk -v f="$1" -v n="$2" -v d="$3" 'BEGIN { for (i = 1; i <= n; i++)
        if (i <= d) printf "    if (x == %s%d)\n", f, i; else printf "    x += %s(%d);\n", f, i }'
    printf '    return x;\n}\n'
}
{ long brief 20 3; long winding 60 40; long endless 350 25; long steps 200 2; } | put src/big.c
put src/copy_a.c <<END
int a_one(int v)
{
$(awk 'BEGIN { for (i = 0; i < 22; i++) printf "    v = mix%d(v, %d);\n", i, i }')
    return v;
}
END
sed 's/a_one/b_two/' src/copy_a.c | put src/copy_b.c
sed 's/a_one/c_three/' src/copy_a.c | put tests/copy_test.c
sed 's/mix/system/' src/copy_a.c | tee src/clock-linux.c | put src/clock-freebsd.c
{ echo 'cat <<END'; sed 's/mix/made/' src/copy_a.c; echo END; } | put make-table.sh
sed 's/mix/made/' src/copy_a.c | put src/table.c
put src/todo.c <<'END'
int x; /* TODO: drop this */
const char *s = "TODO: in a string";
/* XXXXXX */
int y; /* TODO(nick): `y` goes */
END
commit '2015-01-01T00:00:00Z'
echo '// FIXME: of today' >>src/todo.c
commit
agent check code-quality/functions
is "$status" 0 'functions: exit status'
has hard-function src/big.c 25
has hard-function src/big.c 89
metric long_functions 1
metric complex_functions 1
is "$(ask 'join ",", map { $_->{title} =~ /^(\w+)/ } @f')" 'endless,winding' 'the worst comes first'
agent check code-quality/duplicates
has duplicate-code src/copy_b.c 3
hasnt duplicate-code tests/copy_test.c
metric duplicate_blocks 1
agent check code-quality/markers
has stale-marker src/todo.c 1
metric markers 3
metric stale_markers 2
is "$(ask 'map { $_->{title} =~ /^(.*?) for .*?: (.*)/ ? "$1: $2" : $_->{title} } @f')" \
    'TODO: drop this TODO of nick: `y` goes' 'a marker with its author and its text'
agent check code-quality/survey
metric source_files 9
is "$(ask 'n($r->{metrics}{source_lines}) > 700')" 1 'lines are counted'

# Tools are used where they are there, and named where they are not.
put lib.sh <<'END'
#!/bin/sh
if [ $x==1 ]; then
    rm $@
fi
END
put leak.c <<'END'
#include <stdlib.h>
void f(void) { char *p = malloc(3); p[3] = 0; }
END
git add -A
mkdir -p "$temp/empty"
for tool in git perl sh env dirname rm cat; do ln -sf "$(command -v "$tool")" "$temp/empty/"; done
PATH=$temp/empty agent check code-quality/cppcheck
is "$(ask '@{$r->{tools}{lacked}}')" cppcheck 'a lacking tool is named'
is "$(ask '$r->{summary}')" 'lacked cppcheck' 'in the summary too'
# A file that takes too long is skipped, and the small ones are next.
mkdir -p "$temp/stuck" && cd "$temp/stuck" || exit 2
echo 'int x;' | tee stuck.c | put small.c
printf 'int y;\nint z;\n' | put large.c
put analyser <<'END'
case $1 in */stuck.c) while :; do :; done ;; esac
echo "$1"
END
is "$(KELP_ANALYSER_SECONDS=120 perl -I "$recipes/lib" -MKelp::Analyser=in_batches -e '
    $Kelp::Analyser::FILE_SECONDS = 2;
    my ($done, $output) = in_batches([qw(stuck.c large.c small.c)], 1, "sh", "analyser");
    print "$done: ", join " ", split /\n/, $output')" '2: ./small.c ./large.c' \
    'a file that takes too long is skipped, and not counted'
cd "$temp/code-quality" || exit 2
if command -v cppcheck >/dev/null; then
    agent check code-quality/cppcheck
    is "$(ask '@{$r->{tools}{used}}')" cppcheck 'cppcheck is used'
    has cppcheck-arrayIndexOutOfBounds leak.c 2
fi
if command -v shellcheck >/dev/null; then
    agent check code-quality/shellcheck
    is "$(ask 'scalar grep { $_->{file} eq "lib.sh" && $_->{tool} eq "shellcheck" } @f')" \
        2 'shellcheck is used'
fi
