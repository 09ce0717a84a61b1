# SPDX-License-Identifier: Apache-2.0
"""Where measurements take place: a folder of their own, and programs of which none is left behind.

The benchmark makes itself the subreaper of what it starts, so that kelp's keeper, which outlives
its engine, is waited for and its CPU time counted too.
"""
import ctypes
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
LIMIT_S = 300


class Usage:
    """What a command cost: `own` is the CPU time of the command and its keeper, `total` that of
    everything they started too."""

    def __init__(self):
        self.wall = self.own = self.total = 0.0
        self.status = None
        self.rss_kib = 0


def _own_ticks(pid):
    """CPU time of a process itself, which may be a zombie."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def process_cpu(pid):
    """CPU seconds of the only thread of a process, to the nanosecond."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def process_rss_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {pid} has ended")


def children(pid):
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def until(what, seconds=LIMIT_S):
    """Waits until `what()` is true, which it then returns."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.002)
    raise RuntimeError("what was waited for did not happen")


def _remove(path):
    """Many files at once: with online discard the disk is waited for at each."""
    with ThreadPoolExecutor(32) as pool:
        for folder, _, names in os.walk(path):
            pool.map(os.unlink, [os.path.join(folder, name) for name in names])
    shutil.rmtree(path, ignore_errors=True)


class Workshop:
    """A temporary folder, an environment, and the programs under measurement."""

    def __init__(self, build):
        self.build = Path(build).resolve()
        self.kelp = str(self.build / "kelp")
        self.dir = Path(tempfile.mkdtemp(prefix="kelp-bench."))
        self.env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.dir),
                    "XDG_CONFIG_HOME": str(self.dir), "GIT_CONFIG_NOSYSTEM": "1",
                    "TMPDIR": str(self.dir)}
        self.count = 0
        if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
            raise OSError("cannot become a subreaper")
        self.git("config", "--global", "user.name", "Bench")
        self.git("config", "--global", "user.email", "bench@localhost")
        self.git("config", "--global", "init.defaultBranch", "main")

    def close(self):
        self._end_all(signal.SIGTERM, 15)
        self._end_all(signal.SIGKILL, 15)
        _remove(self.dir)

    def _end_all(self, number, seconds):
        end = time.monotonic() + seconds
        for pid in children(os.getpid()):
            os.kill(pid, number)
        while time.monotonic() < end:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    time.sleep(0.01)
            except ChildProcessError:
                return

    def path(self, name):
        self.count += 1
        return self.dir / f"{self.count}-{name}"

    def file(self, name, text):
        path = self.path(name)
        path.write_text(text)
        return path

    def git(self, *words, cwd=None):
        subprocess.run(["git", *words], cwd=cwd or self.dir, env=self.env, check=True,
                       stdout=subprocess.DEVNULL)

    def repository(self, files=1, folders=1):
        """A repository with so many files of a few kilobytes, and one commit."""
        repo = self.path("repo")
        self.git("init", "-q", str(repo))
        for i in range(files):
            folder = repo / f"d{i % folders}"
            folder.mkdir(exist_ok=True)
            (folder / f"f{i}").write_text(f"line of file {i}\n" * 400)
        self.git("add", "-A", cwd=repo)
        self.git("commit", "-qm", "start", cwd=repo)
        return repo

    def start(self, words, cwd=None, stdin=None, stdout=subprocess.DEVNULL):
        return subprocess.Popen([str(w) for w in words], cwd=cwd or self.dir, env=self.env,
                                stdin=stdin or subprocess.DEVNULL, stdout=stdout,
                                stderr=subprocess.DEVNULL)

    def run(self, words, cwd=None, stdin=None, stdout=None):
        """Runs to the end of the command and of all that it leaves."""
        with open(stdin or os.devnull, "rb") as source, open(stdout or os.devnull, "wb") as sink:
            begin = time.monotonic()
            process = self.start(words, cwd, source, sink)
            return self.finish(process, begin)

    def finish(self, process, begin):
        usage = Usage()
        while True:
            try:
                seen = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            except ChildProcessError:
                break
            if seen.si_pid == process.pid:
                usage.wall = time.monotonic() - begin
            usage.own += _own_ticks(seen.si_pid) * TICK_S
            _, status, spent = os.wait4(seen.si_pid, 0)
            usage.total += spent.ru_utime + spent.ru_stime
            if seen.si_pid == process.pid:
                usage.status = process.returncode = os.waitstatus_to_exitcode(status)
                usage.rss_kib = spent.ru_maxrss
        return usage

    def must_run(self, words, cwd=None, stdin=None, status=0):
        usage = self.run(words, cwd, stdin)
        if usage.status != status:
            raise RuntimeError(f"exit status {usage.status}: {' '.join(map(str, words))}")
        return usage

    def output(self, words, cwd=None):
        done = subprocess.run([str(w) for w in words], cwd=cwd or self.dir, env=self.env,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=LIMIT_S, check=True)
        return done.stdout.decode()

    def helper(self, name, *words):
        return json.loads(self.output([self.build / "bench" / name, *words]))

    # kelp

    def kelp_run(self, plan, contained, *more):
        words = [self.kelp, "run", "--yes", "--quiet", *more]
        return words + ([] if contained else ["--no-contain"]) + [str(plan)]

    def events(self, words, cwd):
        """Usage, and what `kelp run --json` told."""
        told = self.path("events")
        usage = self.run([*words[:2], "--json", *words[2:]], cwd, stdout=told)
        if usage.status != 0:
            raise RuntimeError(f"exit status {usage.status}: {' '.join(map(str, words))}")
        return usage, [e for e in map(json.loads, told.read_text().splitlines()) if "at_ms" in e]

    @staticmethod
    def run_dir(repo):
        return max((repo / ".kelp" / "runs").glob("ORG_*"))

    def report(self, repo):
        return json.loads((self.run_dir(repo) / "report.json").read_text())

    def keeper_of(self, repo):
        """The keeper of the newest run; it is a child of this process as soon as it is detached."""
        if not any((repo / ".kelp" / "runs").glob("ORG_*")):
            return None
        run_dir = str(self.run_dir(repo)).encode()
        for pid in children(os.getpid()):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"kelp-keeper") and run_dir in words:
                return pid
        return None
