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
