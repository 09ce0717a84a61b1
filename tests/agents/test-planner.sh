# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# Real agents that are asked before there is a run: `kelp plan`.

# plans DRIVER: its model's first answer is wrong and goes back once; nothing is touched.
plans() {
    needs "$1"
    serve "$SCRIPTS/planner.json" "$SCRIPTS/bugs.json"
    bugs_repo
    exits 0 "$KELP" plan --agent "$1" \
        "Fix these bugs in parallel: the tests of leap, slug and median fail"
    has out "planned by $1: [1-9][0-9]* tokens"
    has out 'spawn 3 child orchestrators'
    is "rules" "corrected planner" \
        "$(asked '" ".join(sorted({r["rule"] for r in requests} & {"planner", "corrected"}))')"
    is "the repository" "" "$(git status --porcelain)"
    is "runs" "" "$(ls .kelp/runs 2>/dev/null)"
    is "what is left" "" "$(find "$TMPDIR" -maxdepth 1 -name 'kelp-*')"
}

test_claude_plans() {
    plans claude
}

test_codex_plans() {
    plans codex
}

test_gemini_plans() {
    plans gemini
}

test_opencode_plans() {
    plans opencode
}

test_model_plans() {
    plans model
}

test_all_four_answer() {
    local name
    needs claude codex gemini opencode
    printf '{"rules": [{"name": "word", "match": "single word", "turns": [{"text": "ok"}]}]}' >script.json
    serve script.json
    bugs_repo
    exits 0 "$KELP" agents --check claude codex gemini opencode model
    for name in claude codex gemini opencode model; do
        has out "^$name .* answers"
    done
}
