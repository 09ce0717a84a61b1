# SPDX-License-Identifier: Apache-2.0
"""The table of docs/SECURITY.md: what it says now, what it should say, and writing it."""
from attack import kernel_words

BEGIN, END = "<!-- escape: begin -->", "<!-- escape: end -->"
HEAD = ("| attack | stopped by | root | ordinary user | needs |", "|---|---|---|---|---|")
NOT_TRIED = "not tried"
WORDS = {"stopped": "stopped", "not stopped": "**not stopped**", NOT_TRIED: NOT_TRIED}


def parse(text):
    """The rows between the markers, by the name of the attack."""
    inside = text.partition(BEGIN)[2].partition(END)[0]
    rows = {}
    for line in inside.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 5 and cells[0] not in ("attack", "---"):
            rows[cells[0]] = cells[1:]
    return rows


def cell(outcome, old):
    """What could not be tried here keeps the word of where it could."""
    if outcome in (None, NOT_TRIED) and old:
        return old
    return WORDS[outcome or NOT_TRIED]


def rows_of(catalogue, outcomes, old):
    """The rows as they should be. outcomes: {(name, user): outcome}."""
    rows = {}
    for one in catalogue:
        before = old.get(one.name, ["", "", "", ""])
        cells = [cell(outcomes.get((one.name, user)), before[1 + n]) if user in one.users else "-"
                 for n, user in enumerate(("root", "user"))]
        rows[one.name] = [one.by or "nothing", *cells, kernel_words(one)]
    return rows


def text_of(rows, groups):
    lines = [BEGIN]
    for title, names in groups:
        lines += ["", f"### {title}", "", *HEAD]
        lines += ["| " + " | ".join([name, *rows[name]]) + " |" for name in names]
    return "\n".join([*lines, "", END])


def replace(text, table):
    before, _, rest = text.partition(BEGIN)
    return before + table + rest.partition(END)[2]
