# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2012,SC2016,SC2034,SC2046,SC2005,SC2086,SC2154
# What becomes of runs whose journal is damaged, lost, foreign or out of reach: it is said what, where
# and what to do, nothing is made worse, and other runs do not notice.

journal=.kelp/runs/ORG_1001/journal.db

plan() {
    cat >../plan.yaml <<'PLAN'
version: 1
task: two files
research: []
subtasks:
  - title: one
    steps:
      - { id: a, role: A, run: "echo x > new" }
      - { id: b, role: B, needs: [a], run: "echo y > newer" }
PLAN
}

# Two runs that have ended; ORG_1001 is the one that is damaged then.
two_runs() {
    new_repo
    plan
    exits 0 "$KELP" run --yes --quiet --land none ../plan.yaml
    exits 0 "$KELP" run --yes --quiet --land none ../plan.yaml
    cp -a .kelp/runs/ORG_1001 ../whole
}

# A run that is interrupted by the death of its engine, with its log beside the file.
killed_run() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    cat >../plan.yaml <<PLAN
version: 1
task: long
research: []
environment: [MARKS]
sandbox: { write: ["$MARKS"] }
subtasks:
  - title: one
    steps:
      - { id: a, role: A, run: "echo a >> \$MARKS; echo x > new" }
      - { id: b, role: B, needs: [a], run: "echo b >> \$MARKS; while ! grep -q go \$MARKS; do sleep 0.1; done" }
PLAN
    "$KELP" run --yes --quiet --land none ../plan.yaml >out 2>err &
    engine=$!
    wait_for 60 grep -q b "$MARKS"
    kill -9 $engine
    wait $engine 2>/dev/null
    [ -s $journal-wal ] || fail "a killed engine leaves a log"
}

flip() {
    local byte
    byte=$(od -An -tu1 -j "$2" -N 1 "$1")
    printf '%b' "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

sums() {
    (cd .kelp/runs/ORG_1001 && find . -name 'journal*' ! -name '*-shm' -size +0 -print0 |
        sort -z | xargs -0 sha256sum)
}

# said_everywhere PATTERN: by every command that reads the run; the other run is as it was.
said_everywhere() {
    local command
    for command in status report "logs" diff resume; do
        exits 1 "$KELP" $command ORG_1001
        has err "$1"
        has err '^hint: .*kelp doctor --rescue ORG_1001'
    done
    exits 0 "$KELP" ls
    has out '^ORG_1001 +damaged'
    has err '1 journal can.t be read'
    exits 1 "$KELP" doctor
    has out "ORG_1001: .*$1"
    has out 'kelp doctor --rescue ORG_1001'
    [ ! -d .kelp/runs/ORG_1002 ] || {
        exits 0 "$KELP" status ORG_1002
        exits 0 "$KELP" report ORG_1002
        exits 0 "$KELP" doctor --rescue ORG_1002
        has out 'the journal of ORG_1002 is whole'
    }
}

# damage NAME PATTERN COMMAND: on a fresh copy of the whole run; the rescue saves all that is to be had,
# keeps what was damaged, and does nothing when it is repeated.
damage() {
    local name=$1 before after
    rm -rf .kelp/runs/ORG_1001
    cp -a ../whole .kelp/runs/ORG_1001
    eval "$3"
    before=$(sums)
    said_everywhere "$2"
    is "$name: looking changes nothing" "$before" "$(sums)"
    exits 0 "$KELP" doctor --rescue ORG_1001
    has out "${4:-events saved, 0 lost}"
    while read -r sum file; do
        grep -q "^$sum" <<<"$(sums)" || fail "$name: $file is not kept byte for byte"
    done <<<"$before"
    after=$(sums)
    exits 0 "$KELP" status ORG_1001
    exits 0 "$KELP" doctor --rescue ORG_1001
    has out 'the journal of ORG_1001 is whole'
    is "$name: a second rescue" "$after" "$(sums)"
    exits 0 "$KELP" doctor
}

test_each_kind_of_damage() {
    two_runs
    damage "header" 'page 1 of .* is not what was written' 'flip $journal 75'
    exits 0 "$KELP" ls
    has out '^ORG_1001 +done'
    damage "schema version" 'page 1 of ' 'flip $journal 63'
    damage "the status alone" 'page 2 of ' 'flip $journal $((8192 - 3))'
    damage "events" 'page 3 of ' 'flip $journal $((3 * 4096 - 40))' 'events saved, [0-9]+ lost'
    damage "seal" 'journal.db-seal. is damaged' 'flip $journal-seal 20' 'events saved'
    damage "torn" 'bytes instead of' 'truncate -s -100 $journal' 'events saved, [0-9]+ lost'
    damage "cut" 'bytes instead of' 'truncate -s 4096 $journal' '0 events saved, [0-9]+ lost'
    damage "empty" 'it has 0 bytes instead of' ': >$journal' '0 events saved, [0-9]+ lost'
    damage "no database" 'instead of|is not what was' 'echo "something else" >$journal' '0 events saved'
    damage "missing" 'is missing, but not what belongs to it' 'rm $journal' '0 events saved'
    damage "another's" 'is not what was written|bytes instead' \
        'cp .kelp/runs/ORG_1002/journal.db $journal' 'events saved'
}

test_what_is_beside_a_closed_journal_is_not_read() {
    two_runs
    local before
    before=$(sha256sum <$journal)
    head -c 20000 /dev/urandom >$journal-wal
    head -c 32768 /dev/urandom >$journal-shm
    exits 0 "$KELP" status ORG_1001
    exits 0 "$KELP" doctor
    is "journal" "$before" "$(sha256sum <$journal)"
    exits 0 "$KELP" land --yes --quiet ORG_1001
    [ -s $journal-wal.stray-1 ] || fail "the log that was not ours is kept"
    exits 0 "$KELP" status ORG_1001
}

test_the_log_of_a_killed_engine() {
    killed_run
    echo go >>"$MARKS"
    cp -a .kelp/runs/ORG_1001 ../whole
    rm $journal-wal
    exits 1 "$KELP" status
    has err 'journal.db-wal. is missing or empty'
    has err '^hint: .*--rescue'
    cp ../whole/journal.db-wal $journal-wal
    flip $journal-wal 16
    exits 1 "$KELP" status
    has err 'journal.db-wal. is damaged at byte 0'
    cp ../whole/journal.db-wal $journal-wal
    flip $journal-wal 5000
    exits 1 "$KELP" status
    has err 'journal.db-wal. is damaged at byte [0-9]+: whole turns follow'
    exits 1 "$KELP" resume --yes
    has err 'is damaged'
    exits 0 "$KELP" doctor --rescue ORG_1001
    has out "events saved; what came after them can't be counted"
    cmp -s .kelp/runs/ORG_1001/journal.damaged-1.db-wal <(cp ../whole/journal.db-wal x; flip x 5000; cat x) ||
        fail "the damaged log is kept"
    rm -f .kelp/runs/ORG_1001/journal* x
    cp ../whole/journal* .kelp/runs/ORG_1001
    rm $journal
    exits 1 "$KELP" status
    has err 'is missing, but not what belongs to it'
    exits 0 "$KELP" doctor --rescue ORG_1001
    hasnt out '^0 events'
    exits 0 "$KELP" resume --yes --quiet
    is "each agent ran once" "a b go" "$(echo $(sort -u "$MARKS"))"
    is "new" x "$(git show kelp/ORG_1001:new)"
}

test_a_journal_of_a_newer_version() {
    two_runs
    local before
    printf '\x00\x00\x00\x09' | dd of=$journal bs=1 seek=60 conv=notrunc status=none
    rm $journal-seal
    before=$(sums)
    local command
    for command in status report logs resume "doctor --rescue"; do
        exits 4 "$KELP" $command ORG_1001
        has err 'was written by a newer kelp \(format 9, known: [0-9]+\)'
        has err '^hint: use that version'
    done
    exits 0 "$KELP" ls
    has out '^ORG_1001 +unreadable'
    has out '^ORG_1002 +done'
    is "left alone" "$before" "$(sums)"
}

test_a_folder_that_can_not_be_written() {
    killed_run
    echo go >>"$MARKS"
    wait_for 30 test -s .kelp/runs/ORG_1001/attempts
    [ "$(id -u)" -eq 0 ] || { echo "not tried: another user (needs root)"; return; }
    git config --global --add safe.directory '*'
    chmod -R go+rX . .. "$HOME"
    chmod go+x ../..
    rm -f $journal-shm
    local before user=(env TMPDIR=/tmp setpriv --reuid 65534 --regid 65534 --clear-groups)
    before=$(sums)
    exits 0 "${user[@]}" "$KELP" status
    exits 0 "${user[@]}" "$KELP" ls
    exits 4 "${user[@]}" "$KELP" resume --yes
    has err 'lock.*Permission denied'
    exits 4 "${user[@]}" "$KELP" doctor --rescue ORG_1001
    has err 'Permission denied'
    is "left alone" "$before" "$(sums)"
    exits 0 "$KELP" resume --yes --quiet
}

# The lock is the kernel's: it ends with its holder, whoever has its number later, and holds against
# every user.
test_two_engines() {
    killed_run
    echo $$ >.kelp/runs/ORG_1001/lock
    exits 0 "$KELP" status
    has out 'no engine works on it'
    "$KELP" resume --yes --quiet >../out1 2>../err1 &
    local engine=$!
    wait_for 60 eval '"$KELP" status | grep -q "engine: process $engine"'
    exits 1 "$KELP" resume --yes
    has err "held by process $engine"
    exits 1 "$KELP" doctor --rescue ORG_1001
    has err "held by process $engine"
    rm .kelp/runs/ORG_1001/lock
    exits 1 "$KELP" resume --yes
    has err 'another (kelp|engine|program)'
    echo go >>"$MARKS"
    wait $engine
    is "the first engine" 0 $?
    exits 0 "$KELP" doctor
    is "each agent ran once" "a b go" "$(echo $(sort "$MARKS"))"
}

test_a_folder_that_vanishes() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    cat >../plan.yaml <<PLAN
version: 1
task: long
research: []
environment: [MARKS]
sandbox: { write: ["$MARKS"] }
subtasks:
  - title: one
    steps:
      - { id: a, role: A, run: "echo a >> \$MARKS; while ! grep -q go \$MARKS; do sleep 0.1; done" }
      - { id: b, role: B, needs: [a], run: "echo b >> \$MARKS; echo x > new" }
PLAN
    "$KELP" run --yes --quiet --land none ../plan.yaml >../out 2>../err &
    local engine=$!
    wait_for 60 grep -q a "$MARKS"
    mv .kelp/runs/ORG_1001 ../away
    echo go >>"$MARKS"
    wait $engine
    local status=$?
    [ $status -ne 0 ] || fail "an engine without its folder goes on"
    has ../err 'removed or replaced|No such file'
    mv ../away .kelp/runs/ORG_1001
    exits 0 "$KELP" resume --yes --quiet
    is "new" x "$(git show kelp/ORG_1001:new)"
    is "each agent ran once" "a b go" "$(echo $(sort "$MARKS"))"
    exits 0 "$KELP" doctor
}

# Killed before each of the calls by which a rescue changes a folder, and repeated.
test_a_rescue_that_is_killed_at_every_step() {
    command -v strace >/dev/null || { echo "not tried: kills at every step (no strace)"; return; }
    two_runs
    flip ../whole/journal.db 75
    local calls=rename,unlink,unlinkat,pwrite64,write,fsync,fdatasync,ftruncate n=0 tried=0 want=
    while [ $n -lt 400 ]; do
        n=$((n + 1))
        rm -rf .kelp/runs/ORG_1001
        cp -a ../whole .kelp/runs/ORG_1001
        strace -f -qq -o /dev/null -e "trace=$calls" -e "inject=$calls:signal=SIGKILL:when=$n" \
            "$KELP" doctor --rescue ORG_1001 >../said 2>&1 && break
        tried=$n
        exits 0 "$KELP" doctor --rescue ORG_1001
        exits 0 "$KELP" status --json ORG_1001
        want=${want:-$(cat out)}
        is "after $n" "$want" "$(cat out)"
        [ -e .kelp/runs/ORG_1001/journal.damaged-2.db ] && fail "$n: put away twice"
        cmp ../whole/journal.db .kelp/runs/ORG_1001/journal.damaged-1.db || fail "$n: not kept"
        [ "$problems" -eq 0 ] || return
    done
    [ $tried -gt 10 ] || fail "killed only $tried times: $(cat ../said)"
    echo "killed $tried times"
}

# An agent that leaves commits in every odd place of its clone and fails. Their names go to $MARKS.
hostile_run() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    cat >../leave.sh <<'LEAVE'
set -e
git config user.name A && git config user.email a@localhost
say() { git rev-parse "$1" >>"$MARKS"; }
commit() { echo "$1" >"$1" && git add "$1" && git commit -qm "$1" && say HEAD; }
home=$(git symbolic-ref --short HEAD)
commit on-branch
git checkout -q --detach && commit detached-1 && commit detached-2
git checkout -q -b own HEAD~2 && commit own
git checkout -q --detach && commit noted && git update-ref refs/odd/place HEAD
git checkout -q "$home"
commit reflog-only && git reset -q --hard HEAD~1
echo stashed >stashed && git add stashed && git stash -q && say stash@{0}
git worktree add -q --detach inner && cd inner && commit in-a-worktree && cd ..
echo dirty >>f1 && echo untracked >untracked
exit 1
LEAVE
    cat >../plan.yaml <<PLAN
version: 1
task: leave things
research: []
environment: [MARKS]
sandbox: { write: ["$MARKS"] }
subtasks:
  - title: one
    steps:
      - { id: a, role: A, run: "sh $PWD/../leave.sh" }
PLAN
    exits 1 "$KELP" run --yes --quiet ../plan.yaml
    is "commits made" 8 "$(wc -l <"$MARKS")"
}

# All that the agent left is in the repository or in bundles.
nothing_lost() {
    local bundle commit
    rm -rf ../found && git clone -q --mirror . ../found
    for bundle in .kelp/runs/ORG_1001/*.bundle; do
        git -C ../found fetch -q "$PWD/$bundle" "+refs/*:refs/bundles/$(basename "$bundle")/*" ||
            fail "$1: $bundle can't be read"
    done
    git -C ../found gc -q --prune=now
    while read -r commit; do
        git -C ../found cat-file -e "$commit" || fail "$1: lost $commit"
    done <"$MARKS"
    for blob in dirty untracked; do
        git -C ../found grep -q "$blob" $(git -C ../found for-each-ref --format='%(objectname)') -- ||
            fail "$1: lost what is $blob"
    done
}

test_gc_keeps_what_is_nowhere_else() {
    hostile_run
    exits 0 "$KELP" gc --dry-run --json
    has out '"dry_run": true'
    [ -n "$(ls .kelp/runs/ORG_1001/clones)" ] || fail "a dry run removes nothing"
    exits 0 "$KELP" gc
    has out 'what was nowhere else is in .*bundle'
    is "clones" "" "$(ls .kelp/runs/ORG_1001/clones 2>/dev/null)"
    nothing_lost "gc"
    exits 0 "$KELP" gc --keep 1
    is "the newest stays" "" "$(grep removed out | grep run)"
    one_more
    exits 0 "$KELP" gc --keep 1
    has out 'kept .*ORG_1001: it has a bundle'
    nothing_lost "gc --keep"
}

one_more() {
    plan
    exits 0 "$KELP" run --yes --quiet --land none ../plan.yaml
}

# Killed before each call that removes or renames something, in kelp and in its worker.
test_gc_that_is_killed() {
    command -v strace >/dev/null || { echo "not tried: kills at every step (no strace)"; return; }
    hostile_run
    cp -a .kelp ../kelp
    local calls=rename,renameat,renameat2,unlink,unlinkat,rmdir n cut=0
    for n in 1 2 3 4 5 6 8 11 15 20 30 45 70; do
        rm -rf .kelp && cp -a ../kelp .kelp
        strace -f -qq -o /dev/null -e "trace=$calls" -e "inject=$calls:signal=SIGKILL:when=$n" \
            "$KELP" gc >../said 2>&1 || cut=$((cut + 1))
        exits 0 "$KELP" gc
        hasnt out '^  kept'
        is "$n: clones" "" "$(ls .kelp/runs/ORG_1001/clones 2>/dev/null)"
        nothing_lost "killed at $n"
        exits 0 "$KELP" status
        [ "$problems" -eq 0 ] || return
    done
    [ $cut -ge 5 ] || fail "only $cut calls were cut short"
}

test_gc_beside_a_run() {
    killed_run
    exits 0 "$KELP" gc --keep 1 --older-than 1
    has out '^0 clones removed'
    "$KELP" resume --yes --quiet >../out1 2>../err1 &
    local engine=$!
    wait_for 60 eval '"$KELP" status | grep -q "engine: process $engine"'
    exits 0 "$KELP" gc --older-than 1
    has out '^0 clones removed'
    echo go >>"$MARKS"
    wait $engine
    is "the run" 0 $?
    is "new" x "$(git show kelp/ORG_1001:new)"
}

test_gc_removes_old_runs() {
    two_runs
    one_more
    touch -d '3 days ago' .kelp/runs/ORG_1001/journal.db .kelp/runs/ORG_1002/journal.db
    exits 0 "$KELP" gc --older-than 2 --dry-run
    has out '^2 runs would be removed'
    exits 0 "$KELP" ls
    has out ORG_1001
    exits 0 "$KELP" gc --older-than 2 --keep 2
    has out '^1 run removed; branches and backups stay'
    exits 0 "$KELP" ls
    hasnt out ORG_1001
    has out ORG_1002
    git rev-parse -q --verify refs/kelp/backup/ORG_1001 >/dev/null || fail "the backup stays"
    git rev-parse -q --verify kelp/ORG_1001 >/dev/null || fail "the branch stays"
    [ ! -e .kelp/removed/ORG_1001 ] || fail "it is gone"
    flip .kelp/runs/ORG_1002/journal.db 75
    exits 0 "$KELP" gc --keep 1
    has out "kept .*ORG_1002: its journal can.t be read"
    one_more
    is "no number is given out twice" ORG_1004 "$(ls .kelp/runs | tail -n 1)"
}
