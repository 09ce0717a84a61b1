# SPDX-License-Identifier: Apache-2.0
"""From a trace of calls to the places in kelp's source that make them."""
import subprocess
from collections import defaultdict
from dataclasses import dataclass

# Every call site of these fails once; those of the others are sampled.
LAYERS = ("journal", "process", "git", "engine")
MEMORY = ("malloc", "calloc", "realloc")


@dataclass(frozen=True)
class Site:
    """A call as it is reached from the nearest function of a layer."""
    program: str
    call: str
    frames: tuple       # return addresses as offsets in the program, innermost first
    layer: str
    words: str          # "journal_append (src/journal/journal.c:120)"
    hits: int = 0
    object: str = ""    # of the first hit

    def __str__(self):
        return f"{self.program} {self.call} < {self.words}"


def addr2line(path, addresses):
    """Of each address: [(function, "src/layer/file.c:line")], innermost first."""
    text = "\n".join(hex(a) for a in addresses)
    out = subprocess.run(["addr2line", "-fia", "-e", path], input=text, text=True, check=True,
                         capture_output=True).stdout.splitlines()
    found, name = defaultdict(list), None
    for line in out:
        if line.startswith("0x"):
            at, name = int(line, 16), None
        elif name is None:
            name = line
        else:
            place = line.split(" (discriminator")[0]
            place = "src/" + place.rpartition("/src/")[2] if "/src/" in place else place
            found[at].append((name, place))
            name = None
    return found


def layer_of(inlined):
    for _, place in inlined:
        if place.startswith("src/"):
            return place.split("/")[1]
    return "other"


def read_trace(path):
    """(program, work, call, frames, object) of every call."""
    with open(path, errors="replace", encoding="utf-8") as trace:
        for line in trace:
            program, work, call, frames, name = line.rstrip("\n").split(" ", 4)
            yield program, work, call, tuple(int(f, 16) for f in frames.split(",")), name


def find_sites(calls, build):
    """The sites of a trace, with how often each was reached."""
    addresses = defaultdict(set)
    for program, _, _, frames, _ in calls:
        addresses[program].update(f - 1 for f in frames)
    places = {p: addr2line(build / p, sorted(a)) for p, a in addresses.items()}
    counts, names = defaultdict(int), {}
    for program, _, call, frames, name in calls:
        where = [places[program][f - 1] for f in frames]
        depth = next((i for i, w in enumerate(where) if layer_of(w) in LAYERS), len(frames) - 1)
        key = program, call, frames[:depth + 1]
        counts[key] += 1
        names.setdefault(key, (where[:depth + 1], name))
    return [make_site(key, counts[key], *names[key]) for key in sorted(counts)]


def make_site(key, hits, where, name):
    chain = " < ".join(f"{f} ({p})" for inlined in where for f, p in inlined)
    return Site(*key, layer=layer_of(where[-1]), words=chain, hits=hits, object=name)
