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

# network_plan NETWORK HOSTS COMMAND: an agent that runs the command.
network_plan() {
    agent_plan "$3" "sandbox: { network: $1, hosts: [$2] }"
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
