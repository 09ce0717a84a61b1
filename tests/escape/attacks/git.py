# SPDX-License-Identifier: Apache-2.0
"""Planting in a copy what kelp's own git would run or follow."""
from attack import attack

OWN = "kelp: git in a copy reads only configuration that kelp wrote"
NAIVE_LIMIT_S = 10

# What a program does that trusts the copy. It goes on whatever fails.
NAIVE = '''export EDITOR=true; echo change >>f1; git add -A; git commit -qm change; git commit -q --amend --trailer 'a: b' </dev/null
git status; git diff HEAD~1; git log -p; git checkout -q -f HEAD~1 -- f1; git submodule update --init
printf 'url=http://localhost\\n\\n' | git credential fill
git checkout -qb other HEAD~1; echo other >>f1; git commit -qam other; git merge -q --no-edit -; git fetch -q origin'''

PWN = '''cat >"$TMPDIR/pwn" <<EOF
#!/bin/sh
touch "$OUT/pwned"
exec cat "\\$@"
EOF
chmod +x "$TMPDIR/pwn"; cp "$TMPDIR/pwn" .git/pwn; pwn=$PWD/.git/pwn
'''


def plant(arena, script, **keys):
    """Lets an agent plant something in its copy, then has kelp do all that it does with a copy. Control:
    plants the same in a clone, and works there as if there were nothing to fear."""
    if arena.control:
        clone = arena.folder / "naive"
        arena.git("clone", "-q", arena.tree, clone)
        arena.shell(script, clone)
        arena.command(["sh", "-c", NAIVE], clone, NAIVE_LIMIT_S)
        return
    arena.agents(script + "\necho change >>f1; echo new >new", **keys)
    arena.kelp("diff", "ORG_1001.1")
    arena.agents_of_retry()
    arena.kelp("gc", "--yes")


def planted(arena, script, **keys):
    """The same for what runs a program: true if it has run."""
    plant(arena, PWN + script, **keys)
    return (arena.out / "pwned").exists()


@attack("hooks and core.hooksPath", by=OWN, control="naive")
def hooks(arena):
    """Every hook that git knows, in the copy's own folder and in another."""
    return planted(arena, '''mkdir -p hooks
        for H in pre-commit post-commit post-checkout post-merge pre-merge-commit post-rewrite prepare-commit-msg \\
            commit-msg reference-transaction post-index-change pre-push pre-auto-gc; do
            cp "$pwn" .git/hooks/$H; cp "$pwn" hooks/$H; done
        git config core.hooksPath "$PWD/hooks"''')


@attack("core.fsmonitor", by=OWN, control="naive")
def fsmonitor(arena):
    """A program that `git status` asks which files have changed."""
    return planted(arena, 'git config core.fsmonitor "$pwn"')


@attack("filter drivers", by=OWN, control="naive")
def filters(arena):
    """clean, smudge and process filters with attributes for every file."""
    return planted(arena, '''git config filter.x.clean "$pwn"; git config filter.x.smudge "$pwn"
        git config filter.y.process "$pwn"
        echo '* filter=x' >.gitattributes; echo 'f2 filter=y' >.git/info/attributes
        echo '* filter=x' >attributes; git config core.attributesFile "$PWD/attributes"''')


@attack("diff drivers", by=OWN, control="naive")
def diff_drivers(arena):
    """diff.external, textconv and commands of a driver."""
    return planted(arena, '''git config diff.external "$pwn"; git config diff.x.textconv "$pwn"
        git config diff.x.command "$pwn"; echo '* diff=x' >.gitattributes''')


@attack("merge drivers", by=OWN, control="naive")
def merge_drivers(arena):
    """A driver that merges every file."""
    return planted(arena, '''git config merge.x.driver "$pwn"; git config merge.default x
        echo '* merge=x' >.gitattributes; echo '* merge=x' >.git/info/attributes''')


@attack("core.sshCommand and remote helpers", by=OWN, control="naive")
def transports(arena):
    """core.sshCommand, upload-pack commands and ext:: addresses for every remote."""
    return planted(arena, '''git config core.sshCommand "$pwn"; git config protocol.ext.allow always
        git config core.gitProxy "$pwn"; git config remote.origin.uploadpack "$pwn"
        git config remote.origin.url "ext::$pwn"''')


@attack("credential.helper and core.askPass", by=OWN, control="naive")
def credentials(arena):
    """Programs that are asked for passwords."""
    return planted(arena, 'git config credential.helper "!$pwn"; git config core.askPass "$pwn"')


@attack("core.editor, core.pager, aliases and trailers", by=OWN, control="naive")
def editors(arena):
    """Programs that git starts for messages, pages and trailers, and an alias."""
    return planted(arena, '''git config core.editor "$pwn"; git config sequence.editor "$pwn"
        git config core.pager "$pwn"; git config pager.log true; git config alias.l "!$pwn"
        git config trailer.kelp-exec-id.command "$pwn"; git config trailer.kelp-exec-id.key kelp-exec-id
        git config trailer.a.cmd "$pwn"''')


@attack("gpg.program with signing of everything", by=OWN, control="naive")
def signing(arena):
    """Commits and tags are to be signed, signatures shown, by a program of the agent."""
    return planted(arena, '''git config gpg.program "$pwn"; git config commit.gpgSign true
        git config log.showSignature true; git config tag.gpgSign true; git config merge.verifySignatures true''')


@attack("include.path, includeIf and config.worktree", by=OWN, control="naive")
def includes(arena):
    """Configuration in a file beside the one that is written anew."""
    return planted(arena, '''printf '[core]\\n\\tfsmonitor = "%s"\\n' "$pwn" >more
        git config include.path "$PWD/more"; git config "includeIf.gitdir:/.path" "$PWD/more"
        git config extensions.worktreeConfig true; cp more .git/config.worktree''')


@attack("commands of submodules", by=OWN, control="naive")
def submodules(arena):
    """A submodule whose update is a command, in .gitmodules and in the configuration."""
    return planted(arena, '''git init -q sub; git -C sub commit -q --allow-empty -m sub
        printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = ./sub\\n\\tupdate = !%s\\n' "$pwn" >.gitmodules
        git config submodule.sub.update "!$pwn"; git config submodule.sub.url ./sub; git config submodule.sub.active true
        git config submodule.recurse true; cp "$pwn" sub/.git/hooks/post-checkout; git -C sub config core.fsmonitor "$pwn"
        git add sub .gitmodules''')


def refs(arena):
    """The user's own references and the state of the user's tree."""
    lines = arena.git("for-each-ref", "--format=%(refname) %(objectname)").stdout.splitlines()
    own = [line for line in lines if b"kelp/" not in line]
    written = (arena.tree / "f1").stat().st_mtime_ns
    return own, written, arena.git("status", "--porcelain").stdout, arena.git("config", "-l", "--local").stdout


def diverted(arena, script):
    """True if work in the copy has changed the user's repository, although nothing was to land."""
    before = refs(arena)
    plant(arena, script, land="none")
    return refs(arena) != before


@attack("core.worktree on the user's tree", by=OWN, control="naive")
def worktree(arena):
    """What git checks out in the copy would be written to the user's tree."""
    return diverted(arena, 'echo mine >f1; git commit -qam mine; git config core.worktree "$TREE"')


@attack("commondir on the user's repository", control="naive",
        by="kelp: removes it before git sees the copy")
def commondir(arena):
    """What git commits in the copy would move the user's branches."""
    return diverted(arena, 'echo "$TREE/.git" >.git/commondir')


@attack("the same in a `.git` that git does not take for one", control="naive",
        by="kelp: removes it before git sees the copy")
def commondir_in_ruins(arena):
    """Without a HEAD there is no repository, until kelp writes it anew; then commondir would count."""
    return diverted(arena, 'echo "$TREE/.git" >.git/commondir; ' + ("" if arena.control else "rm .git/HEAD"))


@attack("a `.git` that is a file or a link to the user's", control="naive",
        by="kelp: a copy's .git is a folder, or is made anew")
def git_elsewhere(arena):
    """Replaces the copy's .git by a way to the user's repository."""
    before = refs(arena)
    plant(arena, 'rm -rf .git; echo "gitdir: $TREE/.git" >.git', land="none")
    return refs(arena) != before


@attack("a log of references that is a link", by="kelp: links are removed before git sees the copy",
        control="naive")
def log_link(arena):
    """Git appends to .git/logs/HEAD, wherever that leads."""
    arena.shell(': >"$OUT/log"')
    plant(arena, 'rm -f .git/logs/HEAD; ln -s "$OUT/log" .git/logs/HEAD')
    return (arena.out / "log").stat().st_size > 0


@attack("folders of objects that are links", control="naive",
        by="kelp: links are removed before git sees the copy")
def object_links(arena):
    """All 256 folders of .git/objects lead to a folder of the user's, where git would write objects."""
    arena.shell('mkdir "$OUT/objects"')
    plant(arena, '''for D in $(seq 0 255); do D=$(printf %02x $D); [ -e .git/objects/$D ] ||
            ln -s "$OUT/objects" .git/objects/$D; done''')
    return any((arena.out / "objects").iterdir())


@attack("alternates that lead to another repository", by="kelp: it writes them anew", control="naive")
def alternates(arena):
    """A commit names a file of a repository that the agent cannot read, whose objects are said to be
    among those of the copy."""
    store = arena.home / ".password-store"
    arena.git("init", "-q", store)
    arena.shell(f"""echo secret of the store >{store}/password""")
    blob = arena.git("hash-object", "-w", "password", cwd=store).stdout.decode().strip()
    plant(arena, f'''echo "{store}/.git/objects" >>.git/objects/info/alternates
        tree=$({{ git ls-tree HEAD; printf '100644 blob {blob}\\tstolen\\n'; }} | git mktree --missing)
        git update-ref HEAD $(git commit-tree -p HEAD -m work $tree)
        git update-index --add --cacheinfo 100644,{blob},stolen''')
    where = arena.folder / "naive" if arena.control else arena.tree
    return b"secret" in arena.git("log", "-p", "--all", cwd=where).stdout


@attack("replaced objects and grafts", by="kelp: they are not read, and removed", control="naive")
def replaced_objects(arena):
    """The commit that the work began with is to look as if it had other files."""
    before = arena.git("rev-parse", "HEAD:f2").stdout
    plant(arena, '''base=$(git rev-parse HEAD); echo forged >f2; git add -A
        forged=$(git commit-tree -m forged $(git write-tree)); git reset -q --hard
        git replace $base $forged; echo "$base $forged" >.git/info/grafts''')
    seen = arena.git("rev-parse", "HEAD:f2", cwd=arena.folder / "naive" if arena.control else None).stdout
    return seen != before or bool(arena.git("replace", "-l").stdout)


@attack("tree entries that name `.git` or `..`", by="git: fetch.fsckObjects, and checks of paths",
        control="")
def forged_trees(arena):
    """Commits a tree made by hand that has .git/hooks/post-merge and ../stray in it."""
    plant(arena, PWN + '''blob=$(git hash-object -w "$pwn")
        sub=$(printf '100755 blob %s\\tpost-merge\\n' $blob | git mktree)
        hooks=$(printf '040000 tree %s\\thooks\\n' $sub | git mktree)
        for name in .git .GIT git~1 ..; do
            { git ls-tree HEAD; printf '040000 tree %s\\t%s\\n' $hooks $name; } | git mktree >tree || continue
            git reset -q --soft $(git commit-tree -p HEAD -m forged $(cat tree)); done''')
    return (arena.out / "pwned").exists() or (arena.tree / ".git/hooks/post-merge").exists() \
        or (arena.run_dir / "clones/hooks").exists()


@attack("FIFOs where git expects files", by="kelp: they are removed, or not opened", control="naive")
def fifos(arena):
    """Whoever opens a FIFO that nobody writes to waits for ever: .gitattributes, .gitignore, HEAD, index,
    config, refs and packs of the copy."""
    script = '''for F in .gitattributes .gitignore .gitmodules .mailmap .git/HEAD .git/index .git/config \\
        .git/packed-refs .git/refs/heads/x .git/info/exclude .git/info/attributes .git/shallow \\
        .git/objects/pack/pack-1.idx .git/objects/info/alternates .git/logs/HEAD dir/.gitignore dir/.gitattributes sub/.git/HEAD; do
        rm -rf $F; mkdir -p $(dirname $F); mkfifo $F; done; mkdir sub/.git/objects sub/.git/refs'''
    if arena.control:
        plant(arena, script.replace(".git/HEAD .git/index", ""))
        return arena.command(["git", "status"], arena.folder / "naive", 2).returncode == -9
    try:
        arena.agents(script)
    except RuntimeError:
        return True
    return False
