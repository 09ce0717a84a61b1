# SPDX-License-Identifier: Apache-2.0
#
# Sources that no test names: neither the file or its module nor any function that it defines. Where
# tests drive the product from outside (a command's tests in shell, an HTTP server's), names say
# little; then one line says so instead of a list that would be wrong.
package Kelp::Check::Tests::Untested;
use strict;
use warnings;
use Kelp::Code qw(blank functions product);
use Kelp::History;
use Kelp::Language qw(stem_of);
use Kelp::Result qw(counted);

my $MIN_LINES = 40;         # smaller sources are tested by those who use them
my $MIN_FUNCTIONS = 2;
my $SAME_LANGUAGE = 0.2;    # lines of test for a line of product; below that they do not name it
my $MAX_LISTED = 20;
my $MOSTLY_NAMED = 0.75;    # when less is named, names do not tell much, and few are listed
my $FEW_LISTED = 5;
my $ENTRY = qr{(?:^|/)(?:main|__main__|__init__|index|mod|lib|setup|conftest|version|_version|types?
    |constants?|config|settings|app|cli|build|package-info|module-info|wsgi|asgi|manage|doc
    |errors?)\.\w+\z|\.config\.\w+\z}xi;
# Scripts of the project's own, which are tested by being run.
my $NOT_JUDGED = qr{(?:^|/)(?:scripts?|tools?|bin|docs?|build|ci|\.github|migrations?|hack)/
    |\Autils?/}xi;

sub words_of {
    my ($repo, @files) = @_;
    my %words;

    for my $file (@files) {
        my $text = $repo->text($file);
        $words{$1} = 1 while $text =~ /(\w{3,})/g;
        $words{$1} = 1 while $file->{path} =~ /([A-Za-z0-9]{3,})/g;
        # test_parser.py and parser_test.go name the parser.
        my $stem = stem_of($file->{path});
        $stem =~ s/\A(?:tests?|u|unit)[-_]|[-_.](?:tests?|spec)\z|(?:Tests?|Spec|IT)\z//gi;
        $words{$stem} = $words{"module $stem"} = 1;
    }
    return \%words;
}

# A source whose module has a test of its own: worker_clone.c is a part of what test_worker.c tests.
sub is_part {
    my ($file, $words) = @_;
    my $stem = stem_of($file->{path});

    while ($stem =~ s/[-_.][^-_.]+\z//) {
        return 1 if $words->{"module $stem"};
    }
    return 0;
}

# How a test would name a source: by its file, its module, or one of its functions or classes.
sub names_of {
    my ($repo, $file) = @_;
    my $stem = stem_of($file->{path});
    my $text = $repo->text($file);
    my $blank = blank(product($text, $file), $file->{family});
    my %names = map { $_->{name} => 1 } @{functions($blank, $file->{family})};

    $names{$1} = 1
        while $file->{language} ne 'C'
        && $blank =~
        /^[ \t]*(?:export\s+|public\s+|pub(?:\([^)]*\))?\s+|abstract\s+|final\s+|default\s+)*
        (?:class|interface|struct|enum|trait|type|def|record|object)\s+(\w{3,})/gmx;
    $names{$1} = 1 while $blank =~ /\b(?:exports|module\.exports|prototype)\.(\w{3,})\s*=/g;
    my $functions = keys %names;
    return ($functions, $stem, $stem =~ s/[-.]/_/gr,
        grep { length > 3 && !/\A(?:main|init|new|run|get|set|test)\z/ } keys %names);
}

sub is_candidate {
    my ($repo, $file) = @_;
    my $text = $repo->text($file);
    my $lines = () = $text =~ /^.*\S/gm;

    return 0
        if $lines < $MIN_LINES
        || $file->{path} =~ $ENTRY
        || $file->{path} =~ $NOT_JUDGED;
    return 0
        if $file->{family} =~ /\A(?:sql|hash|shell|lisp)\z/
        || $file->{path} =~ /\.(?:h|hh|hpp|d\.ts|pyi)\z/;
    return 0 if $file->{family} eq 'rust' && $text =~ /#\[cfg\(test\)\]|#\[test\]/;
    return $lines;
}

sub finding {
    my ($file, $lines, $changes, $sure) = @_;

    return {
        rule => 'untested-source', file => $file->{path}, key => '',
        weight => $lines * (1 + $changes),
        severity => $sure && $lines > 300 && $changes > 5 ? 'medium' : 'low',
        title => 'No test names this source',
        reason => "$lines lines, " . counted($changes, 'change') . ' in the last '
            . Kelp::History::window() . ' commits; no test names the file or what it defines'};
}

# Lines of tests and of products by language family. Rust's tests are in the sources.
sub lines_by_family {
    my ($repo) = @_;
    my (%tests, %products);

    for my $file ($repo->sources) {
        next if $file->{example};
        my $text = $repo->text($file);
        my $all = $text =~ tr/\n//;
        my $product = $file->{family} eq 'rust' ? product($text, $file) : $text;
        $product = $product =~ tr/\n//;
        ($file->{test} ? $tests{$file->{family}} : $products{$file->{family}}) += $all;
        $tests{$file->{family}} += $all - $product if !$file->{test};
    }
    return (\%tests, \%products);
}

# Languages whose tests are too few to name much: those products are tested from outside.
sub tested_from_outside {
    my ($repo) = @_;
    my ($tests, $products) = lines_by_family($repo);

    return {map { $_ => 1 }
            grep { ($tests->{$_} || 0) < $SAME_LANGUAGE * $products->{$_} } keys %$products};
}

sub check {
    my ($repo, $out) = @_;
    my @tests = $repo->tests;
    my $outside = tested_from_outside($repo);
    my ($named, $words, @silent) = (0);
    my @candidates = grep { is_candidate($repo, $_) } $repo->products;
    my @judged = grep { !$outside->{$_->{family}} } @candidates;

    for my $file (@judged) {
        $words ||= words_of($repo, @tests);
        my ($functions, @names) = names_of($repo, $file);
        if ($functions < $MIN_FUNCTIONS || is_part($file, $words) || grep { $words->{$_} } @names) {
            $named++;
        } else {
            push @silent, $file;
        }
    }
    my $changes = @silent ? Kelp::History::changes($repo) : {};
    my $sure = $named >= $MOSTLY_NAMED * @judged;
    $out->worst($sure ? $MAX_LISTED : $FEW_LISTED,
        map { finding($_, is_candidate($repo, $_), $changes->{$_->{path}} || 0, $sure) } @silent);
    my $unjudged = @candidates - @judged;
    my $outside_title = counted($unjudged, 'source') . ' can only be tested from outside';
    $out->finding(rule => 'tests-from-outside', severity => 'info', key => 'share',
        title => $outside_title,
        reason => 'there are few tests in their own language, so names do not tell what is tested; '
        . 'measure coverage instead') if $unjudged > 2 && @tests;
    $out->metric(sources_judged => scalar @judged, sources_without_test => scalar @silent);
    $out->say(@tests ? sprintf('tests name %d of %d sources', $named, scalar @judged)
        . ($unjudged ? "; $outside_title" : '')
        : 'there are no tests to name any of ' . @candidates . ' sources');
}

1;
