#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print the two tables of src/base/cells.c from this Python's copy of the Unicode database."""
import unicodedata


def assigned(point):
    return unicodedata.category(chr(point)) != "Cn"


def ranges(wanted):
    """Runs of wanted code points; gaps of unassigned ones do not end a run."""
    runs = []
    bridge = False
    for point in range(0x80, 0x110000):
        if 0xD800 <= point <= 0xDFFF or not assigned(point):
            continue
        if not wanted(point):
            bridge = False
        elif bridge:
            runs[-1][1] = point
        else:
            runs.append([point, point])
            bridge = True
    return runs


def no_cell(point):
    in_syllable = 0x1160 <= point <= 0x11FF  # Hangul vowels and finals join what is before them
    return in_syllable or (unicodedata.category(chr(point)) in ("Mn", "Me", "Cf") and point != 0xAD)


def two_cells(point):
    return not no_cell(point) and unicodedata.east_asian_width(chr(point)) in "WF"


def table(name, rows):
    print(f"static const struct cell_range {name}[] = {{")
    line = "   "
    for first, last in rows:
        row = f" {{0x{first:04X}, 0x{last:04X}}},"
        if len(line) + len(row) > 100:
            print(line)
            line = "   "
        line += row
    print(line + "\n};")


print(f"/* Unicode {unicodedata.unidata_version}; printed by tools/unicode-cells.py. */")
table("no_cell", ranges(no_cell))
print()
table("two_cells", ranges(two_cells))
