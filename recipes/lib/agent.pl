# SPDX-License-Identifier: Apache-2.0
#
# The embedded agents' entry point; see agent.sh for the words. Exit status: 0 with a result,
# 1 when the work failed (the result then says why), 2 for wrong usage.
use strict;
use warnings;
use Cwd ();
use Kelp::Dimension qw(dimensions quick_checks);
use Kelp::Repo;
use Kelp::Result;
use Kelp::Stage;

$ENV{LC_ALL} = 'C';
binmode STDOUT, ':raw';

sub usage {
    my ($what) = @_;

    print STDERR "agent.sh: $what\n",
        "hint: agent.sh check CHECK..., or research, verify, rank, report and a dimension: ",
        join(', ', dimensions()), "\n";
    exit 2;
}

# checks/security/secrets.pm is package Kelp::Check::Security::Secrets.
sub load_check {
    my ($recipes, $name) = @_;

    $name =~ m{\A[a-z]+(?:-[a-z]+)*/[a-z]+(?:-[a-z]+)*\z} && -f "$recipes/checks/$name.pm"
        or usage("no check '$name'");
    require "$recipes/checks/$name.pm";
    my $package = join '::', map { join '', map { ucfirst } split /-/ } split m{/}, $name;
    return "Kelp::Check::$package"->can('check') || die "check '$name' has no 'check'\n";
}

sub dimension_of {
    my ($name) = @_;

    defined $name && grep { $_ eq $name } dimensions() or usage("no dimension '"
        . (defined $name ? $name : '') . "'");
    return $name;
}

sub result_path {
    my $path = $ENV{KELP_RESULT};

    return '-' if !defined $path || !length $path;
    return $path =~ m{\A/} ? $path : Cwd::getcwd() . "/$path";
}

# Each word yields: dimension, agent's name, and what to do with a repository and a result.
sub plan {
    my ($recipes, $word, @names) = @_;

    usage('nothing to do') if !defined $word;
    if ($word eq 'check') {
        my @checks = map { load_check($recipes, $_) } @names or usage('which check?');
        my ($dimension) = $names[0] =~ m{\A([^/]+)/};
        return ($dimension, join('+', @names), sub { $_->(@_) for @checks });
    }
    my $dimension = dimension_of(@names);
    if ($word eq 'research') {
        my @checks = map { load_check($recipes, $_) } quick_checks($dimension);
        return ($dimension, "research/$dimension", sub { Kelp::Stage::research(\@checks, @_) });
    }
    my $stage = Kelp::Stage->can($word);
    usage("no '$word'") if $word !~ /\A(?:verify|rank|report)\z/;
    return ($dimension, "$word/$dimension", sub { $stage->(@_) });
}

my $recipes = Cwd::abs_path(shift @ARGV);
my $result = result_path();
my ($dimension, $agent, $work) = plan($recipes, @ARGV);
my $repo = eval { Kelp::Repo->open };
my $out = Kelp::Result->new($repo, dimension => $dimension, agent => $agent);

if (!$repo || !eval { $work->($repo, $out); 1 }) {
    my $why = $@ || 'unknown';
    $why =~ s/\s+\z//;
    $out = Kelp::Result->new($repo, dimension => $dimension, agent => $agent);
    $out->fail("$agent: $why");
}
$out->write($result);
print $out->value->{summary}, "\n" if $result ne '-';
exit($out->{status} eq 'ok' ? 0 : 1);
