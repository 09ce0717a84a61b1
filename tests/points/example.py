# SPDX-License-Identifier: Apache-2.0
"""A small run with two children, what it leaves behind, and what is wrong with that."""
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

PLAN = """\
version: 1
task: two children
environment: [MARKS]
sandbox: {{ write: ["{marks}"] }}
push: auto
research: []
subtasks:
{children}"""

CHILD = """\
  - title: child {n}
    writes: ["f{n}"]
    waves:
      - agents: [ {{ role: A, run: "echo s a{n} >> $MARKS; echo a >> f{n}; echo e a{n} >> $MARKS" }} ]
      - agents: [ {{ role: B, run: "echo s b{n} >> $MARKS; echo b >> f{n}; echo e b{n} >> $MARKS" }} ]
    success:
      - run: test "$(wc -l < f{n})" -eq 3
"""

# No step of the example takes a second; this only ends what hangs.
DEADLINE_S = 120
# A keeper without an engine leaves by itself after ten.
LEAVE_S = 30
RESUMES_MAX = 4


def sh(*words, cwd=None, env=None, check=True):
    """What a program prints, without the last newline."""
    done = subprocess.run(words, cwd=cwd, env=env, capture_output=True, text=True,
                          errors="replace", check=check, stdin=subprocess.DEVNULL)
    return done.stdout.rstrip("\n")


def environment(home):
    kept = {k: os.environ[k] for k in ("PATH", "LANG") if k in os.environ}
    return kept | {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "LC_ALL": "C",
                   "GIT_CONFIG_NOSYSTEM": "1", "TMPDIR": str(home / "tmp")}


def make_template(folder):
    """A repository with a remote, which every point copies."""
    home = folder / "home"
    (home / "tmp").mkdir(parents=True)
    env = environment(home)
    for key, value in (("user.name", "Tester"), ("user.email", "tester@localhost"),
                       ("init.defaultBranch", "main")):
        sh("git", "config", "--global", key, value, env=env)
    repo = folder / "repo"
    sh("git", "init", "-q", str(repo), env=env)
    sh("git", "init", "-q", "--bare", str(folder / "remote.git"), env=env)
    for n in (1, 2, 3):
        (repo / f"f{n}").write_text(f"line of f{n}\n")
    for words in (["add", "-A"], ["commit", "-qm", "start"],
                  ["-C", "../remote.git", "config", "core.logAllRefUpdates", "true"],
                  ["remote", "add", "origin", "../remote.git"], ["push", "-qu", "origin", "main"]):
        sh("git", *words, cwd=repo, env=env)


class Example:
    """The example in a folder of its own."""

    def __init__(self, template, folder, kelp):
        shutil.copytree(template, folder, symlinks=True)
        self.folder, self.repo, self.kelp = folder, folder / "repo", kelp
        self.marks, self.plan = folder / "marks", folder / "plan.yaml"
        self.env = environment(folder / "home") | {"MARKS": str(self.marks)}
        self.marks.write_text("")
        children = "".join(CHILD.format(n=n) for n in (1, 2))
        self.plan.write_text(PLAN.format(marks=self.marks, children=children))
        self.said = []      # what each command printed
        self.deadline_s, self.leave_s = DEADLINE_S, LEAVE_S

    def call(self, *words, more_env=None):
        """The exit status of kelp, None if it hung."""
        log = self.folder / f"log{len(self.said)}"
        with open(log, "wb") as out:
            process = subprocess.Popen([self.kelp, *words], cwd=self.repo, stdout=out, stderr=out,
                                       stdin=subprocess.DEVNULL, env=self.env | (more_env or {}),
                                       start_new_session=True)
            try:
                status = process.wait(self.deadline_s)
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                process.wait()
                status = None
        self.said.append((words[0], status, log.read_text(errors="replace")))
        return status

    def run(self, more_env=None):
        return self.call("run", "--yes", "--pattern", "meta", str(self.plan), more_env=more_env)

    def runs(self):
        folder = self.repo / ".kelp" / "runs"
        return sorted(p.name for p in folder.glob("ORG_*")) if folder.is_dir() else []

    def go_on(self, status):
        """Resumes until kelp says that all is done; the last exit status. A run that never began,
        as kelp then says, is begun."""
        for _ in range(RESUMES_MAX):
            if status in (0, None):
                break
            status = self.call("resume", "--yes") if self.runs() else self.run()
            if status == 2 and "never began" in self.said[-1][2]:
                status = self.run()
        return status

    def processes(self):
        """Those that were started for this example and are alive."""
        mark, found = os.fsencode(str(self.folder)) + b"/", []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            try:
                state = (entry / "stat").read_bytes().rpartition(b")")[2].split()[0]
                told = (entry / "cmdline").read_bytes() + b"\0" + (entry / "environ").read_bytes()
            except OSError:
                continue
            if state not in (b"Z", b"X") and mark in told:
                found.append(int(entry.name))
        return found

    def wait_alone(self, seconds=None):
        """True when nothing that was started is left within that time."""
        end = time.monotonic() + (self.leave_s if seconds is None else seconds)
        while self.processes():
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def end(self):
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.wait_alone(5)
        shutil.rmtree(self.folder, ignore_errors=True)

    # What is there when it has ended.

    def git(self, *words, repo=None, check=True):
        return sh("git", *words, cwd=repo or self.repo, env=self.env, check=check)

    def report(self):
        path = self.repo / ".kelp" / "runs" / self.runs()[-1] / "report.json"
        return json.loads(path.read_text())

    def state(self):
        """What has to be the same whatever happened on the way."""
        run = self.runs()[-1] if self.runs() else "none"
        refs = self.git("for-each-ref", "--format=%(refname)").replace(run, "ORG")
        folder = self.repo / ".kelp" / "runs" / run
        return {
            "tree": self.git("rev-parse", "main^{tree}"),
            "commits": self.git("rev-list", "--count", "main"),
            "merges": self.git("rev-list", "--count", "--merges", "main"),
            "subjects": " ".join(sorted(self.git("log", "--format=%s", "main")
                                        .replace(run, "ORG").split("\n"))),
            "working tree": self.git("status", "--porcelain"),
            "head": self.git("symbolic-ref", "HEAD"),
            "refs": refs,
            "remote refs": self.git("for-each-ref", "--format=%(refname)",
                                    repo=self.folder / "remote.git"),
            "remote is main": str(self.git("rev-parse", "main") ==
                                  self.git("rev-parse", "main", repo=self.folder / "remote.git")),
            "pushes": str(len(self.pushes())),
            "clones": " ".join(sorted(p.name for p in folder.glob("clones/*"))),
            "locks": " ".join(self.locks()),
            "status": self.report()["status"],
        }

    def pushes(self):
        path = self.folder / "remote.git" / "logs" / "refs" / "heads" / "main"
        return path.read_text().splitlines() if path.is_file() else []

    def attempts(self):
        """Of each agent that left marks: the attempts that the report tells of."""
        found = {}
        for orch in self.report()["orchestrators"]:
            match = re.fullmatch(r"child (\d)", orch.get("title") or "")
            for wave in orch["waves"] if match else ():
                for agent in wave["agents"]:
                    found[agent["role"].lower() + match[1]] = agent["attempts"]
        return found

    def repeated(self):
        """Agents that were started again although an attempt of theirs had ended."""
        marks = self.marks.read_text().split("\n")[:-1]
        for name, attempts in self.attempts().items():
            starts = marks.count(f"s {name}")
            done = [a for a in attempts if a["exit"] == 0]
            if len(done) != 1 or starts > len(attempts):
                yield f"agent {name} was started {starts} times in {len(attempts)} attempts"
            if starts < 1 or f"e {name}" not in marks:
                yield f"agent {name} never ran to its end"

    def locks(self):
        """Lock files, in the clones too; the one that kelp only flocks stays."""
        return [str(p.relative_to(self.folder)) for name in ("repo", "remote.git")
                for p in sorted((self.folder / name).rglob("*.lock"))]

    def problems(self, wanted):
        """Everything that is wrong, in words."""
        state = self.state()
        for key, value in wanted.items():
            if state[key] != value:
                yield f"{key}: {state[key]!r} instead of {value!r}"
        yield from self.repeated()
        for repo in (self.repo, self.folder / "remote.git"):
            fsck = subprocess.run(["git", "fsck", "--strict", "--no-dangling"], cwd=repo,
                                  env=self.env, capture_output=True, text=True, check=False)
            if fsck.returncode or fsck.stdout or fsck.stderr.replace("\n", ""):
                yield f"git fsck of {repo.name}: {fsck.stdout}{fsck.stderr}"
