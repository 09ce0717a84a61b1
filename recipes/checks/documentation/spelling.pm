# SPDX-License-Identifier: Apache-2.0
#
# Misspelt words in documents, by codespell's list of common ones. Words in code marks, words that
# the sources use as names, and changelogs (they quote) are left alone; the repository's own
# configuration of codespell counts.
package Kelp::Check::Documentation::Spelling;
use strict;
use warnings;
use Kelp::Markup qw(prose_lines);
use Kelp::Run qw(run have);

my $QUOTES_OTHERS =
    qr{(?:^|/)(?:change(?:s|log)|history|news|relnotes|release[-_]?notes|authors|thanks
    |credits)(?:[^/]*$|/)}xi;
my $LIMIT_SECONDS = 15;
my $BATCH = 400;
my $A_NAME = 3; # a word that one document has more often than this is a name

sub names_in_sources {
    my ($repo) = @_;
    my %names;

    for my $file ($repo->sources) {
        my $text = $repo->text($file);
        $names{lc $1} = 1 while $text =~ /(?<![A-Za-z"' ])([A-Za-z]{3,12})(?=[(_\[=;.])/g;
    }
    return \%names;
}

sub misspelt {
    my ($paths) = @_;
    my @found;

    while (my @batch = splice @$paths, 0, $BATCH) {
        my $done = run({limit => $LIMIT_SECONDS}, 'codespell', '--builtin', 'clear', '-q', '3',
            '--', map { "./$_" } @batch);
        for my $line (split /\n/, $done->{out}) {
            push @found, [$1, $2, $3, $4] if $line =~ m{\A\./(.*):(\d+): (\S+) ==> (.+)\z};
        }
    }
    return @found;
}

# In the prose of that line, not in code, an address or a name.
sub is_prose {
    my ($lines, $number, $word) = @_;
    my $line = $lines->[$number - 1];

    return 0 if $word =~ /\A[A-Z]{2,}\z/; # an acronym
    return 0 if !defined $line || $line =~ /\A(?:\t| {4,}(?![-*\d]))/;
    $line =~ s{\S*(?:://|\@|/)\S*}{}g;
    $line =~ s/\b[A-Z]\w*\s+[A-Z]\w*\b//g if $word =~ /\A[A-Z]/;
    return $line =~ /(?<![\w.'_<{\$+-])\Q$word\E(?![\w_>}(=+]|-\w|\.\w)/;
}

sub check {
    my ($repo, $out) = @_;
    my @paths = grep { !/[\x00-\x1f]/ && $_ !~ $QUOTES_OTHERS }
        map { $_->{path} } grep { !$_->{test} && !$_->{example} } $repo->documents;
    my (%lines, $names, $count);

    if (!have('codespell')) {
        $out->lacked('codespell');
        $out->say('no spelling was checked');
        return;
    }
    $out->used('codespell');
    my $documents = @paths;
    my @words = misspelt(\@paths);
    my %times;
    $times{"$_->[0] " . lc $_->[2]}++ for @words;
    for my $word (@words) {
        my ($path, $line, $wrong, $right) = @$word;
        my $file = $repo->file($path) or next;
        next if $times{"$path " . lc $wrong} > $A_NAME;
        $lines{$path} ||= [prose_lines($repo->text($file))];
        $names ||= names_in_sources($repo);
        next if $right =~ /,/ || $names->{lc $wrong} || !is_prose($lines{$path}, $line, $wrong);
        $count++;
        $out->finding(
            rule => 'spelling', file => $path, line => $line, severity => 'low',
            key => "$line $wrong",
            tool => 'codespell', title => "Spelling: $wrong", reason => "\"$right\" is meant");
    }
    $out->metric(misspelt_words => $count || 0);
    $out->say(sprintf '%d misspelt words in %d documents', $count || 0, $documents);
}

1;
