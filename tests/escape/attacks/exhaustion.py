# SPDX-License-Identifier: Apache-2.0
"""Using up the machine."""
import os
import shutil
from pathlib import Path

from arena import alive, descendants, wait_until
from attack import NotTried, attack

MIB = 1024 * 1024
FENCE = "a control group around the run"
GROUPS = "control groups that this user may make"
OWN = "kelp: limits of one attempt, by control groups, else measured"
FEW, MANY = 60, 200


def bound(arena, controller, files, value):
    """Lowers the bound that kelp has set around the run to one that this machine can bear to see
    reached."""
    keeper = arena.process_of("kelp-keeper")
    for line in Path(f"/proc/{keeper}/cgroup").read_text().splitlines():
        number, names, path = line.split(":", 2)
        roots = [f"/sys/fs/cgroup/{controller}"] if controller in names.split(",") else \
            ["/sys/fs/cgroup"] if number == "0" else []
        for root in roots:
            folder = Path(root + path)
            for group in (folder, *folder.parents):
                file = next((group / name for name in files if (group / name).exists()), None)
                if file and "kelp" in group.name:
                    file.write_text(str(value))
                    return
    raise NotTried("this user may not make control groups with bounds here")


def exhausts(arena, script, reached, *lowered):
    """True if `reached` comes to hold while the script runs; without kelp it has to."""
    if arena.control:
        process = arena.popen(["sh", "-c", script])
        return wait_until(reached) and process.pid > 0
    arena.start('began; until [ -e "$OUT/go" ]; do sleep 0.02; done; ' + script)
    arena.began()
    bound(arena, *lowered)
    (arena.out / "go").touch()
    return wait_until(reached, 4)


@attack("a fork bomb", by=FENCE, needs=GROUPS, control="naive")
def fork_bomb(arena):
    """Starts processes without end; here 200 at most, and the bound of the run is lowered to 60."""
    script = f"i=0; while [ $i -lt {MANY} ]; do sleep 30 & i=$((i+1)); done; wait"
    return exhausts(arena, script, lambda: len(descendants(os.getpid())) >= MANY,
                    "pids", ["pids.max"], FEW)


def largest(pids):
    """The largest resident size of these processes, in bytes."""
    sizes = [0]
    for pid in pids:
        try:
            sizes.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE"))
        except (OSError, IndexError):
            pass
    return max(sizes)


@attack("memory without end", by=FENCE, needs=GROUPS, control="naive")
def memory(arena):
    """Takes memory; here 400 MiB at most, and the bound of the run is lowered to 150 MiB."""
    script = f"head -c {400 * MIB} /dev/zero | tail -c {400 * MIB} | sleep 20"
    return exhausts(arena, script, lambda: largest(descendants(os.getpid())) > 300 * MIB,
                    "memory", ["memory.max", "memory.limit_in_bytes"], 150 * MIB)


def goes_on(arena, script, reached, **limits):
    """True if what the script reaches beyond its limits is still there after some seconds."""
    if arena.control:
        process = arena.popen(["sh", "-c", script], cwd=arena.out)
    else:
        process = arena.start(script, limits=limits)
    wait_until(lambda: reached() or process.poll() is not None)
    return reached() and not wait_until(lambda: not reached(), 15)


@attack("a fork bomb that leaves its siblings nothing", by=OWN, control="naive")
def own_fork_bomb(arena):
    """Starts 200 processes, where its plan allows it 60."""
    script = f"i=0; while [ $i -lt {MANY} ]; do sleep 30 & i=$((i+1)); done; wait"
    return goes_on(arena, script, lambda: sum(map(alive, descendants(os.getpid()))) >= MANY,
                   processes=FEW)


@attack("memory that leaves its siblings nothing", by=OWN, control="naive")
def own_memory(arena):
    """Takes 400 MiB, where its plan allows it 64."""
    script = f"head -c {400 * MIB} /dev/zero | tail -c {400 * MIB} | sleep 30"
    return goes_on(arena, script, lambda: largest(descendants(os.getpid())) > 300 * MIB,
                   memory="64MiB")


def most_open(pids):
    """The most descriptors that one of these processes has."""
    counts = [0]
    for pid in pids:
        try:
            counts.append(len(os.listdir(f"/proc/{pid}/fd")))
        except OSError:
            pass
    return max(counts)


@attack("descriptors without end", by="kelp: RLIMIT_NOFILE", control="naive")
def descriptors(arena):
    """A process opens 200 files, where its plan allows it 60."""
    script = f"mkdir d; i=0; while [ $i -lt {MANY} ]; do : >d/$i; i=$((i+1)); done; exec tail -f d/*"
    return goes_on(arena, script, lambda: most_open(descendants(os.getpid())) >= MANY,
                   open_files=FEW, agent_minutes=0.05)


@attack("a file without end", by="kelp: RLIMIT_FSIZE, where the plan has `limits.file_size`",
        control="naive")
def large_file(arena):
    """Writes a file of 64 MiB, where its plan allows it 1."""
    script = f"head -c {64 * MIB} /dev/zero >big; sleep 20"
    if arena.control:
        return goes_on(arena, script, lambda: (arena.out / "big").exists()
                       and (arena.out / "big").stat().st_size > 2 * MIB)
    arena.start(script, limits={"file_size": "1MiB", "agent_minutes": 0.05})
    return wait_until(lambda: any(path.stat().st_size > MIB
                                  for path in arena.run_dir.glob("clones/*/big")), 4)


@attack("output without end", by="kelp: keeps the head and the tail of an output, 64 MiB of each file",
        slow=True, control="naive")
def endless_output(arena):
    """Prints 300 MiB; what counts is the room that it takes on the disk when the run is over."""
    script = f"head -c {300 * MIB} /dev/zero | tr '\\0' x"
    if arena.control:
        arena.shell(script + ' >"$OUT/printed"')
        return (arena.out / "printed").stat().st_blocks * 512 > 100 * MIB
    arena.agents(script)
    return any(path.stat().st_blocks * 512 > 100 * MIB
               for path in arena.run_dir.glob("attempts/ORG_1001.1/w1.*/stdout"))


@attack("the engine's descriptors, by connections to its socket", control="",
        by="kelp: 64 connections of agents at once")
def connections(arena):
    """Connects to $KELP_SOCKET a thousand times and says nothing."""
    engine = arena.start('"$REACH" flood "$KELP_SOCKET" & sleep 1; struck; sleep 111')
    arena.struck()
    return len(os.listdir(f"/proc/{engine.pid}/fd")) > 500


@attack("the disk, by many files", by="")
def disk(arena):
    """Writes to its copy: how many files it writes has no bound but the disk. kelp stops cleanly and resumes when it is full
    (RELIABILITY.md)."""
    if shutil.disk_usage(arena.folder).free < 1024 * MIB:
        raise NotTried("there is too little room")
    arena.agents(f"for n in 1 2 3 4 5 6 7 8; do head -c {8 * MIB} /dev/zero >big$n; done; exit 1",
                 limits={"file_size": "8MiB"})
    return sum(path.stat().st_size for path in arena.run_dir.glob("clones/*/big*")) == 64 * MIB
