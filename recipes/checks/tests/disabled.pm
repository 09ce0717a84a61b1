# SPDX-License-Identifier: Apache-2.0
#
# Tests that are switched off, with how long they have been; and `only`, which switches off all
# others.
package Kelp::Check::Tests::Disabled;
use strict;
use warnings;
use Kelp::History;
use Kelp::TestCode qw(switched_off);

my $BLAME_SECONDS = 5;
my $MAX_LISTED = 25;
my $OLD_DAYS = 365;
my $RUNS_TESTS = qr{\A\.github/workflows/|(?:^|/)(?:Makefile|[Jj]ustfile|\.gitlab-ci\.yml)\z
    |\.sh\z}x;

sub age_of {
    my ($path, $line, $deadline) = @_;
    my $left = $deadline - time;

    return if $left <= 0 || $ENV{KELP_QUICK};
    my $days = Kelp::History::ages($path, [$line], $left < 2 ? $left : 2);
    return $days->{$line};
}

# Whether something in the repository runs Rust's ignored tests at times.
sub runs_ignored {
    my ($repo) = @_;

    for my $file (grep { $_->{path} =~ $RUNS_TESTS && $_->{kind} eq 'file' } $repo->files) {
        my $text = $repo->text($file);
        return 1 if defined $text && $text =~ /--(?:include-)?ignored\b/;
    }
    return 0;
}

sub finding {
    my ($file, $off, $days, $on_demand) = @_;
    my $since = defined $days ? ' for ' . Kelp::History::age($days) : '';
    my %place = (file => $file->{path}, line => $off->{line}, weight => $days || 0);

    return {
        rule => 'test-only', %place, severity => 'high',
        title => "Only some tests run: $off->{what}",
        reason => 'it switches off every other test of the file; it was likely left in by accident'}
        if $off->{kind} eq 'only';
    return {
        rule => 'test-expected-failure', %place, severity => 'info',
        title => "A test that is known to fail$since",
        reason => "$off->{what} says that the product is wrong there"} if $off->{kind} eq 'todo';
    return {
        rule => 'test-on-demand', %place, severity => 'info',
        title => 'A test that only runs when asked for',
        reason => "$off->{what}; a script here asks with --ignored"} if $on_demand;
    return {
        rule => 'test-disabled', %place, severity => ($days || 0) > $OLD_DAYS ? 'medium' : 'low',
        title => "A test is switched off$since: $off->{what}",
        reason => 'it neither tests nor says that it does not: repair it or remove it'};
}

sub check {
    my ($repo, $out) = @_;
    my $deadline = time + $BLAME_SECONDS;
    my ($ignored, %count, @found);

    for my $file ($repo->tests, grep { $_->{family} eq 'rust' } $repo->products) {
        next if $file->{example};
        for my $off (switched_off($file, $repo->text($file))) {
            $count{$off->{kind}}++;
            my $days = age_of($file->{path}, $off->{line}, $deadline);
            $ignored = runs_ignored($repo) if $file->{family} eq 'rust' && !defined $ignored;
            push @found, finding($file, $off, $days, $file->{family} eq 'rust' && $ignored);
        }
    }
    $out->worst($MAX_LISTED, @found);
    $out->metric(tests_disabled => $count{skip} || 0, tests_known_to_fail => $count{todo} || 0);
    $out->say(
        sprintf '%d tests switched off, %d known to fail%s', $count{skip} || 0, $count{todo} || 0,
        $count{only} ? ", $count{only} times only some run" : '');
}

1;
