# SPDX-License-Identifier: Apache-2.0
"""
Every call site of kelp fails once, and kelp is killed at every step, in a small run by the real
programs; afterwards the run is resumed, and nothing may be lost, doubled or left behind.

    tests/points/run                    a few points and the self-test, as `make check` does
    tests/points/run N | all [GROUP]    N points chosen by SEED, or all; GROUP is a part of the name
                                        of a group, as --list shows them
    tests/points/run --point 'POINT'    one; what to give is printed with each failure
    tests/points/run --list             say what there is, try nothing
    tests/points/run --self-test        harms of each kind are found

POINTS_SECONDS ends a run of all early: they are then tried in an order that SEED chooses, and those
left are counted. SEED chooses which points of a sample, which error and which later hit; JOBS is how
many at once. A point that is not reached a second time (what happens when is up to the machine) is
counted apart.
"""
import errno
import json
import os
import random
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import example
import selftest
import sites

BUILD = Path(os.environ["BUILD"])
LIBRARY = BUILD / "tests" / "points" / "libkelp-points.so"

FILE = ("EIO", "ENOMEM")
MAKES = ("ENOSPC", "EIO", "EMFILE")
OPENS = ("EMFILE", "EIO", "ENOMEM")
WRITES = ("ENOSPC", "EIO")
WAITS = ("EINTR",)
# Errors that fit each call; what is not named has those of a file that is looked at.
ERRORS = {
    **dict.fromkeys(("open", "open64", "openat", "openat64", "fopen64", "opendir", "fdopendir",
                     "scandir64", "fts64_open"), OPENS + ("EINTR", "ENOSPC")),
    **dict.fromkeys(("read", "readv"), ("EIO", "EINTR")),
    **dict.fromkeys(("pread64", "readdir64", "fts64_read", "close"), ("EIO",)),
    **dict.fromkeys(("write", "writev"), WRITES + ("EINTR",)),
    **dict.fromkeys(("pwrite64", "fsync", "fdatasync", "ftruncate", "ftruncate64", "fallocate64",
                     "copy_file_range"), WRITES),
    **dict.fromkeys(("rename", "renameat", "mkdir", "mkdirat", "mkdtemp", "link", "symlink",
                     "symlinkat"), ("ENOSPC", "EIO")),
    **dict.fromkeys(("socket", "accept", "accept4", "epoll_create1", "eventfd", "signalfd",
                     "inotify_init1", "pipe2", "dup2", "dup3"), ("EMFILE", "ENOMEM")),
    **dict.fromkeys(("connect",), ("EAGAIN", "EINTR", "ENOMEM")),
    **dict.fromkeys(("send", "sendmsg", "recv", "recvmsg"), ("EINTR", "EAGAIN", "ENOMEM")),
    **dict.fromkeys(("poll", "epoll_wait", "epoll_pwait", "waitid", "waitpid"), WAITS),
    **dict.fromkeys(("fcntl64", "flock"), ("EINTR", "EAGAIN", "ENOMEM")),
    **dict.fromkeys(("fork", "clone", "pthread_create"), ("EAGAIN", "ENOMEM")),
    **dict.fromkeys(("mmap", "mmap64"), ("ENOMEM", "EAGAIN")),
    **dict.fromkeys(("epoll_ctl", "inotify_add_watch"), ("ENOMEM", "ENOSPC")),
    **dict.fromkeys(sites.MEMORY, ("ENOMEM",)),
}
# What has no function of its own in the C library, by its number.
SYSCALL_ERRORS = {"syscall-437": OPENS + ("EINTR", "ENOSPC"), "syscall-434": ("EMFILE", "ENOMEM"),
                  "syscall-444": ("EMFILE", "ENOMEM")}
# What the kernel only answers: a version, or a signal's handling that is right as it is given.
CANNOT_FAIL = ("sandbox_landlock_version ", "reset_signals ")
JOURNAL_WRITES = "pwrite64,write,fdatasync,fsync,ftruncate64,ftruncate"
STEPS = "clone,rename,renameat,unlink,unlinkat,link,symlink,write,fsync"
STEP_WORKS = ("consolidate", "merge", "land", "push")
# A run that did not get through says why.
REASON = re.compile(r"^kelp( [a-z]+)?: |^ORG_[0-9]+: (failed|partial)|^Not (landed|pushed): ", re.M)
VICTIMS = {"e": "engine", "k": "keeper", "ek": "engine and keeper", "s": "worker",
           "eks": "engine, keeper and worker"}


@dataclass(frozen=True)
class Point:
    text: str       # as the preload library reads it
    words: str
    group: str


def fail_point(site, nth, error):
    layer = site.layer if site.layer in sites.LAYERS else "other"
    group = "memory" if site.call in sites.MEMORY else f"call in {layer}"
    frames = ",".join(f"{f:x}" for f in site.frames)
    return Point(f"{site.program} * {site.call} * {frames} {nth} fail:{getattr(errno, error)}",
                 f"hit {nth} of {site} fails with {error}", group)


def without_repeats(found):
    """Memory is asked for by way of many functions of src/base, which all end the program without
    it: one way from each place of a layer stands for the others."""
    seen = set()
    for site in found:
        place = site.program, site.frames[-1]
        if site.call in sites.MEMORY and place in seen:
            continue
        if site.call in sites.MEMORY:
            seen.add(place)
        yield site


def fail_points(found, rng):
    """The first hit of each site, and a later one where there is one, with another error."""
    for site in without_repeats(found):
        if site.words.startswith(CANNOT_FAIL):
            continue
        errors = (SYSCALL_ERRORS.get(site.object, ("ENOMEM",)) if site.call == "syscall"
                  else ERRORS.get(site.call, FILE))
        first = rng.randrange(len(errors))
        yield fail_point(site, 1, errors[first])
        if site.hits > 1 and site.call not in sites.MEMORY:
            yield fail_point(site, rng.randint(2, site.hits), errors[(first + 1) % len(errors)])


@dataclass(frozen=True)
class Steps:
    """Calls of a program by number, before and after each of which somebody is killed."""
    what: str
    program: str
    work: str
    calls: str
    object: str
    victims: tuple

    def fits(self, call):
        program, work, name, _, about = call
        return (program == self.program and self.work in ("*", work) and
                name in self.calls.split(",") and (self.object == "*" or self.object in about))


ALL_STEPS = (Steps("journal write", "kelp", "*", JOURNAL_WRITES, "/journal.db", ("e", "k", "ek")),
             *(Steps(f"step of {work}", "kelp-worker", work, STEPS, "*",
                     ("e", "k", "ek", "s", "eks")) for work in STEP_WORKS))


def moments(steps, calls):
    """(number, "before" or "after") of each step. After one that another follows at once, with no call
    of the program in between, is before that one."""
    own = [c for c in calls if c[0] == steps.program and c[2] not in sites.MEMORY]
    nth = 0
    for i, call in enumerate(own):
        if steps.fits(call):
            nth += 1
            yield nth, "before"
            if i + 1 == len(own) or not steps.fits(own[i + 1]):
                yield nth, "after"


def kill_points(calls):
    for steps in ALL_STEPS:
        for nth, when in moments(steps, calls):
            for victim in steps.victims:
                yield Point(f"{steps.program} {steps.work} {steps.calls} {steps.object} * {nth} "
                            f"{when}:{victim}",
                            f"{VICTIMS[victim]} killed {when} {steps.what} {nth}",
                            f"kill at {steps.what}")


class Harness:
    def __init__(self, folder):
        self.folder, self.count = folder, 0
        self.template = folder / "template"
        example.make_template(self.template)
        plain = self.new()
        self.check(plain.run() == 0, plain, "the example fails without any fault")
        self.wanted = plain.state()
        self.check(not list(plain.problems(self.wanted)), plain, list(plain.problems(self.wanted)))
        plain.end()

    @staticmethod
    def check(good, ran, why):
        if not good:
            sys.exit(f"{why}\n{ran.said[-1][2]}")

    def new(self):
        self.count += 1
        return example.Example(self.template, self.folder / f"point{self.count}",
                               str(BUILD / "kelp"))

    @staticmethod
    def preloaded(ran, **more):
        state = ran.folder / "state"
        state.write_bytes(bytes(4096))
        return {"LD_PRELOAD": str(LIBRARY), "KELP_POINT_STATE": str(state), **more}

    def record(self):
        ran = self.new()
        trace = ran.folder / "trace"
        self.check(ran.run(self.preloaded(ran, KELP_POINT_TRACE=str(trace))) == 0, ran,
                   "the example fails while it is recorded")
        ran.wait_alone()
        calls = list(sites.read_trace(trace))
        ran.end()
        return calls

    def problems_of(self, ran, point):
        """Tries one point; what is wrong afterwards, and whether it was reached."""
        first = ran.run(self.preloaded(ran, KELP_POINT=point.text))
        if first is not None and first > 0 and not REASON.search(ran.said[0][2]):
            yield f"exit status {first} without a word"
        status = ran.go_on(first)
        if status is None:
            yield f"'kelp {ran.said[-1][0]}' hangs"
        elif status != 0:
            yield f"the last exit status is {status}"
        if not ran.wait_alone():
            yield f"processes are left: {ran.processes()}"
        try:
            yield from ran.problems(self.wanted)
        except (OSError, subprocess.CalledProcessError, ValueError, LookupError) as why:
            yield f"cannot be looked at: {why}"

    def attempt(self, point):
        ran = self.new()
        problems = list(self.problems_of(ran, point))
        _, fired = struct.unpack("II", (ran.folder / "state").read_bytes()[:8])
        result = {"point": point, "reached": bool(fired), "problems": problems, "said": ran.said,
                  "first": ran.said[0][1]}
        ran.end()
        return result


def tell(result, out=sys.stdout):
    print(f"not ok - {result['point'].words}\n  | repeat: tests/points/run --point "
          f"'{result['point'].text}'", file=out)
    for problem in result["problems"]:
        print("  | " + problem.replace("\n", "\n  |   "), file=out)
    for verb, status, said in result["said"][:1] + result["said"][1:][-1:]:
        print(f"  | kelp {verb}: {status}", file=out)
        for line in said.splitlines()[-9:]:
            print(f"  |   {line}", file=out)
    out.flush()


def choose(points, asked, rng):
    if asked == "all" and "POINTS_SECONDS" not in os.environ:
        return points
    if asked == "all":
        return rng.sample(points, len(points))
    return rng.sample(points, min(int(asked), len(points)))


def write_figures(results, asked, chosen, seconds):
    folder = os.environ.get("TRUST_DIR")
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True,
                            text=True, check=False, cwd=Path(__file__).parent).stdout.strip()
    figures = {"part": "points", "command": f"make points POINTS={asked}", "points": len(results),
               "points_not_tried": chosen - len(results),
               "points_not_reached": sum(not r["reached"] for r in results),
               "results_lost": sum(bool(r["problems"]) for r in results),
               "seconds": round(seconds), "commit": commit}
    for group in sorted({r["point"].group for r in results}):
        figures[f"points_{group.replace(' ', '_')}"] = sum(r["point"].group == group
                                                           for r in results)
    (Path(folder) / "points.json").write_text(json.dumps(figures, indent=1) + "\n")


def try_all(harness, points):
    """Tries them side by side and tells of failures as they come."""
    end = time.monotonic() + float(os.environ.get("POINTS_SECONDS", "inf"))

    def attempt(point):
        return harness.attempt(point) if time.monotonic() < end else None

    with ThreadPoolExecutor(int(os.environ.get("JOBS", "2"))) as pool:
        for result in filter(None, pool.map(attempt, points)):
            if result["problems"]:
                tell(result)
            yield result


def all_points(harness, rng):
    calls = harness.record()
    return [*fail_points(sites.find_sites(calls, BUILD), rng), *kill_points(calls)]


def try_points(harness, words, seed):
    """What the words ask for; the number of points after which something was wrong."""
    started = time.monotonic()
    rng = random.Random(seed)
    if words[0] == "--point":
        points = [Point(words[1], words[1], "one")]
    else:
        group = words[1] if len(words) > 1 else ""
        points = [p for p in all_points(harness, rng) if group in p.group]
        points = choose(points, words[0], rng)
    results = list(try_all(harness, points))
    lost = sum(bool(r["problems"]) for r in results)
    missed = sum(not r["reached"] for r in results)
    write_figures(results, words[0], len(points), time.monotonic() - started)
    if len(results) < len(points):
        print(f"not tried: {len(points) - len(results)} of {len(points)} points (the time was over)")
    print(f"{len(results)} points tried, {missed} of them not reached again, seed {seed}; "
          f"{lost} results lost")
    print(f"{len(results) - lost} passed, {lost} failed", flush=True)
    return lost


def main(words):
    seed = int(os.environ.get("SEED", "1"))
    with tempfile.TemporaryDirectory(prefix="kelp-points-") as folder:
        harness = Harness(Path(folder))
        if words[:1] == ["--list"]:
            for point in sorted(all_points(harness, random.Random(seed)), key=lambda p: p.group):
                print(f"{point.group}: {point.words}")
            return 0
        lost = 0
        if words[:1] in ([], ["--self-test"]):
            lost += selftest.run(harness, Point("kelp * open64 * * 1 fail:4", "", ""),
                                 Point("kelp-worker merge write result.json * 1 lie", "", ""))
        if words[:1] != ["--self-test"]:
            lost += try_points(harness, words or ["24"], seed)
    return 1 if lost else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main(sys.argv[1:]))
