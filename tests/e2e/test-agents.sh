# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Agents that do not behave.

test_daemon_does_not_outlive_its_agent() {
    new_repo
    export MARKS=$PWD/../marks
    agent_plan 'echo $$ > new
setsid sh -c "echo \$\$ > pid; exec sleep 600" >/dev/null 2>&1 </dev/null &
until [ -s pid ]; do sleep 0.02; done'
    exits 0 "$KELP" run --yes ../plan.yaml
    gone "$(cat pid)" "the daemon"
}

test_time_limit_ends_what_ignores_signals() {
    new_repo
    agent_plan "trap '' TERM INT
while :; do sleep 0.1; done" "limits: { agent_minutes: 0.01 }
        retries: 0"
    exits 1 timeout 60 "$KELP" run --yes ../plan.yaml
    has out 'timeout'
}

test_malformed_result_is_retried_and_then_said() {
    new_repo
    export MARKS=$PWD/../marks
    agent_plan 'echo "{ not json" > "$KELP_RESULT"'
    exits 1 "$KELP" run --yes ../plan.yaml
    has out 'result.json:1:'
    exits 0 "$KELP" logs
    is "attempts" 2 "$(grep -c '^== ' err)"
}

test_claims_and_facts() {
    new_repo
    agent_plan 'echo "{\"status\": \"failed\", \"summary\": \"I could not\"}" > "$KELP_RESULT"'
    exits 1 "$KELP" run --yes ../plan.yaml
    has out 'I could not'
    cat >../plan.yaml <<'PLAN'
version: 1
task: claims
research: []
subtasks:
  - title: one
    steps: [ { id: a, role: A, run: "echo '{\"status\": \"ok\", \"summary\": \"all done\"}' > $KELP_RESULT" } ]
    success: [ { run: "test -e never" } ]
PLAN
    exits 1 "$KELP" run --yes ../plan.yaml
    has out 'unverified'
}

test_missing_program() {
    new_repo
    agent_plan 'no-such-program-here'
    exits 1 "$KELP" run --yes ../plan.yaml
    has out 'no-such-program-here'
}

test_much_output_is_bounded() {
    new_repo
    agent_plan 'echo first; head -c 1073741824 /dev/zero | tr "\0" x; echo; echo last'
    exits 0 "$KELP" run --yes ../plan.yaml
    local used
    used=$(du -sk .kelp/runs/ORG_1001/attempts | cut -f1)
    [ "$used" -lt 150000 ] || fail "$used KiB are kept"
    is "last line" last "$(tail -n 1 .kelp/runs/ORG_1001/attempts/ORG_1001/w1.I1.a1.*/stdout)"
    "$KELP" logs 2>/dev/null | grep -aEv '^x*$' >shown
    is "what logs show" "first last" "$(sed '/bytes are not kept/d' shown | paste -sd' ')"
    has shown '^\[[0-9]+ bytes are not kept\]$'
}

test_sandbox_keeps_agents_in_their_copy() {
    new_repo
    "$KELP" doctor >doctor.txt
    grep -Eqi 'landlock.*(yes|abi)' doctor.txt || return 0
    rm -f doctor.txt
    agent_plan "echo x > $PWD/f1; echo x > $PWD/.git/hooks/post-merge; echo x > $HOME/stray; echo in > new; true"
    exits 0 "$KELP" run --yes ../plan.yaml
    is "f1" "line of f1" "$(cat f1)"
    [ ! -e .git/hooks/post-merge ] || fail "a hook was planted"
    [ ! -e "$HOME/stray" ] || fail "the home was written"
    is "new" in "$(cat new)"
}

test_agents_can_not_start_runs() {
    new_repo
    agent_plan "env -i PATH=\"\$PATH\" HOME=\"\$HOME\" $KELP run --yes 'Analyze security' >> said 2>&1; echo \$? >> said"
    exits 0 "$KELP" run --yes ../plan.yaml
    is "status of the inner run" 2 "$(tail -n 1 said)"
    has said "can't start a run"
    exits 0 "$KELP" ls
    is "runs" 1 "$(grep -c ORG_ out)"
}

test_research_may_ask_for_a_child() {
    new_repo
    cat >sub.yaml <<'PLAN'
version: 1
task: more
subtasks:
  - title: asked for
    minutes: 12
    steps:
      - { id: a, role: R, run: "echo asked > asked.txt" }
      - { id: b, role: R, run: "true", needs: [a] }
      - { id: c, role: R, run: "true", needs: [b] }
PLAN
    cat >../plan.yaml <<PLAN
version: 1
task: requests
research:
  - { role: Asker, run: "$KELP run sub.yaml" }
subtasks:
  - title: own
    minutes: 30
    steps:
      - { id: a, role: R, run: "echo own > own.txt" }
      - { id: b, role: R, run: "true", needs: [a] }
      - { id: c, role: R, run: "true", needs: [b] }
PLAN
    exits 0 "$KELP" run --yes ../plan.yaml
    is "asked" asked "$(cat asked.txt)"
    is "own" own "$(cat own.txt)"
}

# Checks and what repairs are bounded as agents are.
test_commands_that_hang_are_stopped() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: hang
research: []
limits: { agent_minutes: 0.02 }
subtasks:
  - title: hanging
    steps: [ { id: a, role: A, run: echo x > new } ]
    success:
      - run: sleep 1000
    on_failure:
      - run: sleep 1001
  - title: other
    steps: [ { id: b, role: B, run: echo y > other } ]
PLAN
    exits 3 timeout 60 "$KELP" run --yes --pattern meta ../plan.yaml
    has out "^- ORG_1001.1 hanging: unverified .*check 'sleep 1000'"
    is "the other" y "$(cat other)"
}
