# SPDX-License-Identifier: Apache-2.0
"""What is measured beside the comparison with other tools. Each function gives rows of a table."""
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import plans
from workshop import children, process_cpu, process_rss_mb, until

ROOT = Path(__file__).resolve().parent.parent
COPIES = 100
DEMO = ("Analyze repository across 6 dimensions: documentation, code quality, tests, security, "
        "performance, dependencies")


@dataclass
class Row:
    """A line of the table. `off` is without containment, `on` as users run it; where the two
    can't differ only `on` is there. A goal is the most that a value may be, or the least."""
    what: str
    unit: str
    off: float | None
    on: float | None
    goal_off: float | None = None
    goal_on: float | None = None
    least: bool = False

    def excess(self):
        """For each column that has a goal, by which part of it the goal was missed; 0: it is met."""
        pairs = [(v, g) for v, g in ((self.off, self.goal_off), (self.on, self.goal_on))
                 if v is not None and g is not None]
        return [max(0, g - v if self.least else v - g) / g for v, g in pairs]


def _both(measure):
    return measure(False), measure(True)


def makespan(shop):
    """Lower bound over makespan, from the first start of an agent to the last end of one."""
    rows = []
    count = 100
    for name, durations, slots, goal in (
            ("equal agents of 1 s, 100 at once", plans.equal_durations(count), count, 0.98),
            ("heavy-tailed durations, 25 at once", plans.heavy_durations(count), 25, 0.9)):

        def efficiency(contained, durations=durations, slots=slots):
            repo = shop.repository()
            plan = shop.file("plan.yaml", plans.sleeping_children(durations, contained))
            words = shop.kelp_run(plan, contained, "--agents", str(slots), "--pattern", "meta")
            shop.must_run(words, repo)
            attempts = [a for o in shop.report(repo)["orchestrators"] for w in o["waves"]
                        for agent in w["agents"] for a in agent["attempts"]]
            span_ms = max(a["ended_ms"] for a in attempts) - min(a["started_ms"] for a in attempts)
            return plans.lower_bound(durations, slots) * 1000 / span_ms

        off, on = _both(efficiency)
        rows.append(Row(f"lower bound / makespan, {count} children of 4 waves, {name}", "", off, on,
                        goal, goal, least=True))
    return rows


def copies(shop):
    """From the decision to the end of the last copy; git's own shared clones beside it."""
    count, files = COPIES, 5000
    repo = shop.repository(files, 50)

    def last_copy(contained):
        plan = shop.file("plan.yaml", plans.writing_children(count))
        words = shop.kelp_run(plan, contained, "--json", "--pattern", "meta")
        engine = shop.start(words, repo, stdout=subprocess.PIPE)
        decided, made = None, 0
        while made < count:
            event = json.loads(engine.stdout.readline())
            if event["phase"] == "execute" and not decided:
                decided = event["at_ms"]
            made += event["event"] == "job_ended" and event["kind"] == "copy"
        for _ in range(2):  # the rest of the run is not measured
            engine.send_signal(signal.SIGINT)
            time.sleep(0.2)
        engine.stdout.read()
        shop.finish(engine, time.monotonic())
        return (event["at_ms"] - decided) / 1000

    clones = shop.path("clones")
    clones.mkdir()
    names = shop.file("names", "".join(f"{clones}/{i}\n" for i in range(count)))
    command = ["xargs", "-P", str(os.cpu_count()), "-I", "{}", "git", "clone", "-q", "--shared",
               str(repo), "{}"]
    git = shop.must_run(command, stdin=names).wall
    off, on = _both(last_copy)
    what = f"last of {count} private copies of {files:,} files"
    return [Row(f"{what}", "s", off, on),
            Row(f"{what}, over `git clone --shared` ({git:.1f} s)", "x", off / git, on / git)]


def weight(shop):
    """Simulated, so containment plays no part."""
    told = shop.helper("child-weight", "100000", "64")
    return [Row("memory of a waiting child, of 100,000", "B", None, told["bytes_per_child"],
                None, 1024)]


def _typical_ms(shop, words, cwd=None, times=30):
    return median(shop.must_run(words, cwd).wall for _ in range(times)) * 1000


def startup(shop):
    repo = shop.repository()
    plan = shop.file("plan.yaml", plans.many_subtasks(1000))
    makefile = shop.file("Makefile", "all: " + " ".join(f"t{i}c" for i in range(1000)) + "\n" +
                         "".join(f"t{i}a:;@true\nt{i}b: t{i}a;@true\nt{i}c: t{i}b;@true\n"
                                 for i in range(1000)))
    version = _typical_ms(shop, [shop.kelp, "--version"])
    git = _typical_ms(shop, ["git", "--version"])
    planned = _typical_ms(shop, [shop.kelp, "plan", str(plan)], repo, 10)
    make = _typical_ms(shop, ["make", "-n", "-f", str(makefile)], repo, 10)
    return [Row("`kelp --version`", "ms", None, version),
            Row(f"`kelp --version` over `git --version` ({git:.1f} ms)", "x", None, version / git),
            Row("`kelp plan`, 1,000 subtasks of 3 steps", "ms", None, planned),
            Row(f"`kelp plan` over `make -n` of the same graph ({make:.0f} ms)", "x", None,
                planned / make)]


def resume(shop):
    """From the start of `kelp resume` to the first event that is new."""
    events = 100_000
    repo = shop.repository()
    plan = shop.file("plan.yaml", plans.standstill(events // 2 + 64))
    shop.run(shop.kelp_run(plan, False, "--agents", "64"), repo)  # ends as its plan wants: killed
    run_dir = shop.run_dir(repo)
    grown = int(shop.output([shop.build / "bench" / "journal-grow", run_dir, str(events)]))
    begin = time.monotonic()
    process = shop.start([shop.kelp, "resume", "--yes", "--quiet", "--json"], repo,
                         stdout=subprocess.PIPE)
    process.stdout.readline()
    first = time.monotonic() - begin
    process.stdout.read()
    usage = shop.finish(process, begin)
    return [Row(f"`kelp resume` of {grown:,} events, until it goes on", "s", None, first, None, 1),
            Row("the same, until the run has ended and its report is written", "s", None,
                usage.wall)]


def _alive(shop, count, contained):
    """Agents that live until they are told to end. Gives the engine, the keeper, the time that the
    start of all took."""
    repo = shop.repository()
    plan = shop.file("plan.yaml", plans.many_agents(str(shop.build / "bench" / "pause"), count,
                                                    contained))
    engine = shop.start(shop.kelp_run(plan, contained, "--agents", str(count)), repo)
    # What becomes the keeper is another process until it is detached, so it is looked for again.
    until(lambda: _agents(shop.keeper_of(repo)))
    keeper = shop.keeper_of(repo)
    begin = time.monotonic()
    until(lambda: len(_agents(keeper)) >= count)
    return engine, keeper, time.monotonic() - begin


def _agents(keeper):
    """Its children, but for those that do git work or are still kelp-keeper."""
    found = []
    for pid in children(keeper) if keeper else []:
        try:
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        if name == "pause":
            found.append(pid)
    return found


def _end(shop, engine, keeper):
    for pid in _agents(keeper):
        os.kill(pid, signal.SIGTERM)
    shop.finish(engine, time.monotonic())


def alive(shop):
    """Ten thousand at once: with the keeper alone, and in a run."""
    count, exits = 10_000, 500
    pause = str(shop.build / "bench" / "pause")
    shop.env["KELP_KEEPER"] = str(shop.build / "kelp-keeper")

    def keeper_alone(contained):
        return shop.helper("keeper-load", str(count), str(count), "hold=1", f"exits={exits}",
                           f"groups={int(contained)}", f"sandbox={int(contained)}", "--", pause)

    def in_a_run(contained):
        engine, keeper, seconds = _alive(shop, count, contained)
        time.sleep(2)  # what is still being written about the starts is no cost of an exit

        def spent(pids):
            before = process_cpu(engine.pid) + process_cpu(keeper)
            end = time.monotonic() + 4
            for pid in pids:
                os.kill(pid, signal.SIGTERM)
                time.sleep(0.001)
            time.sleep(end - time.monotonic())
            return process_cpu(engine.pid) + process_cpu(keeper) - before

        idle = spent([])  # files of ten thousand agents are looked at although nothing happens
        exit_us = (spent(_agents(keeper)[:exits]) - idle) * 1e6 / exits
        _end(shop, engine, keeper)
        return seconds, exit_us, idle / 4 * 100

    off, on = _both(keeper_alone)
    run_off, run_on = _both(in_a_run)
    return [Row(f"{count:,} agents alive, keeper alone", "s", off["alive_s"], on["alive_s"], 3, 3),
            Row("CPU of an exit then, keeper alone", "us", off["exit_cpu_us"], on["exit_cpu_us"],
                100, 100),
            Row(f"{count:,} agents alive, in a run", "s", run_off[0], run_on[0], 3, 3),
            Row("CPU of an exit then, engine and keeper", "us", run_off[1], run_on[1], 100, 100),
            Row("CPU of both while nothing happens", "%", run_off[2], run_on[2])]


def memory(shop):
    count = 1000

    def of_run(contained):
        engine, keeper, _ = _alive(shop, count, contained)
        found = process_rss_mb(engine.pid), process_rss_mb(keeper)
        _end(shop, engine, keeper)
        return found

    off, on = _both(of_run)
    return [Row(f"memory of the engine, {count:,} agents running", "MB", off[0], on[0], 30, 30),
            Row(f"memory of the keeper, {count:,} agents running", "MB", off[1], on[1])]


def _idle_ms(events):
    """Time of a run in which none of its jobs ran."""
    started = {e["job"]: e["at_ms"] for e in events if e["event"] == "job_started"}
    spans = sorted((started[e["job"]], e["at_ms"]) for e in events
                   if e["event"] == "job_ended" and e["job"] in started)
    idle, covered = 0, min(e["at_ms"] for e in events)
    for begin, end in spans:
        idle += max(0, begin - covered)
        covered = max(covered, end)
    return idle + max(e["at_ms"] for e in events) - covered


def demo(shop):
    """The six-dimension analysis on a clone of kelp's own repository, with a remote of its own."""

    def overhead(contained):
        remote, repo = shop.path("remote.git"), shop.path("clone")
        shop.git("clone", "-q", "--bare", str(ROOT), str(remote))
        shop.git("clone", "-q", str(remote), str(repo))
        shop.git("checkout", "-q", "-B", "main", cwd=repo)
        words = [shop.kelp, "run", "--yes", "--quiet"]
        words += ([] if contained else ["--no-contain"]) + [DEMO]
        usage, events = shop.events(words, repo)
        return usage.wall, _idle_ms(events) / usage.wall / 10, usage.own / usage.wall * 100

    off, on = _both(overhead)
    return [Row("the demo, from start to end", "s", off[0], on[0]),
            Row("its time in which no agent, check or git command ran", "%", off[1], on[1], 0.5,
                0.5),
            Row("CPU time of engine and keeper over its time", "%", off[2], on[2])]
