# SPDX-License-Identifier: Apache-2.0
#
# What tests there are: files, lines, how many lines of test for a line of product, what runs them,
# and whether anything runs them for each change.
package Kelp::Check::Tests::Survey;
use strict;
use warnings;
use Kelp::Result qw(counted);

# name, a path that shows it or a text in a build file
my @RUNNERS = (
    ['pytest', qr{(?:^|/)(?:pytest\.ini|conftest\.py)\z}], ['tox', qr{(?:^|/)tox\.ini\z}],
    ['jest', qr{(?:^|/)jest\.config\.\w+\z}], ['vitest', qr{(?:^|/)vitest\.config\.\w+\z}],
    ['mocha', qr{(?:^|/)\.mocharc\.\w+\z}], ['go test', qr{_test\.go\z}],
    ['cargo test', qr{(?:^|/)Cargo\.toml\z}],
    ['maven', qr{(?:^|/)pom\.xml\z}], ['gradle', qr{(?:^|/)build\.gradle(?:\.kts)?\z}],
    ['ctest', qr{(?:^|/)CTestTestfile\.cmake\z}], ['rspec', qr{(?:^|/)\.rspec\z}],
    ['phpunit', qr{(?:^|/)phpunit\.xml(?:\.dist)?\z}],
);
my @IN_TEXT = (
    [   qr{(?:^|/)(?:GNU)?[Mm]akefile(?:\.am|\.in)?\z}, qr/^(?:check|test)s?\s*:|^TESTS\s*\+?=/m,
        'make'],
    [qr{(?:^|/)meson\.build\z}, qr/^\s*test\(/m, 'meson test'],
    [qr{(?:^|/)CMakeLists\.txt\z}, qr/\badd_test\b|enable_testing/, 'ctest'],
    [qr{(?:^|/)package\.json\z}, qr/"test"\s*:\s*"(?!echo)/, 'npm test'],
    [qr{(?:^|/)(?:pyproject\.toml|setup\.cfg)\z}, qr/\bpytest\b/, 'pytest'],
);
my $CI = qr{\A(?:\.github/workflows/.*\.ya?ml|\.gitlab-ci\.yml|\.circleci/config\.yml|\.travis\.yml
    |azure-pipelines\.yml|Jenkinsfile|\.cirrus\.yml|appveyor\.yml|\.woodpecker.*|\.drone\.yml
    |\.builds/.*\.yml|\.ci/.*|bitbucket-pipelines\.yml)\z}x;
my $RUNS_TESTS = qr/\b(?:tests?|check|pytest|tox|nox|ctest|verify|rspec|phpunit|run-?tests?)\b/;

sub runners {
    my ($repo) = @_;
    my %found;

    for my $file (grep { !$_->{vendored} && $_->{kind} eq 'file' } $repo->files) {
        $found{$_->[0]} = 1 for grep { $file->{path} =~ $_->[1] } @RUNNERS;
        for my $known (grep { $file->{path} =~ $_->[0] } @IN_TEXT) {
            my $text = $repo->text($file);
            $found{$known->[2]} = 1 if defined $text && $text =~ $known->[1];
        }
    }
    return sort keys %found;
}

sub check_ci {
    my ($repo, $out) = @_;
    my @ci = grep { $_->{path} =~ $CI && $_->{kind} eq 'file' } $repo->files;
    my @testing = grep { my $text = $repo->text($_); defined $text && $text =~ $RUNS_TESTS } @ci;

    return if @testing;
    $out->finding(rule => 'tests-not-in-ci', severity => 'low', file => @ci ? $ci[0]{path} : '',
        key => 'ci', title => @ci ? 'CI runs no tests' : 'There is no CI that would run the tests',
        reason => @ci ? 'none of its files has a command that looks like one'
        : 'no configuration of a known CI service is in the repository');
}

sub lines_in {
    my ($repo, @files) = @_;
    my $lines = 0;

    for my $file (@files) {
        my $count = () = $repo->text($file) =~ /^.*\S/gm;
        $lines += $count;
    }
    return $lines;
}

sub check {
    my ($repo, $out) = @_;
    my @tests = $repo->tests;
    my @products = $repo->products;
    my ($test_lines, $product_lines) = (lines_in($repo, @tests), lines_in($repo, @products));
    # Rust's unit tests live in the sources.
    my $inline = grep { $_->{family} eq 'rust' && $repo->text($_) =~ /#\[cfg\(test\)\]/ } @products;
    my @runners = runners($repo);
    my $ratio = $product_lines ? $test_lines / $product_lines : 0;

    if (@products && !@tests && !$inline) {
        $out->finding(
            rule => 'no-tests', severity => $product_lines > 200 ? 'high' : 'medium', key => 'none',
            title => 'There are no tests',
            reason => counted(scalar @products, 'source') . " with $product_lines lines, "
                . 'and no file that a test runner would pick up');
    } elsif (@products) {
        check_ci($repo, $out);
    }
    $out->metric(test_files => scalar @tests, test_lines => $test_lines,
        product_lines => $product_lines);
    $out->say(
        sprintf '%d test files with %d lines for %d sources with %d lines (%.2f to 1)%s',
        scalar @tests,
        $test_lines, scalar @products, $product_lines, $ratio,
        $inline ? ", $inline sources test themselves" : '');
    $out->say('run by ' . join ', ', @runners) if @runners;
}

1;
