# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# verify, rank and report work on what the engine keeps of earlier agents.
repo stages
put docs/a.md <<'END'
# A
[one](gone-1.md)
[two](gone-2.md)
[three](gone-3.md) kelp:ignore
END
commit
put docs/b.md <<'END'
# B
[four](gone-4.md)
END
commit
for n in 1 2 3; do echo "word $n" >>docs/b.md; commit; done

context=$temp/context
KELP_CONTEXT=$context
export KELP_CONTEXT
# keep ID WAVE AGENT: does with $result what the engine does
keep() {
    mkdir -p "$context/results"
    cp "$result" "$context/results/$1-w$2-$3.json"
}
KELP_EXEC_ID=ORG_1000.1
export KELP_EXEC_ID

agent verify documentation
is "$status" 0 'verify without a folder'
is "$(ask '$r->{summary}')" 'there are no earlier results to verify' 'and says so'

agent check documentation/links
keep ORG_1000.1 2 I1
keep ORG_1000.1 2 2-I2
KELP_EXEC_ID=ORG_1000.2 keep ORG_1000.2 2 I1
agent research documentation
keep ORG_1000 0 R1
echo '{"agent": "documentation/links", "dimension": "documentation", "findings": [7, {"id": 1}]}' \
    >"$context/results/ORG_1000.1-w2-3-I1.json"
echo 'half a {' >"$context/results/ORG_1000.1-w2-I4.json"
head -c 300 /dev/urandom >"$context/results/ORG_1000.1-w2-I5.json"

# Names of files with and without the agent's number, in the order of the plan.
mkdir -p "$temp/order/results"
for name in 10-w2-I1 1-w10-I1 1-w2-10-I1 1-w2-9-I2 1-w2-I9 1-w2-I10 1-w2-9-I1 1-w2; do
    echo '{}' >"$temp/order/results/ORG_1.$name.json"
done
is "$(KELP_CONTEXT=$temp/order KELP_EXEC_ID=ORG_1.1 perl -I "$recipes/lib" -MKelp::Stage -e '
    print join " ", map { "$_->{wave}/$_->{agent}" } @{Kelp::Stage::earlier_results("tests")}')" \
    '2/I9 2/9-I1 2/9-I2 2/I10 2/10-I1 10/I1' 'earlier results come by wave, then by agent'

# Since then the lines moved, one changed, one file went.
sed -i -e '1i new first line' -e 's/\[two\]/[two, changed]/' docs/a.md
agent verify documentation
is "$status" 0 'verify: exit status'
has dead-link docs/a.md 3
has dead-link docs/b.md 2
metric verified 2
metric dropped 2
is "$(ask '$r->{summary}')" '2 of 4 findings of 3 agents hold; dropped: 1 moved, 1 waived' \
    'verify says what it dropped'
keep ORG_1000.1 3 I1
# Two dead links of one line are two findings; two tools that say the same are one.
other='{"id": "documentation.dead-link.00000000", "dimension": "documentation", "severity": "low",
    "file": "docs/b.md", "line": 2, "title": "x", "reason": "x", "tool": "lychee"}'
same=$(echo "$other" | sed 's/00000000/00000001/; s/lychee/kelp/')
mkdir -p "$temp/tools/results"
cp "$context/results/ORG_1000.1-w2-I1.json" "$temp/tools/results/"
printf '{"agent": "documentation/lychee", "dimension": "documentation", "findings": [%s, %s]}\n' \
    "$other" "$same" >"$temp/tools/results/ORG_1000.1-w2-I2.json"
KELP_CONTEXT=$temp/tools agent verify documentation
is "$(ask 'scalar grep { n($_->{line}) == 2 } @f')" 2 'two of one line by one tool'
metric verified 3

agent rank documentation
is "$(ask 'map { $_->{file} } @f')" 'docs/b.md docs/a.md' 'what changes often comes first'
keep ORG_1000.1 4 I1

agent report documentation
is "$(ask 'map { $_->{file} } @f')" 'docs/b.md docs/a.md' 'the report keeps the order'
metric findings 2
metric findings_medium 2
metric findings_high 0
is "$(ask '$r->{summary}')" \
    'documentation: 2 findings (2 medium), first: Dead link: gone-4.md (docs/b.md:2)' \
    'the report sums up'
is "$(ask '$r->{follow_up}[0]')" 'Dead link: gone-4.md (docs/b.md:2)' 'what to do next'
cp "$result" "$temp/report.json"
keep ORG_1000.1 5 I1

# Under the pattern `waves` all dimensions share one orchestrator.
agent check security/secrets
keep ORG_1000.1 2 I6
agent report security
metric findings 0
agent report documentation
metric findings 2

# The proof of a report.
prove() { sh "$recipes/lib/check-result.sh" "$@"; }
yes 'a good report' prove documentation
KELP_EXEC_ID=ORG_1000.9
yes 'a report of another orchestrator, for a check on the whole' prove documentation
KELP_EXEC_ID=ORG_1000.1
no 'no report' prove tests
yes 'a file' prove "$temp/report.json"
# bad NAME EXPRESSION: the report changed by sed is refused
bad() {
    sed "$2" "$temp/report.json" >"$temp/bad.json"
    if cmp -s "$temp/report.json" "$temp/bad.json"; then
        broke "$1" 'nothing was changed'
        return
    fi
    no "refused: $1" prove "$temp/bad.json"
}
bad 'half a file' 's/}$//'
bad 'a status' 's/"status":"ok"/"status":"failed"/'
bad 'a severity' 's/"severity":"medium"/"severity":"awful"/'
bad 'a count' 's/"findings":2/"findings":3/'
bad 'a line' 's/"line":2/"line":"2"/'
bad 'a line below 0' 's/"line":2/"line":-2/'
bad 'a file that is not there' 's,docs/b.md,docs/c.md,g'
bad 'no title' 's/"title"/"titel"/'
bad 'a metric that is no number' 's/"findings_low":0/"findings_low":"0"/'
bad 'bytes of no encoding' 's/Dead/\xff/'
rm -r "$context/results"
no 'no folder of results' prove documentation
unset KELP_CONTEXT KELP_EXEC_ID

# A result is bounded, and says how much it left out.
repo bounds
awk 'BEGIN { for (i = 0; i < 500; i++) print "[x](gone-" i ".md)" }' >a.md
commit
agent check documentation/links
is "$(ask 'scalar @f')" 40 'no more findings than a reader reads'
is "$(ask 'n($r->{left_out})')" 460 'the others are counted'
metric dead_links 500
is "$(ask '$r->{summary} =~ /(460 more left out)/')" '460 more left out' 'and told'
first=$(cat "$result")
agent check documentation/links
is "$(cat "$result")" "$first" 'the same repository gives the same result'
KELP_RESULT='' sh "$recipes/agent.sh" check documentation/links >"$temp/out"
is "$(cat "$temp/out")" "$first" 'without KELP_RESULT it goes to standard output'
cp -r "$recipes" "$temp/elsewhere"
KELP_RECIPES=/nowhere sh "$temp/elsewhere/agent.sh" check documentation/links >"$temp/out" 2>&1
is "$(cat "$temp/out")" "$first" 'without KELP_RECIPES it finds itself'
# The check that recipes/README.md shows.
sed -n '/^```perl/,/^```$/p' "$recipes/README.md" | sed '/^```/d' |
    put "$temp/elsewhere/checks/documentation/shouting.pm"
printf '# QUIET\n\n## READ ME FIRST, PLEASE\n' | put b.md
KELP_RESULT=$result sh "$temp/elsewhere/agent.sh" check documentation/shouting >"$temp/out"
has shouting b.md 3
metric shouting_headings 1
rm b.md
sh "$temp/elsewhere/agent.sh" research documentation >"$temp/out" 2>&1
yes 'so does research' grep -q '"research_dead_links":500' "$temp/out"
