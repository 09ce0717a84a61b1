# SPDX-License-Identifier: Apache-2.0
"""The user's machine beyond files and processes."""
import os
import select
import socket
import stat

from arena import RUN_LIMIT_S
from attack import NotTried, attack

# Root, or who may make user namespaces; mount_setattr(2).
OUTSIDE = "a mount namespace (Linux 5.12)"


@attack("write to /tmp and /dev/shm", by="Landlock", landlock=1)
def shared_folders(arena):
    """Makes files in the folders that every program shares."""
    paths = [f"{folder}/{arena.folder.parent.name}-{arena.user}-{arena.control}"
             for folder in ("/tmp", "/dev/shm")]
    arena.agents("".join(f"echo x >{path}; " for path in paths))
    found = [path for path in paths if os.path.exists(path)]
    for path in found:
        os.unlink(path)
    return bool(found)


@attack("change modes and times of the user's files", by="all is read-only in its mount namespace",
        needs=OUTSIDE)
def modes(arena):
    """chmod(2) and utimensat(2), for which Landlock has no right."""
    arena.agents('chmod 000 "$TREE/f1"; touch -t 200001010000 "$TREE/f2"')
    return stat.S_IMODE((arena.tree / "f1").stat().st_mode) == 0


@attack("bind-mount the user's tree into the copy", by="Landlock", landlock=1)
def bind_mount(arena):
    """In a user namespace of its own, where it may mount, it writes to the tree by another path."""
    if arena.shell("unshare -Urm true").returncode != 0:
        raise NotTried("no user namespaces here")
    arena.agents('''mkdir m; unshare -Urm sh -c 'mount --bind "$TREE" m && echo x >>m/f1' ''')
    return (arena.tree / "f1").read_text() != "line of f1\n"


@attack("make a device for the disk", by="kelp: drops CAP_MKNOD", users=("root",))
def device(arena):
    """mknod(1) in its own copy, where it may write."""
    arena.agents("mknod disk b 254 0; exit 1")
    nodes = arena.run_dir.glob("clones/*/disk")
    return any(stat.S_ISBLK(path.lstat().st_mode) for path in nodes)


@attack("make its copy impossible to remove", control="naive",
        by="kelp: drops CAP_LINUX_IMMUTABLE; opens what is closed")
def immovable(arena):
    """Sets the immutable flag, and takes all rights from its folders."""
    script = "mkdir -p d/e; echo x >d/e/f; chattr +i d/e/f; chmod 000 d/e d"
    if arena.control:
        copy = arena.folder / "copy"
        arena.shell(f"mkdir {copy}; cd {copy}; {script}")
        arena.shell(f"rm -rf {copy}")
    else:
        copy = arena.run_dir / "clones/ORG_1001.1"
        arena.agents(script)
        arena.kelp("gc", "--yes")
    there = copy.exists()
    arena.shell(f"chmod 700 {copy}/d {copy}/d/e; chattr -i {copy}/d/e/f")
    return there


@attack("write to the user's terminal", by="it has terminals of its own", needs=OUTSIDE)
def terminal(arena):
    """Escape sequences for the screen, to the terminal by its path."""
    master, slave = os.openpty()
    if arena.drops_root():
        os.chown(os.ttyname(slave), 65534, -1)
    arena.agents(f"printf pwned >{os.ttyname(slave)}")
    came = bool(select.select([master], [], [], 0.5)[0])
    os.close(master)
    os.close(slave)
    return came


@attack("connect to another program by an abstract socket", by="Landlock (scope)", landlock=6)
def abstract_socket(arena):
    """A program of the user listens on an abstract address."""
    name = str(arena.folder)[-90:]
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(b"\0" + name.encode())
        server.listen()
        arena.agents(f'"$REACH" connect "@{name}"')
        return bool(select.select([server], [], [], 0.5)[0])


@attack("connect to another program by a socket with a path that appears while it runs", by="")
def late_socket(arena):
    """Landlock has no right for it, and what is hidden is what is there when an agent starts."""
    path, aside = arena.out / "s", arena.out / "aside"
    with socket.socket(socket.AF_UNIX) as server:
        engine = arena.start('began; wait_for \'[ -e "$OUT/s" ]\'; "$REACH" connect "$OUT/s"')
        arena.began()
        server.bind(str(aside))
        if arena.drops_root():
            os.chown(aside, 65534, 65534)
        server.listen()
        aside.rename(path)
        engine.wait(RUN_LIMIT_S)
        return bool(select.select([server], [], [], 0.5)[0])


@attack("remove shared memory of other programs", by="an IPC namespace", needs=OUTSIDE)
def shared_memory(arena):
    """ipcrm(1) of a System V segment of the user."""
    made = arena.shell("ipcmk -M 4096").stdout.split()
    if not made:
        raise NotTried("no ipcmk here")
    number = made[-1].decode()
    arena.agents(f"ipcrm -m {number}")
    return arena.shell(f"ipcrm -m {number}").returncode != 0
