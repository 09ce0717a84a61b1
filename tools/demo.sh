#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Show kelp at work without touching anything: tools/demo.sh KELP [REPOSITORY]. A throw-away clone
# of the repository, with a remote of its own beside it, is analysed by the embedded agents.
set -euo pipefail
kelp=$(realpath "$1")
repository=$(realpath "${2:-$(dirname "$0")/..}")
task='Analyze repository across 6 dimensions: documentation, code quality, tests, security,'
task="$task performance, dependencies"

if ! git -C "$repository" rev-parse --git-dir >/dev/null 2>&1; then
    echo "demo: '$repository' is not a git repository" >&2
    echo "hint: make demo REPO=PATH takes any other" >&2
    exit 4
fi
# A folder inside of a repository stands for all of it; a bare one has no top.
repository=$(git -C "$repository" rev-parse --show-toplevel 2>/dev/null || echo "$repository")
place=$(mktemp -d "${TMPDIR:-/tmp}/kelp-demo.XXXXXX")
# The demo ends with the paths of its reports, so its folder stays.
git clone --quiet --bare "$repository" "$place/remote.git"
git clone --quiet "$place/remote.git" "$place/$(basename "$repository")" 2>/dev/null
cd "$place/$(basename "$repository")"
if ! git symbolic-ref --quiet HEAD >/dev/null; then
    git checkout --quiet -b demo
    git push --quiet --set-upstream origin demo
fi
echo "A clone of $repository, in $PWD"
echo
exec "$kelp" run --yes "$task"
