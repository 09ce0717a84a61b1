# SPDX-License-Identifier: Apache-2.0
"""The tables, as people and as programs read them."""
from dataclasses import asdict

from measures import Row
from peers import COUNT

BEGIN, END = "<!-- begin of what bench/run wrote -->", "<!-- end of what bench/run wrote -->"
MAKE, OFF, ON = "GNU make", "kelp, containment off", "kelp, as users run it"


def goals_of_peers(runners):
    by_name = {r.name: r for r in runners}
    make, off, on = (by_name[name] for name in (MAKE, OFF, ON))
    return [Row(f"{what} of an agent over GNU make's, {COUNT:,} agents", "x",
                getattr(off, field) / getattr(make, field),
                getattr(on, field) / getattr(make, field), 1, 2)
            for what, field in (("wall time", "wall"), ("CPU time", "cpu"))]


def _number(value, unit):
    if value is None:
        return "-"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{' ' + unit if unit else ''}"


def _goal(row):
    goals = [g for g in (row.goal_off, row.goal_on) if g is not None]
    word = "at least" if row.least else "at most"
    if not goals:
        return "-"
    return f"{word} " + " / ".join(f"{g:,g}" for g in dict.fromkeys(goals))


def _judgement(row):
    """One word where both columns agree."""
    words = ["met" if part == 0 else f"missed by {part:.0%}" for part in row.excess()]
    return " / ".join(dict.fromkeys(words)) or "-"


def _lines(head, body):
    """A Markdown table whose columns line up."""
    widths = [max(len(line[i]) for line in [head, *body]) for i in range(len(head))]
    rule = ["-" * w for w in widths]
    return ["| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths)) + " |"
            for line in [head, rule, *body]]


def _peers_table(runners):
    make = next(r for r in runners if r.name == MAKE)
    head = ["10,000 x /bin/true, 64 at once", "wall", "CPU, all", "CPU, itself", "wall : make",
            "CPU : make"]
    body = [[r.name, f"{r.wall:.2f} s", f"{r.cpu:.2f} s", f"{r.own:.2f} s",
             f"{r.wall / make.wall:.2f}", f"{r.cpu / make.cpu:.2f}"] for r in runners]
    return _lines(head, body)


def _rows_table(rows):
    head = ["measure", "containment off", "as users run it", "goal", ""]
    body = [[r.what, _number(r.off, r.unit), _number(r.on, r.unit), _goal(r), _judgement(r)]
            for r in rows]
    return _lines(head, body)


def markdown(machine, runners, rows):
    parts = [[f"Measured on {machine}."]]
    if runners:
        parts.append(_peers_table(runners))
    if rows:
        parts.append(_rows_table(rows))
    return "\n\n".join("\n".join(part) for part in parts)


def as_json(machine, runners, rows):
    return {"machine": machine, "peers": [asdict(r) for r in runners],
            "measures": [asdict(r) | {"excess": r.excess()} for r in rows]}


def put_between_marks(path, text):
    block = f"{BEGIN}\n{text}\n{END}\n"
    old = path.read_text() if path.exists() else ""
    if BEGIN in old and END in old:
        block = old.partition(BEGIN)[0] + block + old.partition(END + "\n")[2]
    path.write_text(block)
