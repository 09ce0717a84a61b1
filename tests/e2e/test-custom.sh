# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# Programs that are driven by a file of the user's own.

# driver NAME LINES: its file, and a plan of one prompt for it.
driver() {
    mkdir -p "$XDG_CONFIG_HOME/kelp/drivers" ../bin
    printf 'name: %s\nprogram: helper\n%s\n' "$1" "$2" >"$XDG_CONFIG_HOME/kelp/drivers/$1.yaml"
    cat >../plan.yaml <<PLAN
version: 1
task: by a driver file
research: []
agent: $1
subtasks:
  - title: one
    steps:
      - { id: a, role: A, prompt: "append to f1" }
PLAN
}

# helper LINES...: the program.
helper() {
    printf '%s\n' '#!/bin/bash' "$@" >../bin/helper
    chmod +x ../bin/helper
    export PATH=$PWD/../bin:$PATH
}

test_custom_plain_text() {
    new_repo
    driver plain 'args: ["--prompt={{prompt}}", {when: model, args: [-m, "{{model}}"]}]
prompt: argument
home: HELPER_HOME
environment: { secrets: [HELPER_KEY], set: { HELPER_URL: "{{base_url}}" } }'
    export HELPER_KEY=a-key-that-nobody-shall-see
    helper 'echo "$1" >"$TMPDIR/prompt"; echo "$# ${HELPER_URL-none}" >"$TMPDIR/words"' \
        'test -d "$HELPER_HOME" && echo more >>f1' 'echo "the key is $HELPER_KEY"' 'echo it is done'
    exits 0 "$KELP" run --yes ../plan.yaml
    has f1 more
    local attempt
    attempt=$(echo .kelp/runs/*/attempts/*/w1.I1.a1.j*)
    has "$attempt/tmp/prompt" '^--prompt=.*'
    has "$attempt/tmp/prompt" 'append to f1'
    has "$attempt/tmp/words" '^1 none$'
    hasnt "$attempt/stdout" nobody-shall-see
}

# Exit status 0, and an error all the same.
test_custom_errors_by_words() {
    new_repo
    driver sly 'errors: [{log: "no such key", error: auth}]'
    helper 'cat >/dev/null; echo "helper: no such key" >&2'
    exits 4 "$KELP" run --yes ../plan.yaml
    has err 'sly: .*no such key'
    has err 'kelp resume'
}

test_custom_file_that_is_broken() {
    new_repo
    driver broken 'output: jsonn'
    exits 0 "$KELP" agents
    cat out err >all
    has all "drivers/broken\.yaml:3:9: 'output' can't be 'jsonn'"
    exits 4 "$KELP" run --yes --agent broken 'Mend f1'
    has err "drivers/broken\.yaml:3:9: 'output' can't be 'jsonn'"
    [ ! -e .kelp/runs ] || is "runs" "" "$(ls .kelp/runs)"
}
