# SPDX-License-Identifier: Apache-2.0
"""Agents that print without end: lines, one line, a model's stream, a stream of one line."""
import json
import subprocess
import time

import samples
from soak import Tally
from workshop import LIMIT_S

MIB = 1024  # KiB
BOUND_KIB = 64 * MIB  # of each stream of an attempt
ENGINE_KIB, KEEPER_KIB = 192 * MIB, 32 * MIB

# One that tells something ten times a second: how long its engine says nothing of it is how long
# the engine was busy with something else.
CLAUDE = """#!/bin/bash
prompt=$(cat)
say() { printf '%s\\n' "$1"; }
lines() { yes '{"type":"assistant","message":{"id":"m1","content":[{"type":"text","text":"much"}]}}' |
    head -c "$KELP_LOAD_BYTES"; echo; }
line() { printf '{"type":"assistant","text":"'; head -c "$KELP_LOAD_BYTES" /dev/zero | tr '\\0' x; say '"}'; }
ticks() { for ((i = 0; i < KELP_LOAD_TICKS; i++)); do
    say '{"type":"assistant","message":{"id":"t'$i'","content":[{"type":"tool_use","id":"c'$i'","name":"Bash","input":{"command":"tick '$i'"}}]}}'
    sleep 0.1; done; }
say '{"type":"system","subtype":"init","session_id":"5e55-1","model":"claude-x"}'
case $prompt in
*'print lines'*) lines ;;
*'print a line'*) line ;;
*) ticks ;;
esac
say '{"type":"assistant","message":{"id":"m2","content":[{"type":"tool_use","id":"u1","name":"Bash","input":{"command":"true"}}]}}'
say '{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":"u1","content":"done"}]}}'
say '{"type":"result","subtype":"success","is_error":false,"result":"printed","session_id":"5e55-1","usage":{"input_tokens":10,"output_tokens":5}}'
"""

LINES = "yes a line of very much output | head -c $KELP_LOAD_BYTES"
LINE = "head -c $KELP_LOAD_BYTES /dev/zero | tr '\\0' x >&2"


def _plan():
    def child(title, **step):
        return {"title": title, "agent": "claude", "steps": [{"id": "a", "role": "A", **step}]}
    return json.dumps({
        "version": 1, "task": "print", "research": [], "environment": ["KELP_LOAD_BYTES",
                                                                       "KELP_LOAD_TICKS"],
        "subtasks": [child("tick", prompt="tick"), child("lines", run=LINES),
                     child("one line", run=LINE), child("stream", prompt="print lines"),
                     child("stream of a line", prompt="print a line")]})


def _longest_silence(times):
    return max((b - a for a, b in zip(times, times[1:])), default=0)


class _Peaks:
    def __init__(self):
        self.of = {}

    def note(self, name, value):
        self.of[name] = max(value, self.of.get(name, 0))


def _watch(shop, repo, engine, attempts):
    """Looks at what engine, keeper and disk hold until the engine has ended."""
    peaks, end = _Peaks(), time.monotonic() + LIMIT_S
    while engine.poll() is None and time.monotonic() < end:
        try:
            peaks.note("engine", samples.memory_kib(engine.pid))
            keeper = shop.keeper_of(repo)
            if keeper:
                peaks.note("keeper", samples.memory_kib(keeper))
                peaks.note("disk", samples.disk_kib(attempts()))
        except (OSError, ValueError):
            pass  # it has just ended, or has not begun
        time.sleep(0.05)
    return peaks.of


def run(shop, mib):
    repo = shop.repository()
    programs = shop.path("bin")
    programs.mkdir()
    (programs / "claude").write_text(CLAUDE)
    (programs / "claude").chmod(0o755)
    env = dict(shop.env, PATH=f"{programs}:{shop.env['PATH']}", ANTHROPIC_API_KEY="a-key",
               KELP_LOAD_BYTES=str(mib << 20), KELP_LOAD_TICKS=str(50 + mib // 4))
    words = [shop.kelp, "run", "--yes", "--quiet", "--json", "--agents", "5", "--pattern", "meta",
             str(shop.file("plan.yaml", _plan()))]
    begin = time.monotonic()
    engine = subprocess.Popen(words, cwd=repo, env=env, text=True, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    tally = Tally(engine.stdout)
    peaks = _watch(shop, repo, engine, lambda: shop.run_dir(repo) / "attempts")
    tally.thread.join(LIMIT_S)
    kept = samples.disk_kib(shop.run_dir(repo) / "attempts")
    figures = {"mebibytes_printed_by_each_of_4": mib,
               "output_seconds": round(time.monotonic() - begin, 1),
               "engine_peak_kib": peaks["engine"], "keeper_peak_kib": peaks["keeper"],
               "disk_peak_kib": peaks["disk"], "disk_kept_kib": kept,
               "longest_silence_of_the_engine_ms": _longest_silence(tally.activity_ms)}
    return figures, list(_wrong(shop.report(repo), engine.returncode, figures))


def _wrong(report, status, figures):
    if status != 0 or report["status"] != "done":
        yield f"the run ended as {report['status']}, exit status {status}"
    if figures["engine_peak_kib"] > ENGINE_KIB:
        yield f"the engine took {figures['engine_peak_kib']} KiB"
    if figures["keeper_peak_kib"] > KEEPER_KIB:
        yield f"the keeper took {figures['keeper_peak_kib']} KiB"
    if figures["disk_kept_kib"] > 4 * BOUND_KIB + 4 * MIB:
        yield f"{figures['disk_kept_kib']} KiB of output are kept"
