# SPDX-License-Identifier: Apache-2.0
#
# What one agent found: collected here, bounded, ordered by severity, and written as the result
# file that the engine reads.
#
#   my $out = Kelp::Result->new($repo, dimension => 'security', agent => 'security/secrets');
#   $out->finding(rule => 'aws-key', file => $path, line => 3, severity => 'high',
#       title => '...', reason => '...');      optional: tool, weight (order), key (identity)
#   $out->metric(secrets => 4);
#   $out->used('gitleaks'); $out->lacked('gitleaks');
#   $out->worst(20, {rule => ...}, ...);      the weightiest 20 findings of many
#   $out->say('4 possible secrets in 120 files');
#   $out->follow_up('Rotate the key in ...');
#   $out->write($path);
#
# A finding's `id` is made of dimension, rule, file and key, so that the same finding has the same
# id in every run; its `mark` is a sum of the line's text, so that a later agent can tell whether
# the line is still what it was.
package Kelp::Result;
use strict;
use warnings;
use Exporter 'import';
use Kelp::Json qw(encode clean);

our @EXPORT_OK = qw(counted);

our @SEVERITIES = qw(high medium low info);
my %RANK = map { $SEVERITIES[$_] => $_ } 0 .. $#SEVERITIES;
my $DEFAULT_LIMIT = 40;
my $MAX_TEXT = 400;
my $MAX_PATH = 4096;

sub new {
    my ($class, $repo, %options) = @_;

    return bless {
        repo => $repo, limit => $DEFAULT_LIMIT, findings => [], metrics => {},
        said => [], used => {}, lacked => {}, follow_up => [], status => 'ok', left_out => 0,
        %options}, $class;
}

# FNV-1a, 32 bits: enough to tell findings of one file apart.
sub sum {
    my ($bytes) = @_;
    my $hash = 2166136261;

    utf8::encode($bytes) if utf8::is_utf8($bytes);
    for my $byte (unpack 'C*', $bytes) {
        $hash = (($hash ^ $byte) * 16777619) & 0xffffffff;
    }
    return sprintf '%08x', $hash;
}

sub mark_of {
    my ($line) = @_;

    return '' if !defined $line;
    $line =~ s/\s+/ /g;
    return sum(substr $line, 0, 500);
}

sub rank { return $RANK{$_[0]} }

sub shorten {
    my ($text, $max) = @_;

    $text = clean($text);
    $text =~ s/\s+/ /g;
    return $text if length $text <= $max;
    $text = substr $text, 0, $max - 3;
    return clean($text =~ s/[\xc0-\xff][\x80-\xbf]*\z//r) . '...';
}

sub finding {
    my ($self, %finding) = @_;

    die "a finding without '$_'\n"
        for grep { !defined $finding{$_} } qw(rule severity title reason);
    die "unknown severity '$finding{severity}'\n" if !exists $RANK{$finding{severity}};
    push @{$self->{findings}}, {file => '', line => 0, tool => 'kelp', weight => 0,
        dimension => $self->{dimension}, %finding};
}

# The weightiest of many findings of a kind: a list of all of them is not read.
sub worst {
    my ($self, $max, @found) = @_;

    @found = sort { order($a, $b) } @found;
    if (@found > $max) {
        $self->leave_out(@found - $max);
        $#found = $max - 1;
    }
    $self->finding(%$_) for @found;
}

# counted(1, 'change') is "1 change".
sub counted {
    my ($count, $noun) = @_;

    return "$count $noun" . ($count == 1 ? '' : 's');
}

sub metric { my ($self, %metrics) = @_; $self->{metrics}{$_} = $metrics{$_} for keys %metrics }
sub leave_out { my ($self, $count) = @_; $self->{left_out} += $count }
sub used { $_[0]{used}{$_[1]} = 1 }
sub lacked { $_[0]{lacked}{$_[1]} = 1 }

# "1 dead links" is read as "1 dead link".
sub say {
    my ($self, $text) = @_;

    $text =~ s/(?<![\d.])1 ((?:[a-z-]+ ){0,2}?[a-zA-Z]+?)s\b(?=[ ,;:)]|\z)/1 $1/g;
    push @{$self->{said}}, $text;
}

sub follow_up { push @{$_[0]{follow_up}}, $_[1] }
sub fail { my ($self, $why) = @_; $self->{status} = 'failed'; $self->{said} = [$why] }
sub findings { return @{$_[0]{findings}} }

# Prototyped, so that `sort` hands over what to compare whatever package it is called in.
sub order($$) {
    my ($one, $other) = @_;

    return $RANK{$one->{severity}} <=> $RANK{$other->{severity}}
        || ($other->{weight} || 0) <=> ($one->{weight} || 0) || $one->{file} cmp $other->{file}
        || ($one->{line} || 0) <=> ($other->{line} || 0) || $one->{title} cmp $other->{title};
}

sub sorted {
    my ($self) = @_;
    my %seen;

    $self->name_all;
    return grep { !$seen{$_->{id}}++ } sort order $self->findings;
}

# Each finding gets its id. Equal lines of one file are told apart by their order in it.
sub name_all {
    my ($self) = @_;
    my (%lines, @nameless);

    @nameless = sort { $a->{file} cmp $b->{file} || $a->{line} <=> $b->{line} }
        grep { !$_->{id} } $self->findings;
    for my $finding (@nameless) {
        my $id = $self->id_of($finding, 0);
        my $lines = $lines{$id} ||= {};
        my $before = $lines->{$finding->{line}} ||= 1 + keys %$lines;
        $finding->{id} = $before > 1 && !defined $finding->{key}
            ? $self->id_of($finding, $before) : $id;
    }
}

# Without a key, the text of the line is the finding's identity: it survives moves within a file.
# `before` tells equal lines of a file apart.
sub id_of {
    my ($self, $finding, $before) = @_;
    my $line = $finding->{line} ? $self->{repo}->line($finding->{file}, $finding->{line}) : undef;
    my $key = defined $finding->{key} ? $finding->{key}
        : defined $line ? mark_of($line) : $finding->{title};

    $key .= "\0$before" if $before;
    return join '.', $finding->{dimension}, $finding->{rule}, sum("$finding->{file}\0$key");
}

sub entry {
    my ($self, $finding) = @_;
    my $path = clean($finding->{file});
    my $line = $finding->{line} ? $self->{repo}->line($finding->{file}, $finding->{line}) : undef;
    my %entry = (map({ $_ => $finding->{$_} } qw(id dimension severity tool)),
        file => length $path > $MAX_PATH ? shorten($path, $MAX_PATH) : $path,
        line => \($finding->{line}),
        title => shorten($finding->{title}, 160), reason => shorten($finding->{reason}, $MAX_TEXT));

    $entry{mark} = defined $finding->{mark} ? $finding->{mark} : mark_of($line) if $finding->{line};
    return \%entry;
}

sub summary {
    my ($self, $left_out) = @_;
    my @parts = @{$self->{said}};
    my @lacked = sort keys %{$self->{lacked}};

    push @parts, "$left_out more left out" if $left_out;
    push @parts, 'used ' . join(', ', sort keys %{$self->{used}}) if %{$self->{used}};
    push @parts, 'lacked ' . join(', ', @lacked) if @lacked;
    return join('; ', @parts);
}

sub value {
    my ($self) = @_;
    my @sorted = $self->sorted;
    my $left_out = $self->{left_out};

    if (@sorted > $self->{limit}) {
        $left_out += @sorted - $self->{limit};
        splice @sorted, $self->{limit};
    }
    return {
        status => $self->{status}, agent => $self->{agent}, dimension => $self->{dimension},
        summary => shorten($self->summary($left_out), 600),
        metrics => {map { $_ => \($self->{metrics}{$_}) } keys %{$self->{metrics}}},
        findings => [map { $self->entry($_) } @sorted], left_out => \$left_out,
        tools => {used => [sort keys %{$self->{used}}], lacked => [sort keys %{$self->{lacked}}]},
        follow_up => [map { shorten($_, $MAX_TEXT) } @{$self->{follow_up}}],
    };
}

# Straight to the path: a sandbox may allow that file and nothing beside it, and the engine reads
# it only when the agent has ended.
sub write {
    my ($self, $path) = @_;
    my $text = encode($self->value) . "\n";

    if ($path eq '-') {
        print $text;
        return;
    }
    open my $out, '>:raw', $path or die "write '$path': $!\n";
    print {$out} $text or die "write '$path': $!\n";
    close $out or die "write '$path': $!\n";
}

1;
