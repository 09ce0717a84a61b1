# SPDX-License-Identifier: Apache-2.0
#
# Test cases that assert nothing: they pass whatever the product does, unless it crashes. A case
# that calls a function of the tests which asserts is fine, and so is one that hands its test
# object on.
package Kelp::Check::Tests::Assertions;
use strict;
use warnings;
use Kelp::Code qw(blank functions);
use Kelp::TestCode qw(cases);

my $MAX_LISTED = 20;
my $ROUNDS = 3; # helpers that call helpers
# Words that assert in the frameworks we know, and names that helpers have everywhere.
my $ASSERTS =
    qr/assert|expect|should|verif|check|ensure|require[.(]|must|raises|throws|fail|panic|\bwarns\b
    |compare|match|equal|valid|\bis\(|\bok\(|\bend\(|done\(|deepEqual|thrown|\.unwrap\(|snapshot
    |approv|golden|doctest|crash|insta::|quickcheck|proptest|\?;|\.expect|subTest|parametriz|doTest
    |runTest|run_test|testdir|bench|\bcan_\w+\(|\btest[A-Z]\w*\(|\btest_\w+\(/xi;
# contextLoads(), can_import() and their like say in their name that to run is the test.
my $RUNS_IS_ENOUGH = qr/(?:\A|_)can_|load|start|smoke|import|compile|crash|does_?not
    |no_?(?:error|exception|panic)|main/xi;
my %OWN = (
    python => qr/\bassert\b|\bself\.\w*assert|\bpytest\.|\bmock\.|\bwith\b.*:|\braise\b/,
    go =>
        qr/\bt\.(?:Error|Fatal|Fail|Skip|Run|Log)|(?:[(,]\s*t\s*[,)])
        |\bassert\.|\brequire\.|\bpanic\(/x,
    rust => qr/\bassert|\bpanic!|\bunwrap|\bexpect|\?|unreachable!|should_panic|todo!/,
    js => qr/\bexpect\b|\bassert|\.should\b|\bdone\b|\bt\.\w+\(|\bcb\b|sinon|\bnext\b|\bthrow\b/,
);

# Names of functions in the tests that assert, also through each other.
sub asserting_helpers {
    my ($repo, @files) = @_;
    my (%body, %asserts);

    for my $file (@files) {
        my $text = $repo->text($file);
        my @lines = split /\n/, $text, -1;
        for my $function (@{functions(blank($text, $file->{family}), $file->{family})}) {
            next if $function->{last} > @lines;
            my $body = join "\n", @lines[$function->{first} - 1 .. $function->{last} - 1];
            $body{$function->{name}} .= $body;
        }
    }
    for (1 .. $ROUNDS) {
        for my $name (grep { !$asserts{$_} } keys %body) {
            $asserts{$name} = 1
                if $body{$name} =~ $ASSERTS || grep { $asserts{$_} } $body{$name} =~ /(\w+)\s*\(/g;
        }
    }
    return \%asserts;
}

sub asserts {
    my ($file, $case, $helpers) = @_;
    my $body = $case->{body} =~ s/\A[^\n({:]*\w+\s*//r; # its own name says nothing
    my $own = $OWN{$file->{family}};

    return 1
        if ($own && $body =~ $own)
        || ($case->{before} || '') =~ /expected|should_panic|raises|Timeout/;
    $body =~ s/\A\([^)]*\)// if $file->{family} eq 'go';
    return 1 if $body =~ $ASSERTS;
    return 1 if $case->{name} =~ $RUNS_IS_ENOUGH;
    return scalar grep { $helpers->{$_} } $body =~ /(\w+)\s*[(!]/g;
}

sub check {
    my ($repo, $out) = @_;
    my @files = grep { !$_->{example} } $repo->tests;
    my ($cases, @without, %helpers) = (0);

    for my $file (@files, grep { $_->{family} eq 'rust' } $repo->products) {
        for my $case (cases($file, $repo->text($file))) {
            $cases++;
            my $family = $file->{family};
            $helpers{$family} ||= asserting_helpers($repo, grep { $_->{family} eq $family } @files);
            next if asserts($file, $case, $helpers{$family}) || $case->{body} !~ /\S\s*[;\n)]/;
            push @without, {
                rule => 'no-assertion', file => $file->{path}, line => $case->{first},
                severity => 'low',
                key => $case->{name}, weight => $case->{last} - $case->{first},
                title => "The test \"$case->{name}\" asserts nothing",
                reason => 'nothing in it, nor in the functions that it calls, compares a result'};
        }
    }
    $out->worst($MAX_LISTED, @without);
    $out->metric(test_cases => $cases, tests_without_assertion => scalar @without);
    $out->say(sprintf '%d test cases read, %d assert nothing', $cases, scalar @without);
}

1;
