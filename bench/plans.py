# SPDX-License-Identifier: Apache-2.0
"""The plans that are measured. JSON is YAML."""
import json
import random

WAVES = 4


def _plan(subtasks, contained=False, **more):
    """Runs in place, and without containment unless it is asked for."""
    plan = {"version": 1, "task": "bench", "research": [], "land": "none", "push": "never",
            "subtasks": subtasks, **more}
    if not contained:
        plan |= {"isolation": "none", "sandbox": "off"}
    return json.dumps(plan)


def many_agents(command, count, contained=False):
    """One step of so many agents: the nearest that kelp has to `xargs`. Contained they share a
    private copy, which none of them may write, and each has a sandbox of its own."""
    step = {"id": "a", "role": "Worker", "run": command, "count": count, "writes": []}
    return _plan([{"title": "one", "steps": [step]}], contained)


def sleeping_children(durations, contained):
    """A child for each list of durations, a wave for each of these."""
    return _plan([{"title": f"child {i}", "minutes": 20, "writes": [f"child-{i}"],
                   "waves": [{"agents": [{"role": "Sleeper", "run": f"sleep {seconds:.3f}"}]}
                             for seconds in waves]} for i, waves in enumerate(durations)],
                 contained)


def equal_durations(children):
    return [[1.0] * WAVES for _ in range(children)]


def heavy_durations(children):
    """Log-normal with sigma 1, and a mean of a second; always the same."""
    dice = random.Random(1)
    return [[dice.lognormvariate(-0.5, 1) for _ in range(WAVES)] for _ in range(children)]


def lower_bound(durations, slots):
    """No schedule is shorter than the longest chain, or than all the work on all slots."""
    return max(max(map(sum, durations)), sum(map(sum, durations)) / slots)


def writing_children(children):
    """Each child changes a file of its own, so that each needs a private copy."""
    return _plan([{"title": f"child {i}", "minutes": 20, "writes": [f"new-{i}"],
                   "waves": [{"agents": [{"role": "Writer", "run": f"touch new-{i}"}]}]}
                  for i in range(children)], contained=True)


def many_subtasks(count):
    return _plan([{"title": f"subtask {i}", "minutes": 20, "writes": [f"dir-{i}/**"],
                   "steps": [{"id": "find", "role": "Finder", "run": "true"},
                             {"id": "mend", "role": "Mender", "run": "true", "needs": ["find"]},
                             {"id": "prove", "role": "Prover", "run": "true", "needs": ["mend"]}]}
                  for i in range(count)], contained=True)


def standstill(count):
    """The first agent kills its engine; many more wait for it."""
    gate = {"id": "gate", "role": "Gate", "run": 'kill -9 "$(cat "$KELP_CONTEXT/../lock")"'}
    rest = {"id": "rest", "role": "Worker", "run": "/bin/true", "count": count, "needs": ["gate"]}
    return _plan([{"title": "one", "steps": [gate, rest]}])
