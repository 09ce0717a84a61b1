# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# The main jobs, as a user does them.

test_seven_bugs() {
    sh "$E2E_ROOT/examples/seven-bugs/make-repo.sh" "$PWD/repo" >/dev/null 2>&1
    cd repo || return 1
    new_remote
    echo changed >>README.md
    echo untracked >new-file
    exits 0 "$KELP" run --yes "$E2E_ROOT/examples/seven-bugs/plan.yaml"
    has out '^ORG_1001: done'
    has out 'Pushed to origin'
    is "commits on the remote" "$(git rev-parse main)" "$(git -C ../remote.git rev-parse main)"
    is "branches of children" 7 "$(git branch --list 'kelp/ORG_1001.*' | wc -l)"
    is "status" "$(printf ' M README.md\n?? new-file')" "$(git status --porcelain)"
    git stash -qu
    make -s check >check.log 2>&1 || fail "the bugs are not fixed: $(tail -n 3 check.log)"
    rm -f check.log
    exits 0 "$KELP" report --json
    json_valid <out || fail "report --json is not JSON"
    exits 0 git fsck --strict
}

test_one_bug_broken_then_retried() {
    sh "$E2E_ROOT/examples/seven-bugs/make-repo.sh" "$PWD/repo" >/dev/null 2>&1
    cd repo || return 1
    new_remote
    SEVEN_BUGS_BREAK=trim exits 3 "$KELP" run --yes "$E2E_ROOT/examples/seven-bugs/plan.yaml"
    has out 'ORG_1001.3 .*: failed'
    has out 'kelp retry ORG_1001.3'
    is "merges" 6 "$(git log --merges --oneline | wc -l)"
    exits 2 "$KELP" retry ORG_1001.1
    has err 'is done'
    exits 0 "$KELP" retry --yes ORG_1001.3
    is "merges after the retry" 7 "$(git log --merges --oneline | wc -l)"
    is "remote" "$(git rev-parse main)" "$(git -C ../remote.git rev-parse main)"
}

test_hundred_services() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: Deploy to all services
research: []
isolation: none
environment: [OUT]
subtasks:
  - title: Deploy {{item}}
    minutes: 10
    for_each: { run: "seq -f svc%03g 100" }
    waves:
      - { title: backup, agents: [ { role: Backup, run: "echo b > $OUT/{{item}}.backup" } ] }
      - { title: deploy, agents: [ { role: Deployer, run: "echo d > $OUT/{{item}}.deployed" } ] }
      - { title: verify, agents: [ { role: Verifier, run: "case {{item}} in *7) exit 1;; esac" } ] }
    on_failure:
      - run: mv $OUT/{{item}}.deployed $OUT/{{item}}.rolled-back
PLAN
    export OUT=$PWD/../services
    mkdir "$OUT"
    exits 3 "$KELP" run --yes ../plan.yaml
    is "backups" 100 "$(find "$OUT" -name '*.backup' | wc -l)"
    is "deployed" 90 "$(find "$OUT" -name '*.deployed' | wc -l)"
    is "rolled back" "svc007 svc017 svc027 svc037 svc047 svc057 svc067 svc077 svc087 svc097" \
        "$(cd "$OUT" && ls -- *.rolled-back | sed 's/\..*//' | paste -sd' ')"
    is "named" 10 "$(grep -c ': failed' out)"
    is "children" 100 "$(grep -c '^- ORG_1001\.[0-9]' out)"
}

test_one_feature_in_waves() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: Implement authentication
research: []
subtasks:
  - title: Authentication
    steps:
      - { id: schema, role: Database, run: "echo schema > schema.sql" }
      - { id: jwt, role: Backend, needs: [schema], run: "cat schema.sql > jwt.c; echo jwt >> jwt.c; echo token ready" }
      - { id: mfa, role: Backend, needs: [jwt], run: "echo {{steps.jwt.summary}} > mfa.c" }
      - { id: rbac, role: Backend, needs: [jwt], run: "echo rbac > rbac.c" }
      - { id: ui, role: Frontend, needs: [mfa, rbac], run: "cat mfa.c rbac.c > ui.js" }
    success:
      - run: grep -q 'token ready' ui.js
PLAN
    exits 0 "$KELP" run --yes ../plan.yaml
    has err 'specialised agents in waves'
    has err 'there is 1 subtask'
    is "ui.js" "$(printf 'token ready\nrbac')" "$(cat ui.js)"
    is "jwt.c" "$(printf 'schema\njwt')" "$(cat jwt.c)"
}

test_parallel_agents_of_one_wave_are_merged() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: wave
research: []
subtasks:
  - title: both
    waves:
      - agents:
          - { role: A, run: "echo one > a.txt" }
          - { role: B, run: "echo two > b.txt" }
          - { role: C, count: 3, run: "echo {{index}} > c{{index}}.txt" }
      - agents: [ { role: D, run: "cat a.txt b.txt c1.txt c2.txt c3.txt > all.txt" } ]
PLAN
    exits 0 "$KELP" run --yes ../plan.yaml
    is "all.txt" "one two 1 2 3" "$(paste -sd' ' all.txt)"
}

test_conflicts_stop_nobody_else() {
    new_repo
    {
        echo 'version: 1
task: conflict
research: []
subtasks:'
        for i in 1 2 3; do
            cat <<PLAN
  - title: job $i
    minutes: 12
    steps:
      - { id: a, role: A, run: "true" }
      - { id: b, role: B, needs: [a], run: "echo from $i > f$((i > 2 ? 7 : 1))" }
      - { id: c, role: C, needs: [b], run: "true" }
PLAN
        done
    } >../plan.yaml
    exits 3 "$KELP" run --yes ../plan.yaml
    has out 'ORG_1001.2 .*: left out .*conflicts with that of ORG_1001.1'
    is "f1" "from 1" "$(cat f1)"
    is "f7" "from 3" "$(cat f7)"
    git rev-parse -q --verify kelp/ORG_1001.2 >/dev/null || fail "the branch is gone"
    exits 0 "$KELP" diff --stat ORG_1001.2
    has out 'f1'
}

test_a_check_that_breaks_on_the_result_is_bisected() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: bisect
research: []
subtasks:
  - title: keeps f2
    minutes: 12
    steps:
      - { id: a, role: A, run: "echo x > n1" }
      - { id: b, role: B, needs: [a], run: "true" }
      - { id: c, role: C, needs: [b], run: "true" }
    success:
      - run: test -e f2
  - title: removes f2
    minutes: 12
    steps:
      - { id: a, role: A, run: "rm f2" }
      - { id: b, role: B, needs: [a], run: "true" }
      - { id: c, role: C, needs: [b], run: "true" }
  - title: harmless
    minutes: 12
    steps:
      - { id: a, role: A, run: "echo x > n3" }
      - { id: b, role: B, needs: [a], run: "true" }
      - { id: c, role: C, needs: [b], run: "true" }
PLAN
    exits 3 "$KELP" run --yes ../plan.yaml
    has out 'ORG_1001.2 .*left out'
    [ -e f2 ] || fail "f2 was removed"
    if [ ! -e n1 ] || [ ! -e n3 ]; then fail "the others did not land"; fi
}

test_demo_task() {
    new_repo
    exits 0 "$KELP" run --yes "Analyze repository across 6 dimensions: documentation, code quality, tests, security, performance, dependencies"
    is "children" 6 "$(grep -c '^- ORG_1001\.[1-6] .*: done' out)"
    exits 0 "$KELP" status --json
    json_valid <out || fail "status --json is not JSON"
    has out '"ORG_1001.6.1"'
    has out '"ORG_1001.7"'
    has out '"ORG_1001.7.1"'
    for form in md html json; do
        [ -s ".kelp/runs/ORG_1001/report.$form" ] || fail "no report.$form"
    done
}

test_plan_touches_nothing() {
    new_repo
    sleep_free=$(listing)
    exits 0 "$KELP" plan --json "$E2E_ROOT/examples/seven-bugs/plan.yaml"
    json_valid <out || fail "plan --json is not JSON"
    has out '"pattern": "meta"'
    has out '"sequential_minutes": 105'
    has out '"meta_minutes": 15'
    has out '"speedup": 7'
    rm -f out err
    is "the tree" "$sleep_free" "$(listing)"
    [ ! -e .kelp ] || fail "plan made .kelp"
}

# One instance does the work of three agents of a wave; each result stays.
test_results_of_one_instance_are_all_kept() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: results
agents: 1
research: []
subtasks:
  - title: many
    waves:
      - agents:
          - role: Counter
            for_each: [one, two, three]
            run: printf '{"status":"ok","summary":"%s"}' {{item}} > "$KELP_RESULT"
      - agents:
          - role: Reader
            run: |
              cat "$KELP_CONTEXT"/results/ORG_*-w1-a*.json | grep -o 'one\|two\|three' | sort > seen
              printf '{"status":"ok","summary":"read \u001b[31mthree"}' > "$KELP_RESULT"
PLAN
    exits 0 "$KELP" run --yes ../plan.yaml
    is "results that the second wave saw" "one three two" "$(paste -sd' ' seen)"
    has out '^  says: read .x1b\[31mthree$'
}
