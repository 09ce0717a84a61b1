#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tries kelp's promises at length and writes what was found into docs/RELIABILITY.md.

    tools/trust.py                  all parts, one after the other: some hours
    tools/trust.py sim points       these; the figures of the others stay
    tools/trust.py --table          none: only the table, of the figures that are there

A part is a command that anyone can run by itself. What it measured is one flat JSON object, which it
writes to $TRUST_DIR/PART.json; of one that only counts its tests it is made here. Its output is in
$TRUST_DIR/PART.log. TRUST_DIR is build/trust if it is not set.
"""
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "RELIABILITY.md"
FOLDER = Path(os.environ.get("TRUST_DIR", ROOT / "build" / "trust"))
BEGIN, END = "<!-- begin of figures -->", "<!-- end of figures -->"
# Not told as figures: they have columns of their own.
COLUMNS = ("part", "command", "seconds", "commit")

PARTS = {
    "sim": "make sim SEEDS=100000",
    "points": "make points POINTS=all",
    "journal": "make journal",
    "survival": "tests/e2e/run kill keeper interrupt signals engine cancel restore",
    "repositories": "tests/e2e/run repositor hostile",
    "escape": "make escape WRITE=1",
    "fuzz": "make fuzz FUZZ_SECONDS=60",
    "load": "make load",
    "soak": "make soak",
}


def commit():
    return subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], check=True,
                          capture_output=True, text=True).stdout.strip()


def counted(name, log, seconds):
    """The figures of a part that writes none: its last line has the counts."""
    counts = re.findall(r"^(\d+) passed, (\d+) failed", log.read_text(errors="replace"), re.M)
    if not counts:
        return None
    passed, failed = counts[-1]
    return {"part": name, "command": PARTS[name], "passed": int(passed), "failed": int(failed),
            "seconds": round(seconds), "commit": commit()}


def run(name):
    figures, log = FOLDER / f"{name}.json", FOLDER / f"{name}.log"
    figures.unlink(missing_ok=True)  # those of an earlier run are not of this one
    print(f"{name}: {PARTS[name]}", flush=True)
    started = time.monotonic()
    with log.open("w") as out:
        status = subprocess.run(PARTS[name], shell=True, cwd=ROOT, stdout=out, stdin=subprocess.DEVNULL,
                                stderr=subprocess.STDOUT, check=False,
                                env={**os.environ, "TRUST_DIR": str(FOLDER)}).returncode
    seconds = time.monotonic() - started
    if not figures.exists():
        found = counted(name, log, seconds)
        if found:
            figures.write_text(json.dumps(found, indent=1) + "\n")
    good = status == 0 and figures.exists()
    print(f"{name}: {'passed' if good else 'FAILED'} in {seconds:.0f} s"
          f"{'' if good else f', see {log}'}", flush=True)
    return good


def shown(value):
    return f"{value:,}" if isinstance(value, (int, float)) and not isinstance(value, bool) else str(value)


def row(name):
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return None
    figures = json.loads(path.read_text())
    told = "; ".join(f"{key.replace('_', ' ')} {shown(value)}" for key, value in figures.items()
                     if key not in COLUMNS)
    return (f"| `{figures.get('command', PARTS[name])}` | {told} | {shown(figures['seconds'])} s "
            f"| {figures['commit']} |")


def write_table():
    rows = [r for r in map(row, PARTS) if r]
    machine = f"{os.cpu_count()} processors, {os.uname().sysname} {os.uname().release}"
    table = "\n".join([BEGIN, "", f"On {machine}.", "",
                       "| what was run | what was found | it took | at commit |",
                       "|---|---|---|---|", *rows, "", END])
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    DOCUMENT.write_text(before + table + rest.split(END)[1])


def main(words):
    unknown = [w for w in words if w not in PARTS and w != "--table"]
    if unknown:
        print(f"tools/trust.py: there is no part '{unknown[0]}'\n"
              f"hint: the parts are {' '.join(PARTS)}", file=sys.stderr)
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = [] if "--table" in words else words or list(PARTS)
    failed = [name for name in names if not run(name)]
    write_table()
    print(f"{len(names) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
