# SPDX-License-Identifier: Apache-2.0
"""Many runs in one repository, one after the other, and what `kelp gc` leaves of them."""
import json
import subprocess

import samples

# What a run keeps on purpose: its report, its journal, its attempts' output. Refs are the user's way
# back: the run's base and backup, its branch, and that of each of its two children.
ALLOWED = {"run_kib": (700, 2048), "git_kib": (120, 1024), "refs": (5, 0), "worktree_kib": (1, 64)}


def _plan(number):
    """Each run changes a file and has an agent that fails, so that there is work to keep, too."""
    change = {"title": "change", "writes": ["f"], "minutes": 20,
              "steps": [{"id": "a", "role": "A", "run": f"echo {number} >> f"}]}
    fails = {"title": "fails", "writes": ["g"], "minutes": 20,
             "steps": [{"id": "b", "role": "B", "run": f"echo {number} >> g; exit 1"}]}
    return json.dumps({"version": 1, "task": f"run {number}", "research": [], "push": "never",
                       "subtasks": [change, fails]})


def _refs(shop, repo):
    told = subprocess.run(["git", "for-each-ref", "--format=%(refname)"], cwd=repo, env=shop.env,
                          capture_output=True, text=True, check=True)
    return told.stdout.split()


def _look(shop, repo, number):
    git, run = samples.disk_kib(repo / ".git"), samples.disk_kib(repo / ".kelp")
    return {"attempts": number, "run_kib": run, "git_kib": git, "refs": len(_refs(shop, repo)),
            "worktree_kib": samples.disk_kib(repo) - git - run}


def run(shop, count):
    """A sample a run: what grows is judged by the run, as the soak does by the attempt."""
    repo, seen, wrong, peak_kib = shop.repository(), [], [], []
    for number in range(1, count + 1):
        usage = shop.run(shop.kelp_run(shop.file("plan.yaml", _plan(number)), True, "--pattern",
                                       "meta"), repo)
        if usage.status != 3:
            wrong.append(f"run {number} ended with exit status {usage.status}")
        peak_kib.append(usage.rss_kib)
        seen.append(_look(shop, repo, number))
        seen[-1]["peak_kib"] = usage.rss_kib
    left = len(samples.living_children())
    shop.must_run([shop.kelp, "gc"], repo)
    after = _look(shop, repo, count)
    grown, too_much = samples.judge(seen, dict(ALLOWED, peak_kib=(16, 1024)))
    wrong += too_much
    clones = samples.disk_kib_of(repo / ".kelp", "clones")
    if clones:
        wrong.append(f"{clones} KiB of clones are left behind `kelp gc`")
    if left:
        wrong.append(f"{left} processes are left behind")
    figures = {"runs_one_after_another": count, "processes_left_after_runs": left,
               "run_memory_peak_first_kib": peak_kib[0], "run_memory_peak_last_kib": peak_kib[-1],
               "kib_of_all_runs_before_gc": seen[-1]["run_kib"],
               "kib_of_all_runs_after_gc": after["run_kib"],
               "refs_after_gc": after["refs"]}
    figures |= {f"{name}_with_each_run": round(value, 3) for name, value in grown.items()}
    return figures, wrong
