#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: make-repo.sh DIR [SERVICES [BROKEN]]
#
# Makes a git repository in DIR that deploys SERVICES services (100) to a make-believe cluster, the
# folder cluster/ beside its files, which git ignores. Version 1 runs everywhere; the repository
# says version 2. Of BROKEN services (0) version 2 will not come up.
set -eu

if [ $# -lt 1 ] || [ $# -gt 3 ]; then
    echo "usage: make-repo.sh DIR [SERVICES [BROKEN]]" >&2
    exit 2
fi
services=${2:-100} broken=${3:-0}
[ ! -e "$1" ] || [ -z "$(ls -A "$1")" ] || { echo "make-repo.sh: '$1' is not empty" >&2; exit 2; }
mkdir -p "$1/bin" "$1/cluster"
cd "$1"

cat >README.md <<'END'
# Shop

`services.txt` names the services, `VERSION` is what should run. `bin/backup`, `bin/deploy`,
`bin/verify` and `bin/rollback` take the name of one service; `bin/status` counts what runs.
END
echo 2 >VERSION
echo 'cluster/' >.gitignore

awk -v n="$services" 'BEGIN { for (i = 1; i <= n; i++) printf "shop-%03d\n", i }' >services.txt
# Every so many services one whose new version does not start; they are spread over the list.
awk -v n="$services" -v b="$broken" 'NR * b % n < b' services.txt >broken.txt

while read -r service; do
    mkdir "cluster/$service"
    echo 1 >"cluster/$service/version"
    echo up >"cluster/$service/health"
done <services.txt

cat >bin/backup <<'END'
#!/bin/sh
# backup SERVICE: keeps what runs now.
set -eu
mkdir -p "cluster/$1/backup"
cp "cluster/$1/version" "cluster/$1/health" "cluster/$1/backup/"
echo "kept version $(cat "cluster/$1/version") of $1"
END

cat >bin/deploy <<'END'
#!/bin/sh
# deploy SERVICE: starts the version that the repository says.
set -eu
version=$(cat VERSION)
echo "$version" >"cluster/$1/version"
if grep -qx "$1" broken.txt; then echo down >"cluster/$1/health"; else echo up >"cluster/$1/health"; fi
echo "started version $version of $1"
END

cat >bin/verify <<'END'
#!/bin/sh
# verify SERVICE: the version that the repository says runs, and is up.
set -eu
version=$(cat "cluster/$1/version") health=$(cat "cluster/$1/health")
if [ "$version" != "$(cat VERSION)" ] || [ "$health" != up ]; then
    echo "$1: version $version is $health" >&2
    exit 1
fi
[ -z "${KELP_RESULT:-}" ] || cat >"$KELP_RESULT" <<RESULT
{"status": "ok", "summary": "$1 runs version $version", "metrics": {"services_deployed": 1}}
RESULT
END

cat >bin/rollback <<'END'
#!/bin/sh
# rollback SERVICE: brings back what bin/backup kept; without a backup nothing was changed.
set -eu
[ -d "cluster/$1/backup" ] || exit 0
cp "cluster/$1/backup/version" "cluster/$1/backup/health" "cluster/$1/"
echo "$1" >"cluster/$1/rolled-back"
echo "$1 is back at version $(cat "cluster/$1/version")"
END

cat >bin/status <<'END'
#!/bin/sh
# status: how many services run which version, and are how.
for service in cluster/*/; do
    echo "version $(cat "$service/version") $(cat "$service/health")"
done | sort | uniq -c
END
chmod +x bin/*

git init -q -b main .
git add -A
git -c user.name=Example -c user.email=example@localhost commit -q -m "Shop, version 2"
