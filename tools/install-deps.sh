#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Install the Debian packages that are missing, and nothing else.
#
#   tools/install-deps.sh [--list] build|check|agents|bench
#
# With --list it only says what is missing; the exit status is 1 if anything is.
set -euo pipefail

# What is looked for (a command, a header, a pkg-config module, or just the package), then
# the package that has it.
build_needs='
command gcc gcc
header stdio.h libc6-dev
command meson meson
command ninja ninja-build
command pkg-config pkg-config
command git git
command scdoc scdoc
module libuv libuv1-dev
module sqlite3 libsqlite3-dev
module jansson libjansson-dev
module libfyaml libfyaml-dev
module md4c libmd4c-dev
module libcurl libcurl4-openssl-dev
'
check_needs='
module criterion libcriterion-dev
command clang clang
command clang-tidy clang-tidy
command clang-format clang-format
package libclang-rt-14-dev libclang-rt-14-dev
command cppcheck cppcheck
command shellcheck shellcheck
command codespell codespell
command gcovr gcovr
command ctags universal-ctags
command python3 python3
command script bsdutils
command openssl openssl
'
agents_needs='
command node nodejs
command npm npm
command python3 python3
command unshare util-linux
'
bench_needs='
command parallel parallel
command make make
command xargs findutils
command python3 python3
'

has() {
    case $1 in
    command) command -v "$2" >/dev/null ;;
    header) [ -n "$(find /usr/include -maxdepth 2 -name "$2" -print -quit 2>/dev/null)" ] ;;
    module) command -v pkg-config >/dev/null && pkg-config --exists "$2" ;;
    package) dpkg-query -W -f '${db:Status-Abbrev}' "$2" 2>/dev/null | grep -q ^ii ;;
    *) echo "install-deps: unknown kind '$1'" >&2 && exit 2 ;;
    esac
}

missing_packages() {
    local kind name package

    while read -r kind name package; do
        [ -z "$kind" ] || has "$kind" "$name" || echo "$package"
    done | sort -u | tr '\n' ' '
}

install_packages() {
    local log sudo=()

    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || return 1
        sudo=(sudo)
    fi
    log=$(mktemp)
    apt=("${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends)
    # The lists of a fresh machine are empty or old, so the second try comes after an update.
    if "${apt[@]}" install "$@" >"$log" 2>&1 ||
        { "${apt[@]}" update >>"$log" 2>&1 && "${apt[@]}" install "$@" >>"$log" 2>&1; }; then
        rm -f "$log"
        return 0
    fi
    tail -n 20 "$log" >&2
    rm -f "$log"
    return 1
}

list_only=false
if [ "${1:-}" = --list ]; then
    list_only=true
    shift
fi
case ${1:-} in
build) needs=$build_needs ;;
check) needs=$build_needs$check_needs ;;
agents) needs=$agents_needs ;;
bench) needs=$build_needs$bench_needs ;;
*) echo "usage: tools/install-deps.sh [--list] build|check|agents|bench" >&2 && exit 2 ;;
esac

read -ra missing <<<"$(missing_packages <<<"$needs")"
[ ${#missing[@]} -gt 0 ] || exit 0
if ! $list_only; then
    echo "installing: ${missing[*]}" >&2
    if install_packages "${missing[@]}"; then
        exit 0
    fi
fi
echo "missing packages: ${missing[*]}" >&2
echo "hint: apt-get install ${missing[*]}" >&2
exit 1
