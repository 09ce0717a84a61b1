# SPDX-License-Identifier: Apache-2.0
"""What an attack is, and the list of them.

An attack is a function. It is given an arena (arena.py), lets an agent of kelp do its worst there, and
returns True if the harm was done: a file changed, a process is dead, a signal arrived. It looks from
outside; what the agent says counts for nothing.

Each attack also runs once as its own control, where nothing stops it: it has to succeed there. An
attack that harms nobody even without protection would prove nothing.
"""
from collections import namedtuple

# The kernel that brought each version of Landlock.
LANDLOCK_KERNELS = {1: "5.13", 2: "5.19", 3: "6.2", 4: "6.7", 5: "6.10", 6: "6.12"}

USERS = ("root", "user")

Attack = namedtuple("Attack", "name group tries by landlock needs users slow control function")

catalogue = []


class NotTried(Exception):
    """The attack cannot be tried here; the text says why."""


def attack(name, by, landlock=0, needs="", users=USERS, slow=False, control="off"):
    """Declares an attack.

    name      what the table calls it
    by        what stops it, in words; "" if nothing does, which `tries` then explains
    landlock  the version of Landlock that is needed to stop it; 0: none
    needs     what else the kernel needs
    users     who tries it; a row has a cell for each user
    slow      left out of the short form
    control   "off": without the sandbox; "naive": what a program less careful than kelp would do,
              which the function itself carries out if arena.control is set; "": there is none
    """

    def declare(function):
        tries = " ".join(function.__doc__.split())
        group = function.__module__.rpartition(".")[2]
        catalogue.append(
            Attack(name, group, tries, by, landlock, needs, users, slow, control, function))
        return function

    return declare


def kernel_words(one):
    """What the kernel has to have, for the table."""
    words = []
    if one.landlock:
        words.append(f"Landlock {one.landlock} (Linux {LANDLOCK_KERNELS[one.landlock]})")
    if one.needs:
        words.append(one.needs)
    return ", ".join(words) or "any"
