# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# What of the network reaches an attempt: `network: none | endpoint | all`, with a real server and its
# forbidden neighbours on the loopback interface.

# A web server on two ports; on the second there is also one for IPv6, one on all addresses and one that
# echoes datagrams, and an abstract socket has its number. They end with this shell.
serve() {
    cat >../server.py <<'PYTHON'
import http.server, socket, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"port {self.server.server_address[1]} host {self.headers['Host']}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
class Server6(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)]
servers += [http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)]
port, other = [server.server_address[1] for server in servers]
servers += [Server6(("::1", other), Handler)]
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
def echo(udp):
    while True:
        data, who = udp.recvfrom(100)
        udp.sendto(data, who)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", other))
threading.Thread(target=echo, args=(udp,), daemon=True).start()
abstract = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
abstract.bind(b"\0kelp-test-%d" % port)
abstract.listen()
print(port, other, flush=True)
sys.stdin.read()
PYTHON
    mkfifo ../server.in
    exec {server_out}< <(exec python3 ../server.py <../server.in)
    exec {server_in}>../server.in
    read -rt 60 PORT OTHER <&"$server_out" || { fail "no server" && exit 1; }
}

# network_plan NETWORK HOSTS COMMAND [PATH]: an agent that runs the command once, and may write the path.
network_plan() {
    agent_plan "$3" "sandbox: { network: $1, hosts: [$2], write: [${4:-}] }"
    echo 'retries: 0' >>../plan.yaml
}

# What an agent tries, in Python; each line that it prints is "NAME ok" or "NAME no".
attempts() {
    cat >../attempts.py <<'PYTHON'
import os, socket, sys
port, other = int(sys.argv[1]), int(sys.argv[2])
def attempt(name, f):
    try:
        f()
        print(name, "ok")
    except OSError as e:
        print(name, "no")
def tcp(address, family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_STREAM)
    s.settimeout(5)
    s.connect(address)
def udp():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(5)
    s.connect(("127.0.0.1", other))
    s.send(b"x")
    s.recv(1)
def fast():
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.sendto(b"GET / HTTP/1.0\r\n\r\n", 0x20000000, ("127.0.0.1", other))
    if not s.recv(100): raise OSError()
attempt("allowed", lambda: tcp(("127.0.0.1", port)))
attempt("other port", lambda: tcp(("127.0.0.1", other)))
attempt("other loopback", lambda: tcp(("127.0.0.2", other)))
attempt("ipv6", lambda: tcp(("::1", other), socket.AF_INET6))
attempt("udp", udp)
attempt("fast open", fast)
attempt("unix", lambda: tcp(os.environ["KELP_SOCKET"], socket.AF_UNIX))
attempt("abstract", lambda: tcp(b"\0kelp-test-%d" % port, socket.AF_UNIX))
attempt("packet", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("vsock", lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
attempt("pair", lambda: socket.socketpair())
PYTHON
}

test_none_reaches_nobody() {
    new_repo
    serve
    attempts
    network_plan none '' "python3 $PWD/../attempts.py $PORT $OTHER > said"
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "what goes" "pair ok" "$(grep ' ok' said)"
    is "what was tried" 11 "$(wc -l <said)"
}

test_all_reaches_everybody() {
    new_repo
    serve
    attempts
    network_plan all '' "python3 $PWD/../attempts.py $PORT $OTHER > said"
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    local name
    for name in allowed 'other port' 'other loopback' ipv6 udp 'fast open' unix pair; do
        has said "^$name ok"
    done
}

# A server on loopback is there at its port, with and without the proxy; nothing else is.
test_endpoint_reaches_its_place_alone() {
    new_repo
    serve
    attempts
    network_plan endpoint "\"127.0.0.1:$PORT\"" "python3 $PWD/../attempts.py $PORT $OTHER > said
curl -sS http://127.0.0.1:$PORT/a > direct
curl -sS --noproxy none.example http://127.0.0.1:$PORT/a > proxied
printf body | curl -sS --noproxy none.example --data-binary @- http://127.0.0.1:$PORT/ > posted
curl -sS --noproxy none.example -p http://127.0.0.1:$PORT/ > tunnelled
curl -sS --noproxy none.example -o refused -w '%{http_code}' http://127.0.0.1:$OTHER/ > status
curl -sS -o /dev/null https://example.org/ 2> tls; git ls-remote https://example.org/x.git 2> git; exit 0"
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "what goes" $'allowed ok\npair ok' "$(grep ' ok' said)"
    is "direct" "port $PORT host 127.0.0.1:$PORT" "$(cat direct)"
    is "proxied" "port $PORT host 127.0.0.1:$PORT" "$(cat proxied)"
    is "posted" body "$(cat posted)"
    is "tunnelled" "port $PORT host 127.0.0.1:$PORT" "$(cat tunnelled)"
    is "refused" 403 "$(cat status)"
    has refused "^kelp: 127.0.0.1:$OTHER: it is not among the allowed hosts"
    has refused "limited to: 127.0.0.1:$PORT\."
    has tls 403
    has git 403
    exits 0 "$KELP" logs --stderr
    has out '^kelp-relay: refused example.org:443: it is not among the allowed hosts'
}

# without_namespaces COMMAND...: as on a machine that gives none.
without_namespaces() {
    unshare --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces && exec "$0" "$@"' "$@"
}

# has_namespaces: or it says that the test can't be.
has_namespaces() {
    without_namespaces true 2>/dev/null || {
        echo "not tried: a machine with namespaces and one without (they can't be switched off here)"
        return 1
    }
}

test_without_namespaces_ports_are_what_is_allowed() {
    has_namespaces || return
    new_repo
    serve
    attempts
    network_plan endpoint "\"127.0.0.1:$PORT\"" "python3 $PWD/../attempts.py $PORT $OTHER > said
curl -sS --noproxy none.example http://127.0.0.1:$PORT/a > proxied
curl -sS --noproxy none.example -o refused -w '%{http_code}' http://127.0.0.1:$OTHER/ > status
python3 -c 'import socket; socket.socket().bind((\"127.0.0.1\", 0))' 2> bound; exit 0"
    exits 0 without_namespaces "$KELP" doctor
    has out 'network-endpoint +fallback +by port numbers'
    exits 0 without_namespaces "$KELP" run --yes --quiet ../plan.yaml
    is "what goes" $'allowed ok\npair ok' "$(grep ' ok' said)"
    is "proxied" "port $PORT host 127.0.0.1:$PORT" "$(cat proxied)"
    is "refused" 403 "$(cat status)"
    has bound 'PermissionError'
}

test_doctor_says_how_an_endpoint_is_kept() {
    has_namespaces || return
    new_repo
    exits 0 "$KELP" doctor
    has out 'network-endpoint +good +in a network namespace'
}

# The agent's own servers are its own: nobody outside has them, and it has nobody else's.
test_endpoint_has_a_loopback_of_its_own() {
    has_namespaces || return
    new_repo
    serve
    network_plan endpoint '' "python3 -m http.server $OTHER --bind 127.0.0.1 >/dev/null 2>&1 & server=\$!
until curl -s http://127.0.0.1:$OTHER/f1 > own; do :; done; kill \$server"
    exits 0 timeout 60 "$KELP" run --yes --quiet ../plan.yaml
    is "own" "line of f1" "$(cat own)"
}

# Whoever ends its relay would be free, if anything of it were left.
test_the_relay_is_out_of_reach() {
    new_repo
    network_plan endpoint '' 'kill -9 $PPID 2> killed; kill -STOP $PPID 2>> killed
cat /proc/$PPID/environ 2>> killed >/dev/null; echo on > went; exit 0'
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "went on" on "$(cat went)"
    is "refused" 3 "$(grep -ci 'permitted\|denied' killed)"
}

test_an_agent_dies_with_its_relay() {
    new_repo
    network_plan endpoint '' "echo \$PPID > $PWD/../cache/relay; echo \$\$ > $PWD/../cache/agent
while :; do sleep 0.05; done" "$PWD/../cache"
    mkdir ../cache
    "$KELP" run --yes --quiet ../plan.yaml >out 2>err &
    local engine=$!
    wait_for 30 test -s ../cache/agent
    kill -9 "$(cat ../cache/relay)"
    wait "$engine"
    is "status" 1 $?
    gone "$(cat ../cache/agent)" "the agent"
}

test_status_and_signal_are_the_agents() {
    new_repo
    network_plan endpoint '' 'echo out; echo err >&2; read -r x || echo end; exit 7'
    exits 1 "$KELP" run --yes --quiet ../plan.yaml
    exits 0 "$KELP" report
    has out 'exit status 7'
    exits 0 "$KELP" logs
    has out '^out$'
    has out '^end$'
    network_plan endpoint '' 'kill -USR1 $$'
    exits 1 "$KELP" run --yes --quiet ../plan.yaml
    exits 0 "$KELP" report
    has out 'signal 10|SIGUSR1|User defined signal 1'
}

# An engine that dies takes nobody with it, and the relay goes on without it.
test_endpoint_outlives_its_engine() {
    new_repo
    serve
    mkdir ../cache
    network_plan endpoint "\"127.0.0.1:$PORT\"" "echo x > $PWD/../cache/runs
until [ -e $PWD/../cache/go ]; do sleep 0.02; done
curl -sS --noproxy none.example http://127.0.0.1:$PORT/a > proxied" "$PWD/../cache"
    "$KELP" run --yes --quiet ../plan.yaml >out 2>err &
    local engine=$!
    wait_for 30 test -s ../cache/runs
    kill -9 "$engine"
    wait "$engine"
    touch ../cache/go
    exits 0 "$KELP" resume --yes --quiet
    is "proxied" "port $PORT host 127.0.0.1:$PORT" "$(cat proxied)"
}

test_an_agent_without_a_known_endpoint_does_not_start() {
    new_repo
    mkdir -p "$XDG_CONFIG_HOME/kelp/drivers"
    printf 'name: own\nwhat: a test\nprogram: /bin/true\nargs: []\n' >"$XDG_CONFIG_HOME/kelp/drivers/own.yaml"
    cat >../plan.yaml <<'PLAN'
version: 1
task: agent
research: []
agent: own
sandbox: { network: endpoint }
subtasks: [ { title: one, steps: [ { id: a, prompt: Do it } ] } ]
PLAN
    "$KELP" run --yes --quiet ../plan.yaml >out 2>err && fail "it ran"
    exits 0 "$KELP" report
    has out "the endpoint of the agent 'own' is not known"
}

# Whoever stops an attempt signals all of its processes; the relay neither dies of it nor repeats it.
test_a_stop_reaches_the_agent_once() {
    new_repo
    mkdir ../cache
    network_plan endpoint '' "trap 'echo term >> $PWD/../cache/terms; exit 3' TERM
echo x > $PWD/../cache/ready; while :; do sleep 0.05; done" "$PWD/../cache"
    timeout 60 "$KELP" run --yes --quiet ../plan.yaml >../run.log 2>&1 &
    local engine=$!
    wait_for 30 test -s ../cache/ready
    exits 0 "$KELP" cancel ORG_1001
    exits 0 "$KELP" cancel ORG_1001 # now, and not when its agents have ended
    wait "$engine"
    is "signals" 1 "$(wc -l <../cache/terms)"
}

# A server of TLS on a port of its own, whose certificate is for localhost: TLS_PORT, and ../tls.pem. It
# takes a whole request before it answers.
serve_tls() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
        -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout ../tls.key -out ../tls.pem 2>../tls.log ||
        { fail "no certificate: $(cat ../tls.log)" && exit 1; }
    cat >../tls.py <<'PYTHON'
import http.server, ssl, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = f"over {self.connection.version()} {self.path}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("../tls.pem", "../tls.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
PYTHON
    mkfifo ../tls.in
    exec {tls_out}< <(exec python3 ../tls.py <../tls.in)
    exec {tls_in}>../tls.in
    read -rt 60 TLS_PORT <&"$tls_out" || { fail "no server of TLS" && exit 1; }
}

# A tunnel is the client's own TLS, to the server's certificate; another port gets none.
test_endpoint_carries_tls() {
    new_repo
    serve
    serve_tls
    network_plan endpoint "\"localhost:$TLS_PORT\"" "curl -sSv --noproxy none.example --cacert $PWD/../tls.pem https://localhost:$TLS_PORT/a > got 2> trace
curl -sS --noproxy none.example -k https://localhost:$OTHER/ 2> refused; echo \$? > status
curl -sS --noproxy none.example -k https://127.0.0.1:$TLS_PORT/ 2> unnamed; exit 0"
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    has got '^over TLSv1\.[23] /a$'
    has trace 'CONNECT localhost:'
    is "status of the refused" 56 "$(cat status)"
    has refused 403
    has unnamed 403
    exits 0 "$KELP" logs --stderr
    has out "^kelp-relay: refused localhost:$OTHER: it is not among the allowed hosts"
}

# A server that answers before it has read, and closes: the client still gets the answer.
test_an_early_answer_arrives() {
    new_repo
    cat >../early.py <<'PYTHON'
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
for _ in range(2):
    connection = server.accept()[0]
    connection.recv(100)
    connection.sendall(b"HTTP/1.1 413 Too large\r\nContent-Length: 4\r\nConnection: close\r\n\r\nmuch")
    connection.close()
PYTHON
    exec {early_out}< <(exec python3 ../early.py)
    local port
    read -rt 60 port <&"$early_out" || { fail "no server" && exit 1; }
    network_plan endpoint "\"127.0.0.1:$port\"" "head -c 9000000 /dev/zero > ../body
curl -sS -H 'Expect:' --noproxy none.example --data-binary @../body http://127.0.0.1:$port/ > plain
curl -sS -H 'Expect:' --noproxy none.example -p --data-binary @../body http://127.0.0.1:$port/ > tunnelled; rm ../body; exit 0"
    sed -i 's|\.\./body|"$TMPDIR"/body|g' ../plan.yaml
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "plain" much "$(cat plain)"
    is "in a tunnel" much "$(cat tunnelled)"
}

# elsewhere SCRIPT: runs it as root of a network with these hosts, of which nothing else knows.
elsewhere() {
    printf '127.0.0.1 localhost inside.example\n169.254.169.254 metadata.example\n' >../hosts
    unshare --map-root-user --net --mount bash -c 'ip link set lo up && ip addr add 169.254.169.254/32 dev lo &&
        mount --bind ../hosts /etc/hosts || exit 99
        '"$1"
}

# A name that is allowed must not lead to what is on the machine, whoever answers for it.
test_an_allowed_name_does_not_lead_inside() {
    elsewhere true 2>/dev/null || {
        echo "not tried: names that lead inside (no network with addresses of its own can be made here)"
        return
    }
    new_repo
    cat >../ports.py <<'PYTHON'
import socket, threading
server = socket.create_server(("0.0.0.0", 8099))
print("ready", flush=True)
while True:
    connection, _ = server.accept()
    open("../reached", "a").write("x")
    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nsecret")
    connection.close()
PYTHON
    network_plan endpoint '"inside.example:8099", "metadata.example:8099"' "for h in inside.example metadata.example 169.254.169.254
do curl -sS --noproxy none.example http://\$h:8099/ ; curl -sS --noproxy none.example -p http://\$h:8099/ ; done > said 2>&1; exit 0"
    export KELP
    exits 0 elsewhere 'exec 3< <(exec python3 ../ports.py); read -r ready <&3; server=$!
        "$KELP" run --yes --quiet ../plan.yaml; status=$?; kill $server; exit $status'
    [ ! -e ../reached ] || fail "the server was reached: $(cat said)"
    is "of names" 2 "$(grep -c 'its name leads to an address of this machine' said)"
    is "of the address" 1 "$(grep -c '169.254.169.254:8099: it is not among the allowed hosts' said)"
}
