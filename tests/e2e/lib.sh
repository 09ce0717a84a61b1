# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# What the end-to-end tests share. A failed check is told with its place; the test goes on and fails at
# its end.
KELP=$BUILD/kelp
export XDG_CONFIG_HOME=$PWD/config HOME=$PWD/home TMPDIR=$PWD/tmp LC_ALL=C
mkdir -p "$HOME" "$TMPDIR" "$XDG_CONFIG_HOME"
export GIT_CONFIG_NOSYSTEM=1
git config --global user.name Tester
git config --global user.email tester@localhost
git config --global init.defaultBranch main
git config --global advice.detachedHead false
# What the tests write beside the files of a repository is no part of it.
printf 'out\nerr\nlog\n' >"$HOME/ignore"
git config --global core.excludesFile "$HOME/ignore"
problems=0

fail() {
    problems=$((problems + 1))
    echo "FAIL ${BASH_SOURCE[2]##*/}:${BASH_LINENO[1]}: $*"
}

# is WHAT EXPECTED ACTUAL
is() {
    [ "$2" = "$3" ] || fail "$1: expected '$2', got '$3'"
}

# has FILE PATTERN: a line of the file matches the extended expression.
has() {
    grep -Eq -- "$2" "$1" || {
        fail "$1 lacks '$2'"
        sed 's/^/    /' "$1" | tail -n 15
    }
}

hasnt() {
    ! grep -Eq -- "$2" "$1" || fail "$1 has '$2'"
}

# exits STATUS COMMAND...: standard output goes to `out`, standard error to `err`.
exits() {
    local want=$1 got
    shift
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$want" ] || {
        fail "exit status $got instead of $want: $*"
        tail -n 15 out err
    }
}

# gone PID WHAT: it is dead; nobody has to have waited for it yet.
gone() {
    [ -n "$1" ] || fail "$2: no pid"
    ! grep -Eqs '^State:[[:space:]]*[DRSTIt]' "/proc/$1/status" || fail "$2: $1 lives on"
}

finish() {
    [ "$problems" -eq 0 ]
}

# A repository in `repo` with a few files and one commit; the test goes on inside.
new_repo() {
    git init -q repo && cd repo || exit 1
    local i
    for i in 1 2 3 4 5 6 7; do
        echo "line of f$i" >"f$i"
    done
    mkdir dir
    echo text >dir/inner
    git add -A && git commit -qm start
}

# A bare remote that main follows.
new_remote() {
    git init -q --bare ../remote.git
    git remote add origin "$PWD/../remote.git"
    git push -qu origin main
}

# wait_for SECONDS COMMAND...: until it succeeds; what is waited for is an event, and the limit only
# ends a test that hangs.
wait_for() {
    local limit=$(($1 * 50)) i
    shift
    for ((i = 0; i < limit; i++)); do
        "$@" && return 0
        read -rt 0.02 <> <(:) || :
    done
    fail "waited in vain for: $*"
    return 1
}

json_valid() {
    perl -MJSON::PP -e 'local $/; decode_json(<STDIN>)' 2>/dev/null
}

# What a tree holds, byte for byte, with modes; git's folder and kelp's left out.
listing() {
    find . \( -name .git -o -name .kelp \) -prune -o -printf '%y %m %p %l\n' | sort
    find . \( -name .git -o -name .kelp \) -prune -o -type f -print0 | sort -z |
        xargs -0 -r sha256sum
}

# jobs_plan N [TAIL]: N children of three waves each; every start appends a line to $MARKS.
jobs_plan() {
    local n=$1 i
    echo 'version: 1
task: jobs
research: []
environment: [MARKS]
subtasks:'
    for ((i = 1; i <= n; i++)); do
        cat <<PLAN
  - title: job $i
    minutes: 20
    writes: ["f$i"]
    waves:
      - agents: [ { role: A, run: "echo a$i >> \$MARKS; sleep 0.3; echo a >> f$i" } ]
      - agents: [ { role: B, run: "echo b$i >> \$MARKS; sleep 0.3; echo b >> f$i" } ]
      - agents: [ { role: C, run: "echo c$i >> \$MARKS; sleep 0.2; echo c >> f$i" } ]
    success:
      - run: test "\$(wc -l < f$i)" -eq 4
PLAN
    done
    echo "sandbox: { write: [\"$MARKS\"] }"
}

# agent_plan COMMAND [MORE KEYS]: one agent that runs the command.
agent_plan() {
    cat >../plan.yaml <<PLAN
version: 1
task: agent
research: []
environment: [MARKS]
subtasks:
  - title: one
    steps:
      - id: a
        role: A
        run: |
$(printf '%s\n' "$1" | sed 's/^/          /')
${2:+        $2}
PLAN
}
