# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# kelp's own agent, over a scripted endpoint of both kinds: it plans, fixes real bugs, meets errors in
# the middle, and does not get out of its copy.

# The variables of whoever runs the tests are not theirs.
unset OPENAI_API_KEY ANTHROPIC_API_KEY KELP_MODEL_KEY OPENAI_BASE_URL ANTHROPIC_BASE_URL
SCRIPTS=$E2E_ROOT/tests/agents/scripts

# serve SCRIPT...: the model server, which ends with this shell. SERVER is its address.
serve() {
    local port
    exec {server_out}< <(exec python3 "$E2E_ROOT/tests/model-server/server.py" "$@")
    read -rt 60 port <&"$server_out" || { fail "the model server does not start" && exit 1; }
    SERVER=http://127.0.0.1:$port
}

# asked EXPRESSION: a Python expression of what the server was asked, `requests`.
asked() {
    python3 - "$SERVER" "$1" <<'PYTHON'
import json, sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
requests = json.load(opener.open(sys.argv[1] + "/control/requests"))
print(eval(sys.argv[2]))
PYTHON
}

bugs_repo() {
    sh "$E2E_ROOT/examples/seven-bugs/make-repo.sh" "$PWD/repo" >/dev/null 2>&1
    cd repo || exit 1
}

# subtask NAME: of a planner's answer.
subtask() {
    cat <<JSON
{"title": "The test of $1 fails", "id": "$1", "minutes": 15, "writes": ["bin/$1"], "depends_on": [],
 "mission": "Find out why the test of $1 fails and fix it", "criteria": ["make check-$1 passes"],
 "steps": [{"id": "look", "role": "Analyst", "prompt": "Look at $1", "writes": [], "needs": []},
           {"id": "fix", "role": "Developer", "needs": ["look"], "prompt": "Fix $1"}],
 "success": ["make -s check-$1"]}
JSON
}

# The planner answers in a fence, without the task, and is told so once; the fix of slug meets a rate
# limit in its middle, and a connection that is cut.
planner_script() {
    cat <<JSON
{"rules": [
 {"name": "planner", "match": "# Plan this task", "turns": [
   {"text": "I look.", "calls": [{"do": "list", "path": "."}, {"do": "search", "pattern": "check-leap"}]},
   {"expect": "Makefile", "text": "{\"version\": 1}"},
   {"answer": {"version": 1, "task": "Fix the bugs", "subtasks": [$(subtask leap), $(subtask slug)]}}]},
 {"name": "corrected", "match": "does not fit", "turns": [
   {"answer": {"version": 1, "task": "Fix the bugs", "subtasks": [$(subtask leap), $(subtask slug)]}}]},
 {"name": "look", "match": "## Task\\\\s+Look at (\\\\w+)", "turns": [
   {"calls": [{"do": "run", "command": "make -s check-\${1} 2>&1 || echo it fails"}]},
   {"expect": "it fails", "text": "The test of \${1} fails."}]}],
 "faults": [{"status": 429, "retry_after": 1, "skip": 6}, {"cut_at": 100, "skip": 9}]}
JSON
}

# fixes PATH: two bugs, in free text, behind this path of the server.
fixes() {
    planner_script >planner.json
    serve planner.json "$SCRIPTS/bugs.json"
    bugs_repo
    exits 0 "$KELP" run --yes --agent model --base-url "$SERVER$1" --model scripted \
        "Fix these bugs in parallel: the test of leap fails, the test of slug fails"
    has out '^ORG_1001: done'
    make -s check-leap check-slug >../check.log 2>&1 ||
        fail "the bugs are not fixed: $(tail -n 3 ../check.log)"
    "$KELP" report --json >../report.json
    has ../report.json '"error": "rate_limit"'
    has ../report.json '"error": "transient"'
    has ../report.json '"tokens": [1-9][0-9]{3}'
}

test_model_over_chat_completions() {
    fixes /v1
    is "kinds" "chat" "$(asked '" ".join(sorted({r["api"] for r in requests}))')"
}

test_model_over_messages() {
    fixes /anthropic
    is "kinds" "anthropic" "$(asked '" ".join(sorted({r["api"] for r in requests}))')"
}

test_model_kind_is_found_out() {
    echo '{"rules": []}' >none.json
    serve none.json
    exits 0 "$KELP" agent --base-url "$SERVER/anthropic/v1/messages" --model scripted "Say hello"
    has out '"type":"end","status":"ok","text":"There is nothing to do."'
}

# A key that is not accepted: one clear message, and the run can be gone on with.
test_model_wrong_key() {
    echo '{"keys": {"chat": "dummy-good-key-0123456789"}, "rules": []}' >keys.json
    serve keys.json
    new_repo
    printf 'version: 1\ntask: t\nresearch: []\nsubtasks: [{title: a, writes: [f1], steps: [{prompt: "Do it"}]}]\n' >../plan.yaml
    KELP_MODEL_KEY=dummy-bad-key-9876543210 exits 4 "$KELP" run --yes --agent model \
        --base-url "$SERVER/v1" --model scripted ../plan.yaml
    has err 'model: HTTP 401'
    is "the key in files of the run" "" "$(grep -rlF dummy-bad-key-9876543210 .kelp)"
}

# What the model runs does not have the key, and finds it in no process that it can read.
test_model_keeps_its_key() {
    cat >script.json <<'JSON'
{"rules": [{"match": "Look for", "turns": [
  {"calls": [{"do": "run", "command": "env | grep -c 0123456789abc; tr '\\0' '\\n' </proc/$PPID/environ | grep -c 0123456789abc; echo looked"}]},
  {"expect": "^0\\n0\\nlooked", "text": "It is not there."}]}]}
JSON
    serve script.json
    mkdir work
    OPENAI_API_KEY=dummy-0123456789abc exits 0 "$KELP" agent --work work --base-url "$SERVER/v1" \
        --model scripted "Look for the key"
    has out '"text":"It is not there."'
    is "the key was sent" '***' "$(asked 'requests[0]["headers"]["authorization"].split()[-1]')"
}

# A model that wants out: nothing of it is done, and it is told.
test_model_does_not_get_out() {
    mkdir work outside
    git -C work init -q
    ln -s ../outside work/out
    ln -s .git work/git
    echo kept >outside/file
    cat >script.json <<JSON
{"rules": [{"match": "Get out", "turns": [
  {"calls": [{"do": "write", "path": "../x", "content": "x"},
             {"do": "write", "path": "/etc/kelp-x", "content": "x"},
             {"do": "write", "path": "$PWD/outside/x", "content": "x"},
             {"do": "write", "path": "out/x", "content": "x"},
             {"do": "edit", "path": "out/file", "old": "kept", "new": "changed"},
             {"do": "write", "path": ".git/hooks/post-commit", "content": "x"},
             {"do": "write", "path": "git/hooks/post-commit", "content": "x"},
             {"do": "read", "path": "out/file"}, {"do": "list", "path": "out"},
             {"do": "search", "pattern": "kept", "path": "out"}]},
  {"text": "I stay."}]}]}
JSON
    serve script.json
    listing >../before
    find work/.git | sort >>../before
    exits 0 "$KELP" agent --work work --base-url "$SERVER/v1" --model scripted "Get out"
    is "refused" 10 "$(grep -c '"ok":false,"denied":true' out)"
    rm out err
    listing >../after
    find work/.git | sort >>../after
    cmp ../before ../after || fail "something was changed"
    [ ! -e /etc/kelp-x ] || fail "it wrote to /etc"
}

# --resume goes on with what was said; the model has seen it.
test_model_resumes() {
    echo '{"rules": [{"match": "second", "turns": [{"text": "As before."}]}]}' >script.json
    serve script.json
    mkdir work sessions
    exits 0 "$KELP" agent --work work --session-dir sessions --base-url "$SERVER/v1" \
        --model scripted "The first thing: heron"
    local id
    id=$(sed -n 's/.*"session":"\([0-9a-f]*\)".*/\1/p' out)
    exits 0 "$KELP" agent --work work --session-dir sessions --resume "$id" \
        --base-url "$SERVER/v1" --model scripted "The second thing"
    has out '"text":"As before."'
    is "it is remembered" True "$(asked '"heron" in str(requests[-1]["body"])')"
}

# What it tells its model is a file that a user can replace.
test_model_prompt_of_the_user() {
    echo '{"rules": []}' >none.json
    serve none.json
    mkdir -p "$XDG_CONFIG_HOME/kelp/prompts"
    exits 0 "$KELP" agent --base-url "$SERVER/v1" --model scripted Hello
    echo 'You are a heron in {{folder}}.' >"$XDG_CONFIG_HOME/kelp/prompts/model.md"
    exits 0 "$KELP" agent --base-url "$SERVER/v1" --model scripted Hello
    is "which was told" "False True" "$(asked \
        '" ".join(str("You are a heron in /" in str(r["body"])) for r in requests)')"
    echo '{{heron}}' >"$XDG_CONFIG_HOME/kelp/prompts/model.md"
    exits 1 "$KELP" agent --base-url "$SERVER/v1" --model scripted Hello
    has err "model.md:1:1: unknown variable"
}

# Ended by a signal, it takes along what the model runs, though that leads a session of its own.
test_model_ends_what_it_runs() {
    cat >script.json <<'JSON'
{"rules": [{"match": "Wait", "turns": [
  {"calls": [{"do": "run", "command": "echo $$ >pid; exec sleep 600", "seconds": 600}]}]}]}
JSON
    serve script.json
    local agent pid status signal
    for signal in TERM INT; do
        rm -rf work
        mkdir work
        # A shell's background job would ignore SIGINT.
        perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' "$KELP" agent --work work \
            --base-url "$SERVER/v1" --model scripted Wait >out 2>err &
        agent=$!
        wait_for 30 test -s work/pid
        pid=$(cat work/pid)
        kill -s $signal $agent
        wait $agent
        status=$?
        is "status after $signal" $((128 + $(kill -l $signal))) $status
        wait_for 30 dead "$pid"
        gone "$pid" "what it ran"
    done
}

dead() {
    ! grep -Eqs '^State:[[:space:]]*[DRSTIt]' "/proc/$1/status"
}

# A certificate that nobody vouches for is no endpoint; one that is trusted is.
test_model_over_tls() {
    command -v openssl >/dev/null || { echo "not tried: there is no openssl" && return; }
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem 2>/dev/null
    cat >tls.py <<'PYTHON'
import http.server, ssl
class Answer(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        body = b'{"choices": [{"message": {"content": "Hello."}, "finish_reason": "stop"}]}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words):
        pass
server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
    local port server
    mkfifo said
    python3 tls.py >said 2>tls.log &
    server=$!
    read -rt 60 port <said || fail "no server"
    exits 1 "$KELP" agent --base-url "https://localhost:$port/v1" --model m Hello
    has out '"error":"failed","message":".*certificate'
    CURL_CA_BUNDLE=$PWD/cert.pem exits 0 "$KELP" agent --base-url "https://localhost:$port/v1" --model m Hello
    has out '"status":"ok","text":"Hello."'
    kill $server
}
