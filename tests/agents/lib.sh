# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# What the tests with real agents share, on top of tests/e2e/lib.sh.
export PATH=$AGENTS_CACHE/bin:$PATH
SCRIPTS=$E2E_TESTS/scripts
# Dummies, made up of parts: nothing that reads the sources for keys shall find one.
KEY_TAIL=xk7q29vbm4
key_of() {
    echo "dummy-$1-$KEY_TAIL"
}
export ANTHROPIC_API_KEY GEMINI_API_KEY OPENAI_API_KEY
ANTHROPIC_API_KEY=$(key_of anthropic) GEMINI_API_KEY=$(key_of gemini) OPENAI_API_KEY=$(key_of openai)

# needs NAME...: the test is skipped, with the reason, where a program can't be had.
needs() {
    local name reason
    for name; do
        reason=$(awk -F '\t' -v n="$name" '$1 == n && $2 == "-" { print $3 }' "$AGENTS_LIST")
        [ -z "$reason" ] || { echo "skipped: $name: $reason" && exit 0; }
    done
}

# serve SCRIPT...: starts the model server, which ends with this shell, and configures all four
# programs for it. SERVER is its URL; ADDRESS is where it listens, 127.0.0.1 if it is not set.
serve() {
    local port
    exec {server_out}< <(exec "$E2E_ROOT/tests/model-server/server.py" --address "${ADDRESS:-127.0.0.1}" "$@")
    read -rt 60 port <&"$server_out" || { fail "the model server does not start" && exit 1; }
    SERVER=http://${ADDRESS:-127.0.0.1}:$port
    mkdir -p "$XDG_CONFIG_HOME/kelp"
    cat >"$XDG_CONFIG_HOME/kelp/config.yaml" <<CONFIG
push: never
drivers:
  claude: { base_url: "$SERVER", model: scripted }
  codex: { base_url: "$SERVER/v1", model: scripted }
  gemini: { base_url: "$SERVER", model: gemini-2.5-flash }
  opencode: { base_url: "$SERVER/v1", model: scripted }
  model: { base_url: "$SERVER/v1", model: scripted }
CONFIG
}

# asked EXPRESSION: a Python expression of what the server was asked, `requests`.
asked() {
    python3 - "$SERVER" "$1" <<'PYTHON'
import json, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
requests = json.load(opener.open(sys.argv[1] + "/control/requests"))
print(eval(f"({sys.argv[2]})"))
PYTHON
}

# new_script FILE...: the server answers by these from now on.
new_script() {
    python3 - "$SERVER" "$@" <<'PYTHON'
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
data = open(sys.argv[2], "rb").read()
opener.open(urllib.request.Request(sys.argv[1] + "/control/script", data=data)).read()
PYTHON
}

# told EXPRESSION [RUN]: a Python expression of the report: `report`, `orch("ORG_1001.1")`,
# `agents("ORG_1001.1")` (all of its waves), `agent("ORG_1001.1", 0)`.
told() {
    "$KELP" report --json ${2:+"$2"} >report.out || { echo "no report" && return; }
    python3 - report.out "$1" <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1]))
def orch(exec_id):
    return next(o for o in report["orchestrators"] if o["exec_id"] == exec_id)
def agents(exec_id):
    return [a for w in orch(exec_id)["waves"] for a in w["agents"]]
def agent(exec_id, i):
    return agents(exec_id)[i]
try:
    print(eval(f"({sys.argv[2]})"))
except (KeyError, IndexError, StopIteration) as e:
    print("nothing:", repr(e))
PYTHON
    rm -f report.out
}

# bugs_repo: the repository of the example, with real bugs, in `repo`; the test goes on inside.
bugs_repo() {
    sh "$E2E_ROOT/examples/seven-bugs/make-repo.sh" "$PWD/repo" >/dev/null 2>&1
    cd repo || exit 1
}

# pid_of EXEC_ID PROGRAM: of the program of the cache that works for this orchestrator: the first of it
# that was started, not what that starts in turn.
pid_of() {
    local entry
    for entry in /proc/[0-9]*; do
        [[ $(tr '\0' ' ' <"$entry/cmdline") == *"$AGENTS_CACHE/"*"$2"* ]] &&
            tr '\0' '\n' <"$entry/environ" | grep -qx "KELP_EXEC_ID=$1" &&
            tr '\0' '\n' <"$entry/environ" | grep -q "^KELP_RESULT=$PWD/" &&
            echo "$(sed 's/.*) //' "$entry/stat" | cut -d' ' -f20) ${entry#/proc/}"
    done 2>/dev/null | sort -n | sed -n '1s/.* //p'
}
