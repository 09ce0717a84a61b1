# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

repo performance
head -c 1500000 /dev/urandom >big.bin
head -c 3000000 /dev/urandom >past.bin
commit '2020-02-03T00:00:00Z'
first=$(git rev-parse --short HEAD)
git rm -q past.bin
put slow.c <<'END'
void f(char *s, int fd)
{
    char c;
    for (int i = 0; i < strlen(s); i++)
        s[i] = 0;
    for (char *t = s; strlen(t); t++)
        ;
    while (read(fd, &c, 1) == 1)
        g(c);
    /* for (i = 0; i < strlen(s); i++) */
    puts("for (i = 0; i < strlen(s); i++)");
}
END
put slow.py <<'END'
import re
for line in lines:
    pattern = re.compile("a+")
    queue.pop(0)
queue.pop(0)
for line in lines:
    if x:
        y = re.compile("b")
        break
END
put slow.go <<'END'
package a

func f(names []string) {
	for _, name := range names {
		file := open(name)
		defer file.Close()
	}
	defer done.Close()
}
END
put slow.sh <<'END'
#!/bin/sh
git rev-parse HEAD
git ls-files | while read -r file; do
    git log -1 --format=%h -- "$file"
done
for word in one two three; do
    git show "$word"
done
END
commit
agent check performance/blobs
is "$status" 0 'blobs: exit status'
has large-file big.bin 0
is "$(ask 'map { $_->{reason} =~ /\Q$a[0]\E.*2020-02-03/ ? "past" : () }
    grep { $_->{title} =~ /past.bin/ } @f' "$first")" past \
    'a large blob of the past, with its commit'
metric large_past_objects 1
agent check performance/loops
has strlen-condition slow.c 4
has read-byte slow.c 8
has compile-loop slow.py 3
has pop-front slow.py 4
has defer-loop slow.go 6
metric slow_loops 5
agent check performance/scripts
has git-in-loop slow.sh 4
metric processes_in_loops 1
agent check performance/survey
metric tree_kib 1465

# A cheap clone borrows its objects; they count.
git clone -q --shared . "$temp/borrowed" && cd "$temp/borrowed" || exit 2
agent check performance/survey
is "$(ask 'n($r->{metrics}{git_kib}) > 4000 ? "all" : n($r->{metrics}{git_kib})')" \
    all 'borrowed objects count'

repo harmless
put a.go <<'END'
package a

func f(names []string) {
	all := ""
	for _, name := range names {
		name += ".txt"
		all += ".txt"
		all += "_"
	}
}
END
put a.c <<'END'
void f(int fd)
{
    char c, line[9];
    while (read(fd, &c, 1) == -1)
        continue;
    while ((n = read(fd, &c, 1)) == 0);
    for (;;) {
        strcpy(line, "a");
        strcat(line, "b");
    }
}
END
put a.pl <<'END'
for my $line (@lines) {
    $line =~ s/`([^`]*)`/$1/g;
    my $now = `date`;
}
END
put loops.sh <<'END'
#!/bin/sh
while [ -n "$1" ]; do
    value=$(echo "$1" | cut -d= -f2)
    shift
done
for word in $words; do
    sorted=$(echo "$word" | tr , '\n' | sort)
    upper=$(echo "$word" | tr a-z A-Z)
    stem=$(echo "$word" | sed 's/.c$//')
    name=$(echo "$word" | cut -d. -f1)
done
END
commit
agent check performance/loops
has concat-loop a.go 7
has process-loop a.pl 3
metric slow_loops 2
agent check performance/scripts
has text-tool-in-loop loops.sh 9
metric processes_in_loops 2
is "$(ask 'map { $_->{reason} =~ /(1 more .*)/ } @f')" '1 more in this file, lines 10' \
    'what is done often in one script is one finding'
