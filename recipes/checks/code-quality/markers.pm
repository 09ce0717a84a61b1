# SPDX-License-Identifier: Apache-2.0
#
# TODO, FIXME, XXX and HACK in comments, with their age from git blame. A marker of last week is
# work in hand; one of last year is a promise that nobody keeps.
package Kelp::Check::CodeQuality::Markers;
use strict;
use warnings;
use Kelp::Code qw(comments);
use Kelp::History;

my $MARKER = qr/\b(TODO|FIXME|XXX|HACK)\b(?![-_]|\s*=|['"])/;
my $STALE_DAYS = 365;
my $VERY_OLD_DAYS = 5 * 365;
my $BLAME_SECONDS = 6;  # for all files together
my $FILE_SECONDS = 2;
my $MAX_LISTED = 15;

# Files with markers: [file, {line => [word, text]}], those with most markers first.
sub find_markers {
    my ($repo) = @_;
    my @found;

    for my $file ($repo->sources) {
        my $text = $repo->text($file);
        next if $file->{example} || $text !~ $MARKER;
        my (%markers, $number);
        for my $line (split /\n/, comments($text, $file->{family})) {
            $number++;
            next if $line !~ /$MARKER\s*(?:\(\@?([\w.-]+)\))?[:\s]*(.*)/;
            my ($word, $author, $rest) = ($1, $2, $3);
            # A line of nothing but marks, or a mktemp template, is no promise.
            next if $line =~ /XXXX/ || $line =~ /\b(?:TODO|FIXME)s?\b.*\b(?:TODO|FIXME|XXX)\b/;
            $rest =~ s{\s*(?:\*/|-->)?\s*\z}{};
            $rest =~ s/\A[\s:;,.*-]+//;
            $markers{$number} = [defined $author ? "$word of $author" : $word, $rest];
        }
        push @found, [$file, \%markers] if %markers;
    }
    return sort { keys %{$b->[1]} <=> keys %{$a->[1]} || $a->[0]{path} cmp $b->[0]{path} } @found;
}

sub finding {
    my ($path, $line, $marker, $days) = @_;
    my ($word, $rest) = @$marker;
    my $age = $days > $STALE_DAYS ? Kelp::History::age($days) : 'over a year';

    return {rule => 'stale-marker', file => $path, line => $line, weight => $days,
        severity => $days >= $VERY_OLD_DAYS ? 'low' : 'info',
        title => "$word for $age" . (length $rest ? ": $rest" : ''),
        reason => 'that is the line\'s age by git blame: do it, or write it where work is kept'};
}

# Ages in two passes: first which lines are older than a year, which is cheap however long the
# history is, then how much older, as far as the time goes.
sub date_markers {
    my ($found) = @_;
    my $deadline = time + $BLAME_SECONDS;
    my %days;

    for my $since ($STALE_DAYS, 0) {
        for my $entry (@$found) {
            my $path = $entry->[0]{path};
            my @lines = grep { !$since || !defined $days{$path}{$_} }
                grep { $since || ($days{$path}{$_} || 0) >= $STALE_DAYS }
                sort { $a <=> $b } keys %{$entry->[1]};
            my $left = $deadline - time;
            next if !@lines || $left <= 0;
            my $ages =
                Kelp::History::ages($path, \@lines, $left < $FILE_SECONDS ? $left : $FILE_SECONDS,
                $since);
            $days{$path}{$_} = $ages->{$_} for keys %$ages;
        }
    }
    return \%days;
}

sub check {
    my ($repo, $out) = @_;
    my @found = find_markers($repo);
    my $days = $ENV{KELP_QUICK} ? {} : date_markers(\@found);
    my ($count, $undated, @stale) = (0, 0);

    for my $entry (@found) {
        my ($file, $markers) = @$entry;
        for my $line (keys %$markers) {
            my $age = $days->{$file->{path}}{$line};
            $count++;
            $undated++ if !defined $age;
            push @stale, finding($file->{path}, $line, $markers->{$line}, $age)
                if ($age || 0) >= $STALE_DAYS;
        }
    }
    $out->worst($MAX_LISTED, @stale);
    $out->metric(markers => $count, stale_markers => scalar @stale);
    $out->say($ENV{KELP_QUICK}
        ? "$count markers (TODO and the like)"
        : "$count markers (TODO and the like), "
            . @stale
            . ' older than a year'
            . ($undated ? "; $undated without a date" : ''));
}

1;
