# SPDX-License-Identifier: Apache-2.0
"""Reaching into other processes."""
import os
from pathlib import Path

from arena import alive, wait_until
from attack import attack

SIBLING = "sleep 111"
STRIKE_LIMIT_S = 15

# Only who runs notices that its memory is not what it was; the others sleep.
AWAKE = ("bystander",)

# The agent waits for the numbers of its victims, strikes at each, and goes on for ever: what ends then
# was hit.
STRIKE = '''until [ -s "$OUT/victims" ]; do sleep 0.02; done
for V in $(cat "$OUT/victims"); do {}; done
struck
exec sleep 112'''


def begin(arena, script):
    """Starts an agent that will strike, and gives its victims by name, in the order of the blows."""
    bystander = arena.bystander()
    engine = arena.start(STRIKE.format(script), SIBLING)
    if not wait_until(lambda: arena.process_of(SIBLING) and arena.process_of("kelp-keeper")):
        raise RuntimeError(f"the run does not start: {arena.said()!r}")
    return {"sibling": arena.process_of(SIBLING), "bystander": bystander.pid, "engine": engine.pid,
            "keeper": arena.process_of("kelp-keeper")}


def strike(arena, script, control=("sibling", "bystander", "engine", "keeper")):
    """True if a victim did not live through it; without protection, none of `control` may."""
    victims = begin(arena, script)

    def dead():
        return [name for name, pid in victims.items() if not alive(pid)]

    (arena.out / "victims").write_text(" ".join(str(pid) for pid in victims.values()))
    arena.struck()
    if arena.control:
        return wait_until(lambda: set(control) <= set(dead()), STRIKE_LIMIT_S)
    return wait_until(dead, 0.5)


@attack("trace kelp, its keeper, a sibling or another program", by="Landlock", landlock=1)
def trace(arena):
    """ptrace(2), with the order to kill what is traced."""
    return strike(arena, '"$REACH" ptrace $V')


@attack("write to their memory by `/proc/PID/mem`", by="Landlock", landlock=1)
def memory_file(arena):
    """Overwrites the code of the process."""
    return strike(arena, '"$REACH" mem $V', control=AWAKE)


@attack("write to their memory by process_vm_writev(2)", by="Landlock", landlock=1)
def memory_call(arena):
    """Overwrites the stack and the data of the process."""
    return strike(arena, '"$REACH" vm $V', control=AWAKE)


@attack("send signals to them", by="Landlock (scope)", landlock=6)
def send_signals(arena):
    """kill(2) to the process, then to its group, and pidfd_send_signal(2)."""
    return strike(arena, 'kill -9 $V; kill -9 -$V; "$REACH" signal $V 9')


@attack("lower their limits by prlimit(2)", by="kelp: a filter of system calls")
def lower_limits(arena):
    """A file of theirs may have no more than this many bytes, then: whoever writes more is ended."""
    mark = "Max file size             123456789"
    victims = begin(arena, "prlimit --pid $V --fsize=123456789:")
    (arena.out / "victims").write_text(" ".join(str(pid) for pid in victims.values()))
    arena.struck()
    hit = [name for name, pid in victims.items() if mark in Path(f"/proc/{pid}/limits").read_text()]
    return len(hit) == len(victims) if arena.control else bool(hit)


@attack("have them run after all others", by="")
def lower_priorities(arena):
    """setpriority(2) and sched_setscheduler(2): Landlock has no right for it, and a filter of system
    calls cannot tell another program's number from that of one's own thread."""
    victims = begin(arena, "renice -n 19 -p $V; chrt --idle -p 0 $V")
    (arena.out / "victims").write_text(" ".join(str(pid) for pid in victims.values()))
    arena.struck()
    return any(os.sched_getscheduler(pid) == os.SCHED_IDLE for pid in victims.values())


@attack("take over an open descriptor by pidfd_getfd(2)", by="Landlock", landlock=1)
def take_descriptor(arena):
    """Copies a descriptor that another program has open for writing, and writes to it."""
    process = arena.bystander()
    arena.agents(f'"$REACH" getfd {process.pid} 9')
    return (arena.out / "held").stat().st_size > 0


@attack("open another's descriptor by `/proc/PID/fd`", by="Landlock", landlock=1)
def open_descriptor(arena):
    """Opens the file that another program holds open, by way of its descriptor."""
    process = arena.bystander()
    arena.agents(f"echo x >/proc/{process.pid}/fd/9")
    return (arena.out / "held").stat().st_size > 0


@attack("read another agent's environment, memory and open files", by="Landlock", landlock=1)
def read_secrets(arena):
    """Reads /proc/PID of a sibling, and says in a file of its own what it found there."""
    arena.start('until [ -s "$OUT/victims" ]; do sleep 0.02; done; V=$(cat "$OUT/victims"); '
                'tr "\\0" "\\n" </proc/$V/environ >stolen; cat /proc/$V/maps >>stolen; struck; '
                'exec sleep 112', "exec env SECRET=hidden sleep 111")
    wait_until(lambda: arena.process_of(SIBLING))
    wait_until(lambda: b"SECRET=hidden" in
               arena.shell(f"cat /proc/{arena.process_of(SIBLING)}/environ").stdout)
    (arena.out / "victims").write_text(str(arena.process_of(SIBLING)))
    arena.struck()
    stolen = list(arena.run_dir.glob("clones/*/stolen"))
    return any(path.stat().st_size > 0 for path in stolen)
