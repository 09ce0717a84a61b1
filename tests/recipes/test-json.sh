# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # variables of run.sh and lib.sh; Perl expands $
# SPDX-License-Identifier: Apache-2.0

# encode BYTES-AS-PRINTF
written() {
    # shellcheck disable=SC2059
    printf "$1" |
        perl -I "$recipes/lib" -MKelp::Json=encode -e 'local $/; print encode(scalar <STDIN>)'
}
fffd=$(printf '\357\277\275')
is "$(written 'plain')" '"plain"' 'a plain string'
is "$(written 'a"b\\c\n\t\001')" '"a\"b\\c\n\t\u0001"' 'escapes'
is "$(written 'caf\303\251')" "\"caf$(printf '\303\251')\"" 'UTF-8 stays'
is "$(written 'a\377b')" "\"a${fffd}b\"" 'a byte that is no UTF-8'
is "$(written 'a\303')" "\"a$fffd\"" 'a sequence cut off'
is "$(written '\355\240\200')" "\"$fffd$fffd$fffd\"" 'a surrogate'
is "$(written '\300\257')" "\"$fffd$fffd\"" 'an overlong form'
is "$(written '\364\220\200\200')" "\"$fffd$fffd$fffd$fffd\"" 'beyond the last code point'

# read back and written again
again() {
    printf '%s' "$1" | perl -I "$recipes/lib" -MKelp::Json=encode,decode -e '
        local $/; my $v = eval { decode(scalar <STDIN>) };
        print $@ ? "error: $@" : encode($v)'
}
is "$(again ' {"b":[1,-2.5,1e3,"1"],"a":{"x":null}} ')" '{"a":{"x":null},"b":[1,-2.5,1000,"1"]}' \
    'round trip'
is "$(again '"\u00e9\ud83d\ude00\/"')" "\"$(printf '\303\251\360\237\230\200')/\"" 'code points'
is "$(again '"\ud83d"')" "\"$fffd\"" 'half a pair'
for bad in '' '{' '[1,]' '{"a" 1}' '{"a":1,}' '01' '"a' '"\x"' 'tru' '[1] 2' '{1:2}' \
    "\"$(printf '\001')\""; do
    case $(again "$bad") in
    error:*) passed "refused: $bad" ;;
    *) broke "refused: $bad" "$(again "$bad")" ;;
    esac
done
deep=$(perl -e 'print "[" x 100, "]" x 100')
case $(again "$deep") in *'too deep'*) passed 'deep nesting' ;; *) broke 'deep nesting' ;; esac
