# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Repositories that were made, by chance or by malice, to trip a program that drives git: references,
# attributes, configuration, indexes, submodules, remotes. Work lands or is refused with a reason; a
# restore brings back every byte; git finds nothing wrong afterwards.
# shellcheck source=tests/e2e/lib-hostile.sh
. "$E2E_HERE/lib-hostile.sh"

test_odd_names_of_branches_tags_and_remotes() {
    new_repo
    local head
    head=$(git rev-parse HEAD)
    for ref in heads/--upload-pack=x heads/-d 'heads/$(touch${IFS}pwned)' "heads/it's" 'heads/"q"' \
        heads/HEAD heads/main.x heads/kelp/ORG_9999 tags/main tags/HEAD tags/-rf tags/heads/main \
        "heads/$head" 'heads/a;b' 'heads/{{x}}' "$(printf 'heads/bad\377')" 'remotes/x/HEAD'; do
        git update-ref "refs/$ref" HEAD || fail "$ref"
    done
    git init -q --bare ../remote.git
    git config 'remote.--upload-pack=touch pwned.url' "$PWD/../remote.git"
    git config 'remote.--upload-pack=touch pwned.fetch' '+refs/heads/*:refs/remotes/x/*'
    git config branch.main.remote '--upload-pack=touch pwned'
    git config branch.main.merge refs/heads/main
    work_plan 'echo x >>new'
    exits 0 "$KELP" run --yes --quiet --push always ../plan.yaml
    sound
    is "new" x "$(cat new)"
    is "pushed" "$(git rev-parse HEAD)" "$(git -C ../remote.git rev-parse refs/heads/main)"
    local name n=1
    for name in --upload-pack=x '$(touch${IFS}pwned)' "it's" '"q"' HEAD "$head" 'a;b' '{{x}}'; do
        git symbolic-ref HEAD "refs/heads/$name" && git reset -q --hard
        n=$((n + 1))
        exits 0 "$KELP" run --yes --quiet ../plan.yaml
        is "new on $name" "$(git rev-parse "refs/heads/kelp/ORG_100$n")" "$(git rev-parse "refs/heads/$name")"
        rm -f out err
    done
    sound
    [ ! -e pwned ] || fail "a name was run"
    git symbolic-ref HEAD "$(printf 'refs/heads/bad\377')" && git reset -q --hard
    "$KELP" run --yes --quiet ../plan.yaml >../said 2>&1
    is "a branch that is not UTF-8" 4 $?
    has ../said 'not UTF-8'
    has ../said '^hint: '
}

# What a submodule may say of itself: where it is, where it comes from, how it is updated.
test_submodules() {
    git init -q lib && (cd lib && echo lib >l && git add . && git commit -qm lib)
    git init -q mid && (cd mid && git -c protocol.file.allow=always submodule -q add "$PWD/../lib" deep && git commit -qm mid)
    new_repo
    git -c protocol.file.allow=always submodule -q add "$PWD/../mid" 'mo d'
    git -c protocol.file.allow=always submodule -q add "$PWD/../lib" absent
    git -c protocol.file.allow=always submodule -q add "$PWD/../lib" 'bad'$'\377'
    git -C . -c protocol.file.allow=always submodule -q update --init --recursive
    git commit -qm submodules
    git submodule -q deinit -f absent
    cat >>.gitmodules <<MODULES
[submodule "../../escape"]
	path = ../escape
	url = ext::sh -c touch% $PWD/pwned
[submodule "option"]
	path = -u
	url = --upload-pack=touch $PWD/pwned
MODULES
    git config submodule.mid.update "!touch $PWD/pwned"
    git update-index --add --cacheinfo "160000,$(git -C ../lib rev-parse HEAD),-u"
    git commit -qam 'more of them'
    echo dirty >>'mo d/deep/l'
    echo new >'mo d/new'
    echo moved >'bad'$'\377/l' && git -C 'bad'$'\377' commit -qam moved
    echo kept >'bad'$'\377/untracked'
    state_of . >../before
    work_plan 'echo x >new; git submodule update --init --recursive; ls "mo d" >>new; true'
    lands
    has new '^x'
    [ ! -e pwned ] || fail "the url of a submodule was run"
    comes_back 'echo other >"mo d/deep/l"; rm "mo d/new"; rm "$(printf "bad\377")"/untracked; echo z >"$(printf "bad\377/l")"'
    (cd 'mo d/deep' && sound)
}

# Git has looked at the file, and need not look again.
still() {
    git config --unset include.path
    touch -d '1 hour ago' big.bin
    git update-index -q --refresh
    git config include.path ../../lfs.config
}

test_lfs_pointers_without_git_lfs() {
    new_repo
    printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 12\n' 7 >big.bin
    echo '*.bin filter=lfs diff=lfs merge=lfs -text' >.gitattributes
    git add -A && git commit -qm pointers
    printf '[filter "lfs"]\n\t%s\n\t%s\n\t%s\n\trequired = true\n' 'clean = git-lfs-not-here clean -- %f' \
        'smudge = git-lfs-not-here smudge -- %f' 'process = git-lfs-not-here filter-process' >../lfs.config
    git config include.path ../../lfs.config
    state_of . >../before
    still
    work_plan 'echo x >new'
    lands
    # A file that git has to look into is one that it can't look into.
    touch big.bin
    exits 4 "$KELP" run --yes --quiet ../plan.yaml
    has err '^hint: .*filter'
    rm -f out err
    still
    is "the pointer" "$(git cat-file blob HEAD:big.bin)" "$(cat big.bin)"
    # A pointer that the result changes needs the filter of the user where it lands.
    work_plan 'sed -i s/12/13/ big.bin; echo y >newer'
    exits 3 "$KELP" run --yes --quiet ../plan.yaml
    has out 'Not landed: a filter of your configuration fails'
    is "nothing moved" "" "$(git status --porcelain)"
    [ ! -e newer ] || fail "half of it landed"
    git config --unset include.path
    exits 0 "$KELP" land ORG_1002
    has big.bin '^size 13'
    sound
}

test_a_partial_clone_whose_remote_is_gone() {
    new_repo
    mkdir away && echo one >away/file && git add -A && git commit -qm away
    git init -q --bare ../remote.git
    git -C ../remote.git config uploadpack.allowFilter true
    git -C ../remote.git config uploadpack.allowAnySHA1InWant true
    git push -q ../remote.git main
    git clone -q --filter=blob:none --sparse "file://$PWD/../remote.git" ../partial
    cd ../partial || return 1
    git sparse-checkout set dir
    work_plan 'echo x >>dir/new'
    mv ../remote.git ../gone.git
    exits 1 "$KELP" run --yes --quiet ../plan.yaml
    has out 'remote.git.* does not appear to be a git repository'
    has out "the repository is a partial clone.*'git remote set-url'"
    rm -f out err
    is "nothing is left behind" "" "$(git status --porcelain)"
    mv ../gone.git ../remote.git
    exits 0 "$KELP" run --yes --quiet --push never ../plan.yaml
    is "new" x "$(cat dir/new)"
    [ ! -e away ] || fail "the checkout is not sparse any more"
    mv ../remote.git ../gone.git
    exits 0 "$KELP" run --yes --quiet --push never ../plan.yaml
    is "new" 2 "$(wc -l <dir/new)"
    echo mine >dir/inner
    exits 0 "$KELP" restore --exact --yes ORG_1003
    is "the tree as it was" x "$(cat dir/new)"
    is "inner" text "$(cat dir/inner)"
}

test_attributes() {
    new_repo
    printf '%s\n' '*.utf16 working-tree-encoding=UTF-16LE' '*.crlf text eol=crlf' '*.id ident' \
        'secret export-ignore' '*.own merge=ours diff=evil' '*.un merge=union' 'b* -text -diff' \
        '*.f filter=up' '* whitespace=trailing-space' >.gitattributes
    git config filter.up.clean "tr a-z A-Z" && git config filter.up.smudge "tr A-Z a-z"
    git config diff.evil.command "touch $PWD/pwned" && git config diff.evil.textconv "touch $PWD/pwned;cat"
    git config merge.ours.driver true
    printf 'h\0i\0\n\0' >a.utf16
    printf 'one\r\ntwo\r\n' >a.crlf
    printf '$Id$\n' >a.id
    echo s >secret
    echo x >a.own
    echo x >a.un
    printf 'x\0' >binary
    echo shout >a.f
    git add -A && git commit -qm attributes
    is "the filter of the user" SHOUT "$(git cat-file blob HEAD:a.f)"
    printf 'mixed\n' >>a.crlf
    printf '\r\n$Id: mine $\n' >a.id
    echo Mixed >a.f
    state_of . >../before
    work_plan 'printf "!\0\n\0" >>a.utf16; printf "b\n" >w.crlf; echo whisper >w.f; cat secret >new; rm secret; echo z >>a.un; echo d >>binary'
    lands
    is "utf-16" 'h i !' "$(git cat-file blob HEAD:a.utf16 | tr '\n' ' ' | sed 's/hi/h i/; s/ $//')"
    is "eol" "$(printf 'b\r\n' | od -c)" "$(od -c w.crlf)"
    is "the filter where it lands" whisper "$(cat w.f)"
    comes_back 'echo x >a.id; echo x >a.f; git checkout -q -- a.crlf; printf x >a.utf16'
    [ ! -e pwned ] || fail "a diff driver was run"
    # What can not be written back as the attribute says is the agent's fault, and told.
    git reset -q --hard
    work_plan 'printf "\330" >a.utf16; echo x >>new2'
    exits 1 "$KELP" run --yes --quiet ../plan.yaml
    has out 'a.utf16'
    sound
}

# The hooks of the user run where the result lands and is pushed, and nowhere else.
test_hooks() {
    new_repo
    new_remote
    local hook
    for hook in applypatch-msg pre-applypatch post-applypatch pre-commit pre-merge-commit \
        prepare-commit-msg commit-msg post-commit pre-rebase post-checkout post-merge pre-push \
        pre-auto-gc post-rewrite post-index-change fsmonitor-watchman reference-transaction; do
        printf '#!/bin/sh\ncase $0:$1 in *reference-transaction:p*) exit 0 ;; esac\necho "${0##*/} ${PWD##*/}" >>"%s"\n' "$PWD/../ran" >.git/hooks/$hook
        chmod +x .git/hooks/$hook
    done
    git config core.fsmonitor "$PWD/.git/hooks/fsmonitor-watchman"
    work_plan 'echo x >new'
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "pushed" "$(git rev-parse HEAD)" "$(git -C ../remote.git rev-parse main)"
    is "what ran" "post-checkout? post-merge pre-push reference-transaction" \
        "post-checkout? $(sed 's/ .*//' ../ran | grep -v '^post-index-change\|^fsmonitor\|^post-checkout' | sort -u | tr '\n' ' ' | sed 's/ $//')"
    is "where" repo "$(sed 's/.* //' ../ran | sort -u)"
    # One that changes files when the result has landed changes what is the user's.
    git config --unset core.fsmonitor
    rm .git/hooks/*
    printf '#!/bin/sh\necho hook >f7\n' >.git/hooks/post-merge
    chmod +x .git/hooks/post-merge
    work_plan 'echo y >new'
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "new" y "$(cat new)"
    is "what the hook did" hook "$(cat f7)"
    git checkout -q f7
    rm .git/hooks/*
    # One that lets the tree move but not the branch: both stay.
    printf '#!/bin/sh\n! grep -q refs/heads/main || [ "$1" != prepared ] || exit 1\n' >.git/hooks/reference-transaction
    chmod +x .git/hooks/reference-transaction
    work_plan 'echo no >new; echo no >never'
    exits 3 "$KELP" run --yes --quiet ../plan.yaml
    has out 'Not landed: '
    rm -f out err
    is "nothing moved" "y" "$(cat new)$(git status --porcelain)"
    rm .git/hooks/*
    # One that hangs keeps the push from its end, and loses nothing when it is ended.
    printf '#!/bin/sh\necho $$ >"%s"\nexec sleep 1000\n' "$PWD/../hung" >.git/hooks/pre-push
    chmod +x .git/hooks/pre-push
    work_plan 'echo z >new'
    "$KELP" run --yes ../plan.yaml >../said 2>&1 &
    local engine=$!
    wait_for 30 test -s ../hung
    kill "$(cat ../hung)"
    wait $engine
    is "status" 3 $?
    has ../said 'git push'
    is "landed before" z "$(cat new)"
    sound
}

# Everything that git's configuration can run, in an agent's copy.
test_nothing_that_an_agent_plants_is_run() {
    new_repo
    work_plan 'touch() { :; }
evil="touch '"$PWD"'/../pwned"
for k in core.fsmonitor core.sshCommand core.pager core.editor core.askPass core.gitProxy core.alternateRefsCommand \
    diff.external diff.x.textconv diff.x.command filter.x.clean filter.x.smudge filter.x.process merge.x.driver \
    gpg.program gpg.ssh.program sequence.editor credential.helper interactive.diffFilter uploadpack.packObjectsHook \
    trailer.x.command trailer.x.cmd log.showSignature alias.status init.templateDir browser.x.cmd; do
    git config $k "$evil"
done
git config core.hooksPath "$PWD/.git/hooks"
git config core.worktree "'"$PWD"'"
git config commit.gpgSign true
git config include.path "'"$PWD"'/../evil.config"
git config extensions.worktreeConfig true
git config --worktree core.fsmonitor "$evil" 2>/dev/null
mkdir -p .git/hooks .git/info
for h in pre-commit post-commit post-checkout reference-transaction post-index-change pre-merge-commit commit-msg post-merge pre-push; do
    printf "#!/bin/sh\n$evil\n" >.git/hooks/$h; chmod +x .git/hooks/$h
done
echo "* filter=x diff=x merge=x" >.gitattributes
cp .gitattributes .git/info/attributes
echo x >new
echo y >f1'
    printf '[core]\n\tfsmonitor = touch %s/../pwned\n' "$PWD" >../evil.config
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "new" x "$(cat new)"
    [ ! -e ../pwned ] || fail "something planted was run"
    is "the configuration of the user" false "$(git config core.fsmonitor || echo false)"
    rm -f out err
    exits 0 "$KELP" diff ORG_1001
    exits 0 "$KELP" gc
    [ ! -e ../pwned ] || fail "something planted was run"
    sound
}

test_configuration_by_inclusion_and_variables() {
    new_repo
    printf '[user]\n\tname = Included\n[core]\n\tautocrlf = input\n' >../more.config
    git config include.path ../../more.config
    work_plan 'echo x >new'
    GIT_DIR=/nowhere GIT_WORK_TREE=/tmp GIT_INDEX_FILE=/tmp/not-an-index GIT_OBJECT_DIRECTORY=/nowhere \
        GIT_ALTERNATE_OBJECT_DIRECTORIES=/nowhere GIT_COMMON_DIR=/nowhere GIT_NAMESPACE=x \
        GIT_CEILING_DIRECTORIES="$PWD" GIT_LITERAL_PATHSPECS=1 GIT_EXTERNAL_DIFF=false GIT_PAGER=false \
        GIT_CONFIG_PARAMETERS="'core.abbrev'='5'" GIT_TRACE=1 GIT_TRACE2_EVENT="$PWD/../trace" GIT_FLUSH=1 \
        GIT_EDITOR=false GIT_SEQUENCE_EDITOR=false GIT_DIFF_OPTS=-U0 GIT_ICASE_PATHSPECS=1 \
        GIT_DEFAULT_HASH=sha256 GIT_REFLOG_ACTION=evil GIT_MERGE_VERBOSITY=5 GIT_ADVICE=1 \
        GIT_TEST_DEFAULT_HASH=sha256 GIT_ATTR_SOURCE=HEAD CDPATH=/tmp \
        "$KELP" run --yes --quiet ../plan.yaml >../said 2>&1
    is "status" 0 $?
    is "new" x "$(cat new)"
    is "who committed" Included "$(git log -1 --format=%cn)"
    unset GIT_DIR
    sound
}

test_a_worktree_with_alternates_and_read_only_objects() {
    new_repo
    git init -q --bare ../store.git
    git push -q ../store.git main
    git clone -q -s ../store.git ../shared 2>/dev/null
    cd ../shared || return 1
    git worktree add -q ../side -b side
    cd ../side || return 1
    chmod -R a-w ../shared/.git/objects ../store.git/objects 2>/dev/null
    chmod u+w ../shared/.git/objects
    work_plan 'echo x >new'
    echo mine >untracked
    state_of . >../before
    lands
    is "new" x "$(cat new)"
    is "the branch" side "$(git symbolic-ref --short HEAD)"
    rm new
    comes_back 'rm untracked; echo x >f1; git add f1'
    # Nothing can be written: refused with a reason.
    chmod -R u+w ../shared/.git
    if [ "$(id -u)" -ne 0 ]; then
        chmod -R a-w ../shared/.git/objects
        exits 4 "$KELP" run --yes --quiet ../plan.yaml
        chmod -R u+w ../shared/.git/objects
    fi
}

test_a_sha256_repository() {
    git init -q --object-format=sha256 repo && cd repo || return 1
    echo x >f1 && git add f1 && git commit -qm start
    echo dirty >>f1
    echo new >untracked
    git add -N untracked
    state_of . >../before
    work_plan 'echo x >new; echo y >f2'
    lands
    is "new" x "$(cat new)"
    comes_back 'rm f1; git rm -q --cached untracked f1; echo other >untracked'
    is "object format" 64 "$(git rev-parse HEAD | tr -d '\n' | wc -c)"
}

test_broken_refs_and_a_lock_left_behind() {
    new_repo
    work_plan 'echo x >new'
    git pack-refs --all
    echo 'not a line' >>.git/packed-refs
    exits 4 "$KELP" run --yes --quiet ../plan.yaml
    has err 'packed-refs'
    has err '^hint: '
    sed -i '$d' .git/packed-refs
    mkdir -p .git/refs/heads/broken
    echo garbage >.git/refs/heads/broken/one
    echo 0000000000000000000000000000000000000001 >.git/refs/heads/missing
    : >.git/refs/heads/empty
    exits 4 "$KELP" run --yes --quiet ../plan.yaml
    has err 'bad object refs/heads/(broken/one|empty|missing)'
    has err '^hint: .*git fsck'
    rm -r .git/refs/heads/broken .git/refs/heads/missing .git/refs/heads/empty out err
    lands
    is "new" x "$(cat new)"
    : >.git/index.lock
    work_plan 'echo y >new'
    exits 3 "$KELP" run --yes --quiet ../plan.yaml
    has out 'Not landed: .*index.lock'
    has out 'kelp land ORG_100'
    is "nothing moved" x "$(cat new)"
    [ -e .git/index.lock ] || fail "the lock of somebody else was removed"
    rm .git/index.lock
    exits 0 "$KELP" land "$(ls -v .kelp/runs | tail -n 1)"
    is "new" y "$(cat new)"
    head -c 100 /dev/urandom >.git/index
    exits 4 "$KELP" run --yes --quiet ../plan.yaml
    has err 'index'
    has err '^hint: '
}

# What the index says of a file is not always what the file is.
test_indexes_of_all_kinds() {
    local kind
    new_repo
    git config index.version 4
    for kind in assume-unchanged skip-worktree; do
        git update-index --$kind f1
        echo "mine, $kind" >f1
        work_plan "echo theirs $kind >f1; echo x >>new"
        exits 3 "$KELP" run --yes --quiet ../plan.yaml
        has out "Not landed: .*overwritten.*'f1'"
        rm -f out err
        is "f1" "mine, $kind" "$(cat f1)"
        git update-index --no-$kind f1
        git checkout -q f1
    done
    rm -f .git/index && git reset -q --hard
    rm -rf .kelp && git for-each-ref --format='delete %(refname)' refs/kelp refs/heads/kelp | git update-ref --stdin
    git checkout -qb other && echo other >f2 && git commit -qam other
    git checkout -q main && echo main >f2 && git commit -qam main
    git update-index --split-index --untracked-cache 2>/dev/null
    git config core.untrackedCache true
    git config core.splitIndex true
    git update-index --assume-unchanged f1
    echo mine >f1
    git update-index --skip-worktree f3
    rm f3
    echo new >intent && git add -N intent
    echo staged >f4 && git add f4 && echo more >>f4
    git update-index --chmod=+x f5
    git rm -q --cached f6
    git mv f7 moved
    state_of . >../before
    work_plan 'echo x >new; cat f1 f3 >>new'
    lands
    comes_back 'git reset -q; git checkout -q -f .; rm -f intent moved new'
    git merge -q other >/dev/null 2>&1
    git read-tree HEAD
    printf '%s\n' "100644 $(git rev-parse HEAD:f1) 1	c" "100644 $(git rev-parse HEAD:f2) 2	c" "100644 $(git rev-parse HEAD:f5) 3	d e" |
        git update-index --index-info
    state_of . >../before
    work_plan 'echo x >newer'
    "$KELP" run --yes --quiet ../plan.yaml >../said 2>&1
    local status=$?
    [ $status -eq 0 ] || [ $status -eq 3 ] || fail "status $status: $(cat ../said)"
    echo 'git read-tree --reset HEAD' >../undo
    git read-tree --reset HEAD
    exits 0 "$KELP" restore --exact --yes "$(ls -v .kelp/runs | tail -n 1)"
    rm -f out err
    state_of . >../after
    cmp -s ../before ../after || fail "not as it was: $(diff -a ../before ../after | head -n 12)"
    sound
}

test_a_repository_of_somebody_else() {
    [ "$(id -u)" -eq 0 ] || { echo "not tried: another owner (only root can make one)"; return; }
    new_repo
    work_plan 'echo x >new'
    chown -R 65534:65534 .
    exits 4 "$KELP" run --yes --quiet ../plan.yaml
    has err 'dubious ownership'
    has err '^hint: .*safe.directory'
    git config --global safe.directory "$PWD"
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "new" x "$(cat new)"
}

# Ten thousand files and as many commits; HOSTILE_SIZE=100000 is the long form.
test_a_huge_history_of_many_files() {
    local size=${HOSTILE_SIZE:-5000}
    git init -q repo && cd repo || return 1
    perl -e 'my $n = shift; print "blob\nmark :1\ndata 2\nx\n\n";
        for my $i (1 .. $n) {
            print "commit refs/heads/main\ncommitter T <t\@l> ", 1700000000 + $i, " +0000\ndata 2\nm\n\n";
            printf "M 100644 :1 d%d/e%d/f%d\n\n", $i % 100, $i % 7, $i;
        }' "$size" | git fast-import --quiet
    git reset -q --hard
    work_plan 'echo x >new; rm d1/e1/f1; echo y >d2/e2/f2'
    echo dirty >d3/e3/f3
    lands
    is "new" x "$(cat new)"
    is "files" "$size" "$(git ls-files | wc -l)"
    echo gone >d4/e4/f4
    exits 0 "$KELP" restore --yes ORG_1001
    is "what was dirty" dirty "$(cat d3/e3/f3)"
    is "what changed since" x "$(cat d4/e4/f4)"
}
