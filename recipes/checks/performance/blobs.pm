# SPDX-License-Identifier: Apache-2.0
#
# Large files: in the tree, where everybody checks them out, and in history, where everybody clones
# them although nobody sees them any more. Files that git-lfs keeps are pointers here and small.
package Kelp::Check::Performance::Blobs;
use strict;
use warnings;
use Kelp::Run qw(run);

my $LARGE = 1 << 20;        # bytes of a file in the tree
my $VERY_LARGE = 10 << 20;
my $LARGE_PAST = 2 << 20;   # bytes on disk of an object that only history has
my $MAX_LISTED = 15;
my $MAX_PAST = 8;
my $SECONDS = 5;

sub mib { return sprintf '%.1f MiB', $_[0] / (1 << 20) }

sub in_tree {
    my ($repo, $out) = @_;
    my ($total, @found) = (0);

    for my $file (grep { $_->{kind} eq 'file' && length $_->{oid} } $repo->files) {
        my $size = (lstat $file->{path} && -f _) ? -s _ : 0;
        next if $size < $LARGE;
        $total += $size;
        push @found, {rule => 'large-file', file => $file->{path}, key => 'size', weight => $size,
            severity => $file->{vendored} || $file->{test} ? 'info'
            : $size >= $VERY_LARGE ? 'medium'
            : 'low',
            title => mib($size) . ' in one file of the tree',
            reason => 'each change of it adds as much to '
                . 'every clone; generate it, fetch it, or keep it with git-lfs'};
    }
    $out->worst($MAX_LISTED, @found);
    return (scalar @found, $total);
}

# Blobs that take much room in the object store, as oid => bytes on disk.
sub large_objects {
    my ($repo) = @_;
    my %large;
    my $done = run(
        {limit => $SECONDS, max => 512 << 20}, 'git', 'cat-file', '--batch-all-objects',
        '--unordered',
        '--buffer', '--batch-check=%(objectsize:disk) %(objecttype) %(objectname)');

    while ($done->{out} =~ /^(\d{7,}) blob ([0-9a-f]+)$/mg) {
        $large{$2} = $1 if $1 >= $LARGE_PAST;
    }
    return \%large;
}

# Where history has the blobs: oid => [path, commit, date]. What it does not have is garbage, which
# no clone gets.
sub places {
    my (@oids) = @_;
    my (%places, $commit, $date);
    my $done = run(
        {limit => $SECONDS}, 'git', '--no-optional-locks', 'log', '--all', '-z', '--raw',
        '--no-abbrev',
        '--no-renames', '--format=%x01%h %cs', map { "--find-object=$_" } @oids);

    my @fields = split /\0/, $done->{out};
    while (@fields) {
        my $field = shift @fields;
        if ($field =~ /\x01(\S+) (\S+)/) {
            ($commit, $date) = ($1, $2);
        }
        next if $field !~ /:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) \w\d*\z/;
        my ($old, $new) = ($1, $2);
        my $path = shift @fields;
        $places{$new} = [$path, $commit, $date]; # the walk goes back: the oldest one stays
        $places{$old} ||= [$path, $commit, $date];
    }
    return \%places;
}

sub in_history {
    my ($repo, $out) = @_;
    my $large = large_objects($repo);
    my %in_tree = map { $_->{oid} => 1 } $repo->files;
    my @past =
        sort { $large->{$b} <=> $large->{$a} || $a cmp $b } grep { !$in_tree{$_} } keys %$large;
    my ($count, $total) = (0, 0);

    return (0, 0) if !@past;
    splice @past, $MAX_PAST if @past > $MAX_PAST;
    my $places = places(@past);
    for my $oid (grep { $places->{$_} } @past) {
        my ($path, $commit, $date) = @{$places->{$oid}};
        $count++;
        $total += $large->{$oid};
        $out->finding(
            rule => 'large-past', severity => 'low', key => $oid, weight => $large->{$oid},
            title => mib($large->{$oid}) . ' in history only: ' . $path,
            reason => "commit $commit of $date brought it; "
                . 'every clone still carries it, until history is rewritten (git filter-repo) or '
                . 'clones are partial');
    }
    return ($count, $total);
}

sub check {
    my ($repo, $out) = @_;
    my ($files, $bytes) = in_tree($repo, $out);
    my ($past, $past_bytes) = in_history($repo, $out);

    $out->metric(large_files => $files, large_past_objects => $past);
    $out->say(sprintf '%d files over %s in the tree (%s), %d large objects in history only (%s)',
        $files, mib($LARGE), mib($bytes), $past, mib($past_bytes));
}

1;
