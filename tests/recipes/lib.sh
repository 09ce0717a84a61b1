# shellcheck shell=sh disable=SC2154,SC2034 # variables of run.sh and lib.sh
# SPDX-License-Identifier: Apache-2.0
#
# What the tests are written with. `temp`, `recipes` and `examples` are set by run.sh.
#
#   repo NAME             makes an empty repository $temp/NAME and enters it
#   put PATH              writes standard input to PATH, folders included
#   commit [DATE]         commits everything, as of DATE
#   agent WORD...         runs an agent here; its result is $result, its exit status $status
#   has RULE FILE LINE    a finding of that rule at that place is in $result
#   hasnt RULE [FILE]     no such finding is
#   metric NAME VALUE     the metric has that value
#   is GOT WANTED NAME    and: yes NAME COMMAND..., no NAME COMMAND...

count=0 failed=0
result=$temp/result.json
status=0

passed() {
    count=$((count + 1))
    echo "ok $count - $1"
}

broke() {
    count=$((count + 1)) failed=$((failed + 1))
    echo "not ok $count - $1"
    shift
    [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

is() {
    if [ "$1" = "$2" ]; then
        passed "$3"
    else
        broke "$3" "got:    $1" "wanted: $2"
    fi
}

yes() {
    name=$1
    shift
    if said=$("$@" 2>&1); then passed "$name"; else broke "$name" "$* failed" "$said"; fi
}

no() {
    name=$1
    shift
    if said=$("$@" 2>&1); then broke "$name" "$* succeeded" "$said"; else passed "$name"; fi
}

repo() {
    mkdir -p "$temp/$1" && cd "$temp/$1" || exit 2
    git init -q -b main .
    git config user.name Test
    git config user.email test@localhost
}

put() {
    case $1 in */*) mkdir -p "${1%/*}" ;; esac
    cat >"$1"
}

commit() {
    git add -A
    GIT_AUTHOR_DATE=${1:-} GIT_COMMITTER_DATE=${1:-} git commit -q -m change
}

# The environment that the engine gives; context and id are kept where a test sets them.
agent() {
    rm -f "$result"
    KELP_RESULT=$result KELP_RECIPES=$recipes sh "$recipes/agent.sh" "$@" >"$temp/out" 2>&1
    status=$?
    if [ ! -s "$result" ]; then
        broke "agent.sh $* writes a result" "$(cat "$temp/out")"
        echo '{}' >"$result"
    fi
}

# ask EXPRESSION: what the Perl expression gives for the result, as $r.
ask() {
    perl -I "$recipes/lib" -MKelp::Json=decode -e '
        my ($path, $expression, @a) = @ARGV;
        open my $in, "<:raw", $path or die "$path: $!\n";
        local $/;
        my $r = decode(<$in>);
        sub n { return ref $_[0] eq "SCALAR" ? ${$_[0]} : $_[0] }
        my @f = @{$r->{findings} || []};
        sub rule { my ($rule) = $_[0]{id} =~ /\.([^.]+)\.[0-9a-f]{8}\z/; return $rule || "" }
        my @got = eval $expression;
        die $@ if $@;
        print join(" ", map { defined $_ ? $_ : "" } @got), "\n";' "$result" "$@"
}

found() {
    # shellcheck disable=SC2016 # Perl expands it
    ask 'join ", ", map { rule($_) . " $_->{file}:" . n($_->{line}) } @f'
}

has() {
    # shellcheck disable=SC2016
    n=$(ask 'scalar grep { rule($_) eq $a[0] && $_->{file} eq $a[1] && n($_->{line}) == $a[2] }
        @f' "$@")
    if [ "$n" = 1 ]; then passed "$1 at $2:$3"; else broke "$1 at $2:$3" "found: $(found)"; fi
}

hasnt() {
    # shellcheck disable=SC2016
    n=$(ask 'scalar grep { rule($_) eq $a[0] && ($a[1] eq "" || $_->{file} eq $a[1]) } @f' \
        "$1" "${2:-}")
    if [ "$n" = 0 ]; then passed "no $1 ${2:-}"; else broke "no $1 ${2:-}" "found: $(found)"; fi
}

metric() {
    # shellcheck disable=SC2016
    is "$(ask 'n($r->{metrics}{$a[0]})' "$1")" "$2" "metric $1"
}
