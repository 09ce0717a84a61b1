#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: make-repo.sh DIR
#
# Makes a git repository in DIR: a notebook on the command line that keeps notes in a file of
# lines. It has no tags yet; plan.yaml adds them.
set -eu

[ $# -eq 1 ] || { echo "usage: make-repo.sh DIR" >&2; exit 2; }
[ ! -e "$1" ] || [ -z "$(ls -A "$1")" ] || { echo "make-repo.sh: '$1' is not empty" >&2; exit 2; }
mkdir -p "$1/lib" "$1/schema" "$1/tests" "$1/web"
cd "$1"

cat >README.md <<'END'
# Notebook

`./notebook add TEXT` keeps a note, `./notebook list` shows them, `./notebook page` makes a web page
of them. Notes are lines of `$NOTES` (notes.tsv); `schema/` says what the columns are. Test it with
`make check`.
END

cat >Makefile <<'END'
check:
	@for t in tests/*.sh; do sh $$t || { echo "$$t failed"; exit 1; }; done

.PHONY: check
END

printf 'id\ntext\n' >schema/columns
cat >lib/store.sh <<'END'
# The notes: one line each, columns as schema/columns says, separated by tabs.
NOTES=${NOTES:-notes.tsv}
tab=$(printf '\t')

column() {
    grep -nx "$1" schema/columns | cut -d: -f1
}

store_add() {
    id=$(($(cat "$NOTES" 2>/dev/null | wc -l) + 1))
    printf '%s\t%s\n' "$id" "$1" >>"$NOTES"
    echo "$id"
}

store_list() {
    [ ! -f "$NOTES" ] || cat "$NOTES"
}
END

cat >notebook <<'END'
#!/bin/sh
# notebook COMMAND ...
set -eu
cd "$(dirname "$0")"
. lib/store.sh
command=${1:-list}
[ $# -eq 0 ] || shift
case $command in
add) store_add "$@" ;;
list) store_list ;;
page) store_list | sh web/page.sh ;;
*) echo "notebook: no command '$command'" >&2; exit 2 ;;
esac
END
chmod +x notebook

cat >web/page.sh <<'END'
# Makes a page of the notes on standard input.
echo '<ul>'
while IFS="$(printf '\t')" read -r id text; do
    printf '<li id="note-%s">%s</li>\n' "$id" "$text"
done
echo '</ul>'
END

cat >tests/notes.sh <<'END'
# A note that is added is listed.
NOTES=$(mktemp)
export NOTES
./notebook add 'buy bread' >/dev/null
[ "$(./notebook list | cut -f2)" = 'buy bread' ]
status=$?
rm -f "$NOTES"
exit $status
END

git init -q -b main .
git add -A
git -c user.name=Example -c user.email=example@localhost commit -q -m 'Notebook without tags'
