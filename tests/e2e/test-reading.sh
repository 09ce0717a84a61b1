# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2016,SC2034
# What an agent that a model drives sees of its user's home: its own login, and nobody's keys. The program
# is a stand-in that prints what Claude Code would.

# as_user COMMAND...: as $READER: the one who runs the tests, an ordinary user whose folders these are, or
# one without namespaces.
as_user() {
    case $READER in
    root) "$@" ;;
    bare) bare "$@" ;;
    *)
        chmod 755 .. ../.. "$HOME" && chown -hR 65534:65534 .. || return
        setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
        local status=$?
        chown -hR 0:0 ..
        return $status
        ;;
    esac
}

# reads [PLAN LINES]: what the agent said of its reading, in `said`. The user's login is a link to where
# they keep it; between the two is another.
reads() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    mkdir -p "$HOME"/{.ssh,.aws,.codex,.claude,vault} ../bin
    local name
    for name in .ssh/id .aws/credentials .netrc .codex/auth.json; do
        echo "key of $name" >"$HOME/$name"
    done
    echo '{"token":"own"}' >"$HOME/vault/login"
    ln -s login "$HOME/vault/link"
    ln -s "$HOME/vault/link" "$HOME/.claude/.credentials.json"
    cat >../bin/claude <<'SH'
#!/bin/bash
cat >/dev/null
{
    echo "own $(cat "$CLAUDE_CONFIG_DIR/.credentials.json")"
    for name in .ssh/id .aws/credentials .netrc .codex/auth.json; do
        echo "$name: $(cat "$HOME/$name")"
        ln "$HOME/$name" hard && cat hard
        ln -s "$HOME/$name" soft && cat soft
        cat "/proc/self/root$HOME/$name" "/proc/$PPID/root$HOME/$name" /proc/1/root"$HOME/$name"
        rm -f hard soft
    done
    echo '{"token":"new"}' >"$CLAUDE_CONFIG_DIR/.credentials.json" && echo renewed
} >said 2>/dev/null
printf '%s\n' '{"type":"system","subtype":"init","session_id":"5e55-1","model":"claude-x"}' \
    '{"type":"result","subtype":"success","is_error":false,"result":"I read","session_id":"5e55-1","total_cost_usd":0.01,"usage":{"input_tokens":10,"output_tokens":5}}'
SH
    chmod +x ../bin/claude
    export PATH=$PWD/../bin:$PATH
    cat >../plan.yaml <<PLAN
version: 1
task: agent
research: []
agent: claude
${1-}
subtasks:
  - title: one
    steps:
      - { id: a, role: A, prompt: "read all of it" }
PLAN
    exits 0 as_user "$KELP" run --yes ../plan.yaml
    has said '^own \{"token":"own"\}'
    has said '^renewed'
    has "$HOME/vault/login" '"new"'
}

# hides [PLAN LINES]: the keys are not there, under any name.
hides() {
    reads "${1-}"
    is "keys" "" "$(grep 'key of' said)"
    is "names" 4 "$(grep -cE '^\.(ssh|aws|netrc|codex).*: $' said)"
}

# may_be USER: or it says why the test can't be.
may_be() {
    READER=$1
    if [ "$READER" = root ]; then
        unshare -m true 2>/dev/null || unshare -Urm true 2>/dev/null && return
        echo "not tried: a machine with mount namespaces"
        return 1
    fi
    [ "$(id -u)" -eq 0 ] && setpriv --reuid 65534 --regid 65534 --clear-groups unshare -Urm true \
        2>/dev/null && return
    echo "not tried: an ordinary user with user namespaces"
    return 1
}

test_reading_a_driver_sees_its_own_login() {
    may_be root && hides
}

test_reading_as_an_ordinary_user() {
    may_be user && hides
}

# The relay makes the namespaces then.
test_reading_with_an_endpoint() {
    may_be root && hides 'sandbox: { network: endpoint }'
}

test_reading_with_an_endpoint_as_an_ordinary_user() {
    may_be user && hides 'sandbox: { network: endpoint }'
}

# Without the means the same agent reads them all: the tests above can fail.
test_reading_without_a_sandbox() {
    READER=root
    reads 'sandbox: off'
    is "keys" 4 "$(grep -c '^[^ ]*: key of' said)"
}

test_reading_without_a_sandbox_as_an_ordinary_user() {
    may_be user || return
    reads 'sandbox: off'
    is "keys" 4 "$(grep -c '^[^ ]*: key of' said)"
}

# One of them by the plan's word, the others not.
test_reading_what_the_plan_shows() {
    may_be root || return
    reads 'sandbox: { read: ["~/.aws", "~/.ssh/id"] }'
    is "keys" $'.ssh/id: key of .ssh/id\n.aws/credentials: key of .aws/credentials' \
        "$(grep '^[^ ]*: key of' said)"
}

# bare COMMAND...: as on a machine that gives this user no namespaces at all.
bare() {
    unshare --map-root-user sh -c 'echo 0 >/proc/sys/user/max_user_namespaces &&
        exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$0" "$@"' "$@"
}

test_reading_without_namespaces_is_said() {
    bare true 2>/dev/null || {
        echo "not tried: a machine without namespaces (they can't be switched off here)"
        return
    }
    READER=bare
    reads
    is "keys" 4 "$(grep -c '^[^ ]*: key of' said)"
    has err 'no mount namespace: your keys .* can be read in 1 of'
    exits 0 bare "$KELP" doctor
    has out '^private +missing'
}

# A driver of the user's own says itself what is its own; that is hidden from the others.
test_reading_with_a_driver_of_ones_own() {
    may_be root || return
    new_repo
    local name
    mkdir -p "$XDG_CONFIG_HOME/kelp/drivers" ../bin "$HOME"/{.helper,.other,.claude}
    for name in helper other claude; do
        echo "login of $name" >"$HOME/.$name/login"
        printf 'name: %s\nprogram: helper\nkeeps: ["~/.%s"]\n' "$name" "$name" \
            >"$XDG_CONFIG_HOME/kelp/drivers/$name.yaml"
    done
    rm "$XDG_CONFIG_HOME/kelp/drivers/claude.yaml"
    printf '%s\n' '#!/bin/bash' 'cat >/dev/null; cat "$HOME"/.{helper,other,claude}/login >said 2>&1' \
        'echo done' >../bin/helper
    chmod +x ../bin/helper
    export PATH=$PWD/../bin:$PATH
    printf '%s\n' 'version: 1' 'task: t' 'research: []' 'agent: helper' 'subtasks:' \
        '  - { title: one, steps: [ { id: a, role: A, prompt: "read" } ] }' >../plan.yaml
    exits 0 "$KELP" run --yes ../plan.yaml
    is "logins" "login of helper" "$(grep login\ of said)"
    exits 0 "$KELP" agents helper
    has out '/\.helper'
}

# What the first attempt leaves in its home is where the second one's files would be made.
test_reading_a_home_that_was_planted() {
    new_repo
    export ANTHROPIC_API_KEY=a-key-of-the-tests
    mkdir -p "$HOME"/{.claude,planted} ../bin
    echo '{}' >"$HOME/.claude/settings.json"
    printf '%s\n' '#!/bin/bash' 'cat >/dev/null' 'rm -rf "$CLAUDE_CONFIG_DIR"' \
        'ln -s "$HOME/planted" "$CLAUDE_CONFIG_DIR" && echo planted >&2' 'exit 1' >../bin/claude
    chmod +x ../bin/claude
    export PATH=$PWD/../bin:$PATH
    printf '%s\n' 'version: 1' 'task: t' 'research: []' 'agent: claude' 'retries: 2' 'subtasks:' \
        '  - { title: one, steps: [ { id: a, role: A, prompt: "plant" } ] }' >../plan.yaml
    exits 1 "$KELP" run --yes ../plan.yaml
    has "$(echo .kelp/runs/*/attempts/*/w1.I1.a1.j*/stderr)" '^planted'
    is "user's folder" "" "$(ls -A "$HOME/planted")"
    is "settings" "{}" "$(cat "$HOME/.claude/settings.json")"
    exits 0 "$KELP" report
    has out 'cannot enter the folder of .*/settings.json'
}

# What listens when an agent starts: outside of the repository it is there only by the plan's word.
test_reading_sockets_of_other_programs() {
    may_be root || return
    new_repo
    local above ready stays
    above=$(cd .. && pwd)
    cat >../listen.py <<'PY'
import socket, sys
kept = []
for path in sys.argv[1:]:
    kept.append(socket.socket(socket.AF_UNIX))
    kept[-1].bind(path)
    kept[-1].listen()
print("ready", flush=True)
sys.stdin.read()
PY
    cat >../connect.py <<'PY'
import socket, sys
for path in sys.argv[1:]:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        print(path.rpartition("/")[2], "answers")
    except OSError:
        pass
PY
    mkdir ../elsewhere
    mkfifo ../server.in
    exec {ready}< <(exec python3 ../listen.py ../elsewhere/relative \
        "$above"/elsewhere/{known,shown} "$PWD/.git/inside" <../server.in)
    exec {stays}>../server.in # it ends with this shell
    read -rt 60 -u "$ready" || { fail "no server" && exit 1; }
    agent_plan "cd $above/elsewhere && python3 ../connect.py known shown relative $PWD/.git/inside > \"\$OLDPWD/said\"" \
        "sandbox: { read: ['$above/elsewhere/shown'] }"
    exits 0 "$KELP" run --yes ../plan.yaml
    is "answers" $'shown answers\nrelative answers\ninside answers' "$(cat said)"
}
