# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034
# What the tests of hostile repositories have in common.

# work_plan COMMAND: one agent that runs it, given as a file so that no quoting is needed.
work_plan() {
    printf '%s\n' "$1" >../work.sh
    cat >../plan.yaml <<PLAN
version: 1
task: one
research: []
subtasks:
  - title: one
    steps: [ { id: a, role: A, run: "sh $PWD/../work.sh" } ]
PLAN
}

# Bytes, kinds, modes and targets of everything but git's and kelp's folders, whatever it is called.
state_of() {
    find "$1" -mindepth 1 \( -name .git -o -name .kelp \) -prune -o -printf '%P %y %m %l\0' |
        LC_ALL=C sort -z | tr '\0' '\n'
    (cd "$1" && find . \( -name .git -o -name .kelp \) -prune -o -type f -print0 |
        LC_ALL=C sort -z | xargs -0 -r sha256sum -z)
    git -C "$1" ls-files -s -t -v -z | tr '\0' '\n'
}

# The run lands, and git finds nothing wrong.
lands() {
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    rm -f out err
    sound
}

sound() {
    git fsck --no-dangling --no-progress >../fsck 2>&1 || fail "git fsck: $(cat ../fsck)"
}

# comes_back COMMAND: `kelp restore` undoes the command, to the byte. The state is that of the backup
# that the run ORG_1001 made before it did anything.
comes_back() {
    eval "$1"
    exits 0 "$KELP" restore --exact --yes ORG_1001
    rm -f out err
    state_of . >../after
    cmp -s ../before ../after || fail "not as it was: $(diff -a ../before ../after | head -n 12)"
    sound
}
