# SPDX-License-Identifier: Apache-2.0
#
# npm and its relatives: versions that nobody means, lock files that lack, are of two kinds, or
# disagree with package.json, packages in several versions. A library leaves ranges open on purpose.
package Kelp::Check::Dependencies::Npm;
use strict;
use warnings;
use Kelp::Json qw(decode);
use Kelp::Manifest qw(line_of_text text_of folder_of find_above report_duplicates report_lacking
    unpinned lockless check_manifests);

my @NPM_LOCKS =
    qw(package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb);
my @NPM_KINDS = qw(dependencies devDependencies optionalDependencies);

sub npm_wanted {
    my ($manifest) = @_;
    my %wanted;

    for my $kind (@NPM_KINDS) {
        my $list = $manifest->{$kind};
        next if ref $list ne 'HASH';
        $wanted{$_} = {spec => $list->{$_}, kind => $kind}
            for grep { defined $list->{$_} && !ref $list->{$_} } keys %$list;
    }
    return \%wanted;
}

sub npm_unpinned {
    my ($state, $path, $text, $wanted) = @_;

    for my $name (sort keys %$wanted) {
        my ($spec, $kind) = @{$wanted->{$name}}{qw(spec kind)};
        my $why = $spec =~ /\A(?:\*|x|latest|next|>=?\s*\d[\d.]*|)\z/
            ? "\"$spec\" takes whatever is newest"
            : $spec =~ /\A(?:git\+|git:|github:|[\w-]+\/[\w.-]+(?:#|\z))/
            && $spec !~ /#(?:semver:|v?\d|[0-9a-f]{7,})/ ? "\"$spec\" takes the newest commit"
            : $spec =~ m{\Ahttp://} ? "\"$spec\" comes unencrypted"
            : next;
        unpinned(
            $state, file => $path, line => line_of_text($text, qr/"\Q$name\E"\s*:/),
            severity => $kind eq 'dependencies' ? 'medium' : 'low', key => $name,
            title => "npm: $name is not pinned", reason => $why);
    }
}

# The lock's own copy of the manifest (lockfileVersion 2 and 3), or what it resolved.
sub npm_lock_lacks {
    my ($repo, $lock, $folder, $wanted) = @_;
    my $text = text_of($repo, $lock);

    return if !defined $text;
    if ($lock =~ /(?:package-lock|npm-shrinkwrap)\.json\z/) {
        my $value = eval { decode($text) };
        return if ref $value ne 'HASH';
        my $packages = ref $value->{packages} eq 'HASH' ? $value->{packages} : undef;
        my $inner = substr $folder, length folder_of($lock);
        $inner =~ s{/\z}{};
        my $own = $packages ? $packages->{$inner} : undef;
        return grep { !$value->{dependencies}{$_} } keys %$wanted
            if !$packages && ref $value->{dependencies} eq 'HASH';
        return if ref $own ne 'HASH';
        my $locked = npm_wanted($own);
        return grep { !$locked->{$_} || $locked->{$_}{spec} ne $wanted->{$_}{spec} } keys %$wanted;
    }
    if ($lock =~ /yarn\.lock\z/) {
        return grep {
            my $spec = $wanted->{$_}{spec};
            $spec !~ /\A(?:workspace|link|file|portal|patch):/
                && $text !~ /(?:^|,\s*)"?\Q$_\E\@(?:npm:)?\Q$spec\E["',:]/m
        } keys %$wanted;
    }
    return if $lock !~ /pnpm-lock\.yaml\z/;
    return grep { $text !~ /^\s+['"]?\/?\Q$_\E['"]?[:\@]/m } keys %$wanted;
}

sub npm_duplicates {
    my ($state, $lock, $text) = @_;
    my $value = eval { decode($text) };
    my %versions;

    return if ref $value ne 'HASH' || ref $value->{packages} ne 'HASH';
    for my $place (keys %{$value->{packages}}) {
        my $entry = $value->{packages}{$place};
        next if $place !~ m{node_modules/((?:\@[^/]+/)?[^/]+)\z}
            || ref $entry ne 'HASH'
            || ref $entry->{version};
        $versions{$1}{$entry->{version}} = 1 if defined $entry->{version};
    }
    report_duplicates($state, 'npm', $lock, \%versions);
}

sub check_npm {
    my ($state, $path) = @_;
    my $repo = $state->{repo};
    my $text = text_of($repo, $path);
    my $manifest = defined $text ? eval { decode($text) } : undef;
    my $folder = folder_of($path);

    return if ref $manifest ne 'HASH';
    my $wanted = npm_wanted($manifest);
    return if !%$wanted;
    $state->{manifests}++;
    npm_unpinned($state, $path, $text, $wanted);
    my @locks = grep { $repo->paths->{"$folder$_"} } @NPM_LOCKS;
    my $lock = find_above($repo, $folder, @NPM_LOCKS);
    if (!$lock) {
        my $library =
            !ref $manifest->{private} && defined $manifest->{name} && defined $manifest->{version};
        lockless(
            $state, file => $path, key => 'npm', severity => $library ? 'info' : 'medium',
            title => 'npm: there is no lock file',
            reason => $library
            ? 'usual for a library, but its own tests then run with other versions each time'
            : 'each installation takes other versions');
        return;
    }
    $state->{out}->finding(
        rule => 'many-locks', file => $path, key => 'npm', severity => 'low',
        title => 'npm: two kinds of lock file: ' . join(', ', @locks),
        reason => 'they drift apart; keep one')
        if @locks > 1
        && "@locks" ne 'package-lock.json npm-shrinkwrap.json'
        && "@locks" ne 'bun.lock bun.lockb';
    report_lacking($state, 'npm', $path, $lock, npm_lock_lacks($repo, $lock, $folder, $wanted));
    my $lock_text =
        folder_of($lock) eq $folder && $lock =~ /\.json\z/ ? text_of($repo, $lock) : undef;
    npm_duplicates($state, $lock, $lock_text) if defined $lock_text;
}

sub check {
    my ($repo, $out) = @_;

    check_manifests($repo, $out, 'npm', [qr{(?:^|/)package\.json\z}, \&check_npm]);
}

1;
