# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034,SC2012
# Agents that do harm, and those that only behave oddly: what is promised of processes, environment,
# results, limits and the sandbox.

# runs STATUS: the plan, whose closing summary goes to `out`.
runs() {
    exits "$1" timeout 60 "$KELP" run --yes --quiet ../plan.yaml
}

test_nothing_outlives_its_agent() {
    new_repo
    # Away from parent, session, environment, streams and signals, all at once.
    agent_plan 'daemon="trap \"\" TERM INT HUP; echo \$\$ > pid; while :; do sleep 1; done"
(setsid env -i PATH="$PATH" sh -c "(cd $PWD; $daemon) &" >/dev/null 2>&1 <&- &)
until [ -s pid ]; do sleep 0.02; done'
    runs 0
    gone "$(cat pid)" "the daemon"
}

test_output_kept_open_holds_nothing_up() {
    new_repo
    agent_plan 'sleep 600 & echo $! > pid; echo last words'
    runs 0
    gone "$(cat pid)" "who held the output"
    exits 0 "$KELP" logs
    has out '^last words$'
}

test_closed_output_is_not_the_end() {
    new_repo
    agent_plan 'exec <&- >&- 2>&-
i=0; while [ $i -lt 20 ]; do i=$((i+1)); sleep 0.02; done
sleep 0.1; :> new'
    runs 0
    [ -e new ] || fail "the agent was not waited for"
}

test_environment_is_an_allow_list() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: environment
research: []
environment: [ASKED_FOR]
subtasks:
  - title: one
    minutes: 10
    waves:
      - agents:
          - { role: Namer, for_each: [ "it's $HOME" ], run: "env > env.txt; printf %s \"$KELP_ITEM\" > item.txt" }
PLAN
    export SECRET_TOKEN=hush KELP_RESULT=/etc/passwd KELP_DEPTH=7 LD_PRELOAD='' ASKED_FOR=given
    exits 0 "$KELP" run --yes --quiet --pattern meta ../plan.yaml
    unset KELP_RESULT KELP_DEPTH LD_PRELOAD
    hasnt env.txt SECRET_TOKEN
    hasnt env.txt LD_PRELOAD
    hasnt env.txt '/etc/passwd'
    local run=$PWD/.kelp/runs/ORG_1001 at
    is "a child" ORG_1001.1 "$(sed -n 's/^KELP_EXEC_ID=//p' env.txt)"
    at=$(ls -d "$run"/attempts/ORG_1001.1/w1.I1.a1.*)
    for line in ASKED_FOR=given KELP_RUN=ORG_1001 KELP_DEPTH=1 KELP_WAVE=1 KELP_INSTANCE=I1 KELP_ROLE=Namer \
        KELP_ATTEMPT=1 "KELP_ITEM=it's \$HOME" "KELP_RESULT=$at/result.json" "KELP_CONTEXT=$run/context" \
        "KELP_SOCKET=$run/engine.sock" "TMPDIR=$at/tmp" "XDG_CACHE_HOME=$run/cache/xdg"; do
        grep -Fxq -- "$line" env.txt || fail "no '$line'"
    done
    is "the item, raw" "it's \$HOME" "$(cat item.txt)"
}

test_results_that_are_wrong() {
    new_repo
    agent_plan 'case $KELP_ATTEMPT in
1) printf "{\n  \"status\": oops }" ;;
2) printf "[1]" ;;
3) printf "{\"status\": \"super\"}" ;;
4) printf "{\"summary\": \"\377\"}" ;;
5) head -c 17000000 /dev/zero | tr "\0" " " ;;
6) rm -f "$KELP_RESULT"; mkdir "$KELP_RESULT"; exit ;;
7) ln -sf /etc/passwd "$KELP_RESULT"; exit ;;
8) printf "{\"status\": \"ok\", \"summary\": \"at last\"}" ;;
esac > "$KELP_RESULT"' 'retries: 7'
    runs 0
    exits 0 "$KELP" report --format json
    local why
    for why in 'result.json:2:1[0-9]: not valid JSON' 'not a JSON object' 'none of ok, failed, blocked' \
        'result.json:1:1[0-9]: not valid JSON' 'is larger than' 'is not a file' '"at last"'; do
        has out "$why"
    done
    exits 0 "$KELP" logs
    is "attempts" 8 "$(grep -c '^== ' err)"
}

test_retries_start_from_the_tree_as_it_was() {
    new_repo
    agent_plan 'ls > "$TMPDIR/seen"
[ ! -e half ] && [ "$(cat f1)" = "line of f1" ] && [ -e f2 ] && [ -z "$(git status --porcelain)" ] || exit 9
if [ "$KELP_ATTEMPT" = 1 ]; then
  echo broken > f1; rm f2; echo x > half; git add half; git commit -qm stray; kill -9 $$
fi
echo ok > new'
    runs 0
    is "new" ok "$(cat new)"
    [ ! -e half ] || fail "the first attempt's half is there"
    is "f1" "line of f1" "$(cat f1)"
    is "commits" 2 "$(git rev-list --count HEAD)"
}

test_what_is_final_is_not_retried() {
    new_repo
    export MARKS=$PWD/../marks
    : >"$MARKS"
    agent_plan 'echo x >> $MARKS; exit 7' 'sandbox: off'
    runs 1
    has out 'exit status 7'
    agent_plan 'echo x >> $MARKS; echo "{\"status\": \"blocked\", \"summary\": \"no key\"}" > $KELP_RESULT' 'sandbox: off'
    runs 1
    has out 'blocked: .*no key'
    is "starts" 2 "$(wc -l <"$MARKS")"
    agent_plan 'echo x >> $MARKS; exit 7' 'sandbox: off
        retries: 1'
    runs 1
    is "starts, with retries in the plan" 4 "$(wc -l <"$MARKS")"
}

test_limits_give_a_partial_report() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: limits
research: []
limits: { minutes: 0.03 }
subtasks:
  - title: quick
    steps: [ { id: a, role: A, run: "echo x > quick" } ]
  - title: slow
    steps: [ { id: a, role: A, run: "exec sleep 600" }, { id: b, role: B, needs: [a], run: "echo x > never" } ]
PLAN
    exits 3 timeout 60 "$KELP" run --yes --quiet --pattern meta ../plan.yaml
    has out 'quick: done'
    has out 'slow: timeout'
    is "quick landed" x "$(cat quick)"
    [ ! -e never ] || fail "something started after the limit"
    has .kelp/runs/ORG_1001/report.json '"partial"'
    sed -i 's/^limits:.*/limits: { agent_minutes: 0.01 }\nretries: 0/' ../plan.yaml
    exits 3 timeout 60 "$KELP" run --yes --quiet --pattern meta ../plan.yaml
    has out 'slow: timeout .*time limit'
}

test_silence_is_a_stall_only_when_asked_for() {
    new_repo
    # Silent, and so is its tool; but the tool works, in a session of its own.
    agent_plan 'setsid sh -c "while [ ! -e enough ]; do :; done" & tool=$!
sleep 1.5; touch enough; wait $tool; echo x > new' 'stall: 0.01
        retries: 0'
    runs 0
    is "the tool's work counted" x "$(cat new)"
    agent_plan 'exec sleep 600' 'stall: 0.01
        retries: 0'
    runs 1
    has out 'silent for too long'
    agent_plan 'sleep 1.5; echo y > new'
    runs 0
    is "not set, no stall" y "$(cat new)"
}

# Every line that the script prints names a thing that it could do and should not have.
test_the_sandbox_holds() {
    new_repo
    if ! "$KELP" doctor | grep -q 'Landlock, version'; then
        echo "no Landlock here: nothing to test"
        return
    fi
    echo mine >.git/info/mine
    sleep 600 &
    local stranger=$! repo=$PWD run=$PWD/.kelp/runs/ORG_1001
    cat >../attack.sh <<ATTACK
try() { if (eval "\$1") 2>/dev/null; then echo "\$1" >> broken; fi; }
try 'echo x >> $repo/f1'
try 'echo x > $repo/stray'
try 'rm $repo/f2'
try 'mv $repo/dir $repo/gone'
try 'echo x > $repo/.git/hooks/post-merge'
try 'echo x >> $repo/.git/config'
try 'git -C $repo commit --allow-empty -m stray'
try 'git -C $repo update-ref refs/heads/stray HEAD'
try 'git push origin HEAD:refs/heads/stray'
try 'echo x >> $run/journal.db'
try 'echo x > $run/context/findings.json'
try 'echo x > $run/attempts/stray'
try 'echo x > \$(ls -d $run/clones/*.2)/stray'
try 'echo x > $HOME/stray'
try 'echo x > $TMPDIR/stray'
try 'kill $stranger'
try 'kill \$(cat $run/lock)'
ATTACK
    cat >../plan.yaml <<PLAN
version: 1
task: attack
research: []
subtasks:
  - title: attacker
    steps:
      - { id: a, role: A, run: ": > broken; until ls -d $run/clones/*.2/f1; do sleep 0.02; done; sh $repo/../attack.sh; echo done > attacked" }
  - title: other
    steps:
      - { id: a, role: A, run: "until [ -e \$KELP_CONTEXT/results ]; do sleep 0.02; done; sleep 1; echo x > theirs" }
PLAN
    exits 0 timeout 60 "$KELP" run --yes --quiet --pattern meta ../plan.yaml
    is "the attack ran" "done" "$(cat attacked)"
    is "what it could do" "" "$(cat broken)"
    kill "$stranger" || fail "the stranger is gone"
    is "f1" "line of f1" "$(cat f1)"
    is "branches" "kelp/ORG_1001 kelp/ORG_1001.1 kelp/ORG_1001.2 main" \
        "$(git for-each-ref --format='%(refname:short)' refs/heads | paste -sd' ')"
    exits 0 git fsck
}

test_sandbox_off_is_off_and_said() {
    new_repo
    agent_plan "echo x > $HOME/stray" 'sandbox: off'
    runs 0
    [ -e "$HOME/stray" ] || fail "it was not off"
    has err 'warning: .*sandbox'
}

# A kernel without Landlock, as far as the keeper can see.
test_without_landlock_the_run_warns_and_goes_on() {
    new_repo
    cat >../none.c <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
long syscall(long number, ...)
{
    long (*real)(long, ...) = dlsym(RTLD_NEXT, "syscall");
    long a[6];
    va_list args;
    va_start(args, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(args, long);
    va_end(args);
    if (number == SYS_landlock_create_ruleset) {
        errno = ENOSYS;
        return -1;
    }
    return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
C
    if ! cc -shared -fPIC -o ../none.so ../none.c -ldl 2>../cc.err; then
        fail "cannot build what hides Landlock: $(cat ../cc.err)"
        return
    fi
    agent_plan "echo x > new"
    exits 0 env LD_PRELOAD="$PWD/../none.so" "$KELP" doctor
    has out 'sandbox +missing'
    exits 0 env LD_PRELOAD="$PWD/../none.so" "$KELP" run --yes --quiet ../plan.yaml
    is "new" x "$(cat new)"
    has err 'warning: .*sandbox'
}

test_logs_follow_until_the_run_ends() {
    new_repo
    agent_plan "echo one; printf half; until [ -e $PWD/../go ]; do sleep 0.02; done; echo ' and half'; echo said >&2" 'sandbox: off'
    "$KELP" run --yes --quiet ../plan.yaml >/dev/null 2>&1 &
    local engine=$! reader
    wait_for 20 test -e .kelp/runs/ORG_1001/clones/ORG_1001/f1
    timeout 60 "$KELP" logs --follow >followed 2>headings &
    reader=$!
    wait_for 20 grep -q '^one$' followed
    hasnt followed half
    : >../go
    wait $reader
    is "status" 0 $?
    is "followed" "one half and half said" "$(paste -sd' ' followed)"
    has headings '^== ORG_1001 w1.I1.a1 \(running\)'
    is "the last heading" "== ORG_1001 w1.I1.a1 (ended well)" "$(tail -n 1 headings)"
    wait $engine
    exits 0 timeout 20 "$KELP" logs --follow ORG_1001 I1
    is "what has ended" "one half and half said" "$(paste -sd' ' out)"
}

# Each child does to its copy's git what it likes; the user's repository has only what was asked for.
test_a_copy_belongs_to_its_agent_and_nothing_else_does() {
    new_repo
    mkdir ../hooks
    printf '#!/bin/sh\necho hooked >>%s\n' "$PWD/../pwned" >../hooks/pre-commit
    chmod +x ../hooks/pre-commit
    cp ../hooks/pre-commit ../hooks/post-checkout
    local attacks=(
        'rm -rf .git'
        'rm -rf .git; git init -q; echo 2 > n2; git add n2; git commit -qm own'
        "rm -rf .git; echo 'gitdir: $PWD/.git' > .git"
        "rm -rf .git; ln -s $PWD/.git .git"
        'git checkout -qb elsewhere; git branch -D kelp/ORG_1001.5; git tag stray'
        'touch .git/index.lock .git/HEAD.lock .git/config.lock'
        "git config core.hooksPath $PWD/../hooks; git config filter.x.clean 'touch $PWD/../pwned; cat'; echo 'n* filter=x' > .gitattributes"
        'echo /nowhere > .git/objects/info/alternates'
        'git config user.name Mallory; git config commit.gpgSign true; git config core.fsmonitor false'
        'mkdir nested; cd nested; git init -q; echo x > inner; git add inner; git commit -qm inner; cd ..'
        'printf "ref: refs/heads/../../x" > .git/HEAD'
    ) i
    {
        echo 'version: 1
task: attacks
research: []
subtasks:'
        for ((i = 0; i < ${#attacks[@]}; i++)); do
            printf '  - title: attack %d\n    steps:\n      - id: a\n        role: A\n        run: |\n          %s\n          echo %d > n%d\n' \
                $((i + 1)) "${attacks[i]}" $((i + 1)) $((i + 1))
        done
    } >../plan.yaml
    local head
    head=$(git rev-parse HEAD)
    exits 0 timeout 100 "$KELP" run --yes --quiet --pattern meta ../plan.yaml
    for ((i = 1; i <= ${#attacks[@]}; i++)); do
        is "what attack $i was asked for" $i "$(cat n$i)"
    done
    [ ! -e ../pwned ] || fail "a program of an agent ran outside of the sandbox: $(cat ../pwned)"
    is "branch" main "$(git symbolic-ref --short HEAD)"
    is "author" Tester "$(git log --format=%an | sort | uniq -c | sort -rn | awk 'NR==1 {print $2}')"
    is "tags" "" "$(git tag)"
    exits 0 git merge-base --is-ancestor "$head" HEAD
    is "tree" "" "$(git status --porcelain)"
    exits 0 git fsck
}

# What another agent was told, printed and keeps, and other runs, are not there for it; a part of the
# run that is for all of them is.
test_other_agents_files_are_not_read() {
    new_repo
    if ! "$KELP" doctor | grep -Eq 'private +good'; then
        echo "not tried: no mount namespaces for this user"
        return
    fi
    local runs=$PWD/.kelp/runs
    agent_plan "echo secret"
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    cat >../plan.yaml <<PLAN
version: 1
task: neighbours
research: []
subtasks:
  - title: victim
    steps:
      - { id: a, role: A, run: "echo secret; echo '{\"status\": \"ok\", \"summary\": \"s\"}' > \$KELP_RESULT; echo x > new" }
      - id: b
        role: B
        needs: [a]
        run: |
          cat $runs/ORG_1001/attempts/*/*/stdout $runs/ORG_1002/attempts/*/w1*/* > could 2>/dev/null
          ls $runs $runs/ORG_1002/homes > seen
          ls $runs/ORG_1002/attempts/* >> seen
          ls \$KELP_CONTEXT >/dev/null && [ -w \$TMPDIR ] && echo whole >> seen
PLAN
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    is "what could be read" "" "$(cat could)"
    hasnt seen 'ORG_1001'
    is "attempts that were seen" 1 "$(grep -c '^w[0-9]' seen)"
    has seen whole
}

# What belongs to another agent's process stays its own; its files are closed to other users.
test_other_agents_are_out_of_reach() {
    new_repo
    if ! "$KELP" doctor | grep -q 'Landlock, version'; then
        echo "no Landlock here: nothing to test"
        return
    fi
    local run=$PWD/.kelp/runs/ORG_1001
    cat >../plan.yaml <<PLAN
version: 1
task: neighbours
research: []
subtasks:
  - title: victim
    steps:
      - { id: a, role: A, run: "exec 3<f1; echo \$\$ > pid; until [ -e $run/clones/ORG_1001.2/done ]; do sleep 0.05; done" }
  - title: neighbour
    steps:
      - id: a
        role: A
        run: |
          until [ -s $run/clones/ORG_1001.1/pid ]; do sleep 0.05; done
          v=\$(cat $run/clones/ORG_1001.1/pid)
          for f in environ mem maps fd/3 cwd/f1 root/etc/passwd; do
            if [ "\$(head -c 1 /proc/\$v/\$f 2>/dev/null | wc -c)" = 1 ]; then echo \$f >> could; fi
          done
          if kill -0 \$v 2>/dev/null; then echo signal >> could; fi
          : > done
PLAN
    exits 0 timeout 60 "$KELP" run --yes --quiet --pattern meta ../plan.yaml
    [ ! -e could ] || fail "it could reach: $(paste -sd' ' could)"
    local folder
    for folder in attempts clones context cache; do
        is "rights of $folder" 700 "$(stat -c %a "$run/$folder")"
    done
    is "rights of an output" 600 "$(stat -c %a "$run"/attempts/ORG_1001.1/w1.I1.a1.*/stdout)"
}

test_isolation_none_is_said() {
    new_repo
    cat >../plan.yaml <<'PLAN'
version: 1
task: in place
research: []
isolation: none
subtasks:
  - title: one
    steps: [ { id: a, role: A, run: "echo x > new" } ]
PLAN
    exits 0 "$KELP" run --yes --quiet ../plan.yaml
    has err 'warning: .*isolation: none'
    is "new" x "$(cat new)"
    exits 0 "$KELP" plan ../plan.yaml
    has err 'warning: .*isolation: none'
}
