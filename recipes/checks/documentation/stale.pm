# SPDX-License-Identifier: Apache-2.0
#
# Documents that name a file of this repository which has been deleted since. Only paths that
# history knows are judged, so that paths of users and of other projects are no
# false alarms; fenced code often shows what a program once printed.
package Kelp::Check::Documentation::Stale;
use strict;
use warnings;
use Kelp::History;
use Kelp::Markup qw(unfenced);

my $LIMIT_SECONDS = 5;
# History and plans speak of what was.
my $ABOUT_THE_PAST =
    qr{(?:^|/)(?:change(?:s|log)|history|news|relnotes|release[-_]?notes|migrat\w*|upgrad\w*
    |rfcs?|adr|decisions|archive)(?:[^/]*$|/)}xi;
my $SAYS_IT_WAS = qr/\b(?:removed|deleted|renamed|moved|was|were|used to|formerly|old)\b/i;
my $PATH = qr{(?<![\w./\@:~\$-])((?:[A-Za-z0-9_.-]+/)+[A-Za-z0-9_-]+\.[A-Za-z]{1,5})(?![\w/*-])};

# The path as it may be meant: from the root, or from any folder above the document.
sub readings {
    my ($document, $path) = @_;
    my @readings = ($path);
    my $folder = '';

    while ($document =~ m{([^/]+/)}g) {
        $folder .= $1;
        push @readings, $folder . $path;
    }
    return @readings;
}

# Every end of a path that exists: documents name `requests/models.py` although src/ is before it.
sub path_ends {
    my ($repo) = @_;
    my %ends;

    for my $file ($repo->files) {
        my $path = $file->{path};
        $ends{$path} = 1 while $path =~ s{\A[^/]*/}{};
    }
    return \%ends;
}

# Where a file of that name is now, if there is just one.
sub new_place {
    my ($repo, $path) = @_;
    my ($name) = $path =~ m{([^/]+)\z};
    my @places = grep { m{(?:^|/)\Q$name\E\z} } map { $_->{path} } $repo->files;

    return @places == 1 ? "; is \"$places[0]\" meant?" : '';
}

# path => {document => line} for paths in documents that do not exist.
sub missing_names {
    my ($repo) = @_;
    my ($paths, $ends) = ($repo->paths, path_ends($repo));
    my %missing;

    for my $file (grep { !$_->{test} && !$_->{example} && $_->{path} !~ $ABOUT_THE_PAST }
        $repo->documents) {
        my $number = 0;
        for my $line (split /\n/, unfenced($repo->text($file))) {
            $number++;
            next if $line =~ s/$PATH//gr =~ $SAYS_IT_WAS;
            while ($line =~ /$PATH/g) {
                my $path = $1 =~ s{\A(?:\./)+}{}r;
                next if $path =~ m{(?:^|/)\.\.?/}
                    || grep { $paths->{$_} } readings($file->{path}, $path);
                $missing{$path}{$file->{path}} ||= $number if !$ends->{$path};
            }
        }
    }
    return \%missing;
}

sub check {
    my ($repo, $out) = @_;
    my $missing = missing_names($repo);
    my $deleted = Kelp::History::deletions([keys %$missing], $LIMIT_SECONDS);
    my %readings = map {
        my $path = $_;
        $path => [map { readings($_, $path) } keys %{$missing->{$path}}]
        }
        keys %$deleted;
    my $ignored = $repo->ignored(map { @$_ } values %readings);
    my $count = 0;

    for my $path (sort keys %$deleted) {
        my ($commit, $date) = @{$deleted->{$path}};
        next if grep { $ignored->{$_} } @{$readings{$path}};
        for my $document (sort keys %{$missing->{$path}}) {
            $count++;
            $out->finding(
                rule => 'stale-name', file => $document, line => $missing->{$path}{$document},
                key => $path, severity => 'low', title => "Names a file that is gone: $path",
                reason => "commit $commit deleted it on $date" . new_place($repo, $path));
        }
    }
    $out->metric(stale_names => $count);
    $out->say("$count names of deleted files in documents");
}

1;
