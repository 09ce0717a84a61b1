# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

repo tests-python
put app/parser.py <<'END'
class Parser:
    def parse_all(self):
        pass

    def other(self):
        pass
END
awk 'BEGIN { for (i = 0; i < 50; i++) print "x" i " = " i }' >>app/parser.py
sed 's/Parser/Silent/; s/parse_all/quiet_one/; s/other/quiet_two/' app/parser.py >app/silent.py
sed 's/Silent/Table/; s/quiet/table/' app/silent.py | put app/parser_table.py
put tests/test_parser.py <<'END'
import unittest
import pytest
from app.parser import Parser


def helper(x):
    assert x


def test_asserts():
    assert Parser()


def test_by_helper():
    helper(1)


def test_can_build():
    Parser()


def test_nothing():
    p = Parser()
    p.parse_all()


@pytest.mark.skip(reason="broken")
def test_off():
    assert 0


@pytest.mark.skipif(True, reason="here only")
def test_sometimes():
    assert 1
END
put tests/env.py <<'END'
def test_timeout():
    return 7
END
commit '2015-01-01T00:00:00Z'
agent check tests/untested
has untested-source app/silent.py 0
hasnt untested-source app/parser.py
metric sources_without_test 1
agent check tests/assertions
has no-assertion tests/test_parser.py 22
metric tests_without_assertion 1
metric test_cases 6
agent check tests/disabled
has test-disabled tests/test_parser.py 27
metric tests_disabled 1
is "$(ask 'map { "$_->{severity} $_->{title}" =~ /^medium .* 1\d years/ ? "dated" : $_->{title} }
    @f')" dated \
    'how long it has been off'
agent check tests/survey
metric test_files 2
has tests-not-in-ci '' 0

# Where tests name less than most sources, names do not tell much.
repo tests-few
source_of() { # NAME
    printf 'def %s_one():\n    pass\n\ndef %s_two():\n    pass\n' "$1" "$1"
    awk 'BEGIN { for (i = 0; i < 400; i++) print "x" i " = " i }'
}
for name in a b c d e f g; do source_of "part_$name" | put "app/part_$name.py"; done
for path in setup.config.py app/__benchmarks__/speed.py utils/own.py; do
    source_of elsewhere | put "$path"
done
{
    echo 'part_a_one()'
    awk 'BEGIN { for (i = 0; i < 900; i++) print "assert " i }'
} | put tests/test_a.py
commit
agent check tests/untested
metric sources_judged 7
metric sources_without_test 6
is "$(ask 'map { $_->{severity} } @f')" 'low low low low low' 'few are listed, none as medium'
is "$(ask 'n($r->{left_out})')" 1 'the others are counted'

repo tests-js
put lib/a.js <<'END'
exports.a = function a() { return 1 }
END
put test/a.test.js <<'END'
describe('a', function () {
  it('asserts', function () {
    expect(a()).toBe(1)
  })
  it('does nothing', () => {
    a({ x: 1 })
  })
  it.only('alone', () => { expect(1) })
  xit('off', () => { expect(1) })
  // it.only('in a comment', () => {})
})
END
commit
agent check tests/assertions
has no-assertion test/a.test.js 5
metric tests_without_assertion 1
agent check tests/disabled
has test-only test/a.test.js 8
has test-disabled test/a.test.js 9
metric tests_disabled 1

repo tests-none
awk 'BEGIN { for (i = 0; i < 300; i++) print "int a" i ";" }' >a.c
commit
agent check tests/survey
has no-tests '' 0
agent check tests/untested
hasnt untested-source

repo tests-rust-go
put src/lib.rs <<'END'
pub fn f() -> i32 { 1 }
#[cfg(test)]
mod tests {
    #[test]
    fn asserts() { assert_eq!(super::f(), 1); }
    #[test]
    #[ignore]
    fn later() { assert!(true); }
    #[test]
    #[ignore]
    fn later_too() { assert!(true); }
    #[test]
    fn scratch() { let _ = super::f(); }
}
END
put a_test.go <<'END'
package a

func TestOff(t *testing.T) {
	t.Skip("later")
}

func TestNothing(t *testing.T) {
	run()
	walk()
}

func TestHands(t *testing.T) {
	check(t, 1)
}
END
commit
agent check tests/disabled
has test-disabled src/lib.rs 7
has test-disabled src/lib.rs 10
has test-disabled a_test.go 3
agent check tests/assertions
has no-assertion src/lib.rs 13
has no-assertion a_test.go 7
metric tests_without_assertion 2
printf 'test:\n\tcargo test -- --ignored\n' | put Makefile
agent check tests/disabled
has test-on-demand src/lib.rs 7
has test-disabled a_test.go 3
