# SPDX-License-Identifier: Apache-2.0
#
# Functions that are long or hard to follow. Length counts lines with code; hardness is McCabe's
# number with a switch counted once. Tests and examples are not judged.
package Kelp::Check::CodeQuality::Functions;
use strict;
use warnings;
use Kelp::Code qw(blank functions decisions product);
use Kelp::Run qw(run have);

my %LONG = (low => 120, medium => 300);
my %HARD = (low => 30, medium => 75);
my $MIN_LINES = 40; # a short function with many conditions is a table of rules
my %BY_CTAGS = map { $_ => 1 } qw(lua ruby hash sql);
my $LIMIT_SECONDS = 8;
my $MAX_LISTED = 15;
my $QUICK_FILES = 60;
my $IS_TEST = qr/\A(?:[tT]est(?:_|[A-Z]|\z))|(?:_tests?|Tests?)\z/;

# Functions of languages that have no scanner here, from universal-ctags: path => [{...}].
sub ctags_functions {
    my ($out, @files) = @_;
    my %found;

    return \%found if !@files;
    if (!have('ctags')) {
        $out->lacked('universal-ctags');
        return \%found;
    }
    $out->used('universal-ctags');
    my @paths = grep { !/[\x00-\x1f]/ } map { $_->{path} } @files;
    my $done = run({limit => $LIMIT_SECONDS, input => join("\n", map { "./$_" } @paths) . "\n"},
        'ctags', '--options=NONE', '-f', '-', '--fields=neK', '--excmd=number', '-L', '-');
    for my $line (split /\n/, $done->{out}) {
        next if $line !~ m{\A([^\t]+)\t\./([^\t]+)\t\d+;"\t(?:function|method|singletonMethod)\b};
        my ($name, $path) = ($1, $2);
        my ($first, $last) = ($line =~ /\bline:(\d+)/, $line =~ /\bend:(\d+)/);
        push @{$found{$path}}, {name => $name, first => $first, last => $last} if $first && $last;
    }
    return \%found;
}

sub code_of {
    my ($lines, $function) = @_;

    return join "\n", grep { /\S/ } @$lines[$function->{first} - 1 .. $function->{last} - 1];
}

sub severity_of {
    my ($length, $hard) = @_;

    return 'medium' if $length > $LONG{medium} || ($hard > $HARD{medium} && $length > $MIN_LINES);
    return 'low' if $length > $LONG{low} || ($hard > $HARD{low} && $length > $MIN_LINES);
    return;
}

sub judge {
    my ($state, $file, $function, $lines) = @_;
    my $code = code_of($lines, $function);
    my $length = 1 + ($code =~ tr/\n//);
    my $hard = decisions($code, $file->{family});
    my $severity = severity_of($length, $hard) or return;

    # What has almost no decisions is a table or a list of steps: long, but easy.
    return if $hard * 20 < $length;
    $state->{long}++ if $length > $LONG{low};
    $state->{complex}++ if $hard > $HARD{low};
    push @{$state->{found}}, {
        rule => 'hard-function', file => $file->{path}, line => $function->{first},
        severity => $severity, key => $function->{name}, weight => $length + 4 * $hard,
        title => sprintf('%s() has %d lines and complexity %d', $function->{name}, $length, $hard),
        reason => $hard > $HARD{low}
        ? 'each path through it needs a test of its own; split what it decides'
        : 'it does not fit on a screen; name its parts as functions'};
}

sub check {
    my ($repo, $out) = @_;
    my @files = $repo->products;
    my $all = @files;
    if ($ENV{KELP_QUICK} && $all > $QUICK_FILES) {
        @files = sort { length $repo->text($b) <=> length $repo->text($a) } @files;
        splice @files, $QUICK_FILES;
    }
    my $by_ctags =
        $ENV{KELP_QUICK} ? {} : ctags_functions($out, grep { $BY_CTAGS{$_->{family}} } @files);
    my $state = {found => [], long => 0, complex => 0};
    my $count = 0;

    for my $file (@files) {
        my $blank = blank(product($repo->text($file), $file), $file->{family});
        my $functions = $BY_CTAGS{$file->{family}} ? $by_ctags->{$file->{path}} || []
            : functions($blank, $file->{family});
        next if !@$functions;
        my @lines = split /\n/, $blank, -1;
        $count += @$functions;
        judge($state, $file, $_, \@lines)
            for grep { $_->{last} <= @lines && $_->{name} !~ $IS_TEST } @$functions;
    }
    $out->worst($MAX_LISTED, @{$state->{found}});
    $out->metric(functions => $count, long_functions => $state->{long},
        complex_functions => $state->{complex});
    $out->say("$count functions: $state->{long} long, $state->{complex} complex"
        . (@files < $all ? " (in the $QUICK_FILES largest files)" : ''));
}

1;
