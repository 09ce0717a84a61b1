#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: make-repo.sh DIR
#
# Makes a git repository in DIR that has grown untidy: documents that say the same, scripts that go
# on after an error, sources without a licence line.
set -eu

[ $# -eq 1 ] || { echo "usage: make-repo.sh DIR" >&2; exit 2; }
[ ! -e "$1" ] || [ -z "$(ls -A "$1")" ] || { echo "make-repo.sh: '$1' is not empty" >&2; exit 2; }
mkdir -p "$1/docs" "$1/scripts" "$1/src"
cd "$1"

printf '# Clock\n\nTells the time. Start with [the installation](docs/install.md).\n' >README.md
cat >docs/install.md <<'END'
# Installation

Run `make install`. It copies the program to `/usr/local/bin`; set `PREFIX` for another place.
END
cp docs/install.md docs/installing.md
{ cat docs/install.md; echo 'Run it again to update.'; } >docs/setup.md
cat >docs/usage.md <<'END'
# Usage

`clock` prints the time, `clock -u` in UTC. To get it, see [how to set it up](setup.md).
END

for name in backup release report; do
    # shellcheck disable=SC2016 # the script expands it
    printf '#!/bin/sh\n# Does the %s.\ncd build\necho "%s of $(date)" >log\n' "$name" "$name" >"scripts/$name.sh"
    chmod +x "scripts/$name.sh"
done

for name in clock zone print; do
    printf 'int %s_init(void)\n{\n    return 0;\n}\n' "$name" >"src/$name.c"
done

git init -q -b main .
git add -A
git -c user.name=Example -c user.email=example@localhost commit -q -m 'A clock, untidy'
