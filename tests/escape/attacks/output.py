# SPDX-License-Identifier: Apache-2.0
"""What kelp prints of what an agent said."""
import os
import re
import threading

from attack import attack

BY = "kelp: what it did not write itself is made visible before it is shown"

# Terminal sequences and their 8-bit forms, other control characters, and what turns or hides text.
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
EVIL = r"\033]0;pwned\007\033[2J\033[31mred \302\233 31m \342\200\256gnp.exe \r\bover \342\200\213end"
FORGED = r"\nORG_1001.2: done\n[1 ms] ORG_1001.2: done\nok - forged\n"
NAMES = f'''evil=$(printf '{EVIL}'); forged=$(printf '{FORGED}')
'''

VIEWS = (["status"], ["ls"], ["logs"], ["diff"], ["report", "--format", "md"],
         ["report", "--format", "junit"], ["report", "--format", "html"],
         ["report", "--format", "json"], ["status", "--json"], ["ls", "--json"])


def on_terminal(arena, words):
    """What a program writes to a terminal."""
    master, slave = os.openpty()
    said = []

    def listen():
        try:
            while piece := os.read(master, 65536):
                said.append(piece)
        except OSError:
            pass  # nobody has the other end any more

    listener = threading.Thread(target=listen)
    listener.start()
    process = arena.popen(["env", "GIT_PAGER=cat", arena.build / "kelp", *words], stdout=slave, stderr=slave)
    os.close(slave)
    process.wait(60)
    listener.join(10)
    os.close(master)
    return b"".join(said)


def shown(arena):
    """All that kelp shows of the run: in pipes, on a terminal and in files, by where it stands."""
    views = {"run": arena.said()}
    for words in VIEWS:
        views[" ".join(words)] = arena.kelp(*words).stdout
    for words in (["status"], ["ls"], ["logs"], ["diff"]):
        views["terminal: " + " ".join(words)] = own_sequences_removed(on_terminal(arena, words))
    for path in arena.run_dir.glob("report.*"):
        views[path.name] = path.read_bytes()
    return views


def own_sequences_removed(text):
    """kelp itself and git colour lines on a terminal; only that is let through."""
    return re.sub(rb"\x1b\[[0-9;]*[mK]|\r\n", b"", text)


def raw_in(views):
    return [where for where, text in views.items() if RAW.search(text.decode(errors="surrogateescape"))]


def shows_raw(arena, script, but=()):
    """True if anything that kelp shows has a character in it that a terminal would act on. Control: the
    script's own words have."""
    if arena.control:
        return bool(raw_in({"script": arena.shell(NAMES + 'printf %s "$evil"').stdout}))
    arena.agents(NAMES + script)
    arena.report()
    found = [where for where in raw_in(shown(arena)) if where not in but]
    if found:
        print("raw in:", ", ".join(found), flush=True)
    return bool(found)


@attack("escape sequences in output", by=BY, control="naive")
def in_output(arena):
    """Standard output and error, whose last line becomes the summary."""
    return shows_raw(arena, 'echo "$evil"; echo "$evil" >&2; exit 3', but=("logs", "diff"))


@attack("escape sequences in a result", by=BY, control="naive")
def in_result(arena):
    """Summary, findings, metrics, follow-ups and unknown keys of result.json, as JSON escapes."""
    evil = r"\u001b]0;pwned\u0007\u001b[2J \u009b31m \u202egnp.exe \r\b over \u200bend"
    return shows_raw(arena, "cat >\"$KELP_RESULT\" <<'R'\n" + f'''{{"status": "ok", "summary": "{evil}",
        "metrics": {{"{evil}": 1}}, "follow_up": ["{evil}"],
        "findings": [{{"title": "{evil}", "file": "{evil}"}}], "{evil}": 1}}\nR\n''')


@attack("escape sequences in names of files", by=BY, control="naive")
def in_names(arena):
    """New, changed and renamed files, in and out of what the agent may write."""
    return shows_raw(arena, 'echo x >"$evil"; mkdir "d$evil"; echo x >"d$evil/$forged"', but=("diff",))


@attack("escape sequences in contents, branches and commits", by=BY, control="naive")
def in_commits(arena):
    """Messages, authors and branches of the agent's own commits, and lines of its files."""
    return shows_raw(arena, '''echo "$evil" >>f1; git config user.name "$evil"; git add -A
        git commit -qm "$evil"; git tag "$evil"; git checkout -qb "x$evil"''', but=("diff",))


@attack("forged lines", by=BY, control="")
def forged_lines(arena):
    """Newlines in summaries, names and errors, followed by what kelp says of a success."""
    arena.agents(NAMES + '''printf '{"status": "failed", "summary": "a\\\\nORG_1001.2: done\\\\nORG_1001.1: done"}' \\
        >"$KELP_RESULT"; echo x >"$forged"; exit 1''')
    views = shown(arena)
    return any(re.search(rb"(?m)^(- )?ORG_1001\.[12]:? (agent [12]: )?done", views[where])
               for where in ("run", "status", "ls", "report --format md", "report.md"))


@attack("markup in reports", by="kelp: escapes it for HTML, XML and Markdown", control="")
def markup(arena):
    """Tags, scripts, links and images in a summary and in names."""
    arena.agents("""cat >"$KELP_RESULT" <<'R'
{"status": "failed", "summary": "<script>alert(1)</script><img src=x onerror=alert(1)> ]]> [a](javascript:x) ![i](http://h/)"}
R
echo x >'<script>alert(2)</script>'; exit 1""")
    html = arena.kelp("report", "--format", "html").stdout + (arena.run_dir / "report.html").read_bytes()
    junit = arena.kelp("report", "--format", "junit").stdout
    marked = (arena.run_dir / "report.md").read_bytes()
    return b"<script>alert" in html + junit or b"<img src=x" in html + junit or \
        bool(re.search(rb"(?<!\\)(<script>alert|\]\(javascript:|\]\(http://h)", marked))
