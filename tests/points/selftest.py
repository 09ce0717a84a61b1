# SPDX-License-Identifier: Apache-2.0
"""That what the points look for is found: a harm of each kind is done to a run that went well."""
import example


def lose_commits(ran):
    ran.git("reset", "-q", "--hard", "main~1")


def change_a_file(ran):
    (ran.repo / "f1").write_text("other\n")


def hold_back_a_push(ran):
    ran.git("update-ref", "refs/heads/main", "main~1", repo=ran.folder / "remote.git")


def push_twice(ran):
    log = ran.folder / "remote.git" / "logs" / "refs" / "heads" / "main"
    log.write_text(log.read_text() + log.read_text().splitlines()[-1] + "\n")


def start_an_agent_twice(ran):
    with open(ran.marks, "a", encoding="utf-8") as marks:
        marks.write("s a1\ne a1\n")


def forget_an_agent(ran):
    ran.marks.write_text(ran.marks.read_text().replace("e b2\n", ""))


def leave_a_lock(ran):
    (ran.repo / ".git" / "refs" / "heads" / "main.lock").write_text("")


def leave_a_clone(ran):
    (ran.repo / ".kelp" / "runs" / ran.runs()[-1] / "clones" / "left").mkdir(parents=True)


def break_an_object(ran):
    name = ran.git("rev-parse", "main:f3")
    path = ran.repo / ".git" / "objects" / name[:2] / name[2:]
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-5])


# What is done, and a word of what is then said.
HARMS = ((lose_commits, "commits:"), (change_a_file, "working tree:"),
         (hold_back_a_push, "remote is main:"), (push_twice, "pushes:"),
         (start_an_agent_twice, "agent a1 was started 2 times"),
         (forget_an_agent, "agent b2 never ran"), (leave_a_lock, "locks:"),
         (leave_a_clone, "clones:"), (break_an_object, "git fsck"))

# Programs in kelp's place, what is said of them, and after how many seconds they hang.
IMPOSTORS = (("exit 1", "exit status 1 without a word", example.DEADLINE_S),
             ("exec sleep 60", "hangs", 2),
             ('"$REAL" "$@"; sleep 60 >/dev/null 2>&1 & exit 0', "processes are left",
              example.DEADLINE_S))


def finds_harms(harness):
    for harm, word in HARMS:
        ran = harness.new()
        ran.run()
        harm(ran)
        yield harm.__name__, word, list(ran.problems(harness.wanted))
        ran.end()


def finds_impostors(harness, any_point):
    for script, word, deadline_s in IMPOSTORS:
        ran = harness.new()
        path = ran.folder / "kelp"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        ran.env["REAL"], ran.kelp = ran.kelp, str(path)
        ran.deadline_s, ran.leave_s = deadline_s, 2
        yield script, word, list(harness.problems_of(ran, any_point))
        ran.end()


def finds_a_lie(harness, lie):
    """The answer of a merge says that it is written, and is not."""
    yield "a write that lies", "the last exit status is", harness.attempt(lie)["problems"]


def run(harness, any_point, lie):
    failed = tried = 0
    for what, word, said in (*finds_harms(harness), *finds_impostors(harness, any_point),
                             *finds_a_lie(harness, lie)):
        tried += 1
        if not any(word in line for line in said):
            failed += 1
            print(f"not ok - not found: {what}; said: {said}")
    print(f"{tried} harms done, {tried - failed} of them found")
    print(f"{tried - failed} passed, {failed} failed", flush=True)
    return failed
