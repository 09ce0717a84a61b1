# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# Secrets are put together here, so that no scanner takes this file for a leak.
repo security
aws="AK""IAQ3EGT5ZJ7WVB2NXD"
github="gh""p_c3VwZXJzZWNyZXRzdHJpbmdmb3J0ZXN0czEyMw"
random="9fK2mQ7vXz4LpR8tWc3Y"
put src/a.c <<END
const char *key = "$aws";
const char *api_key = "$random";
const char *password = "your-password-here";
const char *token = "token_of_the_parser_state";
END
echo "token: $github" | put ci.yaml
echo "t = '${github}7'" | put tests/test_a.py
echo "url = 'https://user:password@example.com/'" | put b.py
password=g7Kx""29mQ
echo "url = 'https://joe:$password@db.corp.net/'" | put c.py
printf -- '-----BEGIN %s KEY-----\n%s\n' 'RSA PRIVATE' \
    MIIEowIBAAKCAQEAx5eUkq8Jm1bq0v3p9aYw7dTz6Lk2hQfR >key.pem
echo 'if (strstr(s, "-----BEGIN PRIVATE KEY-----"))' | put parse.c
commit
agent check security/secrets
is "$status" 0 'secrets: exit status'
has secret src/a.c 1
has secret src/a.c 2
has secret ci.yaml 1
has secret c.py 1
has secret key.pem 1
hasnt secret b.py
hasnt secret parse.c
metric secrets 5
no 'no secret is printed' grep -qF -e "$aws" -e "$github" -e "$random" -e "$password" "$result"
is "$(ask 'map { $_->{severity} } grep { $_->{file} eq "tests/test_a.py" } @f')" info \
    'a secret in a test weighs less'

repo permissions
echo x >open && chmod 666 open
echo x >id_rsa
ln -s /etc/passwd outside
ln -s ../permissions/open leaves
ln -s open inside
echo 'API_TOKEN=q8w7e6r5t4y3' >.env
echo 'plain text' >notes.md && chmod 755 notes.md
mkdir -p sub && ln -s ../open sub/fine
commit
chmod 2755 notes.md
agent check security/permissions
has world-writable open 0
has credential-file id_rsa 0
has env-file .env 0
has link-leaves-tree outside 0
has link-leaves-tree leaves 0
hasnt link-leaves-tree inside
hasnt link-leaves-tree sub/fine
has set-id notes.md 0
has executable-data notes.md 0

repo calls
put src/a.c <<'END'
void f(char *s, char *t)
{
    strcpy(s, t);
    strcpy(s, "constant");
    sprintf(s, "%d", 1);
    sprintf(s, "%s", t);
    system("date");
    system(t);
    /* gets(s); */
    puts("gets(s)");
    printf(s);
    printf("%s", s);
    gets(s);
}
END
put src/b.py <<'END'
import os, subprocess, yaml
subprocess.run("ls " + name, shell=True)
subprocess.run(["ls", name])
os.system("date")
os.system("rm " + name)
yaml.load(text, Loader=yaml.SafeLoader)
yaml.load(text)
model.eval()
requests.get(u, verify=False)
END
put src/c.sh <<'END'
#!/bin/sh
curl -s https://localhost/x | sh
echo "run: curl https://localhost | sh"
chmod 777 data
rm -rf "$DIR/"
rm -rf "${DIR:?}/"
date >/tmp/log.$$
END
put src/d.js <<'END'
exec(`rm ${name}`)
exec('date')
const o = { rejectUnauthorized: false }
el.innerHTML = '<b>' + name
eval(text)
END
put tests/e.c <<'END'
void g(char *s) { gets(s); }
END
commit
agent check security/calls
has call-strcpy src/a.c 3
has call-sprintf src/a.c 6
has call-system src/a.c 8
has call-format src/a.c 11
has call-gets src/a.c 13
has call-shell src/b.py 2
has call-unpickle src/b.py 7
has call-no-verify src/b.py 9
has call-pipe-to-shell src/c.sh 2
has call-world-writable src/c.sh 4
has call-rm-variable src/c.sh 5
has call-fixed-tmp src/c.sh 7
has call-shell src/d.js 1
has call-no-verify src/d.js 3
has call-html src/d.js 4
has call-eval src/d.js 5
hasnt call-gets tests/e.c
is "$(ask 'map { $_->{reason} =~ /lines (\d+)/ }
    grep { rule($_) eq "call-shell" && $_->{file} =~ /py/ } @f')" 5 \
    'further places of one kind are named'
metric risky_calls 17

repo workflows
put .github/workflows/a.yml <<'END'
on: [pull_request_target, issues]
permissions: write-all
jobs:
  a:
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.pull_request.head.sha }}
      - run: echo "${{ github.event.issue.title }}"
      - run: |
          echo start
          echo "${{ github.head_ref }}"
      - env:
          TITLE: ${{ github.event.issue.title }}
        run: echo "$TITLE" ${{ github.sha }}
END
put .github/workflows/b.yml <<'END'
on: push
jobs: { }
END
put Dockerfile <<'END'
FROM scratch
RUN curl https://localhost/x | bash
ADD https://localhost/y /y
ENV API_TOKEN=kq8fj2lq9
ENV PASSWORD=$1
END
commit
agent check security/workflows
has ci-injection .github/workflows/a.yml 9
has ci-injection .github/workflows/a.yml 12
has ci-target-checkout .github/workflows/a.yml 8
has ci-write-all .github/workflows/a.yml 2
has ci-no-permissions .github/workflows/b.yml 0
has call-pipe-to-shell Dockerfile 2
has docker-add Dockerfile 3
has docker-secret Dockerfile 4
metric ci_risks 7

# Stand-ins for tools that are seldom installed: what they print is read, and put in place.
mkdir -p "$temp/stubs"
put "$temp/stubs/hadolint" <<'END'
#!/bin/sh
echo '[{"line":1,"code":"DL9999","message":"m","column":1,"file":"./Dockerfile","level":"error"},
 {"line":2,"code":"DL1","message":"m","column":1,"file":"./Dockerfile","level":"info"}]'
END
put "$temp/stubs/gitleaks" <<'END'
#!/bin/sh
echo '[{"Description":"A key","StartLine":2,"File":"Dockerfile","RuleID":"generic"}]'
END
chmod +x "$temp/stubs"/*
stubs=$temp/stubs:$PATH
before=$PATH
PATH=$stubs
agent check security/workflows
has hadolint Dockerfile 1
agent check security/secrets
has secret Dockerfile 2
is "$(ask '@{$r->{tools}{used}}')" gitleaks 'gitleaks is used'
printf '#!/bin/sh\necho nonsense\n' >"$temp/stubs/gitleaks"
agent check security/secrets
is "$(ask '@{$r->{tools}{lacked}}')" gitleaks 'a tool that answers nonsense is lacking'
PATH=$before
