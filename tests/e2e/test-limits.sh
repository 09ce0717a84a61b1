# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Attempts that use more than they may. Beside each there is a good one, which nothing happens to.

# limits_plan LIMITS SCRIPT
limits_plan() {
    printf '%s\n' "$2" >"$PWD/../script.sh"
    cat >../plan.yaml <<PLAN
version: 1
task: limits
research: []
retries: 0
subtasks:
  - title: bad
    limits: { $1 }
    steps: [ { id: bad, role: Bad, run: "sh $PWD/../script.sh" } ]
  - title: good
    limits: { memory: 64MiB, processes: 20, open_files: 64, file_size: 1MiB }
    steps: [ { id: good, role: Good, run: "sleep 1; echo fine > good" } ]
PLAN
}

# ends_by WORDS KEY: the bad one was ended and all say why; the good one is done.
ends_by() {
    exits 3 timeout 60 "$KELP" run --yes ../plan.yaml
    has out "bad: failed: .*stopped: $1 \(.limits\.$2. of one attempt\)"
    has out 'good: done'
    exits 0 "$KELP" status
    has out "stopped: ${1:0:24}"
    exits 0 "$KELP" status --json
    has out "stopped: $1"
    exits 0 "$KELP" report --json
    has out '"error": "limit"'
    has out "stopped: $1"
}

test_a_limit_of_memory() {
    new_repo
    limits_plan 'memory: 48MiB' 'head -c 400000000 /dev/zero | tail -c 400000000 | sleep 20'
    ends_by 'used more than 48 MiB of memory' memory
}

test_a_limit_of_processes() {
    new_repo
    limits_plan 'processes: 30' 'i=0; while [ $i -lt 200 ]; do sleep 30 & i=$((i+1)); done; wait'
    ends_by 'used more than 30 processes and threads' processes
    is "what is left of it" 0 "$(pgrep -fxc 'sleep 30')"
}

test_a_limit_of_file_size() {
    new_repo
    limits_plan 'file_size: 2MiB' 'head -c 4000000 /dev/zero >big'
    ends_by 'wrote a file of more than 2 MiB' file_size
}

test_a_limit_of_open_files() {
    new_repo
    limits_plan 'open_files: 40' 'i=3; while [ $i -lt 60 ]; do eval "exec $i</dev/null" || exit 3; i=$((i+1)); done'
    sed -i 's|run: "sh |run: "bash |' ../plan.yaml
    exits 3 timeout 60 "$KELP" run --yes ../plan.yaml
    has out 'good: done'
    has out 'exit status .*(Too many open files|Bad file descriptor)'
}

# waits_for WORD WORDS: a run of fewer agents at once than it asked for, which says why and is done.
waits_for() {
    has err "$2: [0-9]+ of [0-9]+ agents run; waiting"
    exits 0 "$KELP" report --json
    has out "\"cause\": \"$1\""
    has out '"status": "done"'
}

# many_plan AGENTS
many_plan() {
    cat >../plan.yaml <<PLAN
version: 1
task: many
research: []
isolation: none
subtasks:
  - title: many
    steps: [ { id: a, role: A, count: $1, run: "sleep 1" } ]
PLAN
}

test_a_limit_of_the_group_admits_fewer() {
    local group=/sys/fs/cgroup/pids/kelp-e2e-$$
    new_repo
    many_plan 60
    if ! mkdir "$group" 2>/dev/null || ! echo 90 >"$group/pids.max"; then
        echo "skipped: no control groups of version 1 with 'pids' can be made here"
        return
    fi
    exits 0 timeout 120 sh -c 'echo 0 >"$0/cgroup.procs" && exec "$@"' "$group" \
        "$KELP" run --yes --agents 60 ../plan.yaml
    waits_for processes 'limit of processes'
    rmdir "$group" 2>/dev/null # the keeper may still be leaving
}

# The limit does not hold for root: a user that has no processes yet.
test_a_limit_of_the_user_admits_fewer() {
    new_repo
    many_plan 60
    if [ "$(id -u)" -ne 0 ] || ! setpriv --reuid 54321 --regid 54321 --clear-groups true; then
        echo "skipped: needs a user of its own"
        return
    fi
    mkdir -p ../home54321 && chmod 755 .. ../.. && cp "$HOME/.gitconfig" ../home54321/
    chown -R 54321:54321 . ../home54321 "$TMPDIR"
    exits 0 timeout 120 env HOME="$PWD/../home54321" prlimit --nproc=90 \
        setpriv --reuid 54321 --regid 54321 --clear-groups "$KELP" run --yes --agents 60 ../plan.yaml
    chown -R 0:0 .
    waits_for processes 'limit of processes'
}

test_a_small_disk_admits_fewer() {
    new_repo
    many_plan 100
    if ! unshare -m true 2>/dev/null; then
        echo "skipped: this user gets no mount namespace"
        return
    fi
    mkdir small
    exits 0 timeout 120 unshare -m sh -c 'mount -t tmpfs -o size=64m none small && cd small &&
        git init -q . && git commit -q --allow-empty -m start || exit 9
        "$0" run --yes --agents 100 ../../plan.yaml; status=$?
        cp .kelp/runs/ORG_1001/report.json ../report.json; exit $status' "$KELP"
    has err 'little disk space: [0-9]+ of [0-9]+ agents run; waiting'
    has report.json '"cause": *"disk"'
    has report.json '"status": *"done"'
}
