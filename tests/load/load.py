#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Load: what many agents, much output, many runs and much time do to kelp.

    tests/load/run                  the short form of all, for `make check`
    tests/load/run load             the whole: ten thousand agents, a gigabyte, a hundred runs
    tests/load/run soak [MINUTES]   a resident engine for as long, 30 minutes if it is not said
    tests/load/run [load] CASE...   these cases of CASES below

Figures of `load` and `soak` go to $TRUST_DIR/load.json and soak.json. BUILD names the build folder.
"""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent / "bench")]
import crowd  # noqa: E402
import limits  # noqa: E402
import output  # noqa: E402
import series  # noqa: E402
import simulated  # noqa: E402
import soak  # noqa: E402
from workshop import Workshop  # noqa: E402


def trust_folder():
    folder = Path(os.environ.get("TRUST_DIR", Path(os.environ["BUILD"]) / "trust"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def earlier_figures(part, commit):
    """Of cases that were run apart, on the same commit."""
    path = trust_folder() / f"{part}.json"
    told = json.loads(path.read_text()) if path.exists() else {}
    return told if told.get("commit") == commit else {}


def write_figures(part, command, figures, begin, among=False):
    commit = subprocess.run(["git", "-C", str(HERE), "rev-parse", "--short", "HEAD"],
                            capture_output=True, text=True, check=False).stdout.strip()
    earlier = earlier_figures(part, commit) if among else {}
    failed = earlier.get("failed", 0) + figures.get("failed", 0)
    seconds = round(earlier.get("seconds", 0) + time.monotonic() - begin, 1)
    whole = {**earlier, "part": part, "command": command, **figures, "failed": failed,
             "seconds": seconds, "commit": commit}
    (trust_folder() / f"{part}.json").write_text(json.dumps(whole, indent=2) + "\n")


def long_soak(shop, minutes):
    begin = time.monotonic()
    figures, wrong = soak.run(shop, minutes, pace_s=6, every_s=5,
                              keep=trust_folder() / "soak.samples")
    figures["minutes"] = minutes
    figures["things_that_grew"] = len(wrong)
    write_figures("soak", f"make soak MINUTES={minutes:g}", figures, begin)
    print(json.dumps(figures, indent=2))
    return say("soak", wrong)


def short_soak(shop):
    return soak.run(shop, 0.12, pace_s=0.3, every_s=0.2, disk_every=5)


# What is lost, and in which figure that has to be found.
LEAKS = {"memory": "engine_kib", "descriptors": "engine_descriptors", "processes": "processes",
         "disk": "other_kib"}
SHORT_LEAKS = ("memory", "descriptors")


def planted(what):
    """A soak that has to fail: something is lost each time the engine has waited."""
    def run(shop):
        figures, wrong = soak.run(shop, 0.08, pace_s=0.3, every_s=0.2, disk_every=5, leak=what)
        found = any(sentence.startswith(LEAKS[what] + " grow") for sentence in wrong)
        return figures, [] if found else [f"a leak of {what} was not found"]
    return run


# name: in short, and at length
CASES = {
    "crowd": (lambda shop: crowd.run(shop, 300), lambda shop: crowd.run(shop, 10_000)),
    "limits": (limits.run, limits.run),
    "output": (lambda shop: output.run(shop, 72), lambda shop: output.run(shop, 1024)),
    "series": (lambda shop: series.run(shop, 6), lambda shop: series.run(shop, 100)),
    "children": (lambda shop: simulated.children(shop, 20_000),
                 lambda shop: simulated.children(shop, 100_000)),
    "hours": (lambda shop: simulated.hours(shop, 8), lambda shop: simulated.hours(shop, 8)),
    "soak": (short_soak, None),
    **{f"leak-{what}": (planted(what) if what in SHORT_LEAKS else None, planted(what))
       for what in LEAKS},
}


def say(name, wrong):
    for sentence in wrong:
        print(f"FAIL {name}: {sentence}")
    return bool(wrong)


def run_cases(names, at_length):
    """All figures of those that there are, and how many of them failed."""
    figures, failed = {}, 0
    for name in names:
        case = CASES[name][at_length] or CASES[name][not at_length]
        shop = Workshop(os.environ["BUILD"])
        try:
            told, wrong = case(shop)
        finally:
            shop.close()
        failed += say(name, wrong)
        print("not ok" if wrong else "ok", "-", name, json.dumps(told), flush=True)
        if not name.startswith("leak-"):
            figures |= told
    return figures, failed


def main(words):
    begin = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started ends with it
    if words[:1] == ["soak"]:
        shop = Workshop(os.environ["BUILD"])
        try:
            failed = long_soak(shop, float(words[1]) if len(words) > 1 else 30)
        finally:
            shop.close()
        print(f"{1 - failed} passed, {int(failed)} failed")
        return failed
    at_length = words[:1] == ["load"]
    names = words[at_length:] or [n for n in CASES if CASES[n][at_length]]
    figures, failed = run_cases(names, at_length)
    if at_length:
        write_figures("load", "make load", dict(figures, failed=failed), begin,
                      among=len(words) > 1)
    print(f"{len(names) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
