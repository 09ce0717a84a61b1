# SPDX-License-Identifier: Apache-2.0
"""Leaving processes behind."""
import shutil

from arena import wait_until
from attack import NotTried, attack

MARK = "sleep 4242"
BY = "the keeper: control groups, sessions, parents and a mark in the environment"

# A program that hears no polite signal.
DAEMON = '''at=${at:-$TMPDIR}
cat >"$at/daemon" <<EOF
#!/bin/sh
trap "" TERM HUP INT
: >"$at/up"
exec sleep 4242
EOF
chmod +x "$at/daemon"
up() { for i in $(seq 200); do [ -e "$at/up" ] && return; sleep 0.02; done; }
asleep() { for i in $(seq 200); do grep -q sleep "/proc/$1/comm" && return; sleep 0.02; done; }
'''


def is_there(arena):
    """Is it there in one of some looks? One that is another process every few milliseconds is missed by one."""
    return any(arena.process_of(MARK) for _ in range(10))


def outlives(arena, script):
    """True if what the script starts is there when the run is over. Control: the same without kelp."""
    if arena.control:
        arena.shell(DAEMON + script)
        return is_there(arena)
    arena.agents(DAEMON + script)
    return not wait_until(lambda: not is_there(arena), 1)


@attack("a session of its own (setsid, nohup)", by=BY, control="naive")
def session(arena):
    """setsid(1) and nohup(1), in the background."""
    return outlives(arena, 'setsid nohup "$at/daemon" >/dev/null 2>&1 & up')


@attack("a double fork without environment, streams and parent", by=BY, control="naive")
def double_fork(arena):
    """What daemons do: two forks, a session, an empty environment, all streams closed."""
    return outlives(arena, '(setsid env -i PATH="$PATH" sh -c "(\\"$at/daemon\\" &)" <&- >&- 2>&- &) ; up')


@attack("the mark of a sibling", by=BY, control="naive")
def forged_mark(arena):
    """A daemon that says it belongs to another attempt."""
    return outlives(arena, 'KELP_ATTEMPT_ID=ORG_1001.2/w1.I1.a1 KELP_KEEPER_MARK=none '
                    'setsid "$at/daemon" </dev/null >/dev/null 2>&1 & up')


@attack("a new user and process namespace", by=BY, control="naive")
def namespaces(arena):
    """unshare(1): there it is process 1, and the user is root."""
    if arena.shell("unshare -Urpf true").returncode != 0:
        raise NotTried("no user namespaces here")
    return outlives(arena, 'setsid unshare -Urpf "$at/daemon" </dev/null >/dev/null 2>&1 & up')


@attack("a stopped process", by=BY, control="naive")
def stopped(arena):
    """SIGSTOP: it does not even hear that it shall end."""
    return outlives(arena, 'setsid "$at/daemon" </dev/null >/dev/null 2>&1 & asleep $!; kill -STOP $!')


@attack("a process that is another one every few milliseconds", by=BY, control="naive")
def runaway(arena):
    """Each generation starts the next in a session of its own and ends."""
    return outlives(arena, '''cat >"$at/runaway" <<'EOF'
#!/bin/sh
sleep 0.005
setsid "$0" sleep 4242 </dev/null >/dev/null 2>&1 &
EOF
chmod +x "$at/runaway"; "$at/runaway" sleep 4242; sleep 0.1''')


@attack("out of its control group", by="Landlock", landlock=1, control="naive", users=("root",))
def leave_group(arena):
    """Moves itself to the first group of the machine, then away from parent and session."""
    return outlives(arena, '''for G in /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/unified/cgroup.procs; do
            echo 0 >$G; done
        (setsid env -i PATH="$PATH" sh -c "(\\"$at/daemon\\" &)" <&- >&- 2>&- &) ; up''')


@attack("a unit of `systemd-run --user`", by="", control="naive")
def ask_a_service(arena):
    """Another program of the user starts what it is told over a socket with a path; see the row on such
    sockets."""
    if not shutil.which("systemd-run") or arena.shell("systemd-run --user true").returncode != 0:
        raise NotTried("the user has no systemd here")
    return outlives(arena, 'systemd-run --user "$at/daemon"; up')
