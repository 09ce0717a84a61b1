# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# What agent programs do that exit statuses and friendly words hide, each of the four for itself.

# surprise TITLE PROMPT WRITES [KEYS]
surprise() {
    cat <<PLAN
  - title: $1
    writes: [$3]
    steps: [ { id: a, role: Worker, prompt: "$2"${4:+, $4} } ]
PLAN
}

# status_of N: of the agent of child N, with the error of its last attempt.
status_of() {
    told "' '.join([agent('ORG_1001.$1', 0)['status'], agent('ORG_1001.$1', 0)['attempts'][-1]['error'] or '-'])"
}

# surprises DRIVER: all children in one run, which is partly done.
surprises() {
    local mask pid
    needs "$1"
    serve "$SCRIPTS/surprises.json"
    new_repo
    { printf 'version: 1\ntask: Surprises\nagent: %s\nresearch: []\nretries: 1\nsubtasks:\n' "$1"
        surprise "nothing is done" "Claim it" '"never/a"'                     # 1
        surprise "the answer is cut off" "Be cut off" '"never/b"'             # 2
        surprise "the model refuses" "Be refused" '"never/c"'                 # 3
        surprise "the provider breaks" "Break" '"never/d"'                    # 4
        surprise "the prompt is too long" "Overflow" '"never/e"'              # 5
        surprise "the stream stalls" "Stall" '"stalled.txt"' "stall: 0.5" # 6
        surprise "the stream is cut" "Be dropped" '"dropped.txt"'        # 7
        surprise "a process is left" "Leave something behind" '"left.txt", "signals.txt"' # 8
        surprise "a secret is printed" "Tell the secret" '"told.txt"'    # 9
        surprise "the agent gives up" "Fail honestly" '"never/g"'             # 10
    } >../plan.yaml
    # What the engine ignores and what it reads is none of the agents' business: a silent pipe.
    mkfifo ../silent
    (trap '' INT TERM HUP && exec "$KELP" run --yes --pattern meta ../plan.yaml <>../silent >out 2>err)
    is "exit status" 3 $?
    is "a claim" "unverified -" "$(status_of 1)"
    [[ $(status_of 2) != done* ]] || fail "what was cut off is done"
    [[ $(status_of 3) != done* ]] || fail "what was refused is done"
    is "attempts of what breaks" "failed transient 2" \
        "$(status_of 4) $(told "len(agent('ORG_1001.4', 0)['attempts'])")"
    is "too long" "failed context_full" "$(status_of 5)"
    is "a stall" "done -" "$(status_of 6)"
    is "stalled.txt" "one two" "$(paste -sd' ' stalled.txt)"
    is "a cut stream" "done -" "$(status_of 7)"
    is "dropped.txt" "one two" "$(paste -sd' ' dropped.txt)"
    is "what leaves something" "done -" "$(status_of 8)"
    gone "$(cat left.txt)" "the process that $1 left"
    mask=$((0x$(sed -n 's/SigIgn:[[:space:]]*//p' signals.txt)))
    is "ignored of HUP, INT and TERM" 0 $((mask & 0x4003))
    is "told" told "$(cat told.txt)"
    is "files with the key" "" "$(grep -rlF "$KEY_TAIL" .kelp/runs out err)"
    is "who gives up" "blocked" "$(told "agent('ORG_1001.10', 0)['status']")"
    is "in the user's home" "" "$(cd "$HOME" && find . -mindepth 1 ! -name ignore ! -name .gitconfig | head -n 3)"
}

test_surprises_claude() {
    surprises claude
}

test_surprises_codex() {
    surprises codex
}

test_surprises_gemini() {
    surprises gemini
}

test_surprises_opencode() {
    surprises opencode
}

# Shells of tools are in sessions of their own: they outlive the program when it is killed.
test_a_killed_agent_leaves_no_tool() {
    local i driver pid engine drivers=(claude codex gemini opencode)
    needs "${drivers[@]}"
    serve "$SCRIPTS/surprises.json"
    new_repo
    mkdir ../marks
    { printf 'version: 1\ntask: Hold\nresearch: []\nsandbox: { write: ["%s"] }\n' "$PWD/../marks"
        echo 'subtasks:'
        for driver in "${drivers[@]}"; do
            cat <<PLAN
  - title: $driver
    agent: $driver
    writes: ["$driver.txt"]
    steps: [ { id: a, role: Worker, prompt: "Hold on at $PWD/../marks/$driver for $driver" } ]
PLAN
        done
    } >../plan.yaml
    "$KELP" run --yes --pattern meta ../plan.yaml >../run.out 2>../run.err &
    engine=$!
    for i in 0 1 2 3; do
        driver=${drivers[i]}
        wait_for 120 test -s "../marks/$driver"
        pid=$(pid_of "ORG_1001.$((i + 1))" "$driver")
        kill -KILL "${pid:-none}" || fail "no $driver to kill"
    done
    wait $engine
    is "exit status" 0 $?
    for i in 0 1 2 3; do
        driver=${drivers[i]}
        gone "$(cat "../marks/$driver")" "the tool of $driver"
        is "$driver" "held crash" \
            "$(cat "$driver.txt") $(told "agent('ORG_1001.$((i + 1))', 0)['attempts'][0]['error']")"
    done
}
