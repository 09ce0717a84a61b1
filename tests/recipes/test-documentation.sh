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
END
printf 'x\n' | put 'docs/a b.md'
echo out/ | put .gitignore
for n in 1 2 3 4 5; do
    echo "int f$n(void);" | put "engine/part$n.c"
    echo "int g$n(void);" | put "known/part$n.c"
done
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
has no-licence-file '' 0
hasnt readme-gap
git rm -q --cached README.md && rm README.md
agent check documentation/survey
has no-readme '' 0
