# SPDX-License-Identifier: Apache-2.0
#
# Python: requirements that are not pinned, or twice; pyproject.toml and its lock file.
package Kelp::Check::Dependencies::Python;
use strict;
use warnings;
use Kelp::Manifest qw(toml_tables requirement_lines line_of_text text_of folder_of find_above some
    report_lacking unpinned check_manifests);

sub check_requirements {
    my ($state, $path) = @_;
    my $text = text_of($state->{repo}, $path);

    return if !defined $text;
    my @lines = requirement_lines($text);
    return if !@lines;
    $state->{manifests}++;
    my (%spec, @loose);
    for my $entry (@lines) {
        my $known = $spec{$entry->{name}};
        $state->{out}->finding(
            rule => 'twice', severity => 'medium', file => $path, line => $entry->{line},
            key => $entry->{name}, title => "pip: $entry->{name} is required twice",
            reason => "here \"$entry->{spec}\", in line $known->{line} \"$known->{spec}\"")
            if $known
            && $known->{spec} ne $entry->{spec}
            && $text !~ /;\s*(?:python_version|sys_platform|platform_)/;
        $spec{$entry->{name}} ||= $entry;
        push @loose, $entry->{name} if $entry->{spec} !~ /===?|~=|\@/;
    }
    $state->{out}->finding(
        rule => 'insecure-index', file => $path,
        line => line_of_text($text, qr{^[ \t]*(?:-i|--(?:extra-)?index-url)[ \t=]+http://}m),
        severity => 'medium', title => 'pip: packages come unencrypted',
        reason => 'the index is an http:// address'
    ) if $text =~ m{^\s*(?:-i|--(?:extra-)?index-url)[\s=]+http://(?!localhost|127\.)}m;
    # A .in file is what a pinned list is made from.
    return if !@loose || $path =~ /\.in\z/ || $state->{repo}->paths->{$path =~ s/\.txt\z/.in/r};
    $state->{unpinned} += @loose;
    $state->{out}->finding(rule => 'unpinned', file => $path, line => 1, key => 'pip', severity =>
        $path =~ m{(?:^|/)(?:docs?|dev|tests?)|[-_](?:dev|test|docs?|lint)} ? 'info' : 'low',
        title => sprintf('pip: %d of %d requirements are not pinned', scalar @loose, scalar @lines),
        reason => some(@loose));
}

sub python_names {
    my (@entries) = @_;
    my %names;

    for my $entry (@entries) {
        if ($entry->{table} eq 'project' && $entry->{key} eq 'dependencies') {
            $names{lc($1) =~ s/[-_.]+/-/gr} = $entry->{line}
                while $entry->{value} =~ /["']([A-Za-z0-9][\w.-]*)/g;
        } elsif ($entry->{table} =~ /\Atool\.poetry\.(?:group\.[\w-]+\.)?(?:dev-)?dependencies\z/
            && length $entry->{key}) {
            $names{lc($entry->{key}) =~ s/[-_.]+/-/gr} = $entry->{line}
                if $entry->{key} ne 'python';
        }
    }
    return \%names;
}

sub check_pyproject {
    my ($state, $path) = @_;
    my $repo = $state->{repo};
    my $text = text_of($repo, $path);

    return if !defined $text;
    my @entries = toml_tables($text);
    my $names = python_names(@entries);
    return if !%$names;
    $state->{manifests}++;
    for my $entry (
        grep { $_->{table} =~ /\Atool\.poetry\..*dependencies\z/ && $_->{value} =~ /\A["']\*["']/ }
        @entries) {
        unpinned($state, file => $path, line => $entry->{line}, key => $entry->{key},
            title => "pip: $entry->{key} is not pinned", reason => '"*" takes whatever is newest');
    }
    my $lock = find_above($repo, folder_of($path), qw(poetry.lock uv.lock pdm.lock));
    my $locked = defined $lock ? text_of($repo, $lock) : undef;
    return if !defined $locked;
    my %locked = map { (lc($_) =~ s/[-_.]+/-/gr) => 1 } $locked =~ /^name = "([^"]+)"/mg;
    report_lacking($state, 'pip', $path, $lock, grep { !$locked{$_} } keys %$names);
}

sub check {
    my ($repo, $out) = @_;

    check_manifests(
        $repo, $out, 'python',
        [
        qr{(?:^|/)(?:requirements[^/]*|constraints)\.(?:txt|in)\z|(?:^|/)requirements/[^/]+\.txt\z},
            \&check_requirements],
        [qr{(?:^|/)pyproject\.toml\z}, \&check_pyproject]);
}

1;
