# SPDX-License-Identifier: Apache-2.0
#
# Static analysers are slow, so they get the files that change most first, and as many as fit in
# the time; the summary says how many those were. KELP_ANALYSER_SECONDS gives them more.
package Kelp::Analyser;
use strict;
use warnings;
use Exporter 'import';
use Kelp::History;
use Kelp::Run qw(run);

our @EXPORT_OK = qw(by_changes in_batches);

my $SECONDS = ($ENV{KELP_ANALYSER_SECONDS} || '') =~ /\A(\d+)\z/ ? $1 : 8;
our $FILE_SECONDS = $SECONDS / 2; # files that take longer are skipped
my $MAX_BYTES = 400_000; # of one file; generated or not, it would eat all of the time

# The files most worth the time: those that change most, then the small ones.
sub by_changes {
    my ($repo, @files) = @_;
    my $changes = Kelp::History::changes($repo);
    my %size = map { $_->{path} => length $repo->text($_) } @files;

    return sort {
        ($changes->{$b} || 0) <=> ($changes->{$a} || 0) || $size{$a} <=> $size{$b} || $a cmp $b
        }
        grep { !/[\x00-\x1f]/ && $size{$_} <= $MAX_BYTES } map { $_->{path} } @files;
}

# Runs a tool on a few files at a time until the time is over: (number of files done, output). Where
# one takes too long, the small ones are next, so that at least many are done.
sub in_batches {
    my ($paths, $size, @command) = @_;
    my $deadline = time + $SECONDS;
    my ($done, $output, @left) = (0, '', @$paths);

    while (@left && time < $deadline) {
        my @batch = map { "./$_" } splice @left, 0, $size;
        my $ran = run({limit => $FILE_SECONDS}, @command, @batch);
        $output .= $ran->{out};
        if ($ran->{timed_out}) {
            @left = sort { -s $a <=> -s $b } @left;
        } else {
            $done += @batch;
        }
    }
    return ($done, $output);
}

1;
