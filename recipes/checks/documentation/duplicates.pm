# SPDX-License-Identifier: Apache-2.0
#
# Documents that say the same: equal files, and files that share most of their five-word
# sequences. Translations, copies for other versions of the product, and licence texts are
# alike on purpose.
package Kelp::Check::Documentation::Duplicates;
use strict;
use warnings;
use Kelp::Markup qw(words title_of);

my $SHINGLE = 5;        # words in a sequence
my $MIN_WORDS = 60;     # shorter documents are alike by chance
my $SAMPLE = 4;         # one sequence of this many is kept to find candidates
my $FACTOR = 31;
my $PRIME = 2147483647; # of the sums
my $NEAR = 0.8;         # share of sequences in common
my $COMMON = 20;        # a sequence in more documents than this is boilerplate
my $VERSION = qr{v?\d+(?:[._]\d+)*(?:\.x)?|latest|next|dev|stable}i;
my $ALIKE_ON_PURPOSE =
    qr{(?:^|/)(?:licen[sc]e|copying|notice|code[-_]of[-_]conduct|pull_request_template
    |issue_template)[^/]*$|(?:^|/)(?:i18n|l10n|locales?|translations?|po|lang|languages)/
    |(?:^|/)\.github/|[._-](?:[a-z]{2}(?:[-_][A-Za-z]{2,4})?)\.(?:md|rst|adoc)$
    |(?:^|/)[a-z]{2}[-_][A-Z]{2}/}xi;

# The set of a text's word sequences, as rolling sums; with `sample`, one in so many of them.
sub shingles {
    my ($ids, $words, $sample) = @_;
    my (%set, @window);
    my $sum = 0;

    for my $word (@$words) {
        my $id = $ids->{$word} ||= (1 + keys %$ids) * 2654435761 % 4294967291;
        push @window, $id;
        $sum -= shift(@window) * $FACTOR ** $SHINGLE % $PRIME if @window > $SHINGLE;
        $sum = ($sum + $id) * $FACTOR % $PRIME;
        $set{$sum} = 1 if @window == $SHINGLE && $sum % $sample == 0;
    }
    return \%set;
}

# Two documents of different versions of the product: equal paths but for a version.
sub is_other_version {
    my ($one, $other) = map { s{(?:^|(?<=[/_-]))$VERSION(?=[/._-])}{V}gr } @_;

    return $one eq $other;
}

# Pairs of documents that share half of the smaller one's sampled sequences.
sub candidates {
    my ($documents) = @_;
    my (%holders, %pairs);

    for my $at (0 .. $#$documents) {
        push @{$holders{$_}}, $at for keys %{$documents->[$at]{set}};
    }
    for my $at (grep { @$_ > 1 && @$_ <= $COMMON } values %holders) {
        for my $i (0 .. $#$at - 1) {
            $pairs{"$at->[$i] $at->[$_]"}++ for $i + 1 .. $#$at;
        }
    }
    return grep {
        my ($one, $other) = map { scalar keys %{$documents->[$_]{set}} } split / /;
        $pairs{$_} * 2 >= ($one < $other ? $one : $other);
    } sort keys %pairs;
}

# How many of the smaller document's sequences the other has, and of all in both.
sub likeness {
    my ($one, $other) = @_;

    ($one, $other) = ($other, $one) if keys %$other < keys %$one;
    my $common = grep { $other->{$_} } keys %$one;
    return ($common / (keys(%$one) + keys(%$other) - $common), $common / keys %$one);
}

sub report_equal {
    my ($out, $documents) = @_;
    my (%by_text, $count);

    push @{$by_text{$_->{text}}}, $_ for @$documents;
    for my $group (grep { @$_ > 1 } values %by_text) {
        my ($first, @others) = sort { length $a->{path} <=> length $b->{path}
            || $a->{path} cmp $b->{path} } @$group;
        for my $other (@others) {
            next if is_other_version($first->{path}, $other->{path});
            $count++;
            $other->{reported} = 1;
            $out->finding(
                rule => 'equal-document', file => $other->{path}, line => 1, key => $first->{path},
                severity => 'medium', weight => $other->{words},
                title => 'Two documents are the same',
                reason => "it is equal to \"$first->{path}\"; keep one and link to it");
        }
    }
    return $count || 0;
}

sub report_near {
    my ($out, $documents, $ids) = @_;
    my $count = 0;

    for my $pair (candidates($documents)) {
        my ($one, $other) = map { $documents->[$_] } split / /, $pair;
        next if $one->{text} eq $other->{text} || $one->{reported} || $other->{reported}
            || is_other_version($one->{path}, $other->{path});
        my ($alike, $contained) =
            likeness(map { shingles($ids, [words($_->{text})], 1) } $one, $other);
        next if $alike < $NEAR && $contained < 0.95;
        my ($short, $long) = $one->{words} < $other->{words} ? ($one, $other) : ($other, $one);
        $count++;
        $short->{reported} = 1;
        $out->finding(
            rule => 'near-duplicate', file => $short->{path}, line => 1, key => $long->{path},
            severity => 'medium', weight => $short->{words},
            title => sprintf('%d %% of this document is in another', 100 * $contained),
            reason =>
"\"$long->{path}\" says the same in $long->{words} words, this one in $short->{words}"
        );
    }
    return $count;
}

# One topic, two documents: the same title, which is long enough to mean something, in one folder
# or a folder below.
sub report_titles {
    my ($out, $documents) = @_;
    my (%by_title, $count);

    for my $document (@$documents) {
        my $title = lc title_of($document->{text});
        next if $title =~ /\A\W/;
        push @{$by_title{$title}}, $document if ($title =~ tr/ //) >= 1 && $title !~ /[{}<\[]/;
    }
    for my $group (grep { @$_ == 2 } values %by_title) {
        my ($one, $other) = sort { $a->{path} cmp $b->{path} } @$group;
        next if $one->{reported}
            || $other->{reported}
            || is_other_version($one->{path}, $other->{path});
        $count++;
        $out->finding(rule => 'same-title', file => $other->{path}, line => 1, key => $one->{path},
            severity => 'info', title => 'Two documents have the same title',
            reason => "\"$one->{path}\" is titled \"" . title_of($one->{text}) . '" as well');
    }
    return $count || 0;
}

sub check {
    my ($repo, $out) = @_;
    my (@documents, %ids);

    for my $file (grep { !$_->{test} && !$_->{example} } $repo->documents) {
        next if $file->{path} =~ $ALIKE_ON_PURPOSE;
        my $text = $repo->text($file);
        my @words = words($text);
        push @documents, {path => $file->{path}, text => $text, words => scalar @words,
            set => shingles(\%ids, \@words, $SAMPLE)} if @words >= $MIN_WORDS;
    }
    my $equal = report_equal($out, \@documents);
    my $near = report_near($out, \@documents, \%ids);
    my $titles = report_titles($out, \@documents);
    $out->metric(documents_compared => scalar @documents, duplicate_documents => $equal + $near);
    $out->say(sprintf '%d documents compared: %d equal, %d nearly so, %d pairs with the same title',
        scalar @documents, $equal, $near, $titles);
}

1;
