# SPDX-License-Identifier: Apache-2.0
#
# What code there is: files and lines by language, what was left out and why, files that are
# longer than a reader can hold.
package Kelp::Check::CodeQuality::Survey;
use strict;
use warnings;
use Kelp::Code qw(uncomment);
use Kelp::Json qw(decode);
use Kelp::Run qw(run have);

my $LONG_FILE = 3000; # lines of code
my $MAX_LISTED = 5;
my $CLOC_SECONDS = 6;

sub code_lines {
    my ($text, $family) = @_;
    my $code = $ENV{KELP_QUICK} ? $text : uncomment($text, $family);
    my $lines = () = $code =~ /^.*\S/gm;

    return $lines;
}

# Total lines of code by cloc, where it is there: it knows more languages than we do.
sub cloc_lines {
    my ($out, $sources) = @_;

    return $out->lacked('cloc') if !have('cloc');
    my @paths = map { "./$_->{path}" } grep { $_->{path} !~ /[\x00-\x1f]/ } @$sources;
    my $done = run({limit => $CLOC_SECONDS, input => join("\n", @paths) . "\n"},
        'cloc', '--json', '--quiet', '--list-file=-');
    return $out->say("cloc was stopped after $CLOC_SECONDS s") if $done->{timed_out};
    my $value = eval { decode($done->{out}) };
    my $sum = ref $value eq 'HASH' ? $value->{SUM} : undef;
    return $out->lacked('cloc') if ref $sum ne 'HASH' || ref $sum->{code} ne 'SCALAR';
    $out->used('cloc');
    $out->metric(cloc_lines => ${$sum->{code}});
}

sub check {
    my ($repo, $out) = @_;
    my @sources = $repo->sources;
    my (%lines, $total, @long);

    for my $file (@sources) {
        my $lines = code_lines($repo->text($file), $file->{family});
        $lines{$file->{language}} += $lines;
        $total += $lines;
        next if $lines <= $LONG_FILE || $file->{test} || $file->{example};
        push @long, {rule => 'long-file', file => $file->{path}, severity => 'low', key => 'length',
            weight => $lines, title => "$lines lines of code in one file",
            reason =>
                'no reader holds so much at once; look for the ideas in it that could stand alone'};
    }
    $out->worst($MAX_LISTED, @long);
    cloc_lines($out, \@sources) if !$ENV{KELP_QUICK};
    my @top = sort { $lines{$b} <=> $lines{$a} || $a cmp $b } keys %lines;
    splice @top, 4 if @top > 4;
    my $skipped = $repo->skipped;
    my @skipped = map { "$skipped->{$_} $_" } sort keys %$skipped;
    $out->metric(source_files => scalar @sources, source_lines => $total || 0,
        long_files => scalar @long);
    $out->say(
        sprintf '%d sources, %d lines of code (%s)', scalar @sources, $total || 0,
        join(', ', map { "$_ $lines{$_}" } @top) || 'none');
    $out->say('not read: ' . join ', ', @skipped) if @skipped;
}

1;
