# SPDX-License-Identifier: Apache-2.0
"""Very many agents that are alive at once, in a run of the real programs."""
import os
import signal
import subprocess
import time

import plans
import samples
from workshop import LIMIT_S, children, until

# Of the engine and the keeper together: what an agent that is alive weighs, and what a run weighs.
KIB_FOR_EACH, KIB_IN_ALL = 24, 16 * 1024


def _agents(pid):
    """Children of the keeper that have become the agent's program."""
    def is_agent(child):
        try:
            with open(f"/proc/{child}/comm", encoding="utf-8") as comm:
                return comm.read().strip() == "pause"
        except OSError:
            return False
    return [child for child in children(pid) if is_agent(child)]


def run(shop, count):
    repo = shop.repository()
    plan = shop.file("plan.yaml", plans.many_agents(str(shop.build / "bench" / "pause"), count, True))
    begin = time.monotonic()
    engine = subprocess.Popen([shop.kelp, "run", "--yes", "--quiet", "--agents", str(count),
                               str(plan)], cwd=repo, env=shop.env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    keeper = until(lambda: next((k for k in [shop.keeper_of(repo)] if k and _agents(k)), None))
    until(lambda: len(children(keeper)) >= count and len(_agents(keeper)) >= count)
    figures = {"agents_alive_at_once": len(_agents(keeper)),
               "seconds_until_all_were_alive": round(time.monotonic() - begin, 1),
               "engine_kib": samples.memory_kib(engine.pid), "keeper_kib": samples.memory_kib(keeper),
               "keeper_descriptors": samples.descriptors(keeper)}
    for agent in _agents(keeper):
        os.kill(agent, signal.SIGTERM)
    status = engine.wait(LIMIT_S)
    until(lambda: samples.is_dead(keeper), 30)
    weight = figures["engine_kib"] + figures["keeper_kib"]
    figures["kib_for_each_agent"] = round(weight / count, 2)
    done = shop.report(repo)
    wrong = []
    if status != 0 or done["status"] != "done" or done["agents"]["count"] != count:
        wrong.append(f"{done['agents']['count']} agents, {done['status']}, exit status {status}")
    if weight > KIB_FOR_EACH * count + KIB_IN_ALL:
        wrong.append(f"engine and keeper take {weight} KiB for {count} agents")
    left = samples.living_children()
    if left:
        wrong.append(f"{len(left)} processes are left behind")
    return dict(figures, processes_left=len(left)), wrong
