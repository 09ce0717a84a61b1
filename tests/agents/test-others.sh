# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# Programs that are driven by configuration, and over the Agent Client Protocol: each fixes a bug.

# configure DRIVER: for the model server; MODEL is what is asked of it.
configure() {
    local url=$SERVER/v1
    MODEL=scripted
    case $1 in
    claude*) url=$SERVER ;;
    gemini*) url=$SERVER MODEL=gemini-2.5-flash ;;
    esac
    export COPILOT_OFFLINE=true COPILOT_PROVIDER_TYPE=openai COPILOT_PROVIDER_API_KEY=$OPENAI_API_KEY
    cat >"$XDG_CONFIG_HOME/kelp/config.yaml" <<CONFIG
push: never
drivers:
  $1: { base_url: "$url", model: $MODEL }
CONFIG
}

# plan_for DRIVER
plan_for() {
    cat >../plan.yaml <<PLAN
version: 1
task: Fix a bug
research: []
subtasks:
  - title: The test of leap fails
    agent: $1
    writes: [bin/leap]
    steps:
      - { id: fix, role: Developer, prompt: "Fix leap, so that make check-leap passes" }
    success:
      - run: make -s check-leap
PLAN
}

# one PROGRAM DRIVER: fixes a bug with it.
one() {
    needs "$1"
    serve "$SCRIPTS/bugs.json"
    configure "$2"
    bugs_repo
    plan_for "$2"
    exits 0 "$KELP" run --yes ../plan.yaml
    has out '^ORG_1001: done'
    make -s check-leap >../check.log 2>&1 || fail "the bug is not fixed: $(tail -n 3 ../check.log)"
    is "attempts" 1 "$(told 'len(agent("ORG_1001", 0)["attempts"])')"
    is "requests to another model" 0 "$(asked 'sum(r["rule"] == "leap" and
        "'"$MODEL"'" not in (r["body"].get("model") or r["path"]) for r in requests)')"
    is "files with keys" "" "$(grep -rlF "$KEY_TAIL" .kelp/runs)"
}

# wrong_key PROGRAM DRIVER: it is known as one, whatever the program's exit status says.
wrong_key() {
    needs "$1"
    echo '{"rules": [], "faults": [{"status": 401, "times": -1}]}' >../wrong.json
    serve ../wrong.json
    configure "$2"
    bugs_repo
    plan_for "$2"
    exits 4 "$KELP" run --yes ../plan.yaml
    has err "$2: .*401"
    has err 'kelp resume'
}

test_qwen() {
    one qwen qwen
}

test_copilot() {
    one copilot copilot
}

test_claude_acp() {
    one claude-agent-acp claude-acp
}

test_codex_acp() {
    one codex-acp codex-acp
}

test_gemini_acp() {
    one gemini gemini-acp
}

test_opencode_acp() {
    one opencode opencode-acp
}

test_qwen_acp() {
    one qwen qwen-acp
}

test_copilot_acp() {
    one copilot copilot-acp
}

test_qwen_wrong_key() {
    wrong_key qwen qwen
}

test_copilot_acp_wrong_key() {
    wrong_key copilot copilot-acp
}
