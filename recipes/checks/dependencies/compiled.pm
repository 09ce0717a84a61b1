# SPDX-License-Identifier: Apache-2.0
#
# cargo, go, maven and gradle: versions that nobody means, programs without a lock file, locks that
# disagree with their manifest, replacements that exist on one machine only.
package Kelp::Check::Dependencies::Compiled;
use strict;
use warnings;
use Kelp::Manifest qw(toml_tables go_requires text_of folder_of find_above report_duplicates
    report_lacking unpinned lockless check_manifests);

sub check_cargo {
    my ($state, $path) = @_;
    my $repo = $state->{repo};
    my $text = text_of($repo, $path);
    my $folder = folder_of($path);

    return if !defined $text;
    my @wanted =
        grep { $_->{table} =~ /(?:^|\.)(?:dev-|build-)?dependencies\z/ && length $_->{key} }
        toml_tables($text);
    return if !@wanted;
    $state->{manifests}++;
    for my $entry (@wanted) {
        my $why = $entry->{value} =~ /\A["']\*["']|version\s*=\s*["']\*["']/
            ? '"*" takes whatever is newest'
            : $entry->{value} =~ /\bgit\s*=/
            && $entry->{value} !~ /\b(?:rev|tag)\s*=/ ? 'a git branch takes the newest commit'
            : next;
        unpinned($state, file => $path, line => $entry->{line}, key => $entry->{key},
            title => "cargo: $entry->{key} is not pinned", reason => $why);
    }
    my $lock = find_above($repo, $folder, 'Cargo.lock');
    my $locked = defined $lock ? text_of($repo, $lock) : undef;
    if (!defined $lock && ($repo->paths->{"${folder}src/main.rs"} || $text =~ /^\[\[bin\]\]/m)) {
        lockless(
            $state, file => $path, key => 'cargo',
            title => 'cargo: a program without Cargo.lock',
            reason => 'each build may take other versions');
    }
    return if !defined $locked;
    my %versions;
    $versions{$1}{$2} = 1 while $locked =~ /^name = "([^"]+)"\s*\nversion = "([^"]+)"/mg;
    my %names =
        map { ($_->{value} =~ /\bpackage\s*=\s*"([^"]+)"/ ? $1 : $_->{key} =~ s/\..*//r) => 1 }
        @wanted;
    # Workspaces may leave a folder out, and then its lock is its own.
    report_lacking($state, 'cargo', $path, $lock,
        grep { !$versions{$_} && !$versions{tr/_/-/r} } keys %names)
        if folder_of($lock) eq $folder;
    report_duplicates($state, 'cargo', $lock, \%versions) if folder_of($lock) eq $folder;
}

sub check_go {
    my ($state, $path) = @_;
    my $repo = $state->{repo};
    my $text = text_of($repo, $path);
    my $folder = folder_of($path);

    return if !defined $text;
    my ($requires, $replaces) = go_requires($text);
    $state->{manifests}++ if @$requires;
    for my $entry (@$replaces) {
        # Inside of the repository, it is a module beside this one.
        next if $entry->{with} =~ m{\A\./} || ($entry->{with} =~ m{\A\.\./} && $folder ne '');
        $state->{out}->finding(
            rule => 'local-replace', file => $path, line => $entry->{line}, severity => 'medium',
            title => "go: $entry->{path} is replaced by a folder of one machine",
            reason => "\"$entry->{with}\" is not in the repository");
    }
    my %replaced = map { $_->{path} => 1 } @$replaces;
    my @outside = grep { !$replaced{$_->{path}} } @$requires;
    return if !@outside;
    my $sum = text_of($repo, "${folder}go.sum");
    if (!defined $sum) {
        return if $repo->paths->{"${folder}vendor/"} || $repo->paths->{"${folder}go.work.sum"};
        lockless(
            $state, file => $path, key => 'go',
            title => 'go: there is no go.sum',
            reason => 'nothing proves that the modules are the same tomorrow');
        return;
    }
    my %sums = map { $_ => 1 } $sum =~ m{^(\S+ v\S+?)(?:/go\.mod)? h1:}mg;
    my %redirected = map { $_ => 1 } $text =~ /^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s+=>/mg;
    report_lacking($state, 'go', $path, "${folder}go.sum", map { "$_->{path} $_->{version}" }
        grep { !$sums{"$_->{path} $_->{version}"} && !$redirected{$_->{path}} } @outside);
}

sub check_maven {
    my ($state, $path) = @_;
    my $text = text_of($state->{repo}, $path);

    return if !defined $text;
    $state->{manifests}++ if $text =~ /<dependency>/;
    $text =~ s/(<!--.*?-->)/$1 =~ tr{\n}{ }cr/gse;
    while ($text =~ m{<(?:dependency|plugin)>(.*?)</(?:dependency|plugin)>}gs) {
        my ($inner, $at) = ($1, $-[1]);
        my ($name) = $inner =~ m{<artifactId>\s*([^<\s]+)} or next;
        my ($version) = $inner =~ m{<version>\s*([^<\s]+)} or next;
        my $why = $version =~ /\A(?:LATEST|RELEASE)\z/ ? "\"$version\" takes whatever is newest"
            : $version =~ /\A[\[(]/ ? "the range \"$version\" takes other versions with time"
            : $version =~ /-SNAPSHOT\z/ ? "\"$version\" changes under its name"
            : next;
        unpinned(
            $state, file => $path, line => 1 + (substr($text, 0, $at) =~ tr/\n//),
            severity => $version =~ /SNAPSHOT/ ? 'low' : 'medium', key => $name,
            title => "maven: $name is not pinned", reason => $why);
    }
}

sub check_gradle {
    my ($state, $path) = @_;
    my $text = text_of($state->{repo}, $path);

    return if !defined $text;
    $state->{manifests}++ if $text =~ /^\s*dependencies\s*\{/m;
    my $number = 0;
    for my $line (split /\n/, $text) {
        $number++;
        next if $line =~ m{^\s*(?://|\*)}
            || $line !~ /["'][\w.-]+:([\w.-]+):((?:\d[\w.]*\.)?\+|latest\.\w+|[\[(][^"']+)["']/;
        unpinned(
            $state, file => $path, line => $number, key => $1,
            title => "gradle: $1 is not pinned", reason => "\"$2\" takes whatever is newest");
    }
}

sub check {
    my ($repo, $out) = @_;

    check_manifests($repo, $out, 'compiled',
        [qr{(?:^|/)Cargo\.toml\z}, \&check_cargo], [qr{(?:^|/)go\.mod\z}, \&check_go],
        [qr{(?:^|/)pom\.xml\z}, \&check_maven],
        [qr{(?:^|/)build\.gradle(?:\.kts)?\z}, \&check_gradle]);
}

1;
