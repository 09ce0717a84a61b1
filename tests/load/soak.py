# SPDX-License-Identifier: Apache-2.0
"""A resident engine whose agents start, fail, are tried again and turned away without a pause."""
import json
import os
import signal
import subprocess
import threading
import time

import samples
import workload
from workshop import LIMIT_S, until

SLOTS = 8
CHILDREN_A_MINUTE = 90  # more than there is time for

# What an attempt may leave, and what may come and go in all: memory and disk that a run keeps on
# purpose, which are its tree, the folders of attempts and clones, and the journal, and nothing else.
# The log of the journal's database grows to some MiB before it is used again.
ALLOWED = {"engine_kib": (4, 512), "keeper_kib": (1, 256), "engine_descriptors": (0, 6),
           "keeper_descriptors": (0, 12), "processes": (0, 16), "attempts_kib": (40, 512),
           "journal_kib": (4, 8192), "clones_kib": (600, 4096), "other_kib": (0.5, 512)}


class Tally:
    """Counts what `kelp run --json` tells."""

    def __init__(self, stream):
        self.counts = {}
        self.activity_ms = []  # when the engine told what an agent does
        self.thread = threading.Thread(target=self._read, args=(stream,))
        self.thread.start()

    def _read(self, stream):
        for line in stream:
            event = json.loads(line)
            self._count(event.get("event"))
            if event.get("event") == "activity":
                self.activity_ms.append(event["at_ms"])
            if event.get("event") == "job_started" and event.get("kind") == "agent":
                self._count("attempts")
            if event.get("event") == "job_ended" and event.get("kind") == "agent":
                self._count("error " + event["error"])

    def _count(self, name):
        self.counts[name] = self.counts.get(name, 0) + 1

    def get(self, name):
        return self.counts.get(name, 0)


class Soak:
    def __init__(self, shop, minutes, pace_s, leak=None):
        self.shop, self.minutes, self.pace_s = shop, minutes, pace_s
        self.samples = []
        self.repo = shop.repository()
        self.bin = shop.path("bin")
        self.bin.mkdir()
        (self.bin / "claude").write_text(workload.CLAUDE)
        (self.bin / "claude").chmod(0o755)
        self.env = dict(shop.env, PATH=f"{self.bin}:{shop.env['PATH']}", ANTHROPIC_API_KEY="a-key",
                        KELP_LOAD_SECONDS=str(pace_s))
        if leak:
            self.env.update(LD_PRELOAD=str(shop.build / "tests" / "load" / "libkelp-leak.so"),
                            KELP_LEAK=leak, KELP_LEAK_FILE=str(self.repo / ".kelp" / "lost"))

    def start(self):
        plan = workload.write(self.shop, workload.busy(int(self.minutes * CHILDREN_A_MINUTE *
                                                           6 / self.pace_s) + 64))
        words = [self.shop.kelp, "run", "--yes", "--quiet", "--json", "--pattern", "meta",
                 "--agents", str(SLOTS), str(plan)]
        self.errors = open(self.shop.path("stderr"), "w+b")
        self.engine = subprocess.Popen(words, cwd=self.repo, env=self.env, text=True,
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                       stderr=self.errors)
        self.tally = Tally(self.engine.stdout)
        until(lambda: self.tally.get("attempts") or self._check_alive())
        # What becomes the keeper is another process until it is detached, which it is by now.
        self.keeper = self.shop.keeper_of(self.repo)

    def _check_alive(self):
        if self.engine.poll() is None:
            return False
        self.errors.seek(0)
        raise RuntimeError("kelp has ended: " + self.errors.read().decode()[-400:])

    def look(self, with_disk):
        """Agents come and go; what is counted is processes beyond those that may be there."""
        engine, keeper = self.engine.pid, self.keeper
        seen = {"attempts": self.tally.get("attempts"),
                "engine_kib": samples.memory_kib(engine), "keeper_kib": samples.memory_kib(keeper),
                "engine_descriptors": samples.descriptors(engine),
                "keeper_descriptors": samples.descriptors(keeper),
                "processes": len(samples.descendants(engine)) + len(samples.descendants(keeper))}
        if with_disk:
            run = self.shop.run_dir(self.repo)
            for name in ("attempts", "clones"):
                seen[name + "_kib"] = samples.disk_kib(run / name)
            seen["journal_kib"] = sum(p.stat().st_blocks // 2 for p in run.iterdir() if p.is_file())
            seen["other_kib"] = samples.disk_kib(self.repo, (str(run),)) + samples.disk_kib(
                run, (str(run / "attempts"), str(run / "clones"))) - seen["journal_kib"]
        self.samples.append(seen)

    def watch(self, every_s, disk_every):
        end = time.monotonic() + self.minutes * 60
        looks = 0
        while time.monotonic() < end:
            self._check_alive()
            self.look(looks % disk_every == 0)
            looks += 1
            time.sleep(every_s)

    def end(self):
        """The run is cancelled, as a user would who has seen enough; nothing of it is left."""
        self.engine.send_signal(signal.SIGUSR1)
        status = self.engine.wait(LIMIT_S)
        self.tally.thread.join(LIMIT_S)
        until(lambda: samples.is_dead(self.keeper), 30)
        self.errors.close()
        return status, samples.living_children()

    def figures(self):
        first, last = self.samples[0], self.samples[-1]
        told = {"attempts": last["attempts"], "samples": len(self.samples)}
        for name in ("failed", "crash", "rate_limit"):
            told[f"attempts_that_ended_as_{name}"] = self.tally.get("error " + name)
        for name in ("engine_kib", "keeper_kib", "engine_descriptors", "keeper_descriptors",
                     "processes"):
            told[f"{name}_first"], told[f"{name}_last"] = first[name], last[name]
        return told


def run(shop, minutes, pace_s, every_s, disk_every=6, leak=None, keep=None):
    """Samples go to the file `keep`, a line each. Gives the figures, what grew with each attempt, and what is wrong with that."""
    soak = Soak(shop, minutes, pace_s, leak)
    soak.start()
    try:
        soak.watch(every_s, disk_every)
    finally:
        status, left = soak.end()
    if keep:
        keep.write_text("".join(json.dumps(seen) + "\n" for seen in soak.samples))
    grown, wrong = samples.judge(soak.samples, ALLOWED)
    if status not in (1, 3, 130):
        wrong.append(f"the cancelled run ended with exit status {status}")
    if left:
        wrong.append(f"{len(left)} processes are left behind")
    figures = dict(soak.figures(), processes_left=len(left))
    for name, value in grown.items():
        figures[f"{name}_with_each_attempt"] = round(value, 4)
    return figures, wrong
