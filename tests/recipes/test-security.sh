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
echo "url = 'https://joe:g7Kx29mQ@db.corp.net/'" | put c.py
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
no 'no secret is printed' grep -qF -e "$aws" -e "$github" -e "$random" -e g7Kx29mQ "$result"
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
