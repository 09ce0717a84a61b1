# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# The programs below `network: endpoint`: each works, and what it runs reaches nothing else.

# network_plan: each driver in a subtask of its own, below its relay.
network_plan() {
    local driver
    printf 'version: 1\ntask: Write lines\nresearch: []\nsandbox: { network: endpoint }\nsubtasks:\n'
    for driver in claude codex gemini opencode model; do
        cat <<PLAN
  - title: Lines of $driver
    agent: $driver
    writes: ["$driver.*"]
    steps: [ { id: a, role: Writer, prompt: "Write the first line of $driver" } ]
PLAN
    done
}

# The agent's own commands try another port of the server's machine, and say what came of it.
serve_line() {
    cat >../line.json <<'JSON'
{"rules": [{"name": "first", "match": "## Task\\s+Write the first line of (\\w+)", "turns": [
  {"calls": [{"do": "run", "command": "echo one > ${1}.txt; curl -sS -m 20 -o ${1}.body -w '%{http_code}' http://192.0.2.1/ > ${1}.status"}]},
  {"text": "The line is there."}]}]}
JSON
    serve "$PWD/../line.json"
}

# all_wrote [COMMAND...]: below which kelp runs.
all_wrote() {
    local driver
    exits 0 "$@" "$KELP" run --yes --pattern meta ../plan.yaml
    has out '^ORG_1001: done'
    for driver in claude codex gemini opencode model; do
        is "$driver.txt" one "$(cat $driver.txt)"
        is "$driver elsewhere" 403 "$(cat $driver.status)"
        has "$driver.body" 'kelp: 192.0.2.1:80: it is not among the allowed hosts'
    done
    is "files with keys" "" "$(grep -rlF "$KEY_TAIL" .kelp/runs)"
}

# add_address: ADDRESS becomes one of the loopback interface, if that is all that there is.
add_address() {
    python3 - "$ADDRESS" <<'PYTHON'
import fcntl, socket, struct, sys
interfaces = [line.split(":")[0].strip() for line in open("/proc/net/dev") if ":" in line]
if [i for i in interfaces if i != "lo"]:
    sys.exit(1)
set_address = 0x8916
address = struct.pack("HH4s8x", socket.AF_INET, 0, socket.inet_aton(sys.argv[1]))
fcntl.ioctl(socket.socket(), set_address, struct.pack("16s16s", b"lo:1", address))
PYTHON
}

# A model on this machine is where it always is, for programs that ask no proxy for it.
test_endpoint_on_this_machine() {
    needs claude codex gemini opencode
    new_repo
    serve_line
    network_plan >../plan.yaml
    all_wrote
}

# A model elsewhere is reached through the relay alone.
test_endpoint_behind_the_relay() {
    needs claude codex gemini opencode
    new_repo
    ADDRESS=10.77.0.1
    add_address || { echo "not tried: a second address (the network is not the test's own)" && return; }
    serve_line
    network_plan >../plan.yaml
    all_wrote
}

# Where the machine gives no namespaces, ports are what is allowed.
test_endpoint_without_namespaces() {
    local without='echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" "$@"'
    needs claude codex gemini opencode
    unshare --map-root-user sh -c "$without" true 2>/dev/null || {
        echo "not tried: without namespaces (they can't be switched off)" && return
    }
    new_repo
    serve_line
    network_plan >../plan.yaml
    all_wrote unshare --map-root-user sh -c "$without"
}
