# SPDX-License-Identifier: Apache-2.0
#
# What is fetched by a name that can change its meaning: base images, compose images, GitHub
# actions, submodules, system packages.
package Kelp::Check::Dependencies::References;
use strict;
use warnings;
use Kelp::Language qw(is_dockerfile);
use Kelp::Result qw(counted);

my $USES = qr{^\s*(?:-\s+)?uses:\s*["']?([\w.-]+/[\w./-]+)\@([^\s"'\#]+)};
my $COMPOSE = qr{(?:\A|/)(?:docker-)?compose[\w.-]*\.ya?ml\z};
my $WORKFLOW = qr{(?:\A|/)\.github/(?:workflows/[^/]+|actions/.*action)\.ya?ml\z|\Aaction\.ya?ml\z};
my $FIRST_PARTY = qr{\A(?:actions|github)/};

sub report {
    my ($state, %finding) = @_;

    $state->{count}++ if $finding{severity} ne 'info';
    $state->{out}->finding(%finding);
}

# Why an image's name does not say which image it is, with a severity.
sub image_doubt {
    my ($image) = @_;

    return if $image eq 'scratch' || $image =~ /\@sha256:/ || $image =~ /\$/;
    my ($tag) = $image =~ m{:([^:/]+)\z};
    return ('medium', 'without a tag it is whatever is newest') if !defined $tag;
    return ('medium', "\"$tag\" is whatever is newest")
        if $tag =~ /\A(?:latest|stable|edge|main|master|nightly)\z/;
    return 'info';
}

sub check_dockerfile {
    my ($state, $path, @lines) = @_;
    my (%stages, %default, @by_tag);

    for my $number (1 .. @lines) {
        my $line = $lines[$number - 1];
        $default{$1} = $2 if $line =~ /^\s*ARG\s+(\w+)=["']?([^"'\s]+)/i;
        if ($line =~ /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i) {
            my ($image, $stage) = ($1, $2);
            $image =~ s/\$\{?(\w+)(?::-[^}]*)?\}?/defined $default{$1} ? $default{$1} : '$'/ge;
            $state->{images}++;
            my ($severity, $why) = $stages{lc $image} ? () : image_doubt($image);
            $stages{lc $stage} = 1 if defined $stage;
            if (($severity || '') eq 'info') {
                push @by_tag, [$image, $number];
            } elsif ($severity) {
                report($state, rule => 'image', file => $path, line => $number, key => $image,
                    severity => $severity, title => "Base image is not pinned: $image",
                    reason => $why);
            }
        } elsif ($line =~ /\bapt(?:-get)?\s+(?:-\S+\s+)*install\b/ && !$state->{apt}{$path}++) {
            report(
                $state, rule => 'apt-unpinned', file => $path, line => $number, severity => 'info',
                key => 'apt',
                title => 'System packages without versions',
                reason => 'what the image holds depends on the day it is built'
            ) if $line !~ /\w=\d/;
        }
    }
    report_tags($state, $path, @by_tag) if @by_tag;
}

# Tags of images are common and seldom wrong: one finding a file.
sub report_tags {
    my ($state, $path, @by_tag) = @_;
    my %names = map { $_->[0] => 1 } @by_tag;

    report($state, rule => 'image', file => $path, line => $by_tag[0][1], severity => 'info',
        key => 'by-tag', title => counted(scalar keys %names, 'base image') . ' by tag: '
        . join(', ', sort keys %names),
        reason => 'a tag can be moved; a digest (@sha256:...) can not');
}

sub check_compose {
    my ($state, $path, @lines) = @_;

    for my $number (1 .. @lines) {
        next if $lines[$number - 1] !~ /^\s*(?:-\s+)?image:\s*["']?([^"'\s#]+)/;
        my $image = $1;
        $state->{images}++;
        my ($severity, $why) = image_doubt($image =~ s/\$\{\w+:-([^}]*)\}/$1/gr);
        report(
            $state, rule => 'image', file => $path, line => $number, severity => 'low',
            key => $image,
            title => "Image is not pinned: $image", reason => $why
        ) if $severity && $severity ne 'info';
    }
}

# uses: of one action in many workflows is one finding with the first place.
sub collect_actions {
    my ($state, $path, @lines) = @_;

    for my $number (1 .. @lines) {
        next if $lines[$number - 1] !~ $USES;
        my ($name, $version) = ($1, $2);
        $state->{actions}++;
        next if $version =~ /\A[0-9a-f]{40}\z/;
        push @{$state->{uses}{"$name\@$version"}}, [$path, $number];
    }
}

sub report_actions {
    my ($state) = @_;
    my @by_tag;

    for my $use (sort keys %{$state->{uses}}) {
        my ($name, $version) = split /\@/, $use, 2;
        my @places = @{$state->{uses}{$use}};
        my $branch = $version =~ /\A(?:main|master|develop|dev|trunk|latest|HEAD)\z/;
        if (!$branch && $name =~ $FIRST_PARTY) {
            push @by_tag, [$use, $places[0]];
            next;
        }
        report(
            $state, rule => 'action', file => $places[0][0], line => $places[0][1],
            severity => $branch ? 'medium' : 'low',
            key => $use,
            title => "Action by " . ($branch ? 'branch' : 'tag') . ": $use",
            reason => (
                $branch
                ? 'each run takes the newest commit of somebody else'
                : 'its owner can move the tag; a commit can not be moved')
                . (@places > 1 ? '; used in ' . @places . ' places' : ''));
    }
    report(
        $state, rule => 'action', file => $by_tag[0][1][0], line => $by_tag[0][1][1],
        severity => 'info', key => 'first-party',
        title => (@by_tag > 1 ? scalar @by_tag : 'One') . " of GitHub's own actions by tag",
        reason => join(', ', map { $_->[0] } @by_tag)) if @by_tag;
}

sub check_submodules {
    my ($state, $repo) = @_;
    my $file = $repo->file('.gitmodules');
    my $text = $file ? $repo->text($file) : undef;
    my %links = map { $_->{path} => 1 } grep { $_->{kind} eq 'module' } $repo->files;
    my ($number, %named) = (0);

    for my $line (split /\n/, defined $text ? $text : '') {
        $number++;
        my @place = (file => '.gitmodules', line => $number);
        if ($line =~ /^\s*path\s*=\s*(.*?)\s*$/) {
            $named{$1} = 1;
            report(
                $state, rule => 'submodule-gone', @place, severity => 'low',
                title => "Submodule \"$1\" is not in the tree",
                reason => 'remove its section from .gitmodules') if !$links{$1};
        } elsif ($line =~ m{^\s*url\s*=\s*((?:http|git)://(?!localhost)\S+)}) {
            report(
                $state, rule => 'submodule-insecure', @place, severity => 'medium',
                title => 'Submodule over an unencrypted address',
                reason => "$1 can be changed on its way; use https");
        }
    }
    for my $path (grep { !$named{$_} } sort keys %links) {
        report(
            $state, rule => 'submodule-nameless', file => $path, severity => 'medium',
            key => 'link',
            title => 'A commit of another repository without an address',
            reason => 'no section of .gitmodules names this path, so nobody else can fetch it');
    }
    $state->{submodules} = keys %links;
}

sub check {
    my ($repo, $out) = @_;
    my $state =
        {out => $out, uses => {}, apt => {}, map { ($_ => 0) } qw(count images actions submodules)};

    for my $file ($repo->files) {
        next if $file->{kind} ne 'file' || $file->{vendored} || $file->{test} || $file->{example};
        my $read = is_dockerfile($file->{path}) ? \&check_dockerfile
            : $file->{path} =~ $COMPOSE ? \&check_compose
            : $file->{path} =~ $WORKFLOW ? \&collect_actions
            : next;
        my $text = $repo->text($file);
        $read->($state, $file->{path}, split /\r?\n/, $text) if defined $text;
    }
    report_actions($state);
    check_submodules($state, $repo);
    $out->metric(
        base_images => $state->{images}, actions_used => $state->{actions},
        submodules => $state->{submodules},
        movable_references => $state->{count});
    $out->say(sprintf '%d images, %d uses of actions, %d submodules: %d by a name that can move',
        @$state{qw(images actions submodules count)});
}

1;
