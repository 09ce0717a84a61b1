# SPDX-License-Identifier: Apache-2.0
"""What processes hold, looked at again and again, and whether it grows.

Growth is judged by work and not by time: what a run keeps on purpose (its tree in memory, the
folders of its attempts, its journal) grows by a little with each attempt, and everything else does
not grow. A sample is a mapping of names to numbers with `attempts` among them.
"""
import os
from pathlib import Path
from statistics import median

WARM_UP = 0.25  # of the samples: tables that double, caches that fill


def _field(pid, name):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def memory_kib(pid):
    """Its own memory, without what is mapped from files."""
    return _field(pid, "RssAnon:")


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def descendants(pid):
    try:
        found = [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []
    return found + [below for child in found for below in descendants(child)]


def disk_kib(path, but=()):
    """As it is allocated, without the folders `but`; what goes while it is looked at counts
    nothing."""
    blocks = 0
    for folder, below, names in os.walk(path):
        below[:] = [name for name in below if os.path.join(folder, name) not in but]
        for name in names:
            try:
                blocks += os.lstat(os.path.join(folder, name)).st_blocks
            except OSError:
                pass
    return blocks // 2


def disk_kib_of(path, name):
    """Of all folders of that name below the path."""
    return sum(disk_kib(os.path.join(folder, name)) for folder, names, _ in os.walk(path)
               if name in names)


def is_dead(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def living_children():
    """What was started here, or was left to whoever waits for all, and has not ended."""
    return [pid for pid in descendants(os.getpid()) if not is_dead(pid)]


def slope(points):
    """The median of the slopes between all points, which outliers do not move (Theil and Sen)."""
    slopes = [(y2 - y1) / (x2 - x1) for i, (x1, y1) in enumerate(points)
              for x2, y2 in points[i + 1:] if x2 != x1]
    return median(slopes) if slopes else 0.0


def growth(samples, name):
    """By how much it grows with each attempt once it is warm, and over how many attempts that was
    seen."""
    warm = [s for s in samples[int(len(samples) * WARM_UP):] if name in s]
    step = max(1, len(warm) // 200)
    if len(warm) < 2:
        return 0.0, 0
    return (slope([(s["attempts"], s[name]) for s in warm[::step]]),
            warm[-1]["attempts"] - warm[0]["attempts"])


def judge(samples, allowed):
    """What each thing grows by with an attempt, and a sentence for each that grows by more than is
    allowed: so much with each attempt, and so much in all, for what comes and goes."""
    grown, wrong = {}, []
    for name, (each, in_all) in allowed.items():
        grown[name], attempts = growth(samples, name)
        if grown[name] * attempts > each * attempts + in_all:
            wrong.append(f"{name} grow by {grown[name]:.3f} with each of {attempts} attempts, "
                         f"{each} and {in_all} in all are allowed")
    return grown, wrong
