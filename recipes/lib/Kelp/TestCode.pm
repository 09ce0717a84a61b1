# SPDX-License-Identifier: Apache-2.0
#
# The test cases of a test file, whatever the framework: name, place, body, and what switches them
# off.
#
#   cases($file, $text)     [{name, first, last, body}], the body without comments
#   switched_off($file, $text)  [{line, what, kind}], kind is skip, only or todo
package Kelp::TestCode;
use strict;
use warnings;
use Exporter 'import';
use Kelp::Code qw(blank uncomment functions line_starts line_of brace_pairs);

our @EXPORT_OK = qw(cases switched_off);

sub piece {
    my ($lines, $first, $last) = @_;

    return join "\n", @$lines[$first - 1 .. $last - 1];
}

# Cases that are functions: in Python and Go by name, in Rust and Java by what stands before them.
sub function_cases {
    my ($file, $blank, $lines, $is_case) = @_;
    my @cases;

    for my $function (@{functions($blank, $file->{family})}) {
        next if $function->{last} > @$lines || $function->{nested};
        my $from = $function->{first} > 6 ? $function->{first} - 6 : 1;
        my $before = piece($lines, $from, $function->{first});
        $before =~ s/.*[;{}][ \t]*\n//s;
        next if !$is_case->($function->{name}, $before) || $before =~ /\bfixture\b/;
        push @cases, {
            name => $function->{name}, first => $function->{first}, last => $function->{last},
            body => piece($lines, $function->{first}, $function->{last}), before => $before};
    }
    return @cases;
}

# it('...', function () {...}) and its relatives.
sub call_cases {
    my ($blank, $code) = @_;
    my ($starts, $pairs) = (line_starts($blank), brace_pairs(\$blank));
    my @cases;

    while ($blank =~ /(?<![\w.\$])(?:it|test|specify)\s*\(\s*(["'`])/g) {
        my ($at, $quote_at) = ($-[0], $-[1]);
        pos($code) = $quote_at + 1;
        my $name = $code =~ /\G((?:[^"'`\\\n]|\\.){0,80})/g ? $1 : '';
        # The first brace of the case opens its function, unless the arguments end before.
        pos($blank) = $quote_at;
        next if $blank !~ /\G[^{;]*?(?:\bfunction\b[^{;]*|=>\s*)(\{)/g;
        my $open = $-[1];
        pos($blank) = $quote_at + 1;
        next if !defined $pairs->{$open};
        push @cases, {
            name => $name, first => line_of($starts, $at),
            last => line_of($starts, $pairs->{$open} - 1),
            body => substr($code, $at, $pairs->{$open} - $at)};
    }
    return @cases;
}

sub cases {
    my ($file, $text) = @_;
    my $family = $file->{family};
    my ($blank, $code) = (blank($text, $family), uncomment($text, $family));
    my @lines = split /\n/, $code, -1;

    return call_cases($blank, $code) if $family eq 'js';
    # Other files beside the tests have functions of such names that no runner calls.
    return if $family eq 'python' && $file->{path} !~ m{(?:^|/)tests?[^/]*\.py\z|_tests?\.py\z};
    my $is_case = $family eq 'python' ? sub { $_[0] =~ /\Atest/ }
        : $family eq 'go' ? sub { $_[0] =~ /\ATest(?![a-z])/ && $_[0] ne 'TestMain' }
        : $family eq 'rust' ? sub { $_[1] =~ /#\[(?:\w+::)?test\b/ }
        : $file->{language} =~ /\A(?:Java|Kotlin)\z/ ? sub { $_[1] =~ /\@Test\b/ } : undef;
    return $is_case ? function_cases($file, $blank, \@lines, $is_case) : ();
}

# family or language, kind, pattern on text without comments and strings
my @OFF = (
    ['js', 'skip',
        qr/(?<![\w.\$])(?:x(?:it|describe|test|context|specify)\s*\(
            |(?:it|describe|test|context|suite)\.skip\s*\(\s*["'`])/x],
    ['js', 'only',
        qr/(?<![\w.\$])(?:(?:it|describe|test|context|suite)\.only\s*\(|f(?:it|describe)\s*\()/],
    ['js', 'todo', qr/(?<![\w.\$])(?:it|test)\.todo\s*\(/],
    ['python', 'skip', qr/\@(?:unittest\.skip\s*\(|pytest\.mark\.skip\b|skip\s*\()/],
    ['python', 'todo',
        qr/\@(?:pytest\.mark\.xfail\b(?!\s*\([^)]*(?:sys\.|os\.|platform|condition|raises))
            |unittest\.expectedFailure)/x],
    ['Java', 'skip', qr/\@(?:Disabled|Ignore)\b(?!\w)/],
    ['Kotlin', 'skip', qr/\@(?:Disabled|Ignore)\b(?!\w)/],
    ['rust', 'skip', qr/#\[ignore\b/],
    ['go', 'skip', qr/^func\s+Test\w*\([^)]*\)\s*\{\s*\n\s*t\.Skip(?:f|Now)?\(/m],
    ['ruby', 'skip', qr/^\s*(?:xit|xdescribe|xcontext)\b/m],
    ['c', 'skip',
        qr/^[ \t]*#[ \t]*if[ \t]+0\b[^\n]*\n(?:[^\n]*\n){0,6}?[^\n]*\b(?:test|TEST|Test)\w*/m],
);

sub switched_off {
    my ($file, $text) = @_;
    my @found;

    my @rules = grep { $_->[0] eq $file->{family} || $_->[0] eq $file->{language} } @OFF;
    return if !grep { $text =~ $_->[2] } @rules;
    # `#if 0` is not in the text with one branch left.
    my $code = $file->{family} eq 'c' ? uncomment($text, 'c') : blank($text, $file->{family});
    my $starts = line_starts($code);
    for my $rule (@rules) {
        my ($family, $kind, $pattern) = @$rule;
        while ($code =~ /$pattern/g) {
            my ($at, $what) = ($-[0], $&);
            $at += length $1 if $what =~ /\A(\s+)/;
            $what =~ s/\A\s+|\s*[("'`].*\z//gs;
            $what .= ']' if $what =~ /\A#\[\w+\z/;
            push @found,
                {line => line_of($starts, $at), what => $what =~ s/\n.*//sr, kind => $kind};
        }
    }
    return @found;
}

1;
