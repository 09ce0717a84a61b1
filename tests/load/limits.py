# SPDX-License-Identifier: Apache-2.0
"""A machine that bears fewer agents than are asked for: what was too much is never started, all is
done in the end, and kelp says why it waits."""
import json
import os
import re
import resource
import subprocess
import time

import plans
from workshop import LIMIT_S

STALLED = "some avg10=40.00 avg60=40.00 avg300=0.00 total=1\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"
WORRY_S = 2.5  # how long the machine is said to be short of memory


def _run(shop, agents, words, while_it_runs=lambda: None, **how):
    repo = shop.repository()
    plan = shop.file("plan.yaml", plans.many_agents("sleep 1", agents, True))
    told = shop.path("told")
    with open(told, "wb") as errors:
        engine = subprocess.Popen([*words, shop.kelp, "run", "--yes", "--agents", str(agents),
                                   str(plan)], cwd=repo, env=shop.env, stderr=errors,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **how)
        while_it_runs()
        status = engine.wait(LIMIT_S)
    return status, told.read_text(), shop.report(repo)


def _wrong(result, cause, sentence, agents):
    status, told, report = result
    if status != 0 or report["status"] != "done":
        yield f"{cause}: the run ended as {report['status']}, exit status {status}"
    if not re.search(rf"{sentence}: \d+ of \d+ agents run; waiting", told):
        yield f"{cause}: nothing was said of '{sentence}'"
    admission = report["admission"] or {}
    if admission.get("cause") != cause or not 0 < admission.get("fewest", 0) < agents:
        yield f"{cause}: the report says {json.dumps(report['admission'])}"


def _descriptors(shop, agents):
    def fewer():
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))
    return _run(shop, agents, [], preexec_fn=fewer)


def _memory(shop, agents):
    """The kernel's file is covered by one that says what the test wants it to."""
    pressure = shop.file("pressure", STALLED)

    def relief():
        time.sleep(WORRY_S)
        pressure.write_text(STALLED.replace("40.00", "0.00"))
    cover = f'mount --bind "{pressure}" /proc/pressure/memory && exec "$@"'
    return _run(shop, agents, ["unshare", "-m", "sh", "-c", cover, "sh"], relief)


def run(shop):
    figures, wrong = {}, []
    result = _descriptors(shop, 120)
    wrong += _wrong(result, "descriptors", "limit of open files", 120)
    figures["fewest_agents_of_120_with_100_descriptors"] = (result[2]["admission"] or {}).get("fewest")
    if os.geteuid() != 0 or not os.path.exists("/proc/pressure/memory"):
        print("not tried: memory pressure (only root can cover the kernel's file, where there is one)")
        return figures, wrong
    result = _memory(shop, 12)
    wrong += _wrong(result, "memory", "memory pressure", 12)
    if len(set(re.findall(r"memory pressure: (\d+) of", result[1]))) < 2:
        wrong.append("memory: no more agents ran after the relief")
    figures["fewest_agents_of_12_under_memory_pressure"] = (result[2]["admission"] or {}).get("fewest")
    return figures, wrong
