# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# Sessions over waves, and providers that turn away.

test_later_waves_resume_sessions() {
    local driver
    needs claude codex gemini opencode
    serve "$SCRIPTS/sessions.json"
    new_repo
    { printf 'version: 1\ntask: Write lines\nresearch: []\nsubtasks:\n'
        for driver in claude codex gemini opencode; do
            cat <<PLAN
  - title: Lines of $driver
    agent: $driver
    writes: ["$driver.txt"]
    waves:
      - agents: [ { role: Writer, prompt: "Write the first line of $driver" } ]
      - agents: [ { role: Writer, prompt: "Write the second line of $driver" } ]
PLAN
        done
    } >../plan.yaml
    exits 0 "$KELP" run --yes --pattern meta ../plan.yaml
    has out '^ORG_1001: done'
    for driver in claude codex gemini opencode; do
        is "$driver.txt" "one two" "$(paste -sd' ' $driver.txt)"
        is "$driver remembers" True "$(asked "all('heron' in str(r['body']) for r in requests
            if r['rule'] == 'second' and 'second line of $driver' in r['prompt']) and
            any('second line of $driver' in r.get('prompt', '') for r in requests)")"
    done
    # Two requests in each of two waves, however the program counts.
    is "tokens" "4160 4160 4160 4160" "$(told '" ".join(str(d["tokens"]) for d in report["drivers"])')"
}

# Two providers turn away; what the others do goes on, and a resume does the rest.
test_an_invalid_key_freezes_its_provider() {
    local driver
    needs claude codex gemini opencode
    python3 - "$SCRIPTS/sessions.json" >script.json <<'PYTHON'
import json, sys
script = json.load(open(sys.argv[1]))
script["keys"] = {"anthropic": "dummy-good-anthropic", "gemini": "dummy-good-gemini"}
print(json.dumps(script))
PYTHON
    serve "$PWD/script.json"
    new_repo
    { printf 'version: 1\ntask: Write lines\nresearch: []\nsubtasks:\n'
        for driver in claude codex gemini opencode; do
            cat <<PLAN
  - title: Lines of $driver
    agent: $driver
    writes: ["$driver.txt"]
    steps: [ { id: a, role: Writer, prompt: "Write the first line of $driver" } ]
PLAN
        done
    } >../plan.yaml
    exits 4 "$KELP" run --yes --pattern meta ../plan.yaml
    has err 'claude: .*(invalid|key|auth)'
    has err 'gemini: .*(invalid|key|auth)'
    has err 'kelp resume'
    is "done meanwhile" 4 "$(asked 'sum(1 for r in requests if r["rule"] == "first")')"
    ANTHROPIC_API_KEY=dummy-good-anthropic GEMINI_API_KEY=dummy-good-gemini \
        exits 0 "$KELP" resume --yes
    has out '^ORG_1001: done'
    is "done in all" 8 "$(asked 'sum(1 for r in requests if r["rule"] == "first")')"
    for driver in claude codex gemini opencode; do
        is "$driver.txt" one "$(cat $driver.txt)"
    done
}
