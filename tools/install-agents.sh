#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Install the agent programs of tools/agent-versions from npm into a cache folder, unless they are
# there already:
#
#   tools/install-agents.sh [NAME...]
#
# The folder is $KELP_AGENTS_CACHE, else kelp-agents in the user's cache; its bin/ has a link to
# each program. Standard output has a line for each name, fields separated by tabs:
#
#   NAME  VERSION  PATH       it is there and starts
#   NAME  -        REASON     it can't be had on this machine
#
# The exit status is 1 if a program that this machine could run is not there.
set -uo pipefail
cd "$(dirname "$0")" || exit 2
cache=${KELP_AGENTS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kelp-agents}
mkdir -p "$cache/bin" || exit 2
PATH=$cache/bin:$PATH # with a Node.js of its own, where the system's is too old
work=$(mktemp -d "$cache/tmp-XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
status=0

cpu='' plain=''
machine=$(uname -m)
case $machine in
x86_64) cpu=x64 ;;
aarch64) cpu=arm64 ;;
esac
if [ "$cpu" = x64 ] && ! grep -qw avx2 /proc/cpuinfo; then
    plain=-baseline
fi

say() {
    printf '%s\t%s\t%s\n' "$1" "$2" "$3"
}

# too_old MAJOR: there is no Node.js, or it is older.
too_old() {
    local here
    here=$(node --version 2>/dev/null | sed -n 's/^v\([0-9]*\).*/\1/p')
    [ "${here:-0}" -lt "$1" ]
}

# fetch NAME VERSION PACKAGE: leaves it in $cache/NAME-VERSION, whole or not at all; else says why in
# $work/why.
fetch() {
    local into=$cache/$1-$2

    if ! command -v npm >/dev/null; then
        echo "npm is missing: $(tail -n 1 "$work/deps")" >"$work/why"
        return 1
    fi
    echo "installing $1 $2" >&2
    mkdir -p "$work/$1"
    # An install script would only link the program. A version that is not named would be replaced
    # by an older one, silently, where Node.js does not fit.
    npm install --ignore-scripts --no-save --no-audit --no-fund --loglevel=error \
        --prefix "$work/$1" "$3" >"$work/log" 2>&1 </dev/null || {
        echo "npm can't install $3: $(grep -m 1 -i 'error' "$work/log" | cut -c 1-200)" >"$work/why"
        return 1
    }
    rm -rf "$into"
    mv "$work/$1" "$into"
}

# bare LIMIT PROGRAM [ARGUMENT...]: runs it with nothing of the user's, in place of this shell.
bare() {
    exec timeout "$1" env -i HOME="$work/home" TMPDIR="$work/home" PATH="$PATH" \
        COPILOT_AUTO_UPDATE=false DISABLE_AUTOUPDATER=1 "${@:2}"
}

# introduces_itself PATH: the first line that an adapter for the Agent Client Protocol answers with
# names its version; not every one has an option for it, or ends by itself.
introduces_itself() {
    local line hello='{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":1}}'

    read -rt 60 line < <(bare 60 "$1" <<<"$hello" 2>/dev/null)
    kill $! 2>/dev/null
    echo "${line:-}"
}

# starts NAME PATH VERSION: it says its version; else says why in $work/why.
starts() {
    mkdir -p "$work/home"
    case $1 in
    *-acp) introduces_itself "$2" >"$work/log" ;;
    *) (bare 120 "$2" --version) >"$work/log" 2>&1 </dev/null ;;
    esac
    grep -qF "$3" "$work/log" || {
        echo "it does not start: $(head -n 1 "$work/log" | cut -c 1-200)" >"$work/why"
        return 1
    }
}

# have NAME VERSION NODE PACKAGE PROGRAM
have() {
    local name=$1 version=$2 node=$3 path=$cache/$1-$2/node_modules/$5 old

    [ -n "$cpu" ] || {
        say "$name" - "there is none for $machine"
        return 0
    }
    if [ ! -e "$path" ] && ! too_old "$node" && ! fetch "$name" "$version" "$4"; then
        say "$name" - "$(cat "$work/why")"
        return 1
    fi
    if too_old "$node"; then
        say "$name" - "it needs Node.js $node; here is $(node --version 2>/dev/null || echo none)"
        return 0
    fi
    if [ ! -e "$cache/$name-$version/starts" ]; then
        chmod +x "$path"
        starts "$name" "$path" "$version" || {
            say "$name" - "$(cat "$work/why")"
            return 1
        }
        : >"$cache/$name-$version/starts"
    fi
    ln -sfn "$path" "$cache/bin/$name"
    for old in "$cache/$name"-[0-9]*; do
        [ "$old" = "$cache/$name-$version" ] || rm -rf "$old"
    done
    say "$name" "$version" "$path"
}

exec 9>"$cache/lock"
flock 9
./install-deps.sh agents >"$work/deps" 2>&1
while read -r name version node package program; do
    [[ $name == [a-z]* ]] || continue
    [ $# -eq 0 ] || [[ " $* node " == *" $name "* ]] || continue
    # A Node.js from npm only where there is none that is new enough.
    [ "$name" != node ] || [ -e "$cache/bin/node" ] || too_old 20 || continue
    package=${package//\{cpu\}/$cpu} program=${program//\{cpu\}/$cpu}
    package=${package//\{plain\}/$plain} program=${program//\{plain\}/$plain}
    program=${program//\{machine\}/$machine}
    have "$name" "$version" "$node" "$package" "$program" || status=1
done <agent-versions
exit $status
