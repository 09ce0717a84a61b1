# SPDX-License-Identifier: Apache-2.0
"""Giving orders, and being somebody else."""
import json
import signal

from arena import alive, wait_until
from attack import attack

PWN = ': >"$OUT/pwned"'


def pwned(arena):
    return (arena.out / "pwned").exists()


@attack("order the keeper to start a program outside of the sandbox, as if it were the engine",
        by="the keeper: it has one engine at a time", control="naive")
def order_keeper(arena):
    """Connects to the keeper's socket while the engine lives. Control: the same order from the user's
    own process, after the engine's death."""
    order_while(arena, engine_lives=True)
    return pwned(arena)


@attack("order the keeper after the engine's death", control="naive",
        by="the keeper: nobody below it is heard")
def order_orphaned_keeper(arena):
    """As above, when the engine was killed and nobody is connected."""
    order_while(arena, engine_lives=False)
    return pwned(arena)


def order_while(arena, engine_lives):
    order = f'''"$ORDER" "$RUN" '{PWN}' '''
    engine = arena.start(f'began; until [ -e "$OUT/go" ]; do sleep 0.02; done; {order}; struck; sleep 111',
                         **({"sandbox": {}} if arena.control else {}))
    arena.began()
    if arena.control or not engine_lives:
        engine.send_signal(signal.SIGKILL)
        engine.wait()
    if arena.control:
        arena.shell(order)
    (arena.out / "go").touch()
    arena.struck()
    wait_until(lambda: pwned(arena), 0.5)


@attack("order the keeper of another repository's run after its engine's death", control="naive",
        by="the keeper: nobody in a sandbox is heard")
def order_other_keeper(arena):
    """As above, from an agent of another run, which that keeper has not started."""
    other = arena.folder / "other"
    run = other / ".kelp/runs/ORG_1001"
    arena.command(["cp", "-a", arena.tree, other])
    plan = arena.write_plan(["began; sleep 111"])
    engine = arena.popen([arena.build / "kelp", "run", "--yes", "--pattern", "meta", plan], cwd=other)
    if not wait_until(lambda: list(run.glob("attempts/ORG_1001.1/w1.*/began"))):
        raise RuntimeError("the other run does not begin")
    engine.kill()
    engine.wait()
    order = f'''"$ORDER" '{run}' '{PWN}' '''
    if arena.control:
        arena.shell(order)
    else:
        arena.agents(order)
    wait_until(lambda: pwned(arena), 0.5)
    return pwned(arena)


def agent_of_the_root(arena, plan, **keys):
    """An agent of the research wave asks for a child with this plan."""
    text = json.dumps(plan)
    script = f"""cat >"$TMPDIR/asked.yaml" <<'PLAN'
{text}
PLAN
"$KELP" run --yes "$TMPDIR/asked.yaml" """
    if arena.control:  # the user may have what they like
        arena.shell('mkdir -p "$TMPDIR"; ' + script)
    else:
        arena.agents("true", research=[{"role": "R", "run": script}], **keys)


def child(run, **keys):
    return {"version": 1, "task": "asked", "research": [], "environment": ["OUT"],
            "subtasks": [{"title": "asked", "steps": [{"id": "a", "role": "A", "run": run}], **keys}]}


@attack("ask for a child without a sandbox", by="the engine: no child has more than who asked",
        control="naive")
def child_without_sandbox(arena):
    """An agent of the root may ask for children: it asks for one with `sandbox: off`."""
    agent_of_the_root(arena, child(PWN, sandbox="off"))
    return pwned(arena)


@attack("ask for a child that works in place", by="the engine: no child has more than who asked",
        control="naive")
def child_in_place(arena):
    """As above, with `isolation: none`."""
    agent_of_the_root(arena, child(PWN, isolation="none"))
    return pwned(arena)


@attack("ask for a child that may write more", by="the engine: no child has more than who asked",
        control="naive")
def child_writes_more(arena):
    """As above, with the user's folders in `sandbox.write`."""
    agent_of_the_root(arena, child(PWN, sandbox={"write": [str(arena.out)]}))
    return pwned(arena)


def children(arena):
    return sum(o["kind"] == "child" for o in arena.report()["orchestrators"])


@attack("start an orchestrator from an agent of a child", by="the engine: by the process, not by what it says",
        control="naive")
def orchestrator_too_deep(arena):
    """Runs `kelp run` with a plan, with an ID tag, and with the variables of the root forged."""
    plan = json.dumps(child(PWN, sandbox="off"))
    script = f"""cat >"$TMPDIR/asked.yaml" <<'PLAN'
{plan}
PLAN
"$KELP" run --yes "$TMPDIR/asked.yaml"
"$KELP" run --yes '[EXEC_ID: ORG_1001] do it'
KELP_DEPTH=0 KELP_EXEC_ID=ORG_1001 "$KELP" run --yes "$TMPDIR/asked.yaml"
unset KELP_DEPTH KELP_EXEC_ID KELP_RUN KELP_SOCKET; "$KELP" run --yes "$TMPDIR/asked.yaml"
(cd "$TMPDIR" && git init -q own && cd own && "$KELP" run --yes "$TMPDIR/asked.yaml")
setsid sh -c '"$KELP" run --yes "$TMPDIR/asked.yaml"'"""
    if arena.control:
        arena.shell(script)
        return pwned(arena)
    arena.agents(script)
    runs = [path for path in arena.folder.rglob("ORG_1*/journal.db")]
    return pwned(arena) or len(runs) > 1 or children(arena) > 1


@attack("write the result of a sibling", by="Landlock", landlock=1)
def forge_result(arena):
    """Writes result.json into the folders of all other attempts."""
    arena.agents('''wait_for 'ls "$RUN"/attempts/ORG_1001.2/w1.*/tmp'
        for D in "$RUN"/attempts/ORG_1001.2/w1.*; do
            echo '{"status": "ok", "summary": "forged"}' >"$D/result.json"; done''',
                 """wait_for '[ -e "$RUN"/attempts/ORG_1001.1/w1.*/struck ]'; exit 1""")
    return b"forged" in (arena.run_dir / "report.json").read_bytes()


@attack("pass for a sibling", by="kelp: who wrote is known by the attempt's folder", control="")
def forge_identity(arena):
    """Sets KELP_EXEC_ID and the other variables, prints an ID tag, and writes both into its result."""
    arena.agents('''export KELP_EXEC_ID=ORG_1001.2 KELP_INSTANCE=I9 KELP_DEPTH=0
        echo "[EXEC_ID: ORG_1001.2]"
        echo '{"status": "ok", "summary": "from 2", "exec_id": "ORG_1001.2"}' >"$KELP_RESULT"''', "exit 1")
    status = {o["exec_id"]: o["status"] for o in arena.report()["orchestrators"]}
    return status["ORG_1001.2"] == "done" or status["ORG_1001.1"] != "done"


@attack("forge the journal, the keeper's record or the context of others", by="Landlock", landlock=1)
def forge_records(arena):
    """Appends to journal.db, keeper.log and engine.log, and replaces context files."""
    arena.agents('''for F in journal.db keeper.log engine.log lock context/findings.json context/stray; do
        printf 'for%s\\n' ged >>"$RUN/$F"; done''')  # the plan is in the journal, too
    return bool(arena.shell('grep -rl forged "$RUN" --include=journal.db --include=keeper.log '
                            '--include=engine.log --include=lock "$RUN/context"').stdout)


@attack("take the engine's place on its socket", by="Landlock", landlock=1)
def replace_socket(arena):
    """Removes the sockets of the run."""
    engine = arena.start('until [ -e "$OUT/go" ]; do sleep 0.02; done; '
                         'rm -f "$RUN"/*.sock; struck; sleep 111')
    sockets = []
    wait_until(lambda: sockets.extend(arena.run_dir.glob("*.sock")) or len(sockets) > 1)
    (arena.out / "go").touch()
    arena.struck()
    return any(not path.exists() for path in sockets) and alive(engine.pid)
