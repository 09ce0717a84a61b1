# SPDX-License-Identifier: Apache-2.0
"""10,000 runs of /bin/true, 64 at once: kelp beside the tools that people use for it."""
from dataclasses import dataclass
from statistics import median

import plans

COUNT, SLOTS = 10_000, 64
PROGRAM = "/bin/true"


@dataclass
class Runner:
    """`cpu` is of everything that ran, `own` of the runner without what it ran; seconds."""
    name: str
    wall: float
    cpu: float
    own: float


def _makefile():
    names = " ".join(f"t{i}" for i in range(COUNT))
    return f"all: {names}\n" + "".join(f"t{i}:;@{PROGRAM}\n" for i in range(COUNT))


def _ninja_file():
    return f"rule run\n  command = {PROGRAM}\n" + "".join(f"build t{i}: run\n"
                                                           for i in range(COUNT))


def _commands(shop):
    """Name, words, standard input, and how often it is measured at most."""
    numbers = shop.file("numbers", "".join(f"{i}\n" for i in range(COUNT)))
    makefile = shop.file("Makefile", _makefile())
    ninja_file = shop.file("build.ninja", _ninja_file())
    plan = shop.file("plan.yaml", plans.many_agents(PROGRAM, COUNT))
    contained = shop.file("contained.yaml", plans.many_agents(PROGRAM, COUNT, contained=True))
    slots = ["--agents", str(SLOTS)]
    return [
        ("GNU make", ["make", "-s", "-j", str(SLOTS), "-f", makefile], None, 9),
        ("kelp, containment off", shop.kelp_run(plan, False, *slots), None, 9),
        ("kelp, control groups", shop.kelp_run(plan, True, *slots), None, 9),
        ("kelp, as users run it", shop.kelp_run(contained, True, *slots), None, 9),
        ("xargs -P", ["xargs", "-P", str(SLOTS), "-n", "1", PROGRAM], numbers, 9),
        ("ninja", ["ninja", "-j", str(SLOTS), "--quiet", "-f", ninja_file], None, 9),
        ("GNU parallel", ["parallel", "-j", str(SLOTS), PROGRAM], numbers, 1),
    ]


def measure(shop, repeat):
    """In turns, so that what else the machine does strikes all alike; the median of each.
    Nothing is deleted meanwhile: ext4 is slow to make files where many were just deleted."""
    repo = shop.repository()
    commands = _commands(shop)
    seen = {name: [] for name, *_ in commands}
    for turn in range(repeat):
        for name, words, stdin, most in commands:
            if turn >= most:
                continue
            seen[name].append(shop.must_run(words, repo, stdin))
    return [Runner(name, *(median(getattr(u, field) for u in uses)
                           for field in ("wall", "total", "own")))
            for name, uses in seen.items()]
