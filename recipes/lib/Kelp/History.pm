# SPDX-License-Identifier: Apache-2.0
#
# What git's history says about files and lines, within bounds of time: how often files changed,
# how old lines are, which paths were deleted. A shallow or young history gives less, never an
# error.
package Kelp::History;
use strict;
use warnings;
use Kelp::Run qw(run);

my $WINDOW = 1000;     # commits looked at for "how often"
my $DAY = 24 * 60 * 60;

sub window { return $WINDOW }

# An age in words: "40 days", "14 months", "7 years".
sub age {
    my ($days) = @_;

    return $days == 1 ? '1 day' : "$days days" if $days <= 60;
    return $days < 2 * 365 ? int($days / 30) . ' months' : sprintf '%.0f years', $days / 365;
}

# path => number of commits among the newest ones that changed it
sub changes {
    my ($repo) = @_;
    my $done = run({limit => 20}, 'git', '--no-optional-locks', 'log', '-z', '--no-renames',
        '--no-ext-diff', '--no-textconv', "-n$WINDOW", '--no-merges', '--format=', '--name-only');
    my %count;

    for my $path (split /\0/, $done->{out}) {
        $path =~ s/\A\n+//;
        $count{$path}++ if length $path;
    }
    return \%count;
}

sub now {
    return $ENV{KELP_NOW} && $ENV{KELP_NOW} =~ /\A\d+\z/ ? $ENV{KELP_NOW} : time;
}

# Age in whole days of the given lines of one file, as line => days; lines that are not committed
# are missing. `limit` is in seconds. With `since`, git looks back that many days only, and a line
# that is older has just that age.
sub ages {
    my ($path, $lines, $limit, $since) = @_;
    my (%days, %time, %boundary, $commit, $line);
    my @ranges = map { ('-L', "$_,$_") } @$lines;
    my @since = $since ? ('--since=' . (now() - $since * $DAY)) : ();
    my $done = run(
        {limit => $limit}, 'git', '--no-optional-locks', 'blame', '--porcelain', @since, @ranges,
        'HEAD', '--', $path);

    for my $entry (split /\n/, $done->{out}) {
        if ($entry =~ /\A([0-9a-f]{40,64}) \d+ (\d+)/) {
            ($commit, $line) = ($1, $2);
        } elsif ($entry =~ /\Aauthor-time (\d+)/) {
            $time{$commit} = $1;
        } elsif ($entry eq 'boundary') {
            $boundary{$commit} = 1;
        } elsif ($entry =~ /\A\t/ && $time{$commit}) {
            my $age = int((now() - $time{$commit}) / $DAY);
            $days{$line} = $since && $boundary{$commit} && $age > $since ? $since : $age;
        }
    }
    return \%days;
}

# The commit that last deleted each of the given paths: path => [short id, date]. Paths that never
# existed are missing. No path is given to git: one walk that names all deletions takes 7 s for
# 80,000 commits, one that follows eighty paths takes 30.
sub deletions {
    my ($paths, $limit) = @_;
    my %wanted = map { $_ => 1 } @$paths;
    my (%found, $commit, $date);

    return {} if !@$paths;
    my $done = run({limit => $limit}, 'git', '--no-optional-locks', 'log', '-z', '--no-renames',
        '--no-merges', '--diff-filter=D', '--format=%x01%h %cs', '--name-only');
    for my $field (split /\0/, $done->{out}) {
        $field =~ s/\A\n+//;
        if ($field =~ /\A\x01(\S+) (\S+)/) {
            ($commit, $date) = ($1, $2);
        } elsif ($wanted{$field} && defined $commit) {
            $found{$field} ||= [$commit, $date];
        }
    }
    return \%found;
}

1;
