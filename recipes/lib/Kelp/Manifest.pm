# SPDX-License-Identifier: Apache-2.0
#
# What the checks of dependencies share: readers of manifests that take text and give plain lists
# (they read what people write, not the whole of a format), and the findings that several of them
# make. Their $state is {repo, out, manifests, unpinned, lockless, stale, duplicates}.
package Kelp::Manifest;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(toml_tables requirement_lines go_requires line_of_text text_of folder_of
    find_above some report_duplicates report_lacking unpinned lockless check_manifests);

my $MANY_VERSIONS = 2;
my $MAX_NAMED = 6;

# The line of the first match of a pattern in a text, or 1.
sub line_of_text {
    my ($text, $pattern) = @_;

    return $text =~ /$pattern/m ? 1 + (substr($text, 0, $-[0]) =~ tr/\n//) : 1;
}

# [{table, key, value, line}] for each `key = value` of a TOML text; arrays may span lines.
sub toml_tables {
    my ($text) = @_;
    my @lines = split /\r?\n/, $text;
    my ($table, @entries) = ('');

    for (my $at = 0; $at < @lines; $at++) {
        my $line = $lines[$at];
        if ($line =~ /^\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$/) {
            $table = $1;
            push @entries, {table => $table, key => '', value => '', line => $at + 1};
        } elsif ($line =~ /^\s*["']?([\w.\/\@-]+)["']?\s*=\s*(.*)$/) {
            my ($key, $value, $first) = ($1, $2, $at + 1);
            $value .= "\n" . $lines[++$at]
                while $value =~ /^\s*[\[\{]/
                && !balanced($value)
                && $at < $#lines
                && $at - $first < 500;
            push @entries, {table => $table, key => $key, value => $value, line => $first};
        }
    }
    return @entries;
}

sub balanced {
    my ($value) = @_;

    $value =~ s/"(?:[^"\\]|\\.)*"|'[^']*'|#[^\n]*//g;
    return ($value =~ tr/[{//) <= ($value =~ tr/]}//);
}

# [{name, spec, line}] of a pip requirements file.
sub requirement_lines {
    my ($text) = @_;
    my @lines = split /\r?\n/, $text;
    my @found;

    for my $number (1 .. @lines) {
        my $line = $lines[$number - 1];
        next if $line !~ /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*([^#;]*)/
            || $line =~ m{^\s*(?:\S+://|\.)};
        my ($name, $spec) = (lc $1, $2);
        $name =~ s/[-_.]+/-/g;
        $spec =~ s/\\?\s+\z|\s--hash.*//g;
        push @found, {name => $name, spec => $spec, line => $number};
    }
    return @found;
}

# [{path, version, line}] of a go.mod, and what it replaces by a local folder.
sub go_requires {
    my ($text) = @_;
    my ($inside, @requires, @replaces) = ('');
    my @lines = split /\r?\n/, $text;

    for my $number (1 .. @lines) {
        my $line = $lines[$number - 1] =~ s{//.*}{}r;
        if ($line =~ /^\s*(require|replace|exclude|retract|tool)\s*\(/) { $inside = $1; next }
        if ($line =~ /^\s*\)/) { $inside = ''; next }
        my $word = $line =~ s/^\s*(require|replace)\s+// ? $1 : $inside;
        push @requires, {path => $1, version => $2, line => $number}
            if $word eq 'require' && $line =~ /^\s*(\S+)\s+(v\S+)/;
        push @replaces, {path => $1, with => $2, line => $number}
            if $word eq 'replace'
            && $line =~ m{^\s*(\S+)(?:\s+v\S+)?\s+=>\s+(\.{1,2}/\S*|/\S*)\s*$};
    }
    return (\@requires, \@replaces);
}

sub text_of {
    my ($repo, $path) = @_;
    my $file = $repo->file($path);

    return if !$file || $file->{kind} ne 'file';
    my $text = $repo->text($file);
    return $text if defined $text;
    # Lock files outgrow the limit that sources have.
    open my $in, '<:raw', $path or return;
    return defined read($in, $text, 32 << 20) ? $text : undef;
}

sub folder_of { my ($path) = @_; return $path =~ m{\A(.*/)} ? $1 : '' }

# A file beside the manifest, or in a folder above it (workspaces have one lock for all).
sub find_above {
    my ($repo, $folder, @names) = @_;

    while (1) {
        for my $name (@names) {
            return "$folder$name" if $repo->paths->{"$folder$name"};
        }
        last if $folder eq '';
        $folder =~ s{[^/]+/\z}{};
    }
    return;
}

sub some {
    my (@names) = @_;
    my $more = @names > $MAX_NAMED ? ' and ' . (@names - $MAX_NAMED) . ' more' : '';

    splice @names, $MAX_NAMED if @names > $MAX_NAMED;
    return join(', ', @names) . $more;
}

sub report_duplicates {
    my ($state, $kind, $lock, $versions) = @_;
    my @many = sort { keys %{$versions->{$b}} <=> keys %{$versions->{$a}} || $a cmp $b }
        grep { keys %{$versions->{$_}} >= $MANY_VERSIONS } keys %$versions;

    return if !@many;
    $state->{duplicates} += @many;
    $state->{out}->finding(
        rule => 'many-versions', file => $lock, severity => 'info', key => $kind,
        title => "$kind: "
            . @many
            . (@many == 1 ? ' package is' : ' packages are')
            . ' there in several versions',
        reason => some(map { "$_ (" . join(', ', sort keys %{$versions->{$_}}) . ')' } @many));
}

sub report_lacking {
    my ($state, $kind, $path, $lock, @names) = @_;

    return if !@names;
    $state->{stale}++;
    $state->{out}->finding(
        rule => 'stale-lock', file => $lock, key => $path, severity => 'medium',
        title => "$kind: the lock file does not agree with $path",
        reason => 'it lacks or has otherwise: ' . some(sort @names));
}

sub unpinned {
    my ($state, %finding) = @_;

    $state->{unpinned}++;
    $state->{out}->finding(rule => 'unpinned', severity => 'medium', %finding);
}

sub lockless {
    my ($state, %finding) = @_;

    $state->{lockless}++;
    $state->{out}->finding(rule => 'no-lock', severity => 'medium', %finding);
}

# Reads every manifest that one of the readers [pattern, function] is for, and sums up.
sub check_manifests {
    my ($repo, $out, $kind, @readers) = @_;
    my $state = {repo => $repo, out => $out,
        map { ($_ => 0) } qw(manifests unpinned lockless stale duplicates)};

    for my $file ($repo->files) {
        next if $file->{kind} ne 'file' || $file->{vendored} || $file->{test} || $file->{example}
            || $file->{path} =~ m{(?:^|/)templates?/};
        for my $reader (@readers) {
            $reader->[1]->($state, $file->{path}) if $file->{path} =~ $reader->[0];
        }
    }
    return $out->say("$kind: no manifests") if !$state->{manifests};
    $out->metric(
        "${kind}_manifests" => $state->{manifests}, "${kind}_unpinned" => $state->{unpinned},
        "${kind}_lockless" => $state->{lockless}, "${kind}_stale_locks" => $state->{stale},
        "${kind}_many_versions" => $state->{duplicates});
    $out->say(
        sprintf '%s: %d manifests, %d unpinned, %d without a lock, %d locks out of date, '
            . '%d packages in several versions', $kind,
        @$state{qw(manifests unpinned lockless stale duplicates)});
}

1;
