# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# Plans, checks and code agree with each other.
dimensions='documentation code-quality tests security performance dependencies'
listed=$(sed -n 's/.*agent\.sh check \(.*\)/\1/p' "$recipes"/dimensions/*.yaml | sort)
exist=$(cd "$recipes/checks" && printf '%s\n' */*.pm | sed 's/\.pm$//' | sort)
is "$listed" "$exist" 'each check is in one dimension, and each that is named exists'
is "$(cd "$recipes/dimensions" && printf '%s\n' * | sed 's/\.yaml$//' | sort)" \
    "$(echo "$dimensions" | tr ' ' '\n' | sort)" 'six dimensions'
is "$(sed -n 's,.*agent\.sh research \(.*\),\1,p' "$recipes/research.yaml")" \
    "$(echo "$dimensions" | tr ' ' '\n')" 'six researchers'

repo plan-repo
echo '# A' | put README.md
echo 'int x;' | put a.c
commit
for dimension in $dimensions; do
    file=$recipes/dimensions/$dimension.yaml
    minutes=$(sed -n 's/^minutes: //p' "$file")
    # What the agents of a wave are estimated at is the same, so that the longest path is a sum.
    sum=$(awk '/^  - title:/ { total += most; most = 0 }
        /^        minutes:/ { if ($2 > most) most = $2 }
        END { print total + most }' "$file")
    is "$sum" "$minutes" "$dimension: the waves add up to its minutes"
    agent research "$dimension"
    is "$status" 0 "$dimension: research"
    is "$(ask '$r->{dimension}')" "$dimension" "$dimension: research says what it is about"
done
is "$(grep -c '^  - title' "$recipes"/dimensions/*.yaml | sed 's,.*/,,; s/.yaml//' | tr '\n' ' ')" \
    'code-quality:5 dependencies:3 documentation:4 performance:5 security:3 tests:4 ' \
    'steps of each dimension'

# Totals add up metrics of one name: within a run none may stand for two counts of the same things.
KELP_CONTEXT=$temp/whole KELP_EXEC_ID=ORG_1.1
export KELP_CONTEXT KELP_EXEC_ID
mkdir -p "$temp/whole/results"
for check in $exist; do
    agent check "$check"
    cp "$result" "$temp/whole/results/ORG_1.1-w1-I$((n = ${n:-0} + 1)).json"
done
for dimension in $dimensions; do
    agent research "$dimension"
    cp "$result" "$temp/whole/results/ORG_1-w0-R$((n += 1)).json"
done
twice=$(perl -I "$recipes/lib" -MKelp::Json=decode -e '
    my %seen;
    for my $path (@ARGV) {
        open my $in, "<:raw", $path or die;
        local $/;
        my $value = decode(<$in>);
        $seen{$_}++ for keys %{$value->{metrics}};
    }
    print join " ", grep { $seen{$_} > 1 && $_ ne "research_findings" } sort keys %seen' \
    "$temp"/whole/results/*.json)
is "$twice" '' 'no two agents share a metric'

# Every wave of every dimension, as the plan says it, ends with a report that holds.
for dimension in $dimensions; do
    agent verify "$dimension"
    cp "$result" "$temp/whole/results/ORG_1.1-w3-V$dimension.json"
    agent rank "$dimension"
    agent report "$dimension"
    cp "$result" "$temp/whole/results/ORG_1.1-w5-P$dimension.json"
    yes "$dimension: its report holds" sh "$recipes/lib/check-result.sh" "$dimension"
done
unset KELP_CONTEXT KELP_EXEC_ID

is "$(git status --porcelain)" '' 'no agent changed the repository'
