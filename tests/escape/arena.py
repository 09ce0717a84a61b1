# SPDX-License-Identifier: Apache-2.0
"""Where an attack takes place: a user with a home, a repository and a run of kelp in it.

    home/        the user's home
    tree/        the user's repository, with a commit
    out/         a folder that no agent may write to: what appears there was not stopped
    tmp/         the user's folder for temporary files

Scripts of agents are given TREE, OUT, RUN (the folder of the run) and the programs KELP, REACH (reach.c)
and ORDER (order.c).
"""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

NOBODY = 65534
PROGRAMS = {"kelp": "kelp", "reach": "tests/escape/reach", "order": "tests/escape/order"}
RUN_LIMIT_S = 150  # an overloaded machine lets agents begin one after the other

MARK_LIMIT_S = 20

# Around the script of an agent: the suite has to know that the attack has taken place.
WRAPPED = """at=${{KELP_RESULT%/*}}
began() {{ : >"$at/began"; }}
struck() {{ : >"$at/struck"; }}
wait_for() {{ n=0; until eval "$1" || [ $n -gt 1500 ]; do n=$((n + 1)); sleep 0.02; done; }}
(
{}
)
status=$?
struck
exit $status"""

GIT_CONFIG = """[user]
\tname = Tester
\temail = tester@localhost
[init]
\tdefaultBranch = main
[gc]
\tauto = 0
"""


def wait_until(condition, seconds=20):
    """True as soon as the condition holds; the limit only ends what hangs."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def alive(pid):
    """Is there such a process, and is it not a zombie?"""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


class Arena:
    def __init__(self, folder, build, user, control):
        self.folder, self.build = Path(folder), Path(build)
        self.user, self.control = user, control
        self.more = {}  # of the user's environment
        self.tree, self.home = self.folder / "tree", self.folder / "home"
        self.out, self.tmp = self.folder / "out", self.folder / "tmp"
        self.run_dir = self.tree / ".kelp/runs/ORG_1001"
        for path in (self.tree, self.home, self.out, self.tmp):
            path.mkdir(parents=True)
        (self.home / ".gitconfig").write_text(GIT_CONFIG)
        self._make_repository()
        if self.drops_root():
            for path in (self.folder, *self.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY, follow_symlinks=False)

    def drops_root(self):
        return self.user == "user" and os.geteuid() == 0

    def _make_repository(self):
        for name in ("f1", "f2"):
            (self.tree / name).write_text(f"line of {name}\n")
        for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "start"]):
            subprocess.run(["git", *words], cwd=self.tree, env=self.environment(), check=True,
                           timeout=RUN_LIMIT_S)

    def environment(self):
        return {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C",
                "HOME": str(self.home), "TMPDIR": str(self.tmp), "GIT_CONFIG_NOSYSTEM": "1",
                "TREE": str(self.tree), "OUT": str(self.out), "RUN": str(self.run_dir),
                **{name.upper(): str(self.build / path) for name, path in PROGRAMS.items()},
                **self.more}

    def popen(self, words, cwd=None, **more):
        """Starts a program as the user of this arena."""
        if self.drops_root():
            more.update(user=NOBODY, group=NOBODY, extra_groups=[])
        options = {"cwd": cwd or self.tree, "env": self.environment(),
                   "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE,
                   "stderr": subprocess.PIPE, **more}
        return subprocess.Popen([str(word) for word in words], **options)

    def command(self, words, cwd=None, limit_s=RUN_LIMIT_S):
        """Runs a program to its end, or to the limit; the result has returncode, stdout and stderr. What
        it left running may hold its output open, so that is a file."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = self.popen(words, cwd, stdout=out, stderr=err, start_new_session=True)
            try:
                process.wait(limit_s)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            out.seek(0)
            err.seek(0)
            return subprocess.CompletedProcess(words, process.returncode, out.read(), err.read())

    def shell(self, script, cwd=None):
        return self.command(["sh", "-c", script], cwd)

    def git(self, *words, cwd=None):
        return self.command(["git", *words], cwd)

    def kelp(self, *words):
        return self.command([self.build / "kelp", *words])

    def write_plan(self, scripts, **keys):
        """A plan with a child for each script."""
        plan = {"version": 1, "task": "escape", "research": [], "retries": 0,
                "environment": ["TREE", "OUT", "RUN", *map(str.upper, PROGRAMS)],
                "subtasks": [{"title": f"agent {n}",
                              "steps": [{"id": "a", "role": "A", "run": WRAPPED.format(script)}]}
                             for n, script in enumerate(scripts, 1)], **keys}
        if self.control:
            plan.setdefault("sandbox", "off")
        path = self.folder / "plan.yaml"
        path.write_text(json.dumps(plan, indent=1))  # JSON is YAML
        return path

    def began(self, agent=1):
        """Waits until the agent with this number has called `began`."""
        self._wait_for_mark("began", agent)

    def struck(self, agent=1):
        """Waits until the agent has called `struck`, or its script has ended."""
        self._wait_for_mark("struck", agent)

    def _wait_for_mark(self, mark, agent):
        if not wait_until(lambda: self._has_mark(mark, agent), MARK_LIMIT_S):
            raise RuntimeError(f"the agent never came to '{mark}': {self.said()[-400:]!r}")

    def _has_mark(self, mark, agent):
        return bool(list(self.run_dir.glob(f"attempts/ORG_1001.{agent}/w1.*/{mark}")))

    def start(self, *scripts, **keys):
        """Starts kelp with an agent for each script, and more keys for the plan."""
        plan = self.write_plan(scripts, **keys)
        return self.popen([self.build / "kelp", "run", "--yes", "--pattern", "meta", plan],
                          stdout=open(self.folder / "said", "wb"), stderr=subprocess.STDOUT)

    def agents(self, *scripts, **keys):
        """A whole run with an agent for each script; returns what kelp printed."""
        engine = self.start(*scripts, **keys)
        try:
            engine.wait(RUN_LIMIT_S)
        except subprocess.TimeoutExpired:
            engine.kill()
            engine.wait()
            raise RuntimeError("the run did not end") from None
        if not self._has_mark("struck", 1):
            raise RuntimeError(f"the agent did not come to its end: {self.said()[-400:]!r}")
        return self.said()

    def agents_of_retry(self):
        """Has kelp do once more what it does with a copy that is there already."""
        return self.kelp("retry", "ORG_1001.1", "--yes")

    def said(self):
        return (self.folder / "said").read_bytes()

    def report(self):
        return json.loads((self.run_dir / "report.json").read_text())

    def landed(self):
        return self.git("log", "--format=%s").stdout

    def process_of(self, words):
        """The process below this one that has these words in its command line; 0: there is none."""
        for pid in descendants(os.getpid()):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ")
            except OSError:
                continue
            if words.encode() in command:
                return pid
        return 0

    def bystander(self):
        """A program of the user that has nothing to do with kelp. It holds out/held open as 9, and
        writes the name of a signal that arrives to out/signals."""
        script = """exec 9>"$OUT/held"; trap 'echo USR1 >>"$OUT/signals"' USR1
            : >"$OUT/ready"; while :; do sleep 0.1; done"""
        process = self.popen(["sh", "-c", script])
        if not wait_until((self.out / "ready").exists):
            raise RuntimeError("the bystander does not start")
        return process

    def close(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def descendants(pid):
    """All processes below this one."""
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            children = Path(f"/proc/{pid}/task/{task}/children").read_text().split()
            for child in map(int, children):
                found += [child, *descendants(child)]
    except OSError:
        pass  # it has ended meanwhile
    return found


def end_descendants(seconds=10):
    """Ends every process below this one, which has made itself the parent of orphans."""
    end = time.monotonic() + seconds
    while (left := descendants(os.getpid())) and time.monotonic() < end:
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        time.sleep(0.01)
    return descendants(os.getpid())
