# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Agents that a model drives, from the plan to the outcome. The programs here are stand-ins: small
# scripts that print what the real ones were recorded to print; the real ones run in tests/agents.

# stand_in NAME COMMANDS...: a program of that name on the PATH; each argument is some lines of it.
stand_in() {
    local name=$1
    shift
    mkdir -p ../bin
    printf '%s\n' '#!/bin/bash' "$@" >"../bin/$name"
    chmod +x "../bin/$name"
    export PATH=$PWD/../bin:$PATH
}

# As Claude Code prints it: begins, says TEXT, ends.
claude_says() {
    cat <<STREAM
printf '%s\n' '{"type":"system","subtype":"init","session_id":"5e55-1","model":"claude-x"}'
printf '%s\n' '{"type":"assistant","message":{"id":"m1","content":[{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"f1"}}]},"session_id":"5e55-1"}'
printf '%s\n' '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":"done"}]},"session_id":"5e55-1"}'
printf '%s\n' '{"type":"assistant","message":{"id":"m2","content":[{"type":"text","text":"$1"}]},"session_id":"5e55-1"}'
printf '%s\n' '{"type":"result","subtype":"success","is_error":false,"result":"$1","session_id":"5e55-1","total_cost_usd":0.01,"usage":{"input_tokens":10,"output_tokens":5},"modelUsage":{"claude-x":{"inputTokens":10,"outputTokens":5,"costUSD":0.01}}}'
STREAM
}

# prompt_plan PROMPT [LINES]: one agent of claude, and what more the plan says.
prompt_plan() {
    cat >../plan.yaml <<PLAN
version: 1
task: agent
research: []
agent: claude
subtasks:
  - title: one
    steps:
      - { id: a, role: A, prompt: "$1" }
${2-}
PLAN
}

test_driver_from_prompt_to_merge() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests CLAUDECODE=1
    stand_in claude 'cat >"$TMPDIR/prompt"' 'env >"$TMPDIR/env"' 'echo better >>f1' \
        "$(claude_says 'it is better now')"
    prompt_plan 'make f1 better'
    exits 0 "$KELP" run --yes ../plan.yaml
    has out 'it is better now'
    has f1 better
    local attempt
    attempt=$(echo .kelp/runs/*/attempts/*/w1.I1.a1.j*)
    has "$attempt/prompt.md" 'make f1 better'
    is "prompt by standard input" "" "$(cmp "$attempt/prompt.md" "$attempt/tmp/prompt")"
    has "$attempt/tmp/env" '^ANTHROPIC_API_KEY=a-key'
    has "$attempt/tmp/env" "^CLAUDE_CONFIG_DIR=$PWD/.kelp/runs/[^/]*/homes/"
    hasnt "$attempt/tmp/env" '^CLAUDECODE='
}

test_driver_that_is_not_there_is_said_before_a_run() {
    new_repo
    prompt_plan 'work'
    PATH=/usr/bin:/bin exits 4 "$KELP" run --yes ../plan.yaml
    has err "'claude' is not in the PATH"
    has err 'npm install'
    stand_in claude "$(claude_says hello)"
    exits 4 env -u ANTHROPIC_API_KEY "$KELP" run --yes ../plan.yaml
    has err 'not configured'
    has err 'ANTHROPIC_API_KEY'
    [ ! -e .kelp/runs ] || is "runs" "" "$(ls .kelp/runs)"
}

test_driver_secrets_are_nowhere() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    mkdir -p "$HOME/.claude"
    echo '{"token":"of the user"}' >"$HOME/.claude/.credentials.json"
    stand_in claude 'echo "$ANTHROPIC_API_KEY" >&2' 'echo more >>f1' \
        'echo "{\"said\":\"$ANTHROPIC_API_KEY\"}" >"$CLAUDE_CONFIG_DIR/session.jsonl"' \
        'echo "{\"status\": \"ok\", \"summary\": \"key $ANTHROPIC_API_KEY\"}" >"$KELP_RESULT"' \
        "$(claude_says "I saw '\"\$ANTHROPIC_API_KEY\"'")"
    prompt_plan 'print the key' '    success: [ { run: "false" } ]'
    exits 1 "$KELP" run --yes ../plan.yaml
    local home
    home=$(echo .kelp/runs/*/homes/*/.claude)
    has "$home/session.jsonl" '^\{"said":"\*{18}"\}$'
    is "copies of credentials" "" "$(grep -rlF 'of the user' .kelp)"
    [ ! -e "$home/.credentials.json" ] || has "$home/.credentials.json" 'of the user'
    exits 0 "$KELP" report
    is "files with the key" "" "$(grep -rlF "$ANTHROPIC_API_KEY" .kelp out err)"
    has "$(echo .kelp/runs/*/attempts/*/w1.I1.a1.j*/stderr)" '^\*{18}$'
    exits 0 "$KELP" gc
    has out '^1 home of agents removed'
    is "homes" "" "$(find .kelp/runs -path '*/homes/*')"
}

test_driver_logs_are_readable() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    stand_in claude 'echo better >>f1' "$(claude_says 'it is better now')"
    prompt_plan 'make f1 better'
    exits 0 "$KELP" run --yes --json ../plan.yaml
    exits 0 "$KELP" logs
    is "what it said" "> Edit f1
it is better now" "$(cat out)"
    exits 0 "$KELP" logs --raw
    has out '^\{"type":"system"'
}

# A claude that plans when it is asked to, first wrongly, and else works.
planning_claude() {
    stand_in claude 'prompt=$(cat)
echo "$*" >"$TMPDIR/args"
say() {
    printf "%s\n" "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"5e55-2\",\"model\":\"claude-x\"}" \
        "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":false,\"result\":\"planned\",\"session_id\":\"5e55-2\",\"structured_output\":$1,\"total_cost_usd\":0.02,\"usage\":{\"input_tokens\":100,\"output_tokens\":50}}"
}
step() {
    echo "{\"id\":\"$1\",\"role\":\"Dev\",\"prompt\":\"$2\",\"needs\":$3,\"minutes\":10}"
}
subtask() {
    echo "{\"title\":\"Mend $1\",\"writes\":[\"$1\"],\"steps\":[$(step a "look at $1" "[]"),$(step b "mend $1" "[\"a\"]"),$(step c "check $1" "[\"b\"]")]}"
}
case $prompt in
    *"Plan this task"*)
        say "{\"version\":1,\"task\":\"t\",\"subtasks\":[{\"title\":\"x\",\"steps\":[{\"id\":\"a\",\"prompt\":\"p\",\"needs\":[\"nobody\"]}]}]}"
        exit ;;
    *"Your plan was not accepted"*)
        say "{\"version\":1,\"task\":\"t\",\"subtasks\":[$(subtask f1),$(subtask f2)]}"
        exit ;;
    *"mend f1"*) echo mended >>f1 ;;
    *"mend f2"*) echo mended >>f2 ;;
esac' "$(claude_says finished)"
}

test_driver_plans_and_is_corrected() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    planning_claude
    exits 0 "$KELP" run --yes --agent claude "Fix these bugs in parallel: f1 is broken; f2 is broken"
    set -- .kelp/runs/*/attempts/*/planner.j*
    is "asked" 2 $#
    hasnt "$1/tmp/args" '--resume'
    has "$2/tmp/args" '--resume 5e55-2'
    has "$2/prompt.md" 'nobody'
    is "what the first answer was quoted from" "" "$(grep -vxFf "$2/prompt.md" "$1/answer.json")"
    has f1 mended
    has f2 mended
    exits 0 "$KELP" report
    has out 'Mend f1'
    exits 0 "$KELP" logs ORG_1001 planner
    is "headings" 2 "$(grep -c '^== ORG_1001 planner' err)"
    has out '^planned'
}

# The key is refused: the run stops with status 4 and says why; with another one it goes on.
test_driver_frozen_provider_and_resume() {
    new_repo
    export ANTHROPIC_API_KEY=a-wrong-key-of-the-tests
    stand_in claude 'case $ANTHROPIC_API_KEY in
a-wrong*)
    echo "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"5e55-3\",\"model\":\"claude-x\"}"
    echo "{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"api_error_status\":401,\"result\":\"Invalid API key\",\"session_id\":\"5e55-3\",\"total_cost_usd\":0,\"usage\":{\"input_tokens\":0,\"output_tokens\":0}}"
    exit 1 ;;
esac
echo better >>f1' "$(claude_says 'it is better now')"
    prompt_plan 'make f1 better'
    exits 4 "$KELP" run --yes ../plan.yaml
    has err '^claude: .*Invalid API key.*; 1 agent waits; mend it and: kelp resume ORG_1001'
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    exits 0 "$KELP" resume --yes
    has f1 better
}

# slow_claude: it says that it began and waits for ../go; every start is a line of $MARKS.
slow_claude() {
    stand_in claude 'echo start >>"$MARKS"' \
        'echo "{\"type\":\"system\",\"subtype\":\"init\",\"session_id\":\"5e55-1\",\"model\":\"claude-x\"}"' \
        'until [ -e "$MARKS.go" ]; do sleep 0.02; done' 'echo better >>f1' \
        "$(claude_says 'it is better now')"
}

test_driver_survives_its_engine() {
    new_repo
    export MARKS=$PWD/../marks ANTHROPIC_API_KEY=a-key-of-the-tests
    touch "$MARKS"
    slow_claude
    prompt_plan 'make f1 better' "
environment: [MARKS]
sandbox: { write: [\"$MARKS\"] }"
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$! home
    wait_for 30 grep -qs start "$MARKS"
    kill -KILL $engine
    wait $engine 2>/dev/null
    home=$(echo .kelp/runs/*/homes/*)
    echo "left as it is" >"$home/mine"
    touch "$MARKS.go"
    exits 0 "$KELP" resume --yes
    has f1 better
    is "starts" 1 "$(grep -c start "$MARKS")"
    is "what it did" 1 "$(grep -c better f1)"
    is "attempts" 1 "$(find .kelp/runs/*/attempts/* -name "w1.I1.a*" | grep -c .)"
}

test_driver_with_much_to_read() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    stand_in claude 'wc -c >"$TMPDIR/size"' 'echo better >>f1' "$(claude_says finished)"
    prompt_plan "$(head -c 1048576 /dev/zero | tr '\0' x)"
    exits 0 "$KELP" run --yes ../plan.yaml
    local attempt
    attempt=$(echo .kelp/runs/*/attempts/*/w1.I1.a1.j*)
    is "all of it arrived" "$(stat -c %s "$attempt/prompt.md")" "$(cat "$attempt/tmp/size")"
    [ "$(cat "$attempt/tmp/size")" -gt 1048576 ] || fail "the prompt is not whole"
}

# What an agent prints beyond the bound is cut out of the middle; its end is read all the same.
test_driver_that_says_too_much() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    local line
    line="{\"type\":\"user\",\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"$(head -c 65000 /dev/zero | tr '\0' x)\"}]}}"
    echo "$line" >../line
    stand_in claude "yes \"\$(cat $PWD/../line)\" | head -c 1073741824" 'echo' 'echo better >>f1' \
        "$(claude_says 'it was much')"
    prompt_plan 'say too much'
    exits 0 "$KELP" run --yes ../plan.yaml
    has out 'it was much'
    local stdout
    stdout=$(echo .kelp/runs/*/attempts/*/w1.I1.a1.j*/stdout)
    [ "$(stat -c %s "$stdout")" -gt 1073741824 ] || fail "less than a GiB"
    [ "$(stat -c %b "$stdout")" -lt 160000 ] || fail "$(stat -c %b "$stdout") blocks are kept"
}

# serve: the model server of the tests answers by the script on standard input; SERVER is its
# address. It ends with this shell.
serve() {
    local port
    command -v python3 >/dev/null || { echo "not tried: there is no python3" && exit 0; }
    cat >../script.json
    exec {server_out}< <(exec "$E2E_ROOT/tests/model-server/server.py" ../script.json)
    read -rt 60 port <&"$server_out" || { fail "the model server does not start" && exit 1; }
    SERVER=http://127.0.0.1:$port
}

# model_plan PROMPT [LINES]: one agent of kelp's own, which is no stand-in.
model_plan() {
    prompt_plan "$1" "base_url: \"$SERVER/v1\"
model: scripted
${2-}"
    sed -i 's/^agent: claude/agent: model/' ../plan.yaml
}

test_model_agent_works_and_survives() {
    new_repo
    export MARKS=$PWD/../marks OPENAI_API_KEY=dummy-key-of-the-tests
    touch "$MARKS"
    serve <<SCRIPT
{"rules": [{"match": "make f1 better", "capture": {"report": "write one JSON object to (\\\\S+):"},
  "turns": [
    {"text": "I wait.", "calls": [{"do": "run", "command":
      "echo start >>$MARKS; until [ -e $MARKS.go ]; do sleep 0.02; done; echo better >>f1"}]},
    {"calls": [{"do": "write", "path": "\${report}",
      "content": "{\\"status\\": \\"ok\\", \\"summary\\": \\"f1 is better\\"}"}]},
    {"text": "It is better now."}]}]}
SCRIPT
    model_plan 'make f1 better' "sandbox: { write: [\"$MARKS\"] }"
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 60 grep -qs start "$MARKS" || sed 's/^/    /' log
    kill -KILL $engine
    wait $engine 2>/dev/null
    touch "$MARKS.go"
    exits 0 "$KELP" resume --yes
    has out 'f1 is better'
    is "what it did" 1 "$(grep -c better f1)"
    is "starts" 1 "$(grep -c start "$MARKS")"
    exits 0 "$KELP" logs
    has out '^> .*echo start'
    has out 'It is better now'
}

test_model_agent_without_a_model_is_said_before_a_run() {
    new_repo
    prompt_plan work
    sed -i 's/^agent: claude/agent: model/' ../plan.yaml
    exits 4 env OPENAI_API_KEY=dummy-key-of-the-tests "$KELP" run --yes ../plan.yaml
    has err 'has no model'
    [ ! -e .kelp/runs ] || is "runs" "" "$(ls .kelp/runs)"
}

test_driver_is_found_for_a_free_text() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    planning_claude
    exits 0 "$KELP" run --yes "Fix these bugs in parallel: f1 is broken; f2 is broken"
    has err "no agent is named: 'claude' was found and is used"
    has f1 mended
}

# Its provider limits it in the middle of its work: it goes on in the same copy and session.
test_model_agent_goes_on_after_a_rate_limit() {
    new_repo
    export OPENAI_API_KEY=dummy-key-of-the-tests
    serve <<'SCRIPT'
{"rules": [
  {"match": "Go on\\s+where you stopped", "turns": [
    {"calls": [{"do": "run", "command": "echo finished >>f1"}]}, {"text": "All of it is done."}]},
  {"match": "make f1 better", "faults": [{"turn": 1, "status": 429, "retry_after": 1}], "turns": [
    {"calls": [{"do": "run", "command": "echo begun >>f1"}]}, {"text": "I am not reached."}]}]}
SCRIPT
    model_plan 'make f1 better'
    exits 0 "$KELP" run --yes ../plan.yaml
    has out 'All of it is done'
    is "f1" "line of f1 begun finished" "$(tr '\n' ' ' <f1 | sed 's/ $//')"
    set -- .kelp/runs/*/attempts/*/w1.I1.a*
    is "attempts" 2 $#
    has "$2/prompt.md" 'The provider had interrupted you'
}

test_driver_that_went_away_is_missed_by_resume() {
    new_repo
    export MARKS=$PWD/../marks ANTHROPIC_API_KEY=a-key-of-the-tests
    touch "$MARKS"
    slow_claude
    prompt_plan 'make f1 better' "
environment: [MARKS]
sandbox: { write: [\"$MARKS\"] }"
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 30 grep -qs start "$MARKS"
    kill -KILL $engine
    wait $engine 2>/dev/null
    mv ../bin/claude ../bin/elsewhere
    exits 4 "$KELP" resume --yes
    has err "'claude' is not in the PATH"
    mv ../bin/elsewhere ../bin/claude
    touch "$MARKS.go"
    exits 0 "$KELP" resume --yes
    has f1 better
}

# While it works: a line of --json for what it does, and the log that is followed.
test_driver_is_seen_at_work() {
    new_repo
    export MARKS=$PWD/../marks ANTHROPIC_API_KEY=a-key-of-the-tests
    stand_in claude "$(claude_says 'I am at it' | head -n 4)" \
        'until [ -e "$MARKS.go" ]; do sleep 0.02; done' 'echo better >>f1' \
        "$(claude_says 'I am at it' | tail -n 1)"
    prompt_plan 'make f1 better' "
environment: [MARKS]"
    "$KELP" run --yes --json ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 30 grep -Eqs '"event":"activity".*"text":"Edit f1"' log
    "$KELP" logs --follow >../followed 2>&1 &
    local follower=$!
    wait_for 30 grep -qs '^I am at it' ../followed
    touch "$MARKS.go"
    wait $engine
    is "exit status" 0 $?
    wait $follower
    is "exit status of the log" 0 $?
    has ../followed '^> Edit f1'
}

# Five children of two waves; the engine is killed again and again, at any moment. Every agent is
# started once, and a later wave goes on with the session of the one before.
test_driver_kill_at_random_moments() {
    new_repo
    export MARKS=$PWD/../marks ANTHROPIC_API_KEY=a-key-of-the-tests
    : >"$MARKS"
    stand_in claude 'cat >/dev/null' 'echo "$KELP_EXEC_ID $KELP_WAVE $(echo "$*" | grep -o -- "--resume [^ ]*")" >>"$MARKS"' \
        'sleep 0.2' 'echo "$KELP_WAVE" >>"f${KELP_EXEC_ID##*.}"' "$(claude_says finished)"
    local i kills=0 engine
    {
        printf 'version: 1\ntask: kills\nagent: claude\nresearch: []\nenvironment: [MARKS]\n'
        printf 'sandbox: { write: ["%s"] }\nsubtasks:\n' "$MARKS"
        for i in 1 2 3 4 5; do
            cat <<PLAN
  - title: job $i
    minutes: 20
    writes: ["f$i"]
    waves:
      - agents: [ { role: Dev, prompt: begin } ]
      - agents: [ { role: Dev, prompt: go on } ]
      - agents: [ { role: Dev, prompt: finish } ]
PLAN
        done
    } >../plan.yaml
    RANDOM=4712
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    engine=$!
    wait_for 20 grep -q . "$MARKS"
    while [ $kills -lt 40 ]; do
        read -rt "0.$((RANDOM % 5))$((RANDOM % 10))" <> <(:) || :
        kill -9 $engine 2>/dev/null || break
        wait $engine 2>/dev/null
        kills=$((kills + 1))
        "$KELP" resume --yes >log 2>&1 &
        engine=$!
    done
    wait $engine
    is "status of the last resume" 0 $?
    [ $kills -ge 3 ] || fail "only $kills kills"
    is "starts" 15 "$(grep -c . "$MARKS")"
    is "agents started twice" "" "$(cut -d' ' -f1,2 "$MARKS" | sort | uniq -d)"
    is "sessions that went on" 10 "$(grep -c -- '--resume 5e55-1' "$MARKS")"
    for i in 1 2 3 4 5; do
        is "f$i" "line of f$i 1 2 3" "$(paste -sd' ' "f$i")"
    done
}
