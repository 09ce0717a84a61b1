# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# A run is recorded, and replayed from its recording without the agents that it had.

# What is replayed here is tested by itself there: kelp's own agent and a planner over a model server,
# and an agent that uses too much.
# shellcheck source=tests/e2e/test-model.sh
. "$E2E_HERE/test-model.sh"
# shellcheck source=tests/e2e/test-providers.sh
. "$E2E_HERE/test-providers.sh"

# replay_agent COMMANDS...: a stand-in for Claude Code; each argument is some lines of it.
replay_agent() {
    mkdir -p ../bin
    printf '%s\n' '#!/bin/bash' "$@" >../bin/claude
    chmod +x ../bin/claude
    export PATH=$PWD/../bin:$PATH ANTHROPIC_API_KEY=a-key-of-the-tests
}

# As Claude Code prints it: begins, says TEXT, ends.
replay_says() {
    cat <<STREAM
printf '%s\n' '{"type":"system","subtype":"init","session_id":"5e55-1","model":"claude-x"}'
printf '%s\n' '{"type":"assistant","message":{"id":"m1","content":[{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"f1"}}]},"session_id":"5e55-1"}'
printf '%s\n' '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":"done"}]},"session_id":"5e55-1"}'
printf '%s\n' '{"type":"assistant","message":{"id":"m2","content":[{"type":"text","text":"$1"}]},"session_id":"5e55-1"}'
printf '%s\n' '{"type":"result","subtype":"success","is_error":false,"result":"$1","session_id":"5e55-1","total_cost_usd":0.01,"usage":{"input_tokens":10,"output_tokens":5},"modelUsage":{"claude-x":{"inputTokens":10,"outputTokens":5,"costUSD":0.01}}}'
STREAM
}

# What it prints where its provider fails it: STATUS and MESSAGE.
replay_fails() {
    cat <<STREAM
printf '%s\n' '{"type":"system","subtype":"init","session_id":"5e55-1","model":"claude-x"}'
printf '%s\n' '{"type":"result","subtype":"success","is_error":true,"api_error_status":$1,"result":"API Error: $1 $2","session_id":"5e55-1","total_cost_usd":0,"usage":{"input_tokens":0,"output_tokens":0}}'
exit 1
STREAM
}

# Two children of two steps each; a model drives the first, a command follows it.
replay_plan() {
    cat >../plan.yaml <<PLAN
version: 1
task: two
research: []
agent: claude
subtasks:
  - title: one
    writes: [f1]
    steps:
      - { id: a, role: Fixer, prompt: "change f1" }
      - { id: b, role: Tester, run: "grep -q better f1 && echo tested >> f1", needs: [a] }
    success:
      - run: grep -q tested f1
  - title: two
    writes: ["f2", "new", "bin"]
    steps:
      - { id: a, role: Fixer, prompt: "change f2" }
    success:
      - run: grep -q better f2
PLAN
}

# It works on the file that its prompt names.
replay_worker='prompt=$(cat); case $prompt in *"change f1"*) f=f1 ;; *) f=f2 ;; esac
echo better >>$f
[ $f = f1 ] || { mkdir -p new; printf "a\0b" >bin; echo new >new/file; chmod +x new/file; ln -s file new/link; }'

# What a replay must not need.
replay_without_agents() {
    rm -rf ../bin
    unset ANTHROPIC_API_KEY
}

test_replay_gives_the_same_tree_and_report() {
    new_repo
    replay_agent "$replay_worker" "$(replay_says 'it is better now')"
    replay_plan
    exits 0 "$KELP" run --yes --land none ../plan.yaml
    exits 0 "$KELP" record -o ../r.recording
    has out '2 recorded attempts'
    replay_without_agents
    exits 0 "$KELP" replay --yes ../r.recording
    has out 'ORG_1002 is the same as ORG_1001'
    has out 'it is better now'
    is "result" "$(git rev-parse 'kelp/ORG_1001^{tree}')" "$(git rev-parse 'kelp/ORG_1002^{tree}')"
    is "HEAD" start "$(git log -1 --format=%s)"
    exits 0 "$KELP" replay --yes --json ../r.recording
    tail -n 1 out >last
    has last '"same": ?true'
}

test_replay_after_the_result_has_landed() {
    new_repo
    replay_agent "$replay_worker" "$(replay_says 'it is better now')"
    replay_plan
    exits 0 "$KELP" run --yes ../plan.yaml
    has f1 better
    exits 0 "$KELP" record -o ../r.recording
    replay_without_agents
    exits 0 "$KELP" replay --yes ../r.recording
    has out 'is the same as'
}

test_replay_says_what_differs() {
    new_repo
    replay_agent "$replay_worker" "$(replay_says 'it is better now')"
    replay_plan
    sed -i 's/echo tested >> f1/echo tested >> f1 \&\& cat $MARKS >> f1/; s/^task:/environment: [MARKS]\ntask:/' ../plan.yaml
    export MARKS=$PWD/../marks
    echo one >"$MARKS"
    exits 0 "$KELP" run --yes --land none ../plan.yaml
    exits 0 "$KELP" record -o ../r.recording
    echo two >"$MARKS"
    exits 1 "$KELP" replay --yes ../r.recording
    has out 'ORG_1002 differs from ORG_1001'
    has out '^  tree: recorded [0-9a-f]{40}, replayed [0-9a-f]{40}$'
    is "differences" 1 "$(grep -c 'recorded .*replayed' out)"
}

test_replay_of_trouble() {
    new_repo
    # The first attempt of f1 meets a rate limit, that of f2 dies.
    replay_agent "$replay_worker" \
        'if [ "$KELP_ATTEMPT" = 1 ] && [ $f = f1 ]; then' "$(replay_fails 429 'rate_limit_error')" 'fi' \
        'if [ "$KELP_ATTEMPT" = 1 ]; then kill -SEGV $$; fi' "$(replay_says 'it is better now')"
    replay_plan
    exits 0 "$KELP" run --yes --land none ../plan.yaml
    exits 0 "$KELP" record -o ../r.recording
    has out '4 recorded attempts'
    replay_without_agents
    exits 0 timeout 60 "$KELP" replay --yes ../r.recording
    has out 'is the same as'
    has .kelp/runs/ORG_1002/report.json '"error": "rate_limit"'
    has .kelp/runs/ORG_1002/report.json '"error": "crash"'
}

test_replay_of_a_run_that_its_provider_stopped() {
    new_repo
    replay_agent 'if [ ! -e "$MARKS" ]; then' "$(replay_fails 401 'authentication_error')" 'fi' \
        "$replay_worker" "$(replay_says 'it is better now')"
    replay_plan
    sed -i 's/^task:/environment: [MARKS]\ntask:/' ../plan.yaml
    export MARKS=$PWD/../marks
    exits 4 "$KELP" run --yes --land none ../plan.yaml
    exits 0 "$KELP" record -o ../stopped.recording
    touch "$MARKS"
    exits 0 "$KELP" resume --yes
    exits 0 "$KELP" record -o ../ended.recording
    replay_without_agents
    exits 0 "$KELP" replay --yes ../stopped.recording
    has out 'ORG_1002 is the same as ORG_1001'
    exits 0 "$KELP" replay --yes ../ended.recording
    has out 'ORG_1003 is the same as ORG_1001'
}

test_replay_in_another_repository() {
    new_repo
    replay_agent "$replay_worker" "$(replay_says 'it is better now')"
    replay_plan
    exits 0 "$KELP" run --yes --land none ../plan.yaml
    exits 0 "$KELP" record -o ../without.recording
    exits 0 "$KELP" record --with-base -o ../with.recording
    exits 2 "$KELP" record -o ../with.recording
    has err 'is there already'
    replay_without_agents
    git init -q ../other && cd ../other || exit 1
    git commit -q --allow-empty -m other
    exits 4 "$KELP" replay --yes ../without.recording
    has err 'does not have'
    has err 'with-base'
    [ ! -e .kelp/runs/ORG_1001 ] || fail "a run was begun"
    exits 0 "$KELP" replay --yes ../with.recording
    has out 'is the same as ORG_1001'
}

test_replay_secrets_are_not_recorded() {
    new_repo
    replay_agent "$replay_worker" 'echo "$ANTHROPIC_API_KEY" >&2' 'echo "key $ANTHROPIC_API_KEY" >>$f' \
        'echo "{\"status\": \"ok\", \"summary\": \"key $ANTHROPIC_API_KEY\"}" >"$KELP_RESULT"' \
        "$(replay_says "I saw '\"\$ANTHROPIC_API_KEY\"'")"
    replay_plan
    exits 0 "$KELP" run --yes --land none ../plan.yaml
    exits 0 "$KELP" record --with-base -o ../r.recording
    has err 'secrets were overwritten in changes'
    hasnt ../r.recording 'a-key-of-the-tests'
    is "mode" 600 "$(stat -c %a ../r.recording)"
}

test_replay_survives_a_kill() {
    new_repo
    replay_agent "$replay_worker" "$(replay_says 'it is better now')"
    replay_plan
    exits 0 "$KELP" run --yes --land none ../plan.yaml
    exits 0 "$KELP" record -o ../r.recording
    replay_without_agents
    "$KELP" replay --yes --json ../r.recording >events 2>err &
    local engine=$!
    wait_for 60 grep -q '"job_ended"' events
    kill -9 "$engine"
    wait "$engine" 2>/dev/null
    exits 0 "$KELP" resume --yes
    exits 0 "$KELP" replay ORG_1002
    has out 'ORG_1002 is the same as ORG_1001'
    exits 2 "$KELP" replay ORG_1001
    has err 'is no replay'
    is "result" "$(git rev-parse 'kelp/ORG_1001^{tree}')" "$(git rev-parse 'kelp/ORG_1002^{tree}')"
}

test_replay_refuses_hostile_recordings() {
    new_repo
    printf 'kelp-recording 1\n../../x 2 00000000\nhi\nend 1\n' >../bad
    exits 1 "$KELP" replay --yes ../bad
    has err 'may not have'
    printf 'kelp-recording 9\n' >../bad
    exits 4 "$KELP" replay --yes ../bad
    has err 'newer kelp'
    printf 'kelp-recording 1\nend 0\n' >../bad
    exits 1 "$KELP" replay --yes ../bad
    has err 'lacks'
    exits 4 "$KELP" replay --yes ../not-there
    [ ! -e .kelp/runs ] || is "runs" "" "$(ls .kelp/runs)"
}

# A free text: the planner was a model, had to be corrected, and two requests had failed.
test_replay_of_kelps_own_agent_and_planner() {
    fixes /v1
    local before
    before=$(asked 'len(requests)')
    exits 0 "$KELP" record -o ../r.recording
    exits 0 "$KELP" replay --yes ../r.recording
    has out 'ORG_1002 is the same as ORG_1001'
    is "requests to the model" "$before" "$(asked 'len(requests)')"
    is "planner attempts" "$(ls -d .kelp/runs/ORG_1001/attempts/*/planner.* | wc -l)" \
        "$(ls -d .kelp/runs/ORG_1002/attempts/*/planner.* | wc -l)"
}

# Agents side by side in copies of their own, one of which fails after it had changed something; a
# child whose check fails, so that its work is in no result; and one that hangs until it is stopped.
test_replay_of_what_is_not_part_of_the_result() {
    new_repo
    replay_agent 'prompt=$(cat); for f in f1 f2 f3 f4; do case $prompt in *"change $f"*) break ;; esac; done' \
        'echo better >>$f' \
        '[ $f != f2 ] || { echo "{\"status\": \"failed\", \"summary\": \"no way\"}" >"$KELP_RESULT"; }' \
        '[ $f != f4 ] || sleep 600' "$(replay_says 'it is better now')"
    cat >../plan.yaml <<'PLAN'
version: 1
task: three
research: []
agent: claude
retries: 0
subtasks:
  - title: side by side
    writes: [f1, f2]
    waves:
      - allow_failures: 1
        agents:
          - { role: A, prompt: "change f1" }
          - { role: B, prompt: "change f2" }
  - title: not verified
    writes: [f3]
    steps: [ { role: A, prompt: "change f3" } ]
    success: [ { run: "false" } ]
  - title: hangs
    writes: [f4]
    stall: 0.02
    steps: [ { role: A, prompt: "change f4" } ]
PLAN
    exits 3 "$KELP" run --yes --land none ../plan.yaml
    "$KELP" report --json >../report.json
    has ../report.json '"status": "unverified"'
    has ../report.json '"error": "timeout"'
    exits 0 "$KELP" record -o ../r.recording
    is "changes" 4 "$(grep -c '^+better' ../r.recording)"
    # The clones that were kept may go: their commits are in bundles then.
    exits 0 "$KELP" gc
    is "clones" "" "$(ls .kelp/runs/ORG_1001/clones 2>/dev/null)"
    exits 0 "$KELP" record -o ../again.recording
    is "the same recording" "" "$(cmp ../r.recording ../again.recording)"
    replay_without_agents
    exits 0 timeout 100 "$KELP" replay --yes ../r.recording
    has out 'is the same as'
}

# The embedded planner and its research: commands only, and no model at all.
test_replay_of_a_free_text_without_a_model() {
    new_repo
    exits 0 "$KELP" run --yes --land none "Analyze repository across 2 dimensions: documentation, security"
    exits 0 "$KELP" record -o ../r.recording
    has out '0 recorded attempts'
    echo later >later && git add later && git commit -qm later
    exits 0 "$KELP" replay --yes ../r.recording
    has out 'is the same as'
}

# The second wave goes on with the session of the first, in the replay as well.
test_replay_of_a_session_that_goes_on() {
    new_repo
    replay_agent 'cat >/dev/null; echo "$* " >>"$MARKS"; echo better >>f1' "$(replay_says 'it is better now')"
    export MARKS=$PWD/../marks
    cat >../plan.yaml <<'PLAN'
version: 1
task: one
research: []
agent: claude
environment: [MARKS]
sandbox: { write: ["MARKS"] }
subtasks:
  - title: one
    steps:
      - { id: a, role: Fixer, prompt: "begin" }
      - { id: b, role: Fixer, prompt: "go on", needs: [a] }
PLAN
    sed -i "s|\"MARKS\"|\"$MARKS\"|" ../plan.yaml
    touch "$MARKS"
    exits 0 "$KELP" run --yes --land none ../plan.yaml
    has "$MARKS" '--resume.5e55-1'
    exits 0 "$KELP" record -o ../r.recording
    replay_without_agents
    exits 0 "$KELP" replay --yes ../r.recording
    has out 'is the same as'
    "$KELP" report ORG_1001 --json | grep '"session' | sort >../first
    "$KELP" report ORG_1002 --json | grep '"session' | sort >../second
    has ../first resumed
    is "sessions" "" "$(cmp ../first ../second)"
}

# A child that was tried again by hand, after Ctrl-C twice in the middle of an attempt: what is
# recorded is how it came out.
test_replay_of_a_run_with_a_user_in_it() {
    new_repo
    export MARKS=$PWD/../marks
    mkdir "$MARKS"
    replay_agent "$replay_worker" \
        'case $(ls "$MARKS") in "") touch "$MARKS/hung"; sleep 600 ;; esac' \
        '[ $f != f2 ] || [ -e "$MARKS/mended" ] || echo "{\"status\": \"failed\"}" >"$KELP_RESULT"' \
        "$(replay_says 'it is better now')"
    replay_plan
    sed -i "s|^task:|environment: [MARKS]\nsandbox: { write: [\"$MARKS\"] }\nretries: 0\ntask:|" ../plan.yaml
    "$KELP" run --yes --json --pattern meta --land none ../plan.yaml >events 2>err &
    local engine=$!
    wait_for 60 test -e "$MARKS/hung"
    kill -INT "$engine"
    wait_for 60 grep -q '"interrupted"' events
    kill -INT "$engine"
    wait "$engine"
    is "interrupted" 130 $?
    exits 3 "$KELP" resume --yes
    "$KELP" report --json >../report.json
    has ../report.json '"error": "cancelled"'
    touch "$MARKS/mended"
    exits 0 "$KELP" retry ORG_1001.2 --yes
    exits 0 "$KELP" record -o ../r.recording
    replay_without_agents
    exits 0 "$KELP" replay --yes ../r.recording
    has out 'ORG_1002 is the same as ORG_1001'
}

# It had its limits when it was recorded: in the replay it ends as it did, because it hangs.
test_replay_of_an_overdraft() {
    test_providers_an_overdraft_is_stopped
    exits 0 "$KELP" record -o ../r.recording
    replay_without_agents
    exits 0 timeout -s INT 60 "$KELP" replay --yes ../r.recording
    has out 'is the same as'
    has .kelp/runs/ORG_1002/report.json '"error": "timeout"'
}
