# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# Real agents fix real bugs, all four in one run and each alone.

# child TOOL FILE DRIVER
child() {
    cat <<PLAN
  - title: The test of $1 fails
    agent: $3
    writes: ["$2"]
    steps:
      - { id: fix, role: Developer, prompt: "Fix $1, so that make check-$1 passes" }
    success:
      - run: make -s check-$1
PLAN
}

hangs() {
    [ "$(asked 'sum(1 for r in requests if "hang_at" in r.get("fault", {}))')" -ge 1 ]
}

test_four_agents_fix_four_bugs() {
    local pid engine
    needs claude codex gemini opencode
    serve "$SCRIPTS/four.json" "$SCRIPTS/bugs.json"
    bugs_repo
    { printf 'version: 1\ntask: Fix four bugs\nresearch: []\nsubtasks:\n'
        child leap bin/leap claude
        child size bin/size codex
        child slug bin/slug gemini
        child words src/words.c opencode
    } >../plan.yaml
    "$KELP" run --yes --pattern meta ../plan.yaml >../run.out 2>../run.err &
    engine=$!
    wait_for 120 hangs && pid=$(pid_of ORG_1001.4 opencode)
    [ -n "$pid" ] || fail "no opencode to kill"
    kill -KILL "$pid"
    wait $engine
    is "exit status" 0 $?
    has ../run.out '^ORG_1001: done'
    has ../run.err 'claude: rate limited'
    make -s check-leap check-size check-slug check-words >../check.log 2>&1 ||
        fail "the bugs are not fixed: $(tail -n 3 ../check.log)"
    is "the killed agent" "crash done" \
        "$(told '" ".join([agent("ORG_1001.4", 0)["attempts"][0]["error"], agent("ORG_1001.4", 0)["status"]])')"
    # 1040 for each request that was answered: claude went on with its session, opencode anew.
    is "tokens" "claude 4160 codex 6240 gemini 5200 opencode 7280" \
        "$(told '" ".join(d["driver"] + " " + str(d["tokens"]) for d in report["drivers"])')"
    is "requests with keys in the log" 0 "$(grep -rlF "$KEY_TAIL" .kelp/runs | wc -l)"
}

# alone DRIVER: a task in words, planned by the model and done by it.
alone() {
    needs "$1"
    serve "$SCRIPTS/planner.json" "$SCRIPTS/bugs.json"
    bugs_repo
    exits 0 "$KELP" run --yes --agent "$1" \
        "Fix these bugs in parallel: the tests of leap, slug and median fail"
    has out '^ORG_1001: done'
    make -s check-leap check-slug check-median >../check.log 2>&1 ||
        fail "the bugs are not fixed: $(tail -n 3 ../check.log)"
    is "rules" "confirm corrected fix look planner" "$(asked '" ".join(sorted(set(
        "fix" if r["rule"] in ("leap", "slug", "median") else r["rule"] for r in requests) - {"(title)"}))')"
    is "subtasks" 3 "$(told 'sum(1 for o in report["orchestrators"] if o["kind"] == "child")')"
    is "decision" meta "$(told 'report["decision"]["pattern"]')"
}

test_claude_alone() {
    alone claude
}

test_codex_alone() {
    alone codex
}

test_gemini_alone() {
    alone gemini
}

test_opencode_alone() {
    alone opencode
}
