# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# kill -9, Ctrl-C, restore.

started() {
    grep -q ORG_ log
}

started_or_gone() { # PID COUNT: the engine is gone, or so many agents have been started
    ! kill -0 "$1" 2>/dev/null || [ "$(wc -l <"$MARKS")" -ge "$2" ]
}

# Kills the engine at random moments until a resume gets through; every start of an agent left a mark.
# Every second kill waits for one to five more starts, so that several fall into the run however
# fast the machine is; agents live longer than the pause that follows.
test_kill_at_random_moments() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    jobs_plan 6 >../plan.yaml
    local kills=0 engine status goal
    RANDOM=4711
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    engine=$!
    wait_for 20 started
    while :; do
        goal=$(($(wc -l <"$MARKS") + 1 + RANDOM % 5))
        if [ $((kills % 2)) = 0 ] && [ $goal -le 18 ]; then
            wait_for 20 started_or_gone $engine $goal
            read -rt "0.$((RANDOM % 2))$((RANDOM % 10))" <> <(:) || :
        else
            read -rt "0.$((RANDOM % 9))$((RANDOM % 10))" <> <(:) || :
        fi
        kill -9 $engine 2>/dev/null || break
        wait $engine 2>/dev/null
        kills=$((kills + 1))
        [ $kills -lt 60 ] || break
        "$KELP" resume --yes >log 2>&1 &
        engine=$!
    done
    wait $engine
    status=$?
    is "status of the last resume" 0 $status
    [ $kills -ge 3 ] || fail "only $kills kills"
    is "starts" 18 "$(wc -l <"$MARKS")"
    is "agents started twice" "" "$(sort "$MARKS" | uniq -d)"
    for i in 1 2 3 4 5 6; do
        is "f$i" "line of f$i a b c" "$(paste -sd' ' "f$i")"
    done
    is "commits" $((1 + 18 + 6)) "$(git log --oneline | wc -l)"
    exits 0 git fsck --strict
}

test_keeper_killed() {
    new_repo
    export GO=$PWD/../go
    cat >../plan.yaml <<'PLAN'
version: 1
task: keeper
research: []
environment: [GO]
subtasks:
  - title: one
    steps:
      - { id: a, role: A, run: "echo x > new; until [ -e $GO ]; do sleep 0.05; done; echo y >> new" }
PLAN
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 20 test -e .kelp/runs/ORG_1001/clones/ORG_1001/new
    local keeper pid
    for pid in /proc/[0-9]*; do
        [ "$(cat "$pid/comm" 2>/dev/null)" = kelp-keeper ] || continue
        ! tr '\0' ' ' <"$pid/cmdline" | grep -q "$PWD" || keeper=${pid#/proc/}
    done
    kill -9 "$keeper" || fail "no keeper to kill"
    : >"$GO"
    wait $engine
    is "status" 0 $?
    is "the retried agent" "x y" "$(paste -sd' ' new)"
}

slow_plan() {
    cat >../plan.yaml <<'PLAN'
version: 1
task: slow
research: []
environment: [MARKS]
sandbox: off
subtasks:
  - title: slow
    steps:
      - { id: a, role: A, run: "echo a >> $MARKS; until [ -e $MARKS.go ]; do sleep 0.05; done; echo a > a.txt" }
      - { id: b, role: B, needs: [a], run: "echo b >> $MARKS; echo b > b.txt" }
PLAN
}

test_interrupt_once_waits() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    slow_plan
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 20 grep -q a "$MARKS"
    exits 0 "$KELP" cancel ORG_1001
    touch "$MARKS.go"
    wait $engine
    is "status" 130 $?
    is "started" "a" "$(paste -sd' ' "$MARKS")"
    exits 0 "$KELP" ls
    has out 'ORG_1001 +interrupted'
    exits 0 "$KELP" resume --yes
    is "started in all" "a b" "$(paste -sd' ' "$MARKS")"
    is "result" "ab" "$(cat a.txt b.txt | tr -d '\n')"
}

test_interrupt_twice_stops() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    slow_plan
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 20 grep -q a "$MARKS"
    kill -INT $engine
    wait_for 20 grep -q 'nothing new starts' log
    kill -INT $engine
    wait $engine
    is "status" 130 $?
    touch "$MARKS.go"
    exits 0 "$KELP" resume --yes
    is "started in all" "a a b" "$(paste -sd' ' "$MARKS")"
    is "result" "ab" "$(cat a.txt b.txt | tr -d '\n')"
}

test_final_cancel_reports() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    slow_plan
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 20 grep -q a "$MARKS"
    exits 0 "$KELP" cancel --final
    wait $engine
    is "status" 130 $?
    has log 'ORG_1001: cancelled'
    exits 130 "$KELP" resume --yes
    has out 'ORG_1001: cancelled'
}

test_a_second_engine_is_refused() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    slow_plan
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 20 grep -q a "$MARKS"
    exits 1 "$KELP" resume --yes
    has err "$engine"
    touch "$MARKS.go"
    wait $engine
    is "status" 0 $?
}

test_restore_brings_back_every_byte() {
    new_repo
    printf 'crlf\r\n' >crlf.txt
    printf '*.txt text=auto\n' >.gitattributes
    git add -A && git commit -qm crlf
    echo changed >>f1
    rm f2
    echo staged >f3 && git add f3
    chmod 600 f4
    mkdir -p empty/folder
    printf 'odd\n' >"$(printf 'name\nwith newline')"
    printf 'quote\n' >"it's \"quoted\""
    ln -s f5 link
    local before index
    before=$(listing)
    index=$(git diff --cached --name-status)
    cat >../plan.yaml <<'PLAN'
version: 1
task: nothing
research: []
subtasks:
  - title: one
    steps: [ { id: a, role: A, run: "echo x > new" } ]
PLAN
    exits 0 "$KELP" run --yes --land none ../plan.yaml
    rm -rf out err f1 crlf.txt empty link "it's \"quoted\""
    echo other >f4
    echo later >later-file
    exits 0 "$KELP" restore --yes ORG_1001
    has out 'later-file'
    rm -f out err later-file
    is "the tree" "$before" "$(listing)"
    is "the index" "$index" "$(git diff --cached --name-status)"
}

# Each life of a child makes a file and a commit of its own. A branch has all of what its clone has
# when gc takes that, and the next life moves the branch; the last one is done, and lands.
test_retries_lose_nothing() {
    local n
    new_repo
    mkdir ../life
    cat >../plan.yaml <<'PLAN'
version: 1
task: Try until it is done
research: []
environment: [LIFE]
subtasks:
  - title: One thing
    steps:
      - { role: Worker, run: "n=$(ls $LIFE | wc -l); touch $LIFE/$n; echo $n >life$n; git add .; git commit -qm $n; [ $n = 3 ]" }
  - title: Another
    steps:
      - { role: Other, run: "echo other >other" }
PLAN
    export LIFE=$PWD/../life
    echo "sandbox: { write: [\"$LIFE\"] }" >>../plan.yaml
    exits 3 "$KELP" run --yes --pattern meta ../plan.yaml
    for n in 1 2; do
        [ $n = 2 ] || exits 0 "$KELP" gc
        exits 3 "$KELP" retry --yes ORG_1001.1
    done
    exits 0 "$KELP" gc
    exits 0 "$KELP" retry --yes ORG_1001.1
    exits 0 "$KELP" gc
    git reflog expire --expire=now --all
    git gc -q --prune=now
    for n in .kelp/runs/*/*.bundle; do
        [ ! -e "$n" ] || git fetch -q "$n" "+refs/kelp/kept/*:refs/found/$(basename "$n")/*"
    done
    for n in 0 1 2 3; do
        git cat-file -e "$(echo $n | git hash-object --stdin)" || fail "the work of life $n is lost"
    done
    is "landed" 3 "$(git show main:life3)"
    is "refs of earlier lives" 3 "$(git for-each-ref refs/kelp/earlier | wc -l)"
    exits 0 git fsck --strict
}
