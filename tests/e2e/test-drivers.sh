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

# prompt_plan PROMPT [MORE KEYS]: one agent of claude.
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
${2:+    $2}
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
    stand_in claude 'echo "$ANTHROPIC_API_KEY" >&2' 'echo more >>f1' \
        'echo "{\"status\": \"ok\", \"summary\": \"key $ANTHROPIC_API_KEY\"}" >"$KELP_RESULT"' \
        "$(claude_says "I saw '\"\$ANTHROPIC_API_KEY\"'")"
    prompt_plan 'print the key'
    exits 0 "$KELP" run --yes ../plan.yaml
    exits 0 "$KELP" report
    is "files with the key" "" "$(grep -rlF "$ANTHROPIC_API_KEY" .kelp out err)"
    has "$(echo .kelp/runs/*/attempts/*/w1.I1.a1.j*/stderr)" '^\*{18}$'
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
