# SPDX-License-Identifier: Apache-2.0
"""Reading what is none of an agent's business."""
import contextlib
import os
import select
import socket

from arena import PROGRAMS
from attack import NotTried, attack

SECRET = "TOP-SECRET"
# Root, or who may make user namespaces.
NAMESPACE = "a mount namespace"
EMPTY = "something empty lies over it in its mount namespace"


def put(arena, path):
    """A file of the user with the secret."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    for one in (path, *path.parents):
        if arena.drops_root() and arena.folder in one.parents:
            os.chown(one, 65534, 65534)


def learned(arena, script):
    """True if the secret is among what the agent printed."""
    arena.agents(script)
    return any(SECRET in path.read_text(errors="replace")
               for path in arena.run_dir.glob("attempts/ORG_1001.1/w1.*/stdout"))


@attack("read the user's keys", by=EMPTY, needs=NAMESPACE)
def keys(arena):
    """By their names, by a link and a hard link in the copy, by `/proc/self/root` and `/proc/1/root`, and
    from a namespace of its own in which what lies over them is taken away."""
    for name in (".ssh/id_ed25519", ".aws/credentials", ".netrc", ".config/gh/hosts.yml",
                 ".docker/config.json", ".kube/config"):
        put(arena, arena.home / name)
    return learned(arena, '''cd "$HOME"; cat .ssh/id_ed25519 .aws/credentials .netrc .config/gh/hosts.yml
        cat .docker/config.json .kube/config; cd - >/dev/null
        ln -s "$HOME/.ssh" link; cat link/id_ed25519
        ln "$HOME/.netrc" hard && cat hard
        cat "/proc/self/root$HOME/.netrc" "/proc/1/root$HOME/.netrc"
        unshare -Urm sh -c 'umount "$HOME/.ssh"; cat "$HOME/.ssh/id_ed25519"'
        umount "$HOME/.ssh"; cat "$HOME/.ssh/id_ed25519"''')


@attack("read them by a handle, which needs no path", by="kelp: a filter of system calls",
        users=("root",))
def handle(arena):
    """open_by_handle_at(2) with the number of the file's inode."""
    path = arena.home / ".netrc"
    put(arena, path)
    found = arena.command([arena.build / PROGRAMS["reach"], "handle", path]).stdout.decode()
    if not found:
        raise NotTried("files have no handles here")
    return learned(arena, f'"$REACH" handle . {found}')


@attack("read them in the mount namespace of another program", by="kelp: a filter of system calls",
        users=("root",))
def namespace(arena):
    """setns(2) to that of a program of the user, of kelp and of the first process."""
    process = arena.bystander()
    put(arena, arena.home / ".netrc")
    return learned(arena, f'''for P in {process.pid} $PPID 1; do
        nsenter --mount=/proc/$P/ns/mnt cat "$HOME/.netrc"; done''')


@attack("read the login of an agent program that is not its own", by=EMPTY, needs=NAMESPACE)
def logins(arena):
    """What Claude Code, Codex and Gemini CLI keep below the user's home."""
    names = (".claude/.credentials.json", ".codex/auth.json", ".gemini/oauth_creds.json")
    for name in names:
        put(arena, arena.home / name)
    return learned(arena, "".join(f'cat "$HOME/{name}"; ' for name in names))


@attack("read what another agent printed, was told and keeps", by=EMPTY, needs=NAMESPACE)
def outputs(arena):
    """The folder of a sibling's attempt, while it works."""
    arena.agents('''wait_for 'ls "$RUN"/attempts/ORG_1001.2/w1.*/began'
        cat "$RUN"/attempts/ORG_1001.2/w1.*/stdout; : >"$KELP_RESULT.done"''',
                 f"echo {SECRET}; began; sleep 1")
    return any(SECRET in path.read_text()
               for path in arena.run_dir.glob("attempts/ORG_1001.1/w1.*/stdout"))


def answered(arena, path):
    """True if an agent could connect to a program of the user that listens there."""
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        if arena.drops_root():
            os.chown(path, 65534, 65534)
        server.listen()
        arena.agents(f'"$REACH" connect "{path}"')
        return bool(select.select([server], [], [], 0.5)[0])


@attack("order the agent of ssh to sign", by=EMPTY, needs=NAMESPACE)
def ssh_agent(arena):
    """Connects to the socket that SSH_AUTH_SOCK names."""
    path = arena.tmp / "agent.1"
    arena.more["SSH_AUTH_SOCK"] = str(path)
    return answered(arena, path)


@attack("order tmux to run something", by=EMPTY, needs=NAMESPACE)
def tmux(arena):
    """Connects to a socket in the folder of the user's tmux."""
    uid = 65534 if arena.drops_root() else os.geteuid()
    folder = f"/tmp/tmux-{uid}"
    with contextlib.suppress(FileExistsError):
        os.mkdir(folder, 0o700)
        os.chown(folder, uid, -1)
    path = f"{folder}/{arena.folder.parent.name}-{arena.control}"
    try:
        return answered(arena, path)
    finally:
        os.unlink(path)
        with contextlib.suppress(OSError):  # somebody else's are in it
            os.rmdir(folder)


@attack("order another program that listens at a path", by=EMPTY, needs=NAMESPACE)
def path_socket(arena):
    """Connects to a socket of the user's somewhere else: of an editor, or a database."""
    return answered(arena, arena.out / "s")


@attack("order a daemon of the machine or of the session", by=EMPTY, needs=NAMESPACE, users=("root",))
def daemon(arena):
    """Connects to a socket in /run, where those of docker, systemd and the session's bus are."""
    path = f"/run/kelp-{arena.folder.parent.name}-{arena.control}"
    try:
        return answered(arena, path)
    finally:
        os.unlink(path)
