# SPDX-License-Identifier: Apache-2.0
#
# Work in loops that grows with the square of the input, or that need not be repeated. Only what the
# text itself shows: a loop around it and a call that is known to be slow.
package Kelp::Check::Performance::Loops;
use strict;
use warnings;
use Kelp::Code qw(blank uncomment loop_depths product);

my $MAX_LISTED = 25;
my $MAX_PER_FILE = 3;

# family, rule, severity, loops around it, pattern on one line without comments, why
my @SLOW = (
    ['c', 'strlen-condition', 'medium', 0,
        qr/\b(?:for\s*\([^;]*;|while\s*\()[^;]*[<>]=?\s*\(?strlen\s*\(\s*(\w+)\s*\)/,
        'strlen() walks the string again in each round: the square of its length in all'],
    ['c', 'strcat-loop', 'low', 1, qr/(?<![\w.>])strn?cat\s*\(\s*(\w+)/,
        'strcat() looks for the end again in each round; keep a pointer to it'],
    ['c', 'read-byte', 'medium', 1,
        qr/(?<![\w.>])(?:read|recv|pread)\s*\([^,;]+,\s*&\s*\w+\s*,\s*1\s*[,)]/,
        'a system call for each byte; read a block'],
    ['c', 'grow-by-one', 'low', 1, qr/\brealloc\s*\(\s*\w+\s*,[^;]*\w+\s*\+\s*1\s*\)/,
        'growing by one element copies everything each time; double the room'],
    ['python', 'compile-loop', 'low', 1, qr/\bre\.compile\s*\(\s*[rbf]*["']/,
        'the same pattern is compiled again; do it before the loop'],
    ['python', 'pop-front', 'medium', 1, qr/\b\w+\.(?:pop\(0\)|insert\(0\s*,)/,
        'moves every other element of the list; use collections.deque'],
    ['python', 'process-loop', 'low', 1,
        qr/\b(?:subprocess\.(?:run|call|check_call|check_output|Popen)|os\.(?:system|popen))\s*\(/,
        'starts a process in each round; give all items to one'],
    ['python', 'query-loop', 'low', 1,
        qr/\b(?:cursor|cur|conn|connection|db|session)\.execute\s*\(
            \s*[rf]*["']+\s*(?:SELECT|INSERT|UPDATE|DELETE)\b/xi,
        'a query in each round; ask for all rows at once, or use executemany'],
    ['js', 'sync-loop', 'low', 1, qr/\b(?:execSync|spawnSync)\s*\(/,
        'starts a process in each round and waits for it'],
    ['js', 'spread-reduce', 'medium', 0,
        qr/\.reduce\s*\(\s*(?:\(\s*(\w+)\b[^)]*\)|(\w+))
            \s*=>\s*\(?\s*[\[\{]\s*\.\.\.\s*(?:\1|\2)\b/x,
        'copies the whole accumulator for each element'],
    ['js', 'regexp-loop', 'low', 1, qr/\bnew\s+RegExp\s*\(\s*["'\/][^+]*\)/,
        'the same pattern is compiled again; do it before the loop'],
    ['js', 'query-loop', 'low', 1,
        qr/\bawait\s+\w+(?:\.\w+)*\.(?:query|findOne|findById|findUnique)\s*\(/,
        'a query in each round, one after the other; ask for all at once'],
    ['go', 'defer-loop', 'medium', 1,
        qr/^\s*defer\s+(?!func)[\w.]+\.(?:Close|Unlock|RUnlock|Stop)\(/m,
        'runs when the function ends, not the round: the resources pile up'],
    ['go', 'compile-loop', 'medium', 1, qr/\bregexp\.(?:MustCompile|Compile)\s*\(\s*["`]/,
        'the same pattern is compiled again; do it once, in a package variable'],
    ['go', 'concat-loop', 'low', 1, qr/\b(\w+)\s*\+=\s*(?:"[^"]{2,}"|fmt\.Sprintf)/,
        'copies the whole string in each round; use strings.Builder'],
    ['java', 'concat-loop', 'low', 1, qr/\b(\w+)\s*\+=\s*"[^"]{2}/,
        'copies the whole string in each round; use StringBuilder'],
    ['java', 'compile-loop', 'low', 1, qr/\bPattern\.compile\s*\(\s*"/,
        'the same pattern is compiled again; use a static field'],
    ['rust', 'compile-loop', 'medium', 1, qr/\bRegex::new\s*\(\s*r?#*"/,
        'the same pattern is compiled again; use a static'],
    ['perl', 'process-loop', 'low', 1, qr/(?:^|[=(,;{]|\breturn\b)\s*(?:`[^`]+`|qx[{(\/])/,
        'starts a process in each round'],
);

sub family_of {
    my ($file) = @_;

    return 'java' if $file->{language} =~ /\A(?:Java|Kotlin|Scala)\z/;
    return $file->{language} =~ /\A(?:C|C\+\+)\z/ ? 'c'
        : $file->{family} eq 'c' ? ''
        : $file->{family};
}

# Whether a name gets its value anew in each round of the loop around a line.
sub is_of_this_round {
    my ($lines, $depths, $number, $name) = @_;
    my $depth = $depths->[$number];

    for (my $at = $number; $at >= 1 && $number - $at < 200; $at--) {
        return 1
            if $lines->[$at - 1] =~
            /\b\Q$name\E\b[^=]*:=|\b(?:var|let|String|char\s*\*?)\s+\Q$name\E\b
            |\b\Q$name\E(?:\[0\])\s*=|strcpy\s*\(\s*\Q$name\E\b/x;
        return 0 if $depths->[$at] < $depth;
    }
    return 0;
}

# What only looks slow: a loop that ends at once, a wait for EINTR, a string that starts anew.
sub is_harmless {
    my ($rule, $lines, $depths, $number, $name) = @_;
    my $line = $lines->[$number - 1];
    my $after = join "\n", grep { defined } @$lines[$number - 1 .. $number + 4];

    return 1
        if $rule =~ /\A(?:strcat|concat)-loop\z/
        && is_of_this_round($lines, $depths, $number, $name);
    # It waits for one byte, and ends when there is one.
    return 1 if $rule eq 'read-byte' && $line =~ /(?:==\s*-\s*1|<\s*0|==\s*0|!=\s*1)\s*\)/;
    return 1 if $rule eq 'strlen-condition' && $line =~ /\b\Q$name\E\s*\+\+/;
    return $rule !~ /condition|read-byte/
        && $after =~ /\A[^\n]*\n?(?:[^\n]*\n){0,2}?\s*(?:break|return)\b/;
}

sub scan {
    my ($file, $text, $found) = @_;
    my $family = family_of($file);
    my @rules = grep { $_->[0] eq $family && $text =~ /$_->[4]/m } @SLOW;
    my %times;

    return if !@rules;
    $text = product($text, $file);
    my $blank = blank($text, $file->{family});
    my $depths = loop_depths($blank, $file->{family});
    my @lines = split /\n/, uncomment($text, $file->{family});
    my @blank = split /\n/, $blank;
    for my $number (1 .. @lines) {
        for my $rule (@rules) {
            my ($name, $severity, $loops, $pattern, $why) = @$rule[1 .. 5];
            next if ($depths->[$number] || 0) < $loops || $lines[$number - 1] !~ $pattern;
            my ($at, $what) = ($-[0], defined $1 ? $1 : '');
            next if substr($blank[$number - 1], $at, 1) eq ' ' || $times{$name}++ >= $MAX_PER_FILE
                || is_harmless($name, \@lines, $depths, $number, $what);
            push @$found, {
                rule => $name, file => $file->{path}, line => $number, severity => $severity,
                weight => $depths->[$number] || 0,
                title => "Slow in a loop: " . ($lines[$number - 1] =~ s/\A\s+//r),
                reason => $why};
        }
    }
}

sub check {
    my ($repo, $out) = @_;
    my @sources = $repo->products;
    my @found;

    scan($_, $repo->text($_), \@found) for @sources;
    $out->worst($MAX_LISTED, @found);
    $out->metric(slow_loops => scalar @found);
    $out->say(sprintf '%d slow patterns in loops of %d sources', scalar @found, scalar @sources);
}

1;
