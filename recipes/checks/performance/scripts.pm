# SPDX-License-Identifier: Apache-2.0
#
# Processes that scripts and makefiles start for each item where one would do for all: git, sed and
# their kind in loops, `find -exec ... \;`, a whole file read by cat for each line.
package Kelp::Check::Performance::Scripts;
use strict;
use warnings;
use Kelp::Code qw(blank uncomment loop_depths);

my $MAX_LISTED = 20;
my $MAX_NAMED = 6; # further lines of one kind in one file
# What ${name#head}, ${name%tail} and ${name##*/} do.
my $CUTS = qr/(?:sed\s+(?:-e\s+)?['"]s(.)(?:\^[^*]*?|[^*^]*?\$)\g{-1}{2}['"]
    |cut\s+-d|basename|dirname)/x;

# rule, severity, loops around it, pattern, why
my @SLOW = (
    ['git-in-loop', 'low', 1,
        qr/(?:\$\(|`|^\s*|[|;&]\s*)git\s+(?:-C\s+\S+\s+)?(?:show|cat-file|log|rev-parse
            |rev-list|ls-tree|blame|diff|hash-object|config|name-rev|describe|for-each-ref
            |merge-base)\b/x,
        'a git process for each item; `cat-file --batch`, `--stdin` or one call does all'],
    ['text-tool-in-loop', 'info', 1,
        qr/\$\(\s*(?:echo|printf\s+\S+)\s[^)|]*\|\s*$CUTS[^|)]*\)
            |`\s*echo\s[^`|]*\|\s*$CUTS[^|`]*`/x,
        'two processes for each item to change one string; the shell does it by expansion'],
    ['grep-file-in-loop', 'low', 2, qr/\b(?:grep|awk|sed)\s[^|;]*\s[\w.\/-]+\.\w+\s*(?:\)|\||$)/,
        'the whole file is read for each pair of items; join the two lists once (awk, join, sort)'],
    ['find-exec', 'info', 0, qr/\bfind\s[^|;]*-exec\s[^;]*\\;/,
        'a process for each file; end it with + instead of \\;'],
);

sub is_cheap {
    my ($rule, $line) = @_;

    # Over a handful of words a loop costs nothing, and --batch is the cure.
    return $line =~ /--batch|--stdin/
        || ($rule eq 'find-exec' && $line =~ /-exec\s+(?:sh|bash|test|grep\s+-q|\[)\b/);
}

# Loops over words that are written out, or over a script's arguments, run a few times only.
sub short_loops {
    my (@lines) = @_;
    my (@short, @open);

    for my $number (1 .. @lines) {
        my $line = $lines[$number - 1];
        my $few = $line =~ /\bfor\s+\w+\s+in\s+([^\$`*;]+)(?:;|$)/ && (() = $1 =~ /\S+/g) < 10;
        $few ||= $line =~ /\bwhile\b[^;]*(?:\$\#|"\$\{?1\}?"|\bgetopts\b)|\bfor\s+\w+\s*(?:;|\z)/;
        push @open, $few ? 1 : 0 if $line =~ /(?:^|[;\s])(?:for|while|until)\s/;
        $short[$number] = @open && $open[-1];
        pop @open if $line =~ /(?:^|[;\s])done(?:[\s;|<>&)]|$)/ && @open;
    }
    return \@short;
}

# The places of each rule in one script, as rule => [[line number, text, loops around it], ...].
sub places {
    my ($text) = @_;
    my $depths = loop_depths(blank($text, 'shell'), 'shell');
    my @lines = split /\n/, uncomment($text, 'shell');
    my $short = short_loops(@lines);
    my %places;

    for my $number (1 .. @lines) {
        my ($line, $depth) = ($lines[$number - 1], $depths->[$number] || 0);
        for my $rule (@SLOW) {
            my ($name, $loops, $pattern) = @$rule[0, 2, 3];
            next if $depth < $loops || ($loops && $short->[$number]);
            push @{$places{$name}}, [$number, $line =~ s/\A\s+//r, $depth]
                if $line =~ $pattern && !is_cheap($name, $line);
        }
    }
    return \%places;
}

# What is done in many lines of one script is one piece of work, and one finding.
sub findings {
    my ($file, $places) = @_;
    my @found;

    for my $rule (grep { $places->{$_->[0]} } @SLOW) {
        my ($name, $severity, $why) = @$rule[0, 1, 4];
        my ($first, @others) = @{$places->{$name}};
        my ($line, $text, $depth) = @$first;
        my @named = map { $_->[0] } @others;
        splice @named, $MAX_NAMED if @named > $MAX_NAMED;
        $why .= '; ' . @others . ' more in this file, lines ' . join(', ', @named) if @others;
        push @found, {rule => $name, file => $file->{path}, line => $line, severity => $severity,
            key => $name, weight => 10 * $depth + @others, reason => $why,
            title => "A process for each item: $text"};
    }
    return @found;
}

sub check {
    my ($repo, $out) = @_;
    my @scripts = grep { $_->{family} eq 'shell' } $repo->products;
    my ($count, @found) = (0);

    for my $file (@scripts) {
        my $places = places($repo->text($file));
        $count += @$_ for values %$places;
        push @found, findings($file, $places);
    }
    $out->worst($MAX_LISTED, @found);
    $out->metric(scripts => scalar @scripts, processes_in_loops => $count);
    $out->say(sprintf '%d places in %d scripts start a process for each item', $count,
        scalar @scripts);
}

1;
