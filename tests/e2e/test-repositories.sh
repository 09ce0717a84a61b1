# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Repositories and machines in odd states: refused with a way out or carried through, and nothing lost.

one_step() {
    cat >../plan.yaml <<PLAN
version: 1
task: one
research: []
subtasks:
  - title: one
    steps: [ { id: a, role: A, run: "${1:-echo x > new}" } ]
PLAN
}

# refused PATTERN: nothing starts, and the message has a way out.
refused() {
    exits 4 "$KELP" run --yes "${PLAN:-../plan.yaml}"
    has err "$1"
    has err '^hint: '
}

# small_disk SIZE: a file system of its own in `disk`; what could not be mounted fails the test that
# could have done it, and is told by those that could not.
small_disk() {
    mkdir disk
    if mount -t tmpfs -o "size=$1,mode=755" tmpfs disk 2>mount.err; then
        trap 'cd /; umount -l "$DISK"' EXIT
        DISK=$PWD/disk
        cd disk || return 1
        return 0
    fi
    echo "not tried, mounting is not allowed here: $(cat mount.err)"
    [ "$(id -u)" -ne 0 ] || grep -qs . /.dockerenv || fail "root could not mount a small disk"
    return 1
}

test_a_shallow_clone() {
    new_repo
    git commit -q --allow-empty -m second
    git init -q --bare ../remote.git
    git push -q ../remote.git main
    git clone -q --depth 1 "file://$PWD/../remote.git" ../shallow
    cd ../shallow || return 1
    one_step
    exits 0 "$KELP" run --yes ../plan.yaml
    is "new" x "$(cat new)"
    is "pushed" "$(git rev-parse HEAD)" "$(git -C ../remote.git rev-parse main)"
    is "still shallow" true "$(git rev-parse --is-shallow-repository)"
    exits 0 git -C ../remote.git fsck
    exits 0 "$KELP" restore --yes ORG_1001
    [ ! -e new ] || has out 'new'
}

test_what_is_under_way_is_left_alone() {
    new_repo
    one_step
    git checkout -qb other && echo other >f1 && git commit -qam other
    git checkout -q main && echo main >f1 && git commit -qam main
    git rebase other >/dev/null 2>&1
    local before
    before=$(git status --porcelain; git rev-parse HEAD)
    refused 'a rebase is under way'
    rm -f out err
    is "the rebase" "$before" "$(git status --porcelain; git rev-parse HEAD)"
    git rebase --abort
    git cherry-pick other >/dev/null 2>&1
    refused 'a cherry-pick is under way'
    git cherry-pick --abort
    git revert --no-edit HEAD~1 >/dev/null 2>&1 || refused 'a revert is under way'
    git revert --abort 2>/dev/null
    git checkout -q main
    git bisect start -q
    exits 3 "$KELP" run --yes --quiet ../plan.yaml
    has out 'Not landed: a bisect is under way'
    git bisect reset >/dev/null 2>&1
    exits 0 "$KELP" land ORG_1001
    is "new" x "$(cat new)"
}

test_a_bare_repository_and_a_file_for_a_folder() {
    git init -q --bare bare && cd bare || return 1
    one_step
    refused 'bare repository'
    cd .. && mkdir plain && cd plain || return 1
    refused 'not a git repository|in no git repository|no repository'
    cd .. && new_repo
    : >.kelp
    refused '\.kelp'
    rm .kelp
    exits 0 "$KELP" run --yes ../plan.yaml
}

test_no_git() {
    new_repo
    one_step
    mkdir ../bin
    ln -s "$(command -v sh)" ../bin/sh
    exits 4 env PATH="$PWD/../bin" "$KELP" run --yes ../plan.yaml
    has err "no program 'git'"
    has err '^hint: .*git'
    exits 4 env PATH="$PWD/../bin" "$KELP" status
    mkdir ../old
    printf '#!/bin/sh\n[ "$*" != version ] || { echo git version 2.20.1; exit; }\nexec %s "$@"\n' \
        "$(command -v git)" >../old/git
    chmod +x ../old/git
    exits 4 env PATH="$PWD/../old:$PATH" "$KELP" run --yes ../plan.yaml
    has err '2\.20\.1'
    has err '^hint: '
}

test_a_missing_keeper_or_worker() {
    new_repo
    one_step
    mkdir ../partly
    cp "$KELP" ../partly/kelp
    ln -s "$E2E_ROOT/recipes" ../partly/recipes
    exits 4 ../partly/kelp run --yes ../plan.yaml
    has err "'kelp-worker' is missing"
    has err '^hint: '
    cp "$BUILD/kelp-worker" ../partly/
    exits 4 ../partly/kelp run --yes ../plan.yaml
    has err "'kelp-relay' is missing"
    cp "$BUILD/kelp-relay" ../partly/
    exits 4 ../partly/kelp run --yes ../plan.yaml
    has err "cannot find the program 'kelp-keeper'"
    has err '^hint: '
    cp "$BUILD/kelp-keeper" ../partly/
    # It stopped before anything was on disk.
    exits 2 timeout 20 ../partly/kelp resume --yes
    has err 'ORG_1001 never began'
    has err '^hint: .*kelp run'
    exits 0 ../partly/kelp run --yes ../plan.yaml
    is "new" x "$(cat new)"
}

test_a_read_only_disk() {
    small_disk 8m || return 0
    new_repo
    one_step
    cp ../plan.yaml "$HOME/plan.yaml"
    mount -o remount,ro "$DISK"
    cd "$DISK/repo" || return 1
    local said=$HOME/said
    "$KELP" run --yes "$HOME/plan.yaml" >"$said" 2>&1
    is "status" 4 $?
    has "$said" 'Read-only file system'
    has "$said" '^hint: .*writable'
    "$KELP" plan "$HOME/plan.yaml" >"$said" 2>&1
    is "a plan needs no room" 0 $?
    "$KELP" ls >"$said" 2>&1
    is "nor does a list" 0 $?
}

test_a_disk_that_is_full_from_the_start() {
    small_disk 2m || return 0
    new_repo
    one_step
    cp ../plan.yaml "$HOME/plan.yaml"
    head -c 10m /dev/zero >"$DISK/fill" 2>/dev/null
    local said=$HOME/said
    "$KELP" run --yes "$HOME/plan.yaml" >"$said" 2>&1
    is "status" 4 $?
    has "$said" 'No space left on device'
    has "$said" '^hint: '
    rm "$DISK/fill"
    "$KELP" run --yes --quiet "$HOME/plan.yaml" >"$said" 2>&1
    is "with room again" 0 $?
    is "new" x "$(cat new)"
}

test_an_agent_that_fills_the_disk() {
    small_disk 24m || return 0
    new_repo
    one_step 'echo x > new; head -c 100m /dev/zero > fill; true'
    cp ../plan.yaml "$HOME/plan.yaml"
    echo mine >untracked
    local said=$HOME/said status
    timeout 60 "$KELP" run --yes --quiet "$HOME/plan.yaml" >"$said" 2>&1
    status=$?
    # Either the engine stops at its journal, or the commit of the agent's work fails.
    if [ $status -eq 4 ]; then
        has "$said" 'No space left on device|disk is full'
        has "$said" '^hint: .*kelp resume'
        rm -f .kelp/runs/ORG_1001/clones/*/fill
        "$KELP" resume --yes --quiet >"$said" 2>&1
        is "resumed" 0 $?
        is "new" x "$(cat new)"
    else
        is "status" 1 $status
        has "$said" 'No space left on device|write error|unable to write'
    fi
    is "untracked" mine "$(cat untracked)"
    is "f1" "line of f1" "$(cat f1)"
    "$KELP" doctor >"$said" 2>&1
    has "$said" 'all journals can be read'
    git fsck >"$said" 2>&1 || fail "git fsck: $(cat "$said")"
}

test_results_that_can_not_be_written() {
    new_repo
    one_step
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    "$KELP" status --json >/dev/full 2>err
    is "status" 4 $?
    has err 'cannot write the results: No space left on device'
}

test_a_damaged_journal_is_said_and_rescued() {
    new_repo
    one_step
    exits 0 "$KELP" run --yes --quiet --land none ../plan.yaml
    local journal=.kelp/runs/ORG_1001/journal.db
    head -c 4096 /dev/zero | tr '\0' x | dd of=$journal bs=4096 seek=2 conv=notrunc 2>/dev/null
    exits 1 "$KELP" status
    has err 'journal'
    has err '^hint: .*doctor --rescue'
    exits 1 "$KELP" doctor
    has out 'kelp doctor --rescue ORG_1001'
    exits 0 "$KELP" doctor --rescue ORG_1001
    has out 'damaged file is kept at'
}

test_large_untracked_files_are_asked_about() {
    new_repo
    one_step
    truncate -s 101M "big file"
    exits 2 "$KELP" run ../plan.yaml
    has err 'nobody is there to confirm'
    has err '^hint: .*--yes'
    local answers=$'n\ny\n'
    TERM=dumb script -qec "$KELP run --quiet ../plan.yaml" /dev/null <<<"$answers" >said
    has said "Keep 1 untracked file of more than 100 MiB \(101 MiB in all, the largest is 'big file'\)"
    is "left out" "" "$(git ls-tree --name-only refs/kelp/backup/ORG_1001 'big file')"
    is "new" x "$(cat new)"
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "kept" "big file" "$(git ls-tree --name-only refs/kelp/backup/ORG_1002 'big file')"
    is "still there" 105906176 "$(stat -c %s 'big file')"
}

test_odd_names_of_the_repository() {
    new_repo
    one_step
    local place
    place=$(printf '../sp ace\nnew "line" it'"'"'s \303\251')
    git clone -q . "$place"
    cd "$place" || return 1
    exits 0 "$KELP" run --yes --quiet --push never ../plan.yaml
    is "new" x "$(cat new)"
    place=$(printf '../not\377utf8')
    git clone -q . "$place"
    cd "$place" || return 1
    refused 'not UTF-8'
    [ ! -e .kelp ] || fail "something was made there"
}

test_a_worktree_a_subfolder_and_a_sparse_checkout() {
    new_repo
    one_step
    local plan=$PWD/../plan.yaml
    cd dir && exits 0 "$KELP" run --yes --quiet "$plan"
    rm -f out err
    cd ..
    is "new, at the top" x "$(cat new)"
    git worktree add -q ../tree -b tree HEAD~1
    cd ../tree || return 1
    exits 0 "$KELP" run --yes --quiet "$plan"
    is "new, in the worktree" x "$(cat new)"
    is "the worktree's branch" tree "$(git symbolic-ref --short HEAD)"
    cd ../repo || return 1
    mkdir away && echo x >away/file && git add away && git commit -qm away
    git sparse-checkout set dir
    one_step 'echo y > dir/sparse'
    exits 0 "$KELP" run --yes --quiet "$plan"
    is "in the checkout" y "$(cat dir/sparse)"
    [ ! -e away ] || fail "the checkout is not sparse any more"
    is "what is away is still there" x "$(git show HEAD:away/file)"
    is "status" "" "$(git status --porcelain)"
}

test_hooks_and_a_missing_name() {
    new_repo
    one_step
    git config --global --unset user.name
    git config --global --unset user.email
    printf '#!/bin/sh\nexit 1\n' >.git/hooks/reference-transaction
    printf '#!/bin/sh\necho ran >>ran\nexit 1\n' >.git/hooks/pre-commit
    chmod +x .git/hooks/reference-transaction .git/hooks/pre-commit
    exits 3 "$KELP" run --yes --quiet ../plan.yaml
    has out 'Not landed: .*hook\.$'
    has out 'kelp land ORG_1001'
    [ ! -e ran ] || fail "a hook of the user ran in a clone"
    rm .git/hooks/*
    exits 0 "$KELP" land ORG_1001
    is "new" x "$(cat new)"
    is "who committed" 'kelp <kelp@localhost>' "$(git log -1 --format='%an <%ae>')"
}

test_head_moved_while_it_ran() {
    new_repo
    one_step "echo x > new; until [ -e $PWD/../go ]; do sleep 0.02; done"
    "$KELP" run --yes --quiet ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 20 test -e .kelp/runs/ORG_1001/clones/ORG_1001/new
    git checkout -qb elsewhere
    git commit -q --allow-empty -m mine
    : >../go
    wait $engine
    is "status" 3 $?
    has log 'HEAD has moved'
    has log 'kelp land ORG_1001'
    git checkout -q main
    exits 0 "$KELP" land ORG_1001
    is "new" x "$(cat new)"
}

# What an agent commits in a submodule is in no repository of the user's: it is in a bundle when the copy
# goes, and the user's own copy of the submodule takes it in.
test_commits_in_a_submodule_are_kept() {
    git init -q lib && (cd lib && echo one >one && git add one && git commit -qm lib)
    new_repo
    git -c protocol.file.allow=always submodule -q add "$PWD/../lib" libs/own
    git commit -qm submodule
    agent_plan 'git -c protocol.file.allow=always submodule -q update --init
cd libs/own && git checkout -q -b fix && echo fixed >one && git commit -qam fix
echo more >two; git -C ../.. add libs/own'
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    [ -z "$(ls .kelp/runs/*/clones 2>/dev/null)" ] || exits 0 "$KELP" gc --yes
    local bundle
    bundle=$(echo .kelp/runs/*/*+libs+own.bundle)
    git -C libs/own fetch -q "$PWD/$bundle" 'refs/kelp/kept/*:refs/heads/kept/*' || fail "no bundle: $bundle"
    is "the commit" fixed "$(git -C libs/own show kept/1:one)"
    is "what was not committed" more "$(git -C libs/own show kept/1:two)"
}
