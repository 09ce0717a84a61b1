# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# Providers that do not serve: what their agents and the run do meanwhile. The agents are stand-ins.

# claude_once FILE FIRST: a claude that runs the commands FIRST and fails while FILE is not there, and
# works when it is.
claude_once() {
    local path=$1
    mkdir -p ../bin
    cat >../bin/claude <<PROGRAM
#!/bin/bash
cat >/dev/null
printf '%s\n' '{"type":"system","subtype":"init","session_id":"5e55-1","model":"claude-x"}'
if [ ! -e "$path" ]; then
    $2
    exit 1
fi
echo better >>f1
printf '%s\n' '{"type":"assistant","message":{"id":"m1","content":[{"type":"tool_use","id":"t1","name":"Edit","input":{"file_path":"f1"}}]},"session_id":"5e55-1"}'
printf '%s\n' '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"t1","content":"done"}]},"session_id":"5e55-1"}'
printf '%s\n' '{"type":"result","subtype":"success","is_error":false,"result":"mended","session_id":"5e55-1","total_cost_usd":0.01,"usage":{"input_tokens":10,"output_tokens":5},"modelUsage":{"claude-x":{"inputTokens":10,"outputTokens":5,"costUSD":0.01}}}'
PROGRAM
    chmod +x ../bin/claude
    export PATH=$PWD/../bin:$PATH ANTHROPIC_API_KEY=a-key-of-the-tests
}

# Two children: one needs the provider, the other does not.
two_children() {
    cat >../plan.yaml <<'PLAN'
version: 1
task: mend
research: []
subtasks:
  - title: asks
    agent: claude
    steps:
      - { id: a, role: A, prompt: "make f1 better" }
  - title: computes
    steps:
      - { id: b, role: B, run: "echo more >>f2" }
PLAN
}

test_providers_a_refused_key_freezes_and_a_resume_thaws() {
    new_repo
    claude_once "$PWD/../mended" \
        "printf '%s\n' '{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"api_error_status\":401,\"result\":\"Invalid API key\",\"session_id\":\"5e55-1\"}'"
    two_children
    exits 4 "$KELP" run --yes --pattern meta ../plan.yaml
    has err '^claude: .*Invalid API key.*1 agent waits; mend it and: kelp resume ORG_'
    exits 0 "$KELP" status
    has out 'claude: frozen: .*Invalid API key.*1 agent waits'
    has out 'computes *done'
    exits 0 "$KELP" report --format markdown
    has out 'Mend what claude said: .*Invalid API key'
    : >../mended
    exits 0 "$KELP" resume
    has f1 better
    has f2 more
    exits 0 "$KELP" report --json
    has out '"error": "auth"'
}

# The limit comes in the middle: what was done before it is still there, and the session goes on.
test_providers_a_limit_pauses_and_the_attempt_goes_on() {
    new_repo
    claude_once '$CLAUDE_CONFIG_DIR/limited' \
        "mkdir -p \"\$CLAUDE_CONFIG_DIR\"; touch \"\$CLAUDE_CONFIG_DIR/limited\"; echo begun >>f1
    printf '%s\n' '{\"type\":\"assistant\",\"message\":{\"id\":\"m1\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t0\",\"name\":\"Edit\",\"input\":{\"file_path\":\"f1\"}}]},\"session_id\":\"5e55-1\"}'
    printf '%s\n' '{\"type\":\"user\",\"message\":{\"content\":[{\"type\":\"tool_result\",\"tool_use_id\":\"t0\",\"content\":\"done\"}]},\"session_id\":\"5e55-1\"}'
    printf '%s\n' '{\"type\":\"result\",\"subtype\":\"success\",\"is_error\":true,\"api_error_status\":429,\"result\":\"rate limited, try again in 1 seconds\",\"session_id\":\"5e55-1\"}'"
    two_children
    exits 0 timeout -s INT 20 "$KELP" run --yes --pattern meta --json ../plan.yaml
    has out '"event": *"provider".*"state": *"paused"'
    has out '"event": *"provider".*"state": *"serves"'
    hasnt out '"kind": *"reset"'
    has f1 begun
    has f1 better
}

# An agent that uses more than the run may is stopped while it works, and not when it has ended.
test_providers_an_overdraft_is_stopped() {
    new_repo
    claude_once '$CLAUDE_CONFIG_DIR/never' \
        "printf '%s\n' '{\"type\":\"assistant\",\"message\":{\"id\":\"m1\",\"content\":[{\"type\":\"text\",\"text\":\"much\"}],\"usage\":{\"input_tokens\":50000,\"output_tokens\":10}},\"session_id\":\"5e55-1\"}'
    sleep 100"
    cat >../plan.yaml <<'PLAN'
version: 1
task: mend
research: []
limits: { tokens: 1000 }
subtasks:
  - title: asks
    agent: claude
    steps:
      - { id: a, role: A, prompt: "make f1 better" }
PLAN
    exits 1 timeout -s INT 60 "$KELP" run --yes --json ../plan.yaml
    has out '"event": *"overdrawn"'
    has .kelp/runs/ORG_1001/report.md 'stopped: it used more tokens than its limits leave'
}
