# SPDX-License-Identifier: Apache-2.0
#
# Source text without a parser: comments and strings blanked, blocks matched, loops and functions
# found. Blanking keeps every newline and every column, so that places stay what they are.
#
#   blank($text, $family)      comments and the insides of strings become spaces
#   uncomment($text, $family)  comments become spaces, strings stay
#   comments($text, $family)   the opposite: only comments stay
#   product($text, $file)      without unit tests and docstrings in the source itself
#   loop_depths($blank, $family)  for each line (from 1) how many loops hold it
#   functions($blank, $family)    [{name, first, last}], first and last are line numbers
package Kelp::Code;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(blank uncomment comments product loop_depths functions line_starts line_of
    brace_pairs decisions);

# In each pattern $1 is a comment and $2 a string with its quotes.
my $C_COMMENT = qr{//(?:[^\n\\]|\\.)*|/\*.*?(?:\*/|\z)}s;
my $DOUBLE = qr/"(?:[^"\\\n]|\\.)*"/s;
my $SINGLE = qr/'(?:[^'\\\n]|\\.)*'/s;
my $CHAR = qr/'(?:[^'\\\n]|\\[^\n]{1,9}?)'/;
my $REGEX = qr{(?:(?<=[=(,:!&|?\{\};\[])|(?<=[=(,:!&|?\{\};\[]\s)|(?<=return\s))
    /(?![/*\s])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/}xs;
my %TOKENS = (
    c => qr{($C_COMMENT)|($DOUBLE|$CHAR)},
    js => qr{($C_COMMENT)|($DOUBLE|$SINGLE|`(?:[^`\\]|\\.)*`|$REGEX)}s,
    go => qr{($C_COMMENT)|($DOUBLE|$CHAR|`[^`]*`)},
    rust => qr{($C_COMMENT)|(r#+".*?"#+|$CHAR|b?"(?:[^"\\]|\\.)*")}s,
    php => qr{($C_COMMENT|(?<!\S)\#(?!\[)[^\n]*)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')}s,
    python => qr{(\#[^\n]*)
        |([rbufRBUF]{0,2}(?:"""(?:[^\\]|\\.)*?"""|'''(?:[^\\]|\\.)*?'''|$DOUBLE|$SINGLE))}xs,
    shell => qr{((?:(?<=[\s;(])|\A)\#[^\n]*)|("(?:[^"\\]|\\.)*"|'[^']*')}s,
    perl => qr{((?:(?<=[\s;\{\}(])|\A)\#[^\n]*|^=[a-z].*?(?:^=cut|\z))|($DOUBLE|$SINGLE)}sm,
    ruby => qr{((?:(?<=[\s;\{\}(])|\A)\#(?!\{)[^\n]*|^=begin.*?^=end)|($DOUBLE|$SINGLE)}sm,
    lua => qr{(--\[\[.*?\]\]|--[^\n]*)|($DOUBLE|$SINGLE|\[\[.*?\]\])}s,
    sql => qr{(--[^\n]*|/\*.*?\*/)|('(?:[^']|'')*')}s,
    lisp => qr{(;[^\n]*)|("(?:[^"\\]|\\.)*")}s,
    hash => qr{((?:(?<=\s)|\A)\#[^\n]*)|($DOUBLE)}s,
);

sub spaces { return $_[0] =~ tr/\n/ /cr }

sub inside {
    my ($string) = @_;

    return $string if length $string < 2;
    return substr($string, 0, 1) . spaces(substr $string, 1, -1) . substr $string, -1;
}

sub rewrite {
    my ($text, $family, $comment, $string) = @_;
    my $tokens = $TOKENS{$family} or return $text;

    $text =~ s/$tokens/defined $1 ? $comment->($1) : $string->($2)/ge;
    return $text;
}

# Of a conditional with two branches one is left, and macros go: else braces would not match.
sub one_branch {
    my ($text) = @_;
    my @skip; # for each open #if whether its branch is left out

    $text =~ s/^([ \t]*#[ \t]*define\b(?:[^\n]*\\\n)+[^\n]*)/spaces($1)/gme;
    return $text if $text !~ /^[ \t]*#[ \t]*el(?:se|if)/m;
    return join '', map {
        my $line = $_;
        my ($word) = $line =~ /\A[ \t]*#[ \t]*(if|el|endif)/;
        if (!defined $word) {
            # an ordinary line
        } elsif ($word eq 'if') {
            push @skip, $line =~ /\bif\s+0\b/ ? 1 : 0;
        } elsif ($word eq 'endif') {
            pop @skip;
        } elsif (@skip) {
            $skip[-1] = $skip[-1] == 1 ? 0 : 2;
        }
        (grep { $_ } @skip) ? spaces($line) : $line;
    } split /(?<=\n)/, $text;
}

sub keep { return $_[0] }

sub blank {
    my ($text, $family) = @_;
    my $blank = rewrite($text, $family, \&spaces, \&inside);

    return $family eq 'c' ? one_branch($blank) : $blank;
}

sub uncomment { return rewrite(@_[0, 1], \&spaces, \&keep) }

sub comments {
    my ($text, $family) = @_;
    my $tokens = $TOKENS{$family} or return '';
    my ($result, $at) = ('', 0);

    while ($text =~ /$tokens/g) {
        next if !defined $1;
        $result .= spaces(substr $text, $at, $-[0] - $at) . $1;
        $at = $+[0];
    }
    return $result . spaces(substr $text, $at);
}

sub product {
    my ($text, $file) = @_;

    # Rust has its unit tests at the end of the file that they test.
    $text =~ s/^#\[cfg\(test\)\]\s*mod\b.*//ms if $file->{family} eq 'rust';
    $text =~ s/^([ \t]*[rRuU]?)("""|''')((?:[^\\]|\\.)*?\2)/$1 . spaces($2 . $3)/gsme
        if $file->{family} eq 'python';
    return $text;
}

sub line_starts {
    my ($text) = @_;
    my @starts = (0);

    push @starts, pos $text while $text =~ /\n/g;
    return \@starts;
}

# The line (from 1) of an offset; a binary search in what line_starts gave.
sub line_of {
    my ($starts, $at) = @_;
    my ($low, $high) = (0, $#$starts);

    while ($low < $high) {
        my $middle = int(($low + $high + 1) / 2);
        if ($starts->[$middle] <= $at) { $low = $middle } else { $high = $middle - 1 }
    }
    return $low + 1;
}

# For each "{" of a text the offset after the "}" that closes it.
sub brace_pairs {
    my ($blank) = @_;
    my (@open, %pairs);

    while ($$blank =~ /([{}])/g) {
        if ($1 eq '{') {
            push @open, $-[0];
        } elsif (@open) {
            $pairs{pop @open} = $+[0];
        }
    }
    return \%pairs;
}

# The offset after the parenthesis that closes the one at `at`.
sub closing_parenthesis {
    my ($blank, $at) = @_;
    my $depth = 0;

    pos($$blank) = $at;
    while ($$blank =~ /([()])/g) {
        $depth += $1 eq '(' ? 1 : -1;
        return pos $$blank if $depth == 0;
    }
    return;
}

my $BRACE_LOOP = qr/\b(?:for|while|foreach|loop|do)\b(?=\s*[({]|\s+[^{}\n]+\{|\s*$)/m;

# Where a loop that begins at `at` has its body: (first offset, offset after it).
sub brace_body {
    my ($blank, $at, $pairs) = @_;
    my $ends = qr/\G[^{}\n]*(\{)/; # without parentheses the body follows on the same line

    pos($$blank) = $at;
    $$blank =~ /\G\w+\s*/g;
    my $after = pos $$blank;
    if (substr($$blank, $after, 1) eq '(') {
        $after = closing_parenthesis($blank, $after);
        return if !defined $after;
        $ends = qr/\G[^{};]*?([{;])/; # or it is a single statement
    }
    pos($$blank) = $after;
    return if $$blank !~ /$ends/g;
    my ($open, $sign) = (pos($$blank) - 1, $1);
    return ($after, $open) if $sign eq ';';
    return defined $pairs->{$open} ? ($open, $pairs->{$open}) : ();
}

sub brace_loops {
    my ($blank, $depths, $starts) = @_;
    my $pairs = brace_pairs($blank);
    my @loops;

    push @loops, $-[0] while $$blank =~ /$BRACE_LOOP/g;
    for my $at (@loops) {
        my ($from, $to) = brace_body($blank, $at, $pairs);
        next if !defined $from;
        my ($first, $last) = (line_of($starts, $from), line_of($starts, $to - 1));
        my $head = line_of($starts, $at);
        # The head of a `for` begins once, that of a `while` is asked in each round.
        if (substr($$blank, $at, 1) eq 'w') {
            $first = $head;
        } elsif ($first == $head && $last > $first) {
            $first++;
        }
        $depths->[$_]++ for $first .. $last;
    }
}

sub indent_loops {
    my ($blank, $depths) = @_;
    my @lines = split /\n/, $$blank;
    my @open; # indents of the loops around

    for my $number (1 .. @lines) {
        my $line = $lines[$number - 1];
        next if $line !~ /\S/;
        my ($indent) = $line =~ /\A(\s*)/;
        pop @open while @open && length $indent <= $open[-1];
        $depths->[$number] = @open;
        push @open, length $indent if $line =~ /\A\s*(?:async\s+)?(?:for|while)\b/;
        # A function that is defined in a loop is not what the loop does.
        @open = () if $line =~ /\A\s*(?:async\s+)?(?:def|class)\b/;
    }
}

sub shell_loops {
    my ($blank, $depths) = @_;
    my @lines = split /\n/, $$blank;
    my $depth = 0;

    for my $number (1 .. @lines) {
        my $line = $lines[$number - 1];
        my $opened = () = $line =~ /(?:^|[;&|]|\s)do(?=\s|$)/g;
        my $closed = () = $line =~ /(?:^|[;&|]|\s)done(?=[\s;|&)<>]|$)/g;
        my $whole = $opened && $closed ? 1 : 0;
        $depth -= $closed if !$whole;
        $depth = 0 if $depth < 0;
        $depths->[$number] = $depth + $whole;
        $depth += $opened if !$whole;
    }
}

sub loop_depths {
    my ($blank, $family) = @_;
    my $lines = 1 + ($blank =~ tr/\n//);
    my @depths = (0) x ($lines + 1);

    if ($family eq 'python') {
        indent_loops(\$blank, \@depths);
    } elsif ($family eq 'shell') {
        shell_loops(\$blank, \@depths);
    } elsif ($family =~ /\A(?:c|js|go|rust|php|perl)\z/) {
        brace_loops(\$blank, \@depths, line_starts($blank));
    }
    return \@depths;
}

my $NO_FUNCTION =
    qr/\A(?:if|for|while|switch|catch|return|else|do|sizeof|foreach|function|with|until|unless
    |synchronized|using|lock|when|match|defined|elsif|elseif|and|or|not|new|await|typeof|super|this
    |__attribute__|case|assert)\z/x;
# Heads of functions: the name is $1, the match ends before the "{".
my %HEAD = (
    js => qr/(?:\bfunction\b\s*\*?\s*(\w+)\s*\([^)]*\)[^{};=]*(?=\{))
        |(?:\b(\w+)\s*[=:]\s*(?:async\s+)?(?:function\b\s*\*?\s*\w*\s*)?\([^()]*\)
            \s*(?::[^{};=]+)?(?:=>)?\s*(?=\{))
        |(?:^[ \t]+(?:(?:public|private|protected|static|async|get|set)\s+)*(\w+)\s*\([^()]*\)
            \s*(?::[^{};=()]+)?(?=\{))/xm,
    go => qr/^func\s*(?:\([^)]*\)\s*)?(\w+)[^\n]*(?=\{)/m,
    rust => qr/\bfn\s+(\w+)[^;{}]*(?=\{)/,
    php => qr/\bfunction\s+&?(\w+)\s*\([^{};]*(?=\{)/,
    perl => qr/\bsub\s+(\w+)\s*(?:\([^)]*\)\s*)?(?=\{)/,
    shell => qr/^[ \t]*(?:function\s+)?([\w.-]+)\s*\(\)\s*(?=\{)/m,
);

# C and its relatives have no word for "function": a head is what stands between the last ";", "{"
# or "}" and a "{", outside of functions, and ends with a name and parentheses.
sub c_heads {
    my ($blank, $pairs) = @_;
    my ($from, @heads) = (0);

    pos($$blank) = 0;
    while ($$blank =~ /[{};]/g) {
        my $at = $-[0];
        my $end = substr($$blank, $at, 1) eq '{' ? $pairs->{$at} : undef;
        if (defined $end) {
            my $head = substr $$blank, $from, $at - $from;
            if (   $head =~ /((?:\w+::)*~?\w+)\s*\((?:[^()]|\([^()]*\))*\)[^()=]*\z/
                && $1 !~ $NO_FUNCTION) {
                push @heads, [$1, $from + $-[1], $at];
                pos($$blank) = $end;
                $at = $end - 1;
            }
        }
        $from = $at + 1;
    }
    return @heads;
}

sub word_heads {
    my ($blank, $head) = @_;
    my @heads;

    while ($$blank =~ /$head/g) {
        my ($name) = grep { defined } $1, $2, $3;
        push @heads, [$name, $-[0], pos $$blank] if defined $name && $name !~ $NO_FUNCTION;
    }
    return @heads;
}

sub brace_functions {
    my ($blank, $family) = @_;
    my $head = $HEAD{$family};
    my (@functions, $last_end);

    return [] if !$head && $family ne 'c';
    my ($starts, $pairs) = (line_starts($blank), brace_pairs(\$blank));
    for my $found ($head ? word_heads(\$blank, $head) : c_heads(\$blank, $pairs)) {
        my ($name, $at, $open) = @$found;
        my $end = $pairs->{$open};
        # Functions in functions belong to the outer one, except where that is the style.
        next if !defined $end || ($last_end && $at < $last_end && $family !~ /\A(?:js|rust)\z/);
        $last_end = $end;
        push @functions,
            {name => $name, first => line_of($starts, $at), last => line_of($starts, $end - 1)};
    }
    return \@functions;
}

sub indent_functions {
    my ($blank) = @_;
    my @lines = split /\n/, $blank;
    my (@functions, @open);
    my $last_code = 0;

    for my $number (1 .. @lines) {
        my $line = $lines[$number - 1];
        next if $line !~ /\A(\s*)\S/ || $line =~ /\A\s*[)\]}]/;
        my $indent = length $1;
        (pop @open)->{last} = $last_code while @open && $indent <= $open[-1]{indent};
        if ($line =~ /\A\s*(?:async\s+)?def\s+(\w+)/) {
            push @open, {name => $1, first => $number, indent => $indent, nested => scalar @open};
            push @functions, $open[-1];
        }
        $last_code = $number;
    }
    $_->{last} = $last_code for @open;
    return \@functions;
}

sub functions {
    my ($blank, $family) = @_;

    return $family eq 'python' ? indent_functions($blank) : brace_functions($blank, $family);
}

# Decisions in a piece of blanked text, plus one: McCabe's number, where a switch counts once,
# because a long table of cases is long but not hard.
sub decisions {
    my ($code, $family) = @_;
    my $words = $family eq 'python' ? qr/\b(?:if|elif|for|while|except|and|or)\b/
        : $family eq 'shell' ? qr/\b(?:if|elif|for|while|until|case)\b|&&|\|\|/
        : $family eq 'perl'
        ? qr/\b(?:if|elsif|unless|for|foreach|while|until|and|or)\b|&&|\|\||\?(?!:)/
        : $family eq 'rust' ? qr/\b(?:if|for|while|loop|match)\b|&&|\|\|/
        : qr/\b(?:if|for|while|switch|catch|select)\b|&&|\|\||\?(?![.?:])/;
    my $count = () = $code =~ /$words/g;

    return 1 + $count;
}

1;
