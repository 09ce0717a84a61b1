#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: make-repo.sh DIR
#
# Makes a git repository in DIR: a few small text tools in C and shell, with a test each. Seven of
# the tests fail, each for a bug of its own.
set -eu

[ $# -eq 1 ] || { echo "usage: make-repo.sh DIR" >&2; exit 2; }
[ ! -e "$1" ] || [ -z "$(ls -A "$1")" ] || { echo "make-repo.sh: '$1' is not empty" >&2; exit 2; }
mkdir -p "$1/src" "$1/bin" "$1/tests" "$1/tools"
cd "$1"

cat >README.md <<'END'
# textkit

Small text tools: `words`, `median`, `trim` and `csv` in C, `leap`, `size` and `slug` in shell.
Build them with `make`, test them with `make check`, or one of them with `make check-words`.
END

cat >Makefile <<'END'
CFLAGS ?= -O1 -g -Wall -Wextra
TOOLS = words median trim csv leap size slug

all: build/words build/median build/trim build/csv

build/%: src/%.c
	@mkdir -p build
	$(CC) $(CFLAGS) -o $@ $<

check: $(TOOLS:%=check-%)

check-%: all
	@sh tests/$*.sh

clean:
	rm -rf build

.PHONY: all check clean
END

printf 'build/\n' >.gitignore

cat >src/words.c <<'END'
/* Counts the words on standard input. */
#include <ctype.h>
#include <stdio.h>

int main(void)
{
    long words = 0;
    int c, inside = 0;

    while ((c = getchar()) != EOF) {
        if (isspace(c)) {
            if (inside)
                words++;
            inside = 0;
        } else {
            inside = 1;
        }
    }
    printf("%ld\n", words);
    return 0;
}
END

cat >src/median.c <<'END'
/* Prints the median of the integers on standard input. */
#include <stdio.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

int main(void)
{
    static int numbers[10000];
    size_t count = 0;

    while (count < 10000 && scanf("%d", &numbers[count]) == 1)
        count++;
    if (!count)
        return 1;
    qsort(numbers, count, sizeof(numbers[0]), by_value);
    printf("%d\n", numbers[count / 2]);
    return 0;
}
END

cat >src/trim.c <<'END'
/* Copies standard input without the blanks at the end of each line. */
#include <stdio.h>
#include <string.h>

int main(void)
{
    char line[4096];

    while (fgets(line, sizeof(line), stdin)) {
        size_t length = strcspn(line, "\n");

        while (length > 1 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
            length--;
        line[length] = '\0';
        puts(line);
    }
    return 0;
}
END

cat >src/csv.c <<'END'
/* Prints the fields of CSV records, one a line. A doubled quote in quotes stands for a quote. */
#include <stdio.h>

int main(void)
{
    int c, quoted = 0;

    while ((c = getchar()) != EOF) {
        if (c == '"') {
            quoted = !quoted;
        } else if (c == ',' && !quoted) {
            putchar('\n');
        } else {
            putchar(c);
        }
    }
    return 0;
}
END

cat >bin/leap <<'END'
#!/bin/sh
# leap YEAR: says whether it is a leap year of the Gregorian calendar.
if [ $(($1 % 4)) -eq 0 ]; then
    echo yes
else
    echo no
fi
END

cat >bin/size <<'END'
#!/bin/sh
# size BYTES: prints a size that people can read, rounded down.
bytes=$1
if [ "$bytes" -gt 1048576 ]; then
    echo "$((bytes / 1048576)) MiB"
elif [ "$bytes" -gt 1024 ]; then
    echo "$((bytes / 1024)) KiB"
else
    echo "$bytes B"
fi
END

cat >bin/slug <<'END'
#!/bin/sh
# slug TEXT: makes a name for an address of it.
printf '%s\n' "$1" | tr 'A-Z' 'a-z' | sed 's/[^a-z0-9]/-/g'
END
chmod +x bin/leap bin/size bin/slug

# One test a tool: `is INPUT WANTED COMMAND...`, input and wanted in the form of printf.
cat >tests/lib.sh <<'END'
failed=0
is() {
    input=$1 wanted=$(printf "$2"; echo .)
    shift 2
    got=$(printf "$input" | "$@" || echo "exit $?"; echo .)
    [ "$got" = "$wanted" ] && return
    failed=1
    printf '%s: for "%s" got "%s", not "%s"\n' "$*" "$input" "${got%.}" "${wanted%.}" >&2
}
END
write_test() {
    # shellcheck disable=SC2016 # the test expands it, not this script
    { printf '. tests/lib.sh\n'; cat; printf 'exit $failed\n'; } >"tests/$1.sh"
}
write_test words <<'END'
is 'one two\n' '2\n' build/words
is 'one two' '2\n' build/words
is '' '0\n' build/words
END
write_test median <<'END'
is '3 1 2' '2\n' build/median
is '2000000000 -2000000000 1' '1\n' build/median
END
write_test trim <<'END'
is 'a  \nb\t\n' 'a\nb\n' build/trim
is ' \n' '\n' build/trim
END
write_test csv <<'END'
is 'a,"b,c"\n' 'a\nb,c\n' build/csv
is '"say ""hi""",x\n' 'say "hi"\nx\n' build/csv
END
write_test leap <<'END'
is '' 'yes\n' bin/leap 2024
is '' 'no\n' bin/leap 2023
is '' 'no\n' bin/leap 1900
is '' 'yes\n' bin/leap 2000
END
write_test size <<'END'
is '' '1023 B\n' bin/size 1023
is '' '1 KiB\n' bin/size 1024
is '' '1 MiB\n' bin/size 1048576
END
write_test slug <<'END'
is '' 'hello-world\n' bin/slug 'Hello World'
is '' 'hello-world\n' bin/slug '  Hello,  World! '
END

# What an agent of the first wave does: see the bug with its own eyes and say where it is.
cat >tools/analyse <<'END'
#!/bin/sh
# analyse TOOL FILE TEXT: runs the tool's test, which must fail, and finds TEXT in FILE.
if message=$(make -s "check-$1" 2>&1); then
    echo "the test of $1 passes: nothing to fix" >&2
    exit 1
fi
message=$(printf '%s' "$message" | grep -v '^make' | head -n 1 | tr -d '\\"\n\t')
line=$(grep -nF -- "$3" "$2" | head -n 1 | cut -d: -f1)
[ -n "$line" ] || { echo "cannot find '$3' in $2" >&2; exit 1; }
echo "$2:$line: $message"
[ -z "${KELP_RESULT:-}" ] || cat >"$KELP_RESULT" <<RESULT
{"status": "ok", "summary": "$1 fails because of $2:$line", "metrics": {"bugs_found": 1},
 "findings": [{"id": "bug.$1", "dimension": "bugs", "file": "$2", "line": $line,
  "severity": "high", "title": "The test of $1 fails", "reason": "$message", "tool": "make"}]}
RESULT
END
# What an agent of the last wave does.
cat >tools/confirm <<'END'
#!/bin/sh
# confirm TOOL: runs the tool's test, which must pass now.
make -s "check-$1" || exit 1
[ -z "${KELP_RESULT:-}" ] || cat >"$KELP_RESULT" <<RESULT
{"status": "ok", "summary": "the test of $1 passes", "metrics": {"bugs_fixed": 1}}
RESULT
END
chmod +x tools/analyse tools/confirm

git init -q -b main .
git add -A
git -c user.name=Example -c user.email=example@localhost commit -q -m 'textkit, with seven bugs'
