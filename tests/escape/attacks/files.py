# SPDX-License-Identifier: Apache-2.0
"""Writing where an agent has no business."""
from attack import attack


@attack("change, add or remove a file of the user's tree", by="Landlock", landlock=1)
def user_tree(arena):
    """Writes to a tracked file, makes a new one, removes and renames others."""
    arena.agents('echo x >>"$TREE/f1"; echo x >"$TREE/stray"; rm "$TREE/f2"; mv "$TREE/f2" "$TREE/f3"')
    return bool(arena.git("status", "--porcelain").stdout)


@attack("plant a hook or configuration in the user's `.git`", by="Landlock", landlock=1)
def user_git(arena):
    """Writes a hook and core.fsmonitor into the user's repository, which git would then run."""
    arena.agents('''printf '#!/bin/sh\\n: >"$OUT/pwned"' >"$TREE/.git/hooks/post-merge"
        chmod +x "$TREE/.git/hooks/post-merge"
        git -C "$TREE" config core.fsmonitor ': >"$OUT/pwned"; false' ''')
    arena.git("status")
    return (arena.out / "pwned").exists() or (arena.tree / ".git/hooks/post-merge").exists()


@attack("write to the user's home", by="Landlock", landlock=1)
def home(arena):
    """Adds a line to a shell's start file and a new file in $HOME."""
    arena.agents('echo x >>"$HOME/.profile"; echo x >"$HOME/stray"')
    return (arena.home / ".profile").exists() or (arena.home / "stray").exists()
