# SPDX-License-Identifier: Apache-2.0
#
# The agents that work on other agents' results instead of on files: research merges quick checks,
# verify drops what does not hold, rank orders by how often a file changes, report closes.
#
# Earlier results are `$KELP_CONTEXT/results/<exec_id>-w<wave>-<agent>.json`, where the agent is an
# instance ("I3") or a number and an instance. Only those of this agent's own orchestrator count,
# and in them only findings of this dimension, because under the pattern `waves` all six dimensions
# share one orchestrator.
package Kelp::Stage;
use strict;
use warnings;
use Kelp::History;
use Kelp::Json qw(decode clean);
use Kelp::Result;

my $MAX_RESULT_BYTES = 16 << 20;
my $REPORT_LIMIT = 60;
my $RESEARCH_LIMIT = 12;
my $MAX_DRIFT = 40; # lines that a finding may have moved

sub read_result {
    my ($path) = @_;

    my $text = '';

    open my $in, '<:raw', $path or return;
    my $value = read($in, $text, $MAX_RESULT_BYTES) ? eval { decode($text) } : undef;
    return ref $value eq 'HASH' ? $value : undef;
}

# "I10" comes after "I9".
sub by_number {
    my ($one, $other) = map { [/(\d+)/g] } @_;

    while (@$one && @$other) {
        my $order = shift(@$one) <=> shift @$other;
        return $order if $order;
    }
    return @$one <=> @$other || $_[0] cmp $_[1];
}

# {wave, agent, value} for each earlier result, by wave and agent; undef if there is no folder.
sub earlier_results {
    my ($dimension) = @_;
    my $folder = ($ENV{KELP_CONTEXT} || '') . '/results';
    my $id = $ENV{KELP_EXEC_ID} || '';
    my @found;

    opendir my $dir, $folder or return;
    for my $name (readdir $dir) {
        my ($from, $wave, $agent) = $name =~ /\A([^-]+)-w(\d+)-(.+)\.json\z/ or next;
        next if length $id && $from ne $id;
        my $value = read_result("$folder/$name") or next;
        $value = $value->{result} if ref $value->{result} eq 'HASH';
        push @found, {wave => $wave, agent => $agent, value => $value}
            if ($value->{dimension} || $dimension) eq $dimension;
    }
    return [sort { $a->{wave} <=> $b->{wave} || by_number($a->{agent}, $b->{agent}) } @found];
}

sub number { return ref $_[0] eq 'SCALAR' ? ${$_[0]} : 0 }

# One finding as read back from JSON, or nothing where it is not of the agreed form.
sub finding_of {
    my ($raw, $dimension) = @_;

    return if ref $raw ne 'HASH'
        || grep { !defined $raw->{$_} || ref $raw->{$_} } qw(id severity title reason);
    return if ($raw->{dimension} || '') ne $dimension
        || !defined Kelp::Result::rank($raw->{severity});
    my ($rule) = $raw->{id} =~ /\A[^.]+\.([^.]+)\./;
    return {%$raw, rule => $rule || 'other', file => defined $raw->{file} ? $raw->{file} : '',
        line => number($raw->{line}), tool => $raw->{tool} || 'kelp', weight => 0};
}

# Findings of those earlier results whose agent's name matches.
sub findings_from {
    my ($results, $dimension, $kinds) = @_;
    my (@findings, %seen, %tools, $left_out, $agents);

    for my $value (map { $_->{value} } @$results) {
        next if ($value->{agent} || '') !~ $kinds;
        $agents++;
        $left_out += number($value->{left_out});
        my $tools = ref $value->{tools} eq 'HASH' ? $value->{tools} : {};
        for my $kind (qw(used lacked)) {
            $tools{$kind}{$_} = 1 for ref $tools->{$kind} eq 'ARRAY' ? @{$tools->{$kind}} : ();
        }
        for my $raw (ref $value->{findings} eq 'ARRAY' ? @{$value->{findings}} : ()) {
            my $finding = finding_of($raw, $dimension) or next;
            push @findings, $finding if !$seen{$finding->{id}}++;
        }
    }
    return {findings => \@findings, tools => \%tools, left_out => $left_out || 0,
        agents => $agents || 0};
}

sub take_over {
    my ($out, $from) = @_;

    $out->used($_) for keys %{$from->{tools}{used}};
    $out->lacked($_) for keys %{$from->{tools}{lacked}};
}

sub research {
    my ($checks, $repo, $out) = @_;

    $ENV{KELP_QUICK} = 1;
    $out->{limit} = $RESEARCH_LIMIT;
    $_->($repo, $out) for @$checks;
    my %metrics = %{$out->{metrics}};
    # Totals add up metrics of one name over the whole run, and the full checks count again.
    $out->{metrics} = {map { ("research_$_" => $metrics{$_}) } grep { $metrics{$_} } keys %metrics};
    $out->metric(research_findings => scalar $out->sorted);
}

# Where the finding's line is now: its number, or 0 if the text is gone.
sub place_now {
    my ($lines, $finding) = @_;
    my ($line, $mark) = ($finding->{line}, $finding->{mark} || '');

    return $line if !length $mark && $line <= @$lines;
    for my $drift (0 .. $MAX_DRIFT) {
        for my $try ($line - $drift, $line + $drift) {
            return $try if $try >= 1 && $try <= @$lines
                && Kelp::Result::mark_of($lines->[$try - 1]) eq $mark;
        }
    }
    return 0;
}

# Why a finding does not hold any more, or ''.
sub refute {
    my ($repo, $finding, $raw_paths) = @_;
    my $path = $finding->{file};

    return '' if !length $path;
    $path = $raw_paths->{$path} if defined $raw_paths->{$path};
    $finding->{file} = $path;
    return 'gone' if !$repo->paths->{$path} && !$repo->paths->{"$path/"};
    return '' if !$finding->{line};
    my $file = $repo->file($path);
    my $text = $file && $repo->text($file);
    return '' if !defined $text && $file && $file->{kind} ne 'file';
    return 'gone' if !defined $text;
    my @lines = split /\n/, $text, -1;
    my $line = place_now(\@lines, $finding);
    return 'moved' if !$line;
    return 'waived' if $lines[$line - 1] =~ /kelp[-:]ignore\b/;
    $finding->{line} = $line;
    return '';
}

sub verify {
    my ($repo, $out) = @_;
    my $results = earlier_results($out->{dimension});
    my $from = findings_from($results || [], $out->{dimension}, qr{\A\Q$out->{dimension}\E/});
    my %raw_paths = map { (clean($_->{path}) => $_->{path}) } $repo->files;
    my (%dropped, %places);

    take_over($out, $from);
    $out->{limit} = 10 * $REPORT_LIMIT;
    for my $finding (sort Kelp::Result::order @{$from->{findings}}) {
        my $why = refute($repo, $finding, \%raw_paths);
        # Two tools that say the same of one line are one finding, the more severe one.
        my $place = "$finding->{file}\0$finding->{line}\0$finding->{rule}";
        my $first = $places{$place} ||= $finding->{tool};
        $why ||= 'duplicate' if $finding->{line} && $first ne $finding->{tool};
        $dropped{$why}++ if $why;
        $out->finding(%$finding) if !$why;
    }
    my $dropped = 0;
    $dropped += $_ for values %dropped;
    $out->metric(verified => scalar $out->findings, dropped => $dropped,
        unlisted => $from->{left_out});
    $out->say(
        $results
        ? sprintf(
            '%d of %d findings of %d agents hold', scalar $out->findings,
            scalar @{$from->{findings}}, $from->{agents})
        : 'there are no earlier results to verify');
    $out->say("dropped: " . join ', ', map { "$dropped{$_} $_" } sort keys %dropped) if $dropped;
}

# The newest list: a ranked one, else a verified one, else what the checks said.
sub newest {
    my ($dimension) = @_;
    my $results = earlier_results($dimension);

    for my $kinds (qr{\Arank/}, qr{\Averify/}, qr{\A\Q$dimension\E/}) {
        my $from = findings_from($results || [], $dimension, $kinds);
        return ($from, $results) if $from->{agents};
    }
    return (findings_from([], $dimension, qr/./), $results);
}

sub rank {
    my ($repo, $out) = @_;
    my ($from) = newest($out->{dimension});
    my $changes = Kelp::History::changes($repo);
    my @files = grep { length } map { $_->{file} } @{$from->{findings}};
    my ($hot) = sort { ($changes->{$b} || 0) <=> ($changes->{$a} || 0) || $a cmp $b } @files;

    take_over($out, $from);
    $out->{limit} = 10 * $REPORT_LIMIT;
    $out->finding(%$_, weight => $changes->{$_->{file}} || 0) for @{$from->{findings}};
    $out->metric(ranked => scalar @{$from->{findings}});
    $out->say(scalar(@{$from->{findings}}) . ' findings ranked by changes in the last '
        . Kelp::History::window() . ' commits');
    $out->say("most changed: $hot ($changes->{$hot} changes)") if defined $hot && $changes->{$hot};
}

sub place { my ($f) = @_; return $f->{line} ? "$f->{file}:$f->{line}" : $f->{file} }

sub report {
    my ($repo, $out) = @_;
    my ($from, $results) = newest($out->{dimension});
    my %count = map { ($_ => 0) } @Kelp::Result::SEVERITIES;
    my $position = @{$from->{findings}};

    take_over($out, $from);
    $out->{limit} = $REPORT_LIMIT;
    for my $finding (@{$from->{findings}}) {
        $count{$finding->{severity}}++;
        $out->finding(%$finding, weight => $position--); # the list comes in its order
    }
    my @sorted = $out->sorted;
    $out->metric(findings => scalar @sorted, map { ("findings_$_" => $count{$_}) } keys %count);
    $out->say($results ? headline($out->{dimension}, \%count, \@sorted)
        : 'there are no earlier results to report on');
    $out->follow_up(advice($_))
        for grep { $_->{severity} =~ /high|medium/ } @sorted[0 .. min(4, $#sorted)];
}

sub min { return $_[0] < $_[1] ? $_[0] : $_[1] }

sub advice {
    my ($finding) = @_;
    my $place = place($finding);

    return length $place ? "$finding->{title} ($place)" : $finding->{title};
}

sub headline {
    my ($dimension, $count, $sorted) = @_;
    my @parts = map { "$count->{$_} $_" } grep { $count->{$_} } @Kelp::Result::SEVERITIES;

    return "$dimension: no findings" if !@$sorted;
    return "$dimension: " . @$sorted . (@$sorted == 1 ? ' finding' : ' findings') . ' ('
        . join(', ', @parts) . ')' . ", first: " . advice($sorted->[0]);
}

1;
