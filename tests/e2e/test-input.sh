# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Bad input and repositories in odd states: a clear message with a place and a way out.

one_step() {
    cat >../plan.yaml <<'PLAN'
version: 1
task: one
research: []
subtasks:
  - title: one
    steps: [ { id: a, role: A, run: "echo x > new" } ]
PLAN
}

# wrong PATTERN: ../plan.yaml is refused with exit status 2, a place and this message.
wrong() {
    exits 2 "$KELP" run --yes ../plan.yaml
    has err "plan.yaml:[0-9]+:[0-9]+: .*$1"
    [ ! -e .kelp/runs/ORG_1001 ] || fail "a run was made"
}

test_wrong_plans() {
    new_repo
    printf 'version: 1\ntask: x\nsubtaks: []\n' >../plan.yaml
    wrong "subtaks"
    has err 'subtasks'
    printf 'version: 1\ntask: x\nsubtasks: []\n' >../plan.yaml
    wrong 'subtasks'
    cat >../plan.yaml <<'PLAN'
version: 1
task: x
subtasks:
  - title: one
    steps:
      - { id: auth, role: A, run: "true", needs: [session] }
      - { id: session, role: B, run: "true", needs: [auth] }
PLAN
    wrong 'auth -> session -> auth|session -> auth -> session'
    sed -i 's/needs: \[session\]/needs: [sessoin]/' ../plan.yaml
    wrong 'sessoin'
    sed -i 's/, needs: \[sessoin\]//; s/id: session/id: auth/' ../plan.yaml
    wrong 'auth'
    printf 'version: 1\ntask: x\nagents: 0\nsubtasks: [ { title: a, steps: [ { id: a, role: A, run: x } ] } ]\n' >../plan.yaml
    wrong 'agents'
    sed -i 's/agents: 0/agents: -4/' ../plan.yaml
    wrong "'agents' can't be '-4'"
    sed -i 's/agents: -4/agents: many/' ../plan.yaml
    wrong 'agents'
    printf 'version: 1\ntask: "a\0b"\n' >../plan.yaml
    wrong 'NUL byte'
    printf 'version: 1\ntask: "a\377b"\nsubtasks: [ { title: a, steps: [ { id: a, role: A, run: x } ] } ]\n' >../plan.yaml
    wrong 'not valid UTF-8'
    : >../plan.yaml
    wrong 'the plan is empty'
    { printf 'version: 1\ntask: '; head -c 500000 /dev/zero | tr '\0' '['; } >../plan.yaml
    wrong 'nested more than 64 levels deep'
    { printf 'version: 1\ntask: x\nsubtasks: '; head -c 500000 /dev/zero | tr '\0' '{'; } >../plan.yaml
    wrong 'nested more than 64 levels deep'
    head -c 104857600 /dev/zero | tr '\0' '#' >../plan.yaml
    exits 2 timeout 20 "$KELP" run --yes ../plan.yaml
    has err "plan.yaml' is larger than 16777216 bytes"
    truncate -s 0 ../plan.yaml
    mkdir ../folder.yaml
    exits 2 "$KELP" run --yes ../folder.yaml
    has err "'../folder.yaml': Is a directory"
    has err '^hint: '
}

test_wrong_missions_and_roles() {
    new_repo
    exits 2 "$KELP" run --yes none.md
    has err "no file 'none.md'"
    printf '# Title\n\n## Tasks\n\n1. a\377b\n' >../m.md
    exits 2 "$KELP" run --yes ../m.md
    has err 'm.md:5:[0-9]+: .*UTF-8'
    printf 'no heading at all\n' >../m.md
    exits 2 "$KELP" run --yes ../m.md
    has err 'm.md:[0-9]+:[0-9]+: '
    head -c 17000000 /dev/zero | tr '\0' '#' >../m.md
    exits 2 timeout 20 "$KELP" run --yes ../m.md
    has err "m.md"
    mkdir -p .kelp/agents
    printf -- '---\nname: never closed\nprompt\n' >.kelp/agents/broken.md
    "$KELP" agents >out 2>err
    has err 'broken.md:[0-9]+:[0-9]+: '
}

test_wrong_words() {
    new_repo
    exits 2 "$KELP" run --yes ''
    has err 'task:1:1: the task is empty'
    has err '^hint: '
    exits 2 "$KELP" run --yes '   '
    exits 2 "$KELP" run --yes "$(printf 'analyze\377 security')"
    has err 'task:1:8: not valid UTF-8'
    exits 2 "$KELP" run --agents -3 --yes x
    has err "'--agents' can't be '-3'"
    exits 2 "$KELP" run --yes 'do it using -5 agents'
    has err "task:1:13: '-5' agents"
    exits 2 "$KELP" rnu
    has err "run"
    exits 2 "$KELP" run --yse x
    has err 'yes'
    exits 2 "$KELP" run --agents 0 --yes x
    exits 2 "$KELP" run --yes 'do it using 0 agents'
    exits 2 "$KELP" status ORG_1.1.1.1
    exits 2 "$KELP" status ORG_1001.1.1.1
    has err 'depth|dots'
    exits 2 "$KELP" status ORG_9999
    exits 2 "$KELP" run --yes '[EXEC_ID: ORG_1001.1.1.1] x'
    exits 2 "$KELP" run --yes '[EXEC_ID: ORG_1001.1] x'
    has err 'depth 1'
    exits 2 "$KELP" run 'Analyze security'
    has err 'yes'
    exits 4 "$KELP" run --yes 'Write a poem'
    has err 'agent'
    [ ! -e .kelp/runs/ORG_1002 ] || fail "a run was made for wrong words"
}

test_not_a_repository() {
    mkdir plain && cd plain || return 1
    exits 4 "$KELP" run --yes nothing.yaml
    has err 'repository'
    exits 4 "$KELP" status
    git init -q --bare bare && cd bare || return 1
    exits 4 "$KELP" run --yes x
    has err 'bare'
}

test_merge_under_way() {
    new_repo
    one_step
    git checkout -qb other && echo other >f1 && git commit -qam other
    git checkout -q main && echo main >f1 && git commit -qam main
    git merge other >/dev/null 2>&1
    exits 4 "$KELP" run --yes ../plan.yaml
    has err 'merge is under way'
    has err 'hint'
}

test_detached_head_lands_as_branch() {
    new_repo
    one_step
    git checkout -q --detach
    exits 0 "$KELP" run --yes ../plan.yaml
    is "branch" "x" "$(git show kelp/ORG_1001:new)"
    [ ! -e new ] || fail "the working tree was touched"
}

test_unborn_branch() {
    git init -q repo && cd repo || return 1
    echo hello >untracked
    one_step
    exits 0 "$KELP" run --yes ../plan.yaml
    is "new" x "$(cat new)"
    is "untracked" hello "$(cat untracked)"
}

test_landing_is_refused_when_files_are_in_the_way() {
    new_repo
    one_step
    echo mine >new
    exits 3 "$KELP" run --yes ../plan.yaml
    has out 'in the way: new'
    is "mine" mine "$(cat new)"
    rm new
    exits 0 "$KELP" land ORG_1001
    is "new" x "$(cat new)"
}

test_refused_push_loses_nothing() {
    new_repo
    new_remote
    one_step
    printf '#!/bin/sh\necho no thanks >&2\nexit 1\n' >../remote.git/hooks/pre-receive
    chmod +x ../remote.git/hooks/pre-receive
    exits 3 "$KELP" run --yes ../plan.yaml
    has out 'Not pushed'
    has out 'git push'
    is "landed" x "$(cat new)"
}

test_everything_prints_json() {
    new_repo
    one_step
    exits 0 "$KELP" run --yes --json ../plan.yaml
    while read -r line; do
        echo "$line" | json_valid || fail "run --json: $line"
    done <out
    is "the last line" "$PWD/.kelp/runs/ORG_1001/report.json" \
        "$(tail -n 1 out | sed 's/.*"path":"\([^"]*\)".*/\1/')"
    local command
    for command in "status" "ls" "logs" "diff" "report" "gc" "doctor" "agents"; do
        exits 0 "$KELP" $command --json
        if [ $command = logs ]; then
            while read -r line; do
                echo "$line" | json_valid || fail "logs --json: $line"
            done <out
        else
            json_valid <out || fail "$command --json is not JSON"
        fi
    done
    exits 0 "$KELP" restore --yes --json ORG_1001
    json_valid <out || fail "restore --json is not JSON"
}

# outcome OK: a plan whose children succeed as OK, a list of true and false, says.
outcome() {
    echo 'version: 1
task: outcome
research: []
subtasks:'
    local word
    for word in $1; do
        echo "  - { title: $word, steps: [ { id: a, role: A, run: 'echo x > $word; $word' } ] }"
    done
}

test_exit_statuses_and_what_resume_says_then() {
    new_repo
    exits 2 "$KELP" resume
    has err 'no runs yet'
    outcome 'true' >../plan.yaml
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    exits 0 "$KELP" resume
    has out 'ORG_1001: done'
    outcome 'false' >../plan.yaml
    exits 1 "$KELP" run --yes --quiet ../plan.yaml
    exits 1 "$KELP" resume
    has out 'ORG_1002: failed'
    outcome 'true false' >../plan.yaml
    exits 3 "$KELP" run --yes --quiet --pattern meta ../plan.yaml
    exits 3 "$KELP" resume
    has out 'ORG_1003: partial'
    exits 0 "$KELP" resume ORG_1001
    exits 0 timeout 20 "$KELP" land ORG_1001
    has out 'Landed on main'
    exits 3 "$KELP" resume --json
    json_valid <out || fail "resume --json is not JSON"
    exits 2 "$KELP" resume ORG_1009
    exits 2 "$KELP" retry ORG_1003.1
    has err "'ORG_1003.1' is done"
    exits 2 "$KELP" cancel
    has err 'no engine works on ORG_1003'
    cd .. && exits 4 "$KELP" resume
}

test_for_each_of_nothing() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: nothing
research: []
subtasks:
  - title: one {{item}}
    for_each: { run: "true" }
    steps: [ { id: a, role: A, run: "echo x > none{{item}}" } ]
  - title: two
    steps: [ { id: a, role: A, run: "echo x > two" } ]
PLAN
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "two" x "$(cat two)"
    [ ! -e none ] || fail "an agent ran for no item"
    sed -i 's/run: "true"/run: "echo half; echo no list >\&2; exit 3"/' ../plan.yaml
    exits 1 "$KELP" run --yes --quiet ../plan.yaml
    has out "for_each of 'one \{\{item\}\}': exit status 3: no list"
    [ ! -e nonehalf ] || fail "an agent ran for half a list"
}

test_setup_that_fails_and_research_that_fails() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: setup
research: [ { role: R, run: "echo no >&2; exit 9" } ]
subtasks:
  - title: one
    steps: [ { id: a, role: A, run: "echo x > new" } ]
PLAN
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    has .kelp/runs/ORG_1001/report.md 'exit status 9'
    is "new" x "$(cat new)"
    sed -i 's/^research:.*/research: []\nsetup: "echo no npm >\&2; exit 5"/' ../plan.yaml
    exits 1 "$KELP" run --yes --quiet ../plan.yaml
    has out 'setup: exit status 5: no npm'
}

# Each takes its turn, and none finds the branch where it was.
test_runs_side_by_side_all_land() {
    new_repo
    local i
    for i in 1 2 3 4; do
        one_step
        sed "s/> new/> new$i/" ../plan.yaml >"../plan$i.yaml"
        "$KELP" run --yes --quiet "../plan$i.yaml" >"../log$i" 2>&1 &
    done
    wait
    for i in 1 2 3 4; do
        has "../log$i" 'Landed on main'
        is "new$i" x "$(cat "new$i")"
    done
    is "tree" "" "$(git status --porcelain)"
}
