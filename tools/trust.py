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

# The command of each part, and which of its figures are told; none named: all of them.
PARTS = {
    "sim": ("make sim SEEDS=100000", """seeds seeds_failed plays events every_point_seeds every_point_plays
        every_point_seeds_failed journal_plays journal_seeds_failed
        journal_every_operation_plays journal_every_operation_seeds_failed mutants_planted
        mutants_found seeds_per_second"""),
    "points": ("make points POINTS=all", "points points_not_reached points_not_tried results_lost"),
    "journal": ("make journal", ""),
    "survival": ("tests/e2e/run survival signals kill cancel restore", ""),
    "repositories": ("tests/e2e/run hostile repositories", ""),
    "escape": ("make escape WRITE=1", """attacks trials stopped not_stopped not_tried controls
        controls_that_did_harm"""),
    "fuzz": ("make fuzz FUZZ_SECONDS=60", ""),
    "load": ("make load", """agents_alive_at_once kib_for_each_agent processes_left
        mebibytes_printed_by_each_of_4 engine_peak_kib longest_silence_of_the_engine_ms
        simulated_children bytes_for_each_waiting_child runs_one_after_another
        run_memory_peak_first_kib run_memory_peak_last_kib processes_left_after_runs
        fewest_agents_of_120_with_100_descriptors fewest_agents_of_12_under_memory_pressure
        planted_leaks_found failed"""),
    "soak": ("make soak", """minutes attempts samples engine_kib_with_each_attempt
        keeper_kib_with_each_attempt engine_descriptors_with_each_attempt
        processes_with_each_attempt processes_left things_that_grew"""),
}
# Not told as figures: they have columns of their own.
COLUMNS = ("part", "command", "seconds", "commit")


def commit():
    return subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], check=True,
                          capture_output=True, text=True).stdout.strip()


def counted(log):
    """The figures of a part that writes none: its last line has the counts."""
    counts = re.findall(r"^(\d+) passed, (\d+) failed", log.read_text(errors="replace"), re.M)
    return {"passed": int(counts[-1][0]), "failed": int(counts[-1][1])} if counts else {}


def complete(name, figures, log, seconds):
    """Adds what every part has, and the counts of one that has nothing else. False without any."""
    found = json.loads(figures.read_text()) if figures.exists() else counted(log)
    if found:
        found = {"part": name, "command": PARTS[name][0], "commit": commit(),
                 "seconds": round(seconds), **found}
        figures.write_text(json.dumps(found, indent=1) + "\n")
    return bool(found)


def run(name):
    figures, log = FOLDER / f"{name}.json", FOLDER / f"{name}.log"
    figures.unlink(missing_ok=True)  # those of an earlier run are not of this one
    command = PARTS[name][0]
    print(f"{name}: {command}", flush=True)
    started = time.monotonic()
    with log.open("w") as out:
        status = subprocess.run(command, shell=True, cwd=ROOT, stdout=out,
                                stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False,
                                env={**os.environ, "TRUST_DIR": str(FOLDER)}).returncode
    seconds = time.monotonic() - started
    good = complete(name, figures, log, seconds) and status == 0
    print(f"{name}: {'passed' if good else 'FAILED'} in {seconds:.0f} s"
          f"{'' if good else f', see {log}'}", flush=True)
    return good


def shown(value):
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def row(name):
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return None
    figures = json.loads(path.read_text())
    keys = PARTS[name][1].split() or [key for key in figures if key not in COLUMNS]
    told = "; ".join(f"{key.replace('_', ' ')} {shown(figures[key])}" for key in keys
                     if key in figures)
    seconds = f"{figures['seconds']:,.0f} s" if "seconds" in figures else "-"
    return f"| `{figures['command']}` | {told} | {seconds} | {figures['commit']} |"


def two_words(command):
    return " ".join(command.split()[:2])


def write_table():
    """Of a part without figures here the row stays that the document has."""
    text = DOCUMENT.read_text()
    before, rest = text.split(BEGIN)
    told = {two_words(m[1]): m[0] for m in re.finditer(r"^\| `([^`]*)` \|.*$", rest.split(END)[0], re.M)}
    rows = [r for name in PARTS if (r := row(name) or told.get(two_words(PARTS[name][0])))]
    machine = f"{os.cpu_count()} processors, {os.uname().sysname} {os.uname().release.split('-')[0]}"
    table = "\n".join([BEGIN, "", f"On {machine}.", "",
                       "| what was run | what was found | it took | at commit |",
                       "|---|---|---|---|", *rows, "", END])
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
