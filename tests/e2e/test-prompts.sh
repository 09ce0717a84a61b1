# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# What agents are told, what there is to drive, and the planner that is a model, before any run. The
# programs are stand-ins that print what the real ones print.

# claude_stand_in ANSWER [SECOND]: a `claude` on the PATH that says ANSWER to what it is asked first,
# and SECOND to everything after that.
claude_stand_in() {
    mkdir -p ../bin
    rm -rf ../answers
    mkdir ../answers
    printf '%s' "$1" >../answers/1
    printf '%s' "${2-$1}" >../answers/2
    cat >../bin/claude <<'SH'
#!/bin/bash
answers=$(dirname "$0")/../answers
if [ "$1" = --version ]; then
    echo '2.1.330 (Claude Code)'
    exit
fi
cat >/dev/null
answer=$answers/1
[ ! -e "$answers/asked" ] || answer=$answers/2
: >"$answers/asked"
python3 - "$answer" <<'PY'
import json, sys
text = open(sys.argv[1]).read()
print(json.dumps({"type": "system", "subtype": "init", "session_id": "s", "model": "m"}))
print(json.dumps({"type": "assistant", "session_id": "s", "message":
      {"id": "1", "content": [{"type": "text", "text": text}]}}))
print(json.dumps({"type": "result", "subtype": "success", "is_error": False, "result": text,
      "session_id": "s", "total_cost_usd": 0.01, "usage": {"input_tokens": 1, "output_tokens": 1}}))
PY
SH
    chmod +x ../bin/claude
    export PATH=$PWD/../bin:$PATH ANTHROPIC_API_KEY=a-key-of-the-tests
}

test_agents_lists_what_there_is() {
    new_repo
    PATH=/usr/bin:/bin exits 0 "$KELP" agents
    has out "claude .*not installed: 'claude' is not in the PATH; npm install"
    claude_stand_in ok
    exits 0 env -u ANTHROPIC_API_KEY "$KELP" agents
    has out 'claude .*2\.1\.330 .*not configured: .*ANTHROPIC_API_KEY'
    exits 0 "$KELP" agents
    has out 'claude .*2\.1\.330 .*sessions.*ready'
    exits 0 "$KELP" agents --check
    has out 'claude .*answers'
    mkdir -p .codex/agents .claude/agents .kelp/prompts
    printf 'name = "reviewer"\ndeveloper_instructions = "Look."\n' >.codex/agents/r.toml
    printf 'name = "broken\n' >.codex/agents/b.toml
    printf '{{nothing}}\n' >.kelp/prompts/agent.md
    exits 0 "$KELP" agents
    has out 'reviewer'
    has err 'b\.toml:1:8: a string without an end'
    has err "agent\.md:1:1: unknown variable '{{nothing}}'"
    exits 1 "$KELP" doctor
    has out "agent\.md:1:1: unknown variable"
    exits 0 "$KELP" agents --json
    is "the state" ready "$(python3 -c 'import json,sys
print([d["state"] for d in json.load(open("out"))["drivers"] if d["name"] == "claude"][0])')"
}

test_a_broken_prompt_is_said_before_a_run() {
    new_repo
    claude_stand_in ok
    mkdir -p .kelp/prompts
    printf 'fine\n{{worc}}\n' >.kelp/prompts/agent.md
    exits 2 "$KELP" run --yes --agent claude 'Fix it'
    has err "agent\.md:2:1: unknown variable '{{worc}}'"
    [ ! -e .kelp/runs ] || is "runs" "" "$(ls .kelp/runs)"
}

test_endpoint_without_a_model_is_said_before_a_run() {
    new_repo
    exits 4 "$KELP" run --yes --agent model --base-url http://127.0.0.1:9/v1 'Fix it'
    has err "the agent 'model' has no model"
    exits 4 "$KELP" run --yes --agent model --model m 'Fix it'
    has err "'model' is not configured"
    exits 4 "$KELP" run --yes --planner model 'Fix it'
    has err 'no agent is configured that could plan'
    [ ! -e .kelp/runs ] || is "runs" "" "$(ls .kelp/runs)"
}
