# SPDX-License-Identifier: Apache-2.0
#
# Processes that scripts and makefiles start for each item where one would do for all: git, sed and
# their kind in loops, `find -exec ... \;`, a whole file read by cat for each line.
package Kelp::Check::Performance::Scripts;
use strict;
use warnings;
use Kelp::Code qw(blank uncomment loop_depths);

my $MAX_LISTED = 20;
my $MAX_PER_FILE = 4;
my $TEXT_TOOLS = qr/(?:sed|awk|grep|cut|tr|head|tail|basename|dirname|expr|bc|wc|sort|perl|jq)/;

# rule, severity, loops around it, pattern, why
my @SLOW = (
    ['git-in-loop', 'low', 1,
        qr/(?:\$\(|`|^\s*|[|;&]\s*)git\s+(?:-C\s+\S+\s+)?(?:show|cat-file|log|rev-parse
            |rev-list|ls-tree|blame|diff|hash-object|config|name-rev|describe|for-each-ref
            |merge-base)\b/x,
        'a git process for each item; `cat-file --batch`, `--stdin` or one call does all'],
    ['text-tool-in-loop', 'info', 1,
        qr/\$\(\s*(?:echo|printf\s+\S+)\s[^)|]*\|\s*$TEXT_TOOLS\b
            |`\s*echo\s[^`|]*\|\s*$TEXT_TOOLS\b/x,
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

# Loops over words that are written out run a few times only.
sub short_loops {
    my (@lines) = @_;
    my (@short, @open);

    for my $number (1 .. @lines) {
        my $line = $lines[$number - 1];
        my $few = $line =~ /\bfor\s+\w+\s+in\s+([^\$`*;]+)(?:;|$)/ && (() = $1 =~ /\S+/g) < 10;
        push @open, $few ? 1 : 0 if $line =~ /(?:^|[;\s])(?:for|while|until)\s/;
        $short[$number] = @open && $open[-1];
        pop @open if $line =~ /(?:^|[;\s])done(?:[\s;|<>&)]|$)/ && @open;
    }
    return \@short;
}

sub scan {
    my ($file, $text, $found) = @_;
    my $depths = loop_depths(blank($text, 'shell'), 'shell');
    my @lines = split /\n/, uncomment($text, 'shell');
    my $short = short_loops(@lines);
    my %times;

    for my $number (1 .. @lines) {
        for my $rule (@SLOW) {
            my ($name, $severity, $loops, $pattern, $why) = @$rule;
            next
                if ($depths->[$number] || 0) < $loops
                || $lines[$number - 1] !~ $pattern
                || ($loops && $short->[$number])
                || is_cheap($name, $lines[$number - 1])
                || $times{$name}++ >= $MAX_PER_FILE;
            push @$found, {
                rule => $name, file => $file->{path}, line => $number, severity => $severity,
                weight => $depths->[$number] || 0,
                title => 'A process for each item: ' . ($lines[$number - 1] =~ s/\A\s+//r),
                reason => $why};
        }
    }
}

sub check {
    my ($repo, $out) = @_;
    my @scripts = grep { $_->{family} eq 'shell' } $repo->products;
    my @found;

    scan($_, $repo->text($_), \@found) for @scripts;
    $out->worst($MAX_LISTED, @found);
    $out->metric(scripts => scalar @scripts, processes_in_loops => scalar @found);
    $out->say(sprintf '%d places in %d scripts start a process for each item', scalar @found,
        scalar @scripts);
}

1;
