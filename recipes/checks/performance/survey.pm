# SPDX-License-Identifier: Apache-2.0
#
# What a clone costs and where the work is: size of tree and history, the largest kinds of file, the
# sources that change most.
package Kelp::Check::Performance::Survey;
use strict;
use warnings;
use Kelp::History;
use Kelp::Run qw(run);

# Objects and KiB on disk, those borrowed from other repositories included: a cheap clone borrows
# all.
sub objects {
    my ($repo) = @_;
    my @folders = ($repo->git('rev-parse', '--git-path', 'objects') || '') =~ /(.+)/;
    my ($objects, $kilobytes, %seen) = (0, 0);

    while (defined(my $folder = shift @folders)) {
        next if $seen{$folder}++;
        my $said =
            run({limit => 30}, 'env', "GIT_OBJECT_DIRECTORY=$folder", 'git', 'count-objects', '-v')
            ->{out};
        my %count = $said =~ /^([\w-]+): (\d+)$/mg;
        $objects += ($count{count} || 0) + ($count{'in-pack'} || 0);
        $kilobytes += ($count{size} || 0) + ($count{'size-pack'} || 0);
        push @folders, $said =~ /^alternate: (.+)$/mg;
    }
    return ($objects, $kilobytes);
}

sub check {
    my ($repo, $out) = @_;
    my ($bytes, %kinds) = (0);

    for my $file (grep { $_->{kind} eq 'file' } $repo->files) {
        my $size = (lstat $file->{path} && -f _) ? -s _ : 0;
        my $kind = $file->{path} =~ /\.(\w{1,8})\z/ ? lc $1 : 'no extension';
        $bytes += $size;
        $kinds{$kind} += $size;
    }
    my @kinds = sort { $kinds{$b} <=> $kinds{$a} || $a cmp $b } keys %kinds;
    splice @kinds, 3 if @kinds > 3;
    my ($objects, $kilobytes) = objects($repo);
    my $changes = Kelp::History::changes($repo);
    my ($hot) = sort { $changes->{$b} <=> $changes->{$a} || $a cmp $b }
        grep { $changes->{$_} } map { $_->{path} } $repo->products;
    $out->metric(tree_kib => int($bytes / 1024), git_kib => $kilobytes, git_objects => $objects);
    $out->say(
        sprintf 'the tree has %.1f MiB (%s), history %.1f MiB in %d objects', $bytes / (1 << 20),
        join(', ', map { sprintf '%s %d %%', $_, 100 * $kinds{$_} / ($bytes || 1) } @kinds)
            || 'nothing',
        $kilobytes / 1024, $objects);
    $out->say(
        "most changed source: $hot ($changes->{$hot} of " . Kelp::History::window() . ' commits)')
        if defined $hot;
}

1;
