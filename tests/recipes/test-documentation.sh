# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

repo documentation
put README.md <<'END'
# A tool

Install it with `make`, use it as docs say: [guide](docs/guide.md), [gone](docs/gone.md),
[there](docs/guide.md#second-part), [nowhere](docs/guide.md#third), [site](/absolute),
[web](https://localhost/x), [built](out/page.md), [up](../elsewhere.md),
[spaces](<docs/a b.md>), [coded](docs/a%20b.md), `[in code](none.md)`.

```
[fenced](none.md)
```

[reference]: docs/missing.md
Licence: none.
END
put docs/guide.md <<'END'
# Guide

## Second part

See [readme](../README.md) and [myself](#guide) and [lost](#lost).

### Другой пример.

[so](#Другой-пример)
END
printf 'x\n' | put 'docs/a b.md'
echo out/ | put .gitignore
for n in 1 2 3 4 5; do
    echo "int f$n(void);" | put "engine/part$n.c"
    echo "int g$n(void);" | put "known/part$n.c"
done
for n in 1 2 3 4 5; do
    printf 'package told\n\nfunc f%d() {}\n' "$n" | put "told/f$n.go"
    printf '// Licence\n\npackage silent\n\nfunc f%d() {}\n' "$n" | put "silent/f$n.go"
done
printf '// Package told is described.\npackage told\n' | put told/doc_of_it.go
echo 'See known/ for it.' | put docs/more.md
commit

agent check documentation/links
is "$status" 0 'links: exit status'
has dead-link README.md 3
has dead-link README.md 12
has dead-anchor README.md 4
has dead-anchor docs/guide.md 5
metric dead_links 2
metric dead_anchors 2

agent check documentation/survey
has undocumented-folder engine 0
hasnt undocumented-folder known
has undocumented-folder silent 0
hasnt undocumented-folder told
has no-licence-file '' 0
hasnt readme-gap
git rm -q --cached README.md && rm README.md
agent check documentation/survey
has no-readme '' 0

repo documents
words() { # FIRST LAST: that many different words
    awk -v a="$1" -v b="$2" 'BEGIN { for (i = a; i <= b; i++)
        printf "word%d alpha%d beta%d ", i, i * 7, i * 13; print "" }' |
        tr '0123456789' 'qwertyuiop'
}
{ echo '# Start here'; words 1 60; } | put docs/start.md
cp docs/start.md docs/begin.md
{ echo '# Set up'; words 1 60; words 200 205; } | put docs/setup.md
{ echo '# The other topic'; words 300 360; } | put docs/other.md
{ echo '# The other topic'; words 400 460; } | put docs/another.md
{ echo '# Page'; words 500 560; } | put docs/v1.2/page.md
mkdir -p docs/v1.3 && cp docs/v1.2/page.md docs/v1.3/
commit '2020-05-06T00:00:00Z'
agent check documentation/duplicates
has equal-document docs/start.md 1
has near-duplicate docs/begin.md 1
has same-title docs/other.md 1
hasnt equal-document docs/v1.3/page.md
metric duplicate_documents 2

for name in src/old src/moved pkg/there; do echo 'int x;' | put "$name.c"; done
commit '2020-05-06T00:00:00Z'
deleted='src/old.c'
git rm -q "$deleted" && mkdir -p lib/pkg && git mv src/moved.c lib/ && git mv pkg/there.c lib/pkg/
commit '2021-02-03T00:00:00Z'
put docs/code.md <<'END'
# Code
It is in src/old.c and in src/never.c.
It was in src/old.c once.
The parser is src/moved.c, the printer pkg/there.c.
Teh end of `teh` word.
It will recieve help. A CNA and an FPR know.
```
src/old.c:12: an old message with teh error
```
END
commit
agent check documentation/stale
has stale-name docs/code.md 2
has stale-name docs/code.md 4
metric stale_names 2
is "$(ask 'map { $_->{reason} =~ /deleted it on (.+)/ } @f')" \
    '2021-02-03 2021-02-03; is "lib/moved.c" meant?' 'with the day it went, and where it may be'
if command -v codespell >/dev/null; then
    agent check documentation/spelling
    has spelling docs/code.md 5
    has spelling docs/code.md 6
    metric misspelt_words 2
    is "$(ask '@{$r->{tools}{used}}')" codespell 'codespell is named'
fi
