# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# An agent that speaks the Agent Client Protocol, by a driver file of the user's own.

# acp_driver HOW FILE: the driver `scripted`, and a plan of one agent of it.
acp_driver() {
    export GO=$PWD/../go
    mkdir -p "$XDG_CONFIG_HOME/kelp/drivers"
    cat >"$XDG_CONFIG_HOME/kelp/drivers/scripted.yaml" <<DRIVER
name: scripted
program: python3
can: [sessions, tokens]
args: ["$E2E_ROOT/tests/acp/agent.py", $1, $2]
output: acp
environment: { pass: [GO] }
DRIVER
    cat >../plan.yaml <<'PLAN'
version: 1
task: acp
research: []
agent: scripted
subtasks:
  - title: one
    steps:
      - { id: a, role: A, prompt: "write the file" }
PLAN
}

begun() {
    cat .kelp/runs/*/attempts/*/w1.I1.a1.j*/stdout 2>/dev/null | grep -q '"session"'
}

ended() {
    cat .kelp/runs/*/attempts/*/w1.I1.a1.j*/stdout | grep -q '"end"'
}

test_acp_agent_writes_with_permission() {
    new_repo
    acp_driver write new
    exits 0 "$KELP" run --yes ../plan.yaml
    has new written
}

# Its question is answered while no engine lives, and its result is found by the next one.
test_acp_agent_outlives_its_engine() {
    new_repo
    acp_driver wait new
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 30 begun || fail "the agent did not begin"
    kill -9 $engine
    wait $engine 2>/dev/null
    : >"$GO"
    wait_for 30 ended || fail "the agent did not go on without an engine"
    exits 0 "$KELP" resume --yes
    has new written
    is "attempts" 1 "$(find .kelp/runs/*/attempts -name 'w1.I1.a*' | wc -l)"
}

# Below the relay kelp-acp and its program have the host of the driver and nothing else.
test_acp_agent_works_below_the_relay() {
    new_repo
    acp_driver write new
    echo 'endpoints: ["api.example:443"]' >>"$XDG_CONFIG_HOME/kelp/drivers/scripted.yaml"
    sed -i 's/^agent: scripted/&\nsandbox: { network: endpoint }/' ../plan.yaml
    cat >../acp-below.py <<PYTHON
import os, socket, sys
proxy = os.environ["HTTPS_PROXY"].rpartition(":")[2]
with socket.create_connection(("127.0.0.1", int(proxy))) as s:
    s.sendall(b"CONNECT other.example:443 HTTP/1.1\\r\\n\\r\\n")
    open("asked", "wb").write(s.recv(4096))
sys.argv = sys.argv[1:]
sys.path[0] = os.path.dirname(sys.argv[0])
exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"))
PYTHON
    sed -i "s|^args: \\[|&\"$PWD/../acp-below.py\", |" "$XDG_CONFIG_HOME/kelp/drivers/scripted.yaml"
    exits 0 "$KELP" run --yes ../plan.yaml
    has new written
    has asked '^HTTP/1.1 403'
    has asked 'limited to: api.example:443\.'
}
