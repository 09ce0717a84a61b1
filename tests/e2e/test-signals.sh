# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Signals, terminals that go away, engines that are stopped and continued, machines that sleep.

# One agent that says that it runs and waits, quite still, until it is let go, and one that follows it.
signals_plan() {
    export MARKS=$PWD/../marks
    : >"$MARKS"
    mkfifo "$MARKS.go"
    cat >../plan.yaml <<PLAN
version: 1
task: signals
research: []
environment: [MARKS]
sandbox: { write: ["$PWD/.."] }
subtasks:
  - title: one
    steps:
      - { id: a, role: A, run: "echo a >> \$MARKS; cat \$MARKS.go; echo a > a.txt"${1:+, $1} }
      - { id: b, role: B, run: "echo b >> \$MARKS; echo b > b.txt", needs: [a] }
PLAN
}

# The agent that waits; and those that come.
let_go() {
    : >"$MARKS.go"
}

let_all_go() {
    rm "$MARKS.go"
    let_go
}

signals_result() {
    is "started in all" "$1" "$(paste -sd' ' "$MARKS")"
    is "result" "ab" "$(cat a.txt b.txt | tr -d '\n')"
    exits 0 git fsck --strict
}

run_has_ended() {
    "$KELP" ls 2>/dev/null | grep -Eq 'ORG_1001 +done'
}

# terminal COMMAND...: runs it on a terminal of its own, which is closed when the file ../hang-up is
# there; its pid is in ../engine.
terminal() {
    python3 -c '
import os, pty, select, sys, time
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
open("../engine.part", "w").write(str(pid))
os.rename("../engine.part", "../engine")
while not os.path.exists("../hang-up"):
    if select.select([terminal], [], [], 0.05)[0]:
        try:
            os.read(terminal, 65536)
        except OSError:
            break
os.close(terminal)
os.waitpid(pid, 0)' "$@"
}

test_signals_a_closed_terminal_ends_no_run() {
    new_repo
    signals_plan
    terminal "$KELP" run --yes ../plan.yaml &
    local shown=$!
    wait_for 60 grep -q a "$MARKS"
    touch ../hang-up
    wait_for 60 grep -q 'signal 1 ' .kelp/runs/ORG_1001/engine.log
    let_go
    wait $shown
    run_has_ended || fail "it has not ended"
    signals_result "a b"
}

test_signals_a_question_on_a_closed_terminal_is_answered_no() {
    new_repo
    signals_plan
    terminal "$KELP" run ../plan.yaml &
    local shown=$!
    wait_for 60 test -e ../engine
    touch ../hang-up
    wait $shown
    gone "$(cat ../engine)" "the engine"
    is "started" "" "$(cat "$MARKS")"
}

test_signals_output_that_nobody_reads_ends_no_run() {
    new_repo
    signals_plan
    let_all_go
    "$KELP" run --yes --json ../plan.yaml 2>err | head -n 1 >first
    run_has_ended || fail "it has not ended"
    signals_result "a b"
}

test_signals_term_stops_at_once() {
    new_repo
    signals_plan
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 60 grep -q a "$MARKS"
    kill -TERM $engine
    wait $engine
    is "status" 130 $?
    has log 'what runs is stopped'
    has log 'kelp resume ORG_1001'
    let_all_go
    exits 0 "$KELP" resume --yes
    signals_result "a a b"
}

# What is meant for a person must not be written into the journal, which would get their numbers.
test_signals_closed_standard_streams() {
    new_repo
    signals_plan
    let_all_go
    "$KELP" run --yes ../plan.yaml <&- >&- 2>&-
    run_has_ended || fail "it has not ended"
    exits 0 "$KELP" doctor
    signals_result "a b"
}

# While the engine is stopped its agents go on, longer than they may be silent.
test_signals_stopped_and_continued() {
    new_repo
    signals_plan 'stall: 0.03'
    "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 60 grep -q a "$MARKS"
    kill -STOP $engine
    let_go
    read -rt 3 <> <(:) || :
    is "nothing starts without an engine" "a" "$(paste -sd' ' "$MARKS")"
    kill -CONT $engine
    wait $engine
    is "status" 0 $?
    signals_result "a b"
}

# Eight hours pass in an instant, and the date is set back by a day.
test_signals_a_machine_that_sleeps() {
    new_repo
    "${CC:-cc}" -shared -fPIC -o ../clock_jump.so "$E2E_HERE/clock_jump.c" -ldl || fail "no compiler"
    signals_plan 'stall: 5, limits: { agent_minutes: 30 }'
    export CLOCK_JUMP=$PWD/../jump
    LD_PRELOAD=$PWD/../clock_jump.so "$KELP" run --yes ../plan.yaml >log 2>&1 &
    local engine=$!
    wait_for 60 grep -q a "$MARKS"
    echo 28800 >"$CLOCK_JUMP"
    read -rt 1.5 <> <(:) || :
    echo -57600 >"$CLOCK_JUMP"
    read -rt 1.5 <> <(:) || :
    let_go
    wait $engine
    is "status" 0 $?
    signals_result "a b"
    exits 0 "$KELP" report --json
    perl -MJSON::PP -e 'local $/; my $t = decode_json(<STDIN>)->{timing};
        die "a makespan of $t->{makespan_s} s\n" if $t->{makespan_s} > 3600 || $t->{makespan_s} < 0' <out ||
        fail "the sleep was counted"
}

# A push that waits for its remote for ever: it is ended at once, and the resumed run pushes.
hanging_push() {
    new_repo
    new_remote
    printf '#!/bin/sh\necho $$ >"%s"\nexec sleep 1000\n' "$PWD/../hung" >.git/hooks/pre-push
    chmod +x .git/hooks/pre-push
    agent_plan 'echo pushed >new'
    # A shell's background job would ignore SIGINT.
    perl -e '$SIG{INT} = "DEFAULT"; exec @ARGV' \
        "$KELP" run --yes --quiet --push always ../plan.yaml >../said 2>&1 &
    engine=$!
    wait_for 30 test -s ../hung
}

the_push_is_made_up_for() {
    wait "$engine"
    is "status" 130 $?
    gone "$(cat ../hung)" "the push"
    is "what landed" pushed "$(cat new)"
    rm .git/hooks/pre-push
    exits 0 timeout 60 "$KELP" resume --yes --quiet
    is "the remote" "$(git rev-parse HEAD)" "$(git -C ../remote.git rev-parse main)"
    git diff --quiet "$(git -C ../remote.git rev-parse main)" HEAD || fail "not what landed"
}

test_one_interrupt_ends_a_push_that_hangs() {
    hanging_push
    kill -INT "$engine"
    the_push_is_made_up_for
}

test_termination_ends_a_push_that_hangs() {
    hanging_push
    kill -TERM "$engine"
    the_push_is_made_up_for
}

test_a_cancelled_push_is_not_waited_for() {
    hanging_push
    exits 0 "$KELP" cancel --final ORG_1001
    wait "$engine"
    gone "$(cat ../hung)" "the push"
    is "what landed" pushed "$(cat new)"
    exits 0 "$KELP" report
    has out 'not pushed|Push the result'
}
