# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

repo npm
put package.json <<'END'
{
  "private": true,
  "dependencies": {
    "left": "^1.0.0",
    "any": "*",
    "branch": "someone/branch",
    "pinned": "someone/pinned#v1.2.3",
    "plain": "http://localhost/plain.tgz"
  }
}
END
commit
agent check dependencies/npm
is "$status" 0 'npm: exit status'
has no-lock package.json 0
has unpinned package.json 5
has unpinned package.json 6
has unpinned package.json 8
metric npm_unpinned 3
put package-lock.json <<'END'
{"lockfileVersion": 3, "packages": {
  "": {"dependencies": {"left": "^0.9.0", "any": "*", "branch": "someone/branch",
       "pinned": "someone/pinned#v1.2.3", "plain": "http://localhost/plain.tgz"}},
  "node_modules/left": {"version": "0.9.1"},
  "node_modules/any": {"version": "2.0.0"},
  "node_modules/any/node_modules/left": {"version": "1.3.0"}}}
END
agent check dependencies/npm
hasnt no-lock
has stale-lock package-lock.json 0
has many-versions package-lock.json 0
is "$(ask 'map { $_->{reason} =~ /(left \(.*\))/ ? $1 : () } @f')" 'left (0.9.1, 1.3.0)' \
    'the versions are named'
sed -i 's/\^0.9.0/^1.0.0/' package-lock.json
touch yarn.lock
agent check dependencies/npm
hasnt stale-lock
has many-locks package.json 0
rm package-lock.json
printf 'left@^1.0.0:\n  version "1.0.1"\n\n"any@*", any@^1:\n  version "2"\n' >yarn.lock
agent check dependencies/npm
is "$(ask 'map { $_->{reason} =~ /: (.*)/ } grep { rule($_) eq "stale-lock" } @f')" \
    'branch, pinned, plain' \
    'what yarn.lock lacks'
echo '{' >package.json
agent check dependencies/npm
is "$status" 0 'a broken manifest stops nothing'

repo python
put requirements.txt <<'END'
requests==2.31.0
Flask_Login>=0.6   # loose
flask-login==0.6.3
numpy
-r other.txt
--index-url http://pypi.corp.net/simple
END
put pyproject.toml <<'END'
[project]
name = "x"
dependencies = [
    "requests>=2",
    "rich",
]
[tool.poetry.dependencies]
python = "^3.8"
click = "*"
END
printf '[[package]]\nname = "requests"\nversion = "2"\n' >uv.lock
commit
agent check dependencies/python
has twice requirements.txt 3
has unpinned requirements.txt 1
has insecure-index requirements.txt 6
has unpinned pyproject.toml 9
has stale-lock uv.lock 0
is "$(ask 'map { $_->{reason} =~ /: (.*)/ } grep { rule($_) eq "stale-lock" } @f')" 'click, rich' \
    'what uv.lock lacks'

repo compiled
put Cargo.toml <<'END'
[package]
name = "x"
[dependencies]
serde = "1"
any = "*"
fork = { git = "https://localhost/fork" }
kept = { git = "https://localhost/kept", rev = "abc" }
END
put src/main.rs <<'END'
fn main() {}
END
put go/go.mod <<'END'
module x
go 1.22
require (
	example.com/a v1.0.0
	example.com/b v1.2.0 // indirect
)
replace example.com/c => /home/me/c
END
printf 'example.com/a v1.0.0 h1:x=\nexample.com/a v1.0.0/go.mod h1:y=\n' >go/go.sum
put pom.xml <<'END'
<project><dependencies>
<dependency><artifactId>good</artifactId><version>1.0</version></dependency>
<dependency><artifactId>newest</artifactId><version>LATEST</version></dependency>
<!-- <dependency><artifactId>old</artifactId><version>RELEASE</version></dependency> -->
</dependencies></project>
END
put build.gradle <<'END'
dependencies {
  implementation "a.b:c:1.+"
  implementation "a.b:d:1.0"
}
END
commit
agent check dependencies/compiled
has unpinned Cargo.toml 5
has unpinned Cargo.toml 6
has no-lock Cargo.toml 0
has local-replace go/go.mod 7
has stale-lock go/go.sum 0
has unpinned pom.xml 3
has unpinned build.gradle 2
metric compiled_unpinned 4

repo references
put Dockerfile <<'END'
ARG TAG=12
FROM debian:${TAG} AS base
RUN apt-get update && apt-get install -y curl
FROM base
FROM node
FROM golang:1.22
FROM alpine@sha256:0123456789012345678901234567890123456789012345678901234567890123
END
put .github/workflows/ci.yml <<'END'
jobs:
  a:
    steps:
      - uses: actions/checkout@v4
      - uses: someone/thing@main
      - uses: someone/other@v1
      - uses: someone/fixed@0123456789012345678901234567890123456789
      - uses: ./local
END
put compose.yaml <<'END'
services:
  db: { }
  web:
    image: nginx:latest
END
put .gitmodules <<'END'
[submodule "gone"]
	path = gone
	url = git://git.corp.net/gone
END
git init -q inner && git -C inner -c user.name=T -c user.email=t@t commit -q --allow-empty -m x
git add -A 2>/dev/null
commit
agent check dependencies/references
has image Dockerfile 5
has image Dockerfile 2
is "$(ask 'map { $_->{title} =~ /(.* by tag: .*)/ } grep { $_->{file} eq "Dockerfile" } @f')" \
    '2 base images by tag: debian:12, golang:1.22' 'tags of images are one finding'
has apt-unpinned Dockerfile 3
has image compose.yaml 4
has action .github/workflows/ci.yml 5
has action .github/workflows/ci.yml 6
has action .github/workflows/ci.yml 4
has submodule-gone .gitmodules 2
has submodule-insecure .gitmodules 3
has submodule-nameless inner 0
is "$(ask 'map { $_->{title} } grep { rule($_) eq "action" && $_->{severity} eq "info" } @f')" \
    "One of GitHub's own actions by tag" "GitHub's own actions are one finding"
is "$(ask 'join ",", map { $_->{severity} } grep { $_->{file} eq "Dockerfile" } @f')" \
    medium,info,info \
    'no tag is worse than a tag'
