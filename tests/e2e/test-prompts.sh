# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# What agents are told, what there is to drive, and the planner that is a model, before any run. The
# programs are stand-ins that print what the real ones print.

# claude_stand_in ANSWER [SECOND]: a `claude` on the PATH that says ANSWER to what it is asked, and
# SECOND where it is asked to correct a plan.
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
asked=$(cat)
answer=$answers/1
case $asked in *"Your plan was not accepted"*) answer=$answers/2 ;; esac
echo x 2>/dev/null >>f1
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
    exits 0 "$KELP" agents --check claude
    has out 'claude .*answers'
    hasnt out codex
    exits 4 "$KELP" agents cluade
    has err "did you mean 'claude'"
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

two_bugs='{"version": 1, "subtasks": [
  {"title": "The login", "id": "login", "minutes": 12, "writes": ["f1"], "steps": [
    {"id": "a", "role": "Analyst", "prompt": "find"},
    {"id": "b", "role": "Developer", "needs": ["a"], "prompt": "mend {{steps.a.summary}}"}]},
  {"title": "The export", "steps": [{"role": "Developer", "prompt": "mend it"}]}]}'

test_plan_of_a_model() {
    new_repo
    claude_stand_in "Here it is: $two_bugs"
    exits 0 "$KELP" plan --agent claude 'Fix the login and the export'
    has out 'planned by claude: 2 tokens, 0.01 USD'
    has out 'The login: 12 minutes, as proposed'
    is "the repository" "" "$(git status --porcelain)"
    exits 0 "$KELP" plan --agent claude --json 'Fix the login and the export'
    is "planner and titles" "claude The login,The export" "$(python3 -c 'import json
p = json.load(open("out")); print(p["planner"], ",".join(s["title"] for s in p["subtasks"]))')"
    exits 0 "$KELP" plan --agent claude --planner embedded 'Fix the login and the export'
    hasnt out 'planned by claude'
    exits 0 "$KELP" simulate --agent claude --trials 3 'Fix the login and the export'
}

test_plan_of_a_model_is_corrected_once() {
    new_repo
    claude_stand_in '{"subtasks": [{"title": "a", "sandbox": "off", "steps": []}]}' "$two_bugs"
    exits 0 "$KELP" plan --agent claude 'Fix the login and the export'
    has out 'planned by claude: 4 tokens'
    claude_stand_in '{"subtasks": [{"title": "a", "sandbox": "off", "steps": []}]}'
    exits 0 "$KELP" plan --agent claude 'Fix the login and the export'
    has out "planned by kelp itself, since claude could not: answer:5:7: two answers of 'claude' are no plans, the last: 'sandbox' in a subtask can't be set by a planner"
    has out 'is taken for a bug'
}

test_plan_asks_no_model_for_what_needs_none() {
    new_repo
    claude_stand_in "$two_bugs"
    exits 0 "$KELP" plan 'Audit security and tests'
    hasnt out claude
    hasnt err 'no agent is named'
    exits 0 "$KELP" plan 'Fix the login and the export'
    has err "no agent is named: 'claude' was found and is used"
    has out 'planned by claude'
}

# The nearest wins: the command line, then the configuration, then what it says of the agent.
test_endpoints_and_models_of_the_configuration() {
    new_repo
    mkdir -p "$XDG_CONFIG_HOME/kelp"
    printf 'agent: model\nplanner: embedded\ndrivers: { model: { model: m1 } }\n' \
        >"$XDG_CONFIG_HOME/kelp/config.yaml"
    exits 4 "$KELP" run --yes 'Fix it'
    has err "'model' is not configured"
    printf 'drivers: { model: { model: m1, base_url: "ftp://x" } }\n' \
        >"$XDG_CONFIG_HOME/kelp/config.yaml"
    exits 2 "$KELP" run --yes 'Fix it'
    has err "config\.yaml:1:42: 'base_url' can't be 'ftp://x'"
    printf 'agent: model\nbase_url: http://127.0.0.1:9/v1\n' >"$XDG_CONFIG_HOME/kelp/config.yaml"
    exits 4 "$KELP" run --yes 'Fix it'
    has err "the agent 'model' has no model"
}

test_plan_without_the_program() {
    new_repo
    PATH=/usr/bin:/bin exits 0 "$KELP" plan --agent claude 'Fix the login'
    has out "planned by kelp itself, since claude could not: .*'claude' is not in the PATH"
    has out 'is taken for a bug'
}

test_a_broken_role_is_said_by_a_run() {
    new_repo
    printf 'research: []\nsubtasks: [{ title: a, steps: [{ run: "true" }] }]\n' >../plan.yaml
    mkdir -p .claude/agents
    printf -- '---\nname: [x]\n---\n' >.claude/agents/broken.md
    exits 0 "$KELP" run --yes ../plan.yaml
    has err "a role is left out: .*broken\.md:2:7: 'name' must be a text"
}
