# SPDX-License-Identifier: Apache-2.0
"""Tricks at the paths that kelp reads, writes and removes after an agent."""
import json

from attack import attack

SECRET = '{"status": "ok", "summary": "TOP-SECRET"}'
NOT_FOLLOWED = "kelp: opens it without following links"


def report(arena):
    """Everything that kelp tells of the run."""
    said = arena.said() + b"".join(arena.kelp(*words).stdout + arena.kelp(*words).stderr
                                   for words in (["logs"], ["status"], ["report", "--format", "md"]))
    return said + b"".join(path.read_bytes() for path in arena.run_dir.glob("report.*"))


def leaks(arena, script):
    """True if kelp shows a file of the user to which the agent only made a link. Control: who follows
    the link finds it there."""
    (arena.out / "secret").write_text(SECRET)
    arena.agents(script, **({"sandbox": {}} if arena.control else {}))
    if arena.control:
        return any(path.is_file() and "TOP-SECRET" in path.read_text(errors="replace")
                   for path in arena.run_dir.glob("attempts/ORG_1001.1/w1.*/*"))
    return b"TOP-SECRET" in report(arena)


@attack("a result that is a link to a file of the user", by=NOT_FOLLOWED, control="naive")
def result_link(arena):
    """result.json leads to a file that would be a good result."""
    return leaks(arena, 'ln -s "$OUT/secret" "$KELP_RESULT"')


@attack("a result that is a link to the result of a sibling", by=NOT_FOLLOWED, control="")
def result_of_sibling(arena):
    """The sibling did the work, and the attacker links to what it says."""
    arena.agents('''wait_for 'ls "$RUN"/attempts/ORG_1001.2/w1.*/result.json'
        ln -s "$RUN"/attempts/ORG_1001.2/w1.*/result.json "$KELP_RESULT"''',
                 '''echo '{"status": "ok", "summary": "MY-WORK"}' >"$KELP_RESULT"; sleep 0.5''')
    mine = [o for o in arena.report()["orchestrators"] if o["exec_id"] == "ORG_1001.1"]
    return "MY-WORK" in json.dumps(mine)


@attack("output files that are links to a file of the user", by=NOT_FOLLOWED, control="naive")
def output_link(arena):
    """Replaces stdout and stderr in the attempt's folder, which kelp reads for logs and reports."""
    return leaks(arena, 'rm -f "$at/stdout" "$at/stderr"; ln -s "$OUT/secret" "$at/stdout"; '
                 'ln -s "$OUT/secret" "$at/stderr"; exit 1')


@attack("output files that are links, to have kelp write there", control="", by=NOT_FOLLOWED)
def output_written(arena):
    """kelp bounds outputs by punching out their middle, and overwrites secrets in them."""
    content = "sk-" + "a" * 60 + "\n"
    (arena.out / "secret").write_text(content)
    arena.agents('rm -f "$at/stdout" "$at/stderr"; ln -s "$OUT/secret" "$at/stdout"; '
                 'ln -s "$OUT/secret" "$at/stderr"; ln -s "$OUT/secret" "$KELP_RESULT"')
    return (arena.out / "secret").read_text() != content


def hangs(arena, script):
    """True if kelp waits for ever."""
    try:
        arena.agents(script)
    except RuntimeError:
        return True
    done = [arena.kelp(*words).returncode for words in (["logs"], ["status"], ["report"], ["diff"])]
    return any(status < 0 for status in done)


@attack("FIFOs, folders and sockets in place of result and outputs", control="",
        by="kelp: opens nothing that is no file")
def odd_files(arena):
    """Whoever opens a FIFO waits until somebody writes to it."""
    return hangs(arena, '''rm -rf "$at/stdout" "$at/stderr" "$KELP_RESULT"; mkfifo "$at/stdout" "$KELP_RESULT"
        mkdir "$at/stderr"; rm -rf "$at/tmp"; mkfifo "$at/tmp"''')


@attack("a temporary folder, a cache or a copy that leads to the user's files", control="naive",
        by="kelp: removes links, not what they lead to")
def removed_through_link(arena):
    """kelp removes the copy in the end, and kept folders at gc: all of them have links in them."""
    script = '''ln -s "$OUT/kept" link; ln -s "$TREE" tree; rm -rf "${at:-at}/tmp"; mkdir -p "${at:-at}"
        ln -s "$OUT/kept" "${at:-at}/tmp"; mkdir d; ln -s "$OUT/kept" d/kept'''
    arena.shell('mkdir "$OUT/kept"; echo x >"$OUT/kept/file"')
    if arena.control:
        arena.shell("mkdir copy; cd copy; " + script + "; find -L link -type f -delete",
                    arena.folder)
    else:
        arena.agents(script)
        arena.kelp("gc", "--yes", "ORG_1001")
        arena.kelp("gc", "--yes")
    return not (arena.out / "kept/file").exists() or not (arena.tree / "f1").exists()


@attack("replace its own copy or its attempt's folder", by="Landlock", landlock=1)
def replace_folders(arena):
    """Puts a link to the user's tree where kelp will look for the copy."""
    arena.agents('''cd /; for D in "$RUN/clones/ORG_1001.1" "$at"; do
        mv "$D" "$D.gone" && ln -s "$TREE" "$D"; done; mkdir -p "$at"''')
    return any(path.is_symlink() for path in (*arena.run_dir.glob("clones/*"),
                                               *arena.run_dir.glob("attempts/ORG_1001.1/*")))


@attack("a file made from outside by a hard link", by="Landlock", landlock=2)
def hard_link(arena):
    """Links the user's file into the copy and writes to it there."""
    arena.agents('ln "$TREE/f1" mine && echo x >>mine; ln "$TREE/f2" "$KELP_RESULT"')
    return (arena.tree / "f1").stat().st_nlink > 1 or (arena.tree / "f2").stat().st_nlink > 1


@attack("write to the copy of a sibling, or what kelp keeps beside one", by="Landlock", landlock=1)
def other_copies(arena):
    """Files, configuration and hooks of the sibling's copy, kelp's index and notes on both."""
    arena.agents('''wait_for 'ls "$RUN/clones/ORG_1001.2/f1"'
        for F in "$RUN"/clones/ORG_1001.2/stray "$RUN"/clones/ORG_1001.2/.git/config \\
            "$RUN"/clones/*.kelp/stray "$RUN"/clones/.templates/stray; do echo x >>"$F"; done''',
                 """wait_for 'ls "$RUN"/attempts/ORG_1001.1/w1.*/struck'; exit 1""")
    return any(arena.run_dir.glob("clones/*/stray")) or any(arena.run_dir.glob("clones/.templates/stray"))
