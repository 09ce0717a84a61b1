# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# shows FAMILY: what is left of standard input when comments and the insides of strings are blanked
shows() {
    perl -I "$recipes/lib" -MKelp::Code=blank -e '
        local $/; print blank(scalar <STDIN>, $ARGV[0])' "$1"
}
is "$(printf 'a /* x */ b // y\n"q\\"/*" c' | shows c)" "$(printf 'a         b     \n"     " c')" \
    'blanks C'
is "$(printf "x = 'it'\nf(/[/\"]/, \`a\${b}\`) // z" | shows js)" \
    "$(printf "x = '  '\nf(/    /, \`     \`)     ")" 'blanks JavaScript'
is "$(printf 'a = """x # "y\n""" # z' | shows python)" "$(printf 'a = "        \n  "    ')" \
    'blanks Python'
is "$(printf "echo a#b # c 'd\ne" | shows shell)" "$(printf 'echo a#b       \ne')" 'blanks shell'
is "$(printf "let c = 'a'; fn f<'a>(x: &'a str) {} // y" | shows rust)" \
    "$(printf "let c = ' '; fn f<'a>(x: &'a str) {}     ")" 'blanks Rust and keeps lifetimes'
is "$(printf '#ifdef A\nif (a) {\n#else\nif (b) {\n#endif\n}\n' | shows c | tr -d ' \n')" \
    '#ifdefAif(a){#endif}' 'keeps one branch of a conditional'

# finds FAMILY: the functions of standard input as name:first-last
finds() {
    perl -I "$recipes/lib" -MKelp::Code=blank,functions -e 'local $/;
        my $blank = blank(scalar <STDIN>, $ARGV[0]);
        print join(" ", map { "$_->{name}:$_->{first}-$_->{last}" }
            @{functions($blank, $ARGV[0])})' "$1"
}
is "$(finds c <<'END'
static int one(int a, char *(*f)(void))
{
    if (a) {
        while (f()) {
        }
    }
    return 0;
}
struct s { int x; };
int table[] = { 1, 2 };
void two(void) { one(1, 0); }
END
)" 'one:1-8 two:11-11' 'functions of C'
is "$(finds js <<'END'
function one() { if (x) { y() } }
const two = async (a) => {
  z();
}
class C {
  three(a, b) {
    for (;;) { }
  }
}
END
)" 'one:1-1 two:2-4 three:6-8' 'functions of JavaScript'
is "$(finds python <<'END'
class A:
    def one(self,
            x):
        if x:
            return 1

    async def two(self):
        def inner():
            pass
        return inner


x = 1
END
)" 'one:2-5 two:7-10 inner:8-9' 'functions of Python'
is "$(finds go <<'END'
func one(a int) (string, error) {
	return "", nil
}

func (t *T) two() {
	f := func() {}
}
END
)" 'one:1-3 two:5-7' 'functions of Go'
is "$(finds shell <<'END'
one() {
    if x; then y; fi
}
two() (
    z
)
END
)" 'one:1-3' 'functions of shell'

# depths FAMILY: for each line of standard input how many loops hold it
depths() {
    perl -I "$recipes/lib" -MKelp::Code=blank,loop_depths -e 'local $/;
        my $blank = blank(scalar <STDIN>, $ARGV[0]);
        my $d = loop_depths($blank, $ARGV[0]); shift @$d; print join "", @$d' "$1"
}
is "$(printf 'for (;;) {\n  a;\n  while (x)\n    b;\n}\nc;' | depths c)" 012210 'loops of C'
is "$(printf 'for a in b:\n    c\n    while d:\n        e\nf' | depths python)" \
    01120 'loops of Python'
is "$(printf 'while a; do\n  b\n  for c in d; do e; done\ndone\nf' | depths shell)" \
    01200 'loops of shell'
