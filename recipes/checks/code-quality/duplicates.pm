# SPDX-License-Identifier: Apache-2.0
#
# Blocks of code that stand in two places. Lines are compared without comments and spaces; blank
# lines, lone braces and imports do not count. Lines that occur once in the whole repository cannot
# be part of a copy, which is what makes this fast.
package Kelp::Check::CodeQuality::Duplicates;
use strict;
use warnings;
use Kelp::Code qw(uncomment product);

my $WINDOW = 10;        # lines that make a match
my $MIN_LINES = 18;     # shorter copies are not worth a finding
my $MEDIUM_LINES = 60;
my $MIN_DISTINCT = 0.6; # share of different lines: less is a table
my $MAX_WINDOWS = 1_500_000;
my $PLATFORM = qr/linux|darwin|macos|osx|windows|win(?:32|64)?|unix|posix|\w*bsd|dragonfly|sunos
    |solaris|aix|hpux|haiku|cygwin|mingw|android|ios|wasm|hurd|\w*x86\w*|amd64|arm\w*|sse\d*|avx\d*
    |neon|generic|unknown/xi;
my $NOT_COUNTED =
    qr/\A(?:[\W_]*|(?:import|include|\#\s*include|use|using|from|package|require|export)\b.*
    |else\W*|end\W*|fi|done|esac|break\W*|return\W*|try\W*|do|then|default\W*|continue\W*)\z/x;

# The lines of a file that count, as [line number, text without spaces].
sub lines_of {
    my ($repo, $file) = @_;
    my $number = 0;
    my @lines;

    for my $line (split /\n/, uncomment(product($repo->text($file), $file), $file->{family})) {
        $number++;
        $line =~ s/^\s+|\s+$//g;
        next if $line =~ $NOT_COUNTED;
        $line =~ s/\s+//g;
        push @lines, [$number, $line];
    }
    return \@lines;
}

# Each line's text becomes a number; texts that occur once become 0.
sub intern {
    my ($files) = @_;
    my (%times, %ids);

    for my $file (@$files) {
        $times{$_->[1]}++ for @{$file->{lines}};
    }
    for my $file (@$files) {
        $file->{ids} =
            [map { $times{$_->[1]} > 1 ? ($ids{$_->[1]} ||= 1 + keys %ids) : 0 } @{$file->{lines}}];
        $file->{numbers} = [map { $_->[0] } @{$file->{lines}}];
        delete $file->{lines};
    }
}

# The copy that begins at two places, as long as it goes.
sub extend {
    my ($one, $i, $other, $j) = @_;
    my $length = 0;
    my $same = $one == $other;

    while ($i + $length < @{$one->{ids}} && $j + $length < @{$other->{ids}}) {
        my $id = $one->{ids}[$i + $length];
        last if !$id || $id != $other->{ids}[$j + $length] || ($same && $i + $length >= $j);
        $length++;
    }
    return $length;
}

sub is_table {
    my ($file, $from, $length) = @_;
    my %distinct = map { $_ => 1 } @{$file->{ids}}[$from .. $from + $length - 1];

    return keys(%distinct) < $MIN_DISTINCT * $length;
}

# All copies: the first place of a window is remembered, and a later one is compared with it.
sub copies {
    my ($files) = @_;
    my ($kept, %first, @copies) = (0);

    for my $at (0 .. $#$files) {
        my ($file, $run, $j) = ($files->[$at], 0, 0);
        my $ids = $file->{ids};
        my $skip_to = 0;
        for my $end (0 .. $#$ids) {
            $run = $ids->[$end] ? $run + 1 : 0;
            $j = $end - $WINDOW + 1;
            next if $run < $WINDOW || $j < $skip_to;
            my $key = pack 'N*', @$ids[$j .. $end];
            my $seen = $first{$key};
            if (!defined $seen) {
                $first{$key} = [$at, $j] if $kept++ < $MAX_WINDOWS;
                next;
            }
            my $one = $files->[$seen->[0]];
            my $length = extend($one, $seen->[1], $file, $j);
            next if $length < $WINDOW;
            $skip_to = $j + $length;
            push @copies, {one => $one, i => $seen->[1], other => $file, j => $j, length => $length}
                if $length >= $MIN_LINES && !is_table($file, $j, $length);
        }
    }
    return @copies;
}

# forkpty-aix.c and forkpty-sunos.c; binding.go and binding_nomsgpack.go, which a build tag chooses.
sub is_other_platform {
    my ($one, $other) = @_;

    return 0 if ($one =~ s{[^/]*\z}{}r) ne ($other =~ s{[^/]*\z}{}r);
    my ($a, $b) = map { m{([^/]+?)\.\w+\z} ? $1 : $_ } $one, $other;
    return 1 if $one =~ /\.go\z/ && (index($a, "${b}_") == 0 || index($b, "${a}_") == 0);
    my @common = map { s/[-_.](?:$PLATFORM)(?:[-_.]\w+)*\z//r } $a, $b;
    return $common[0] eq $common[1] && $a ne $common[0] && $b ne $common[1];
}

# Copies for another platform or version stand side by side on purpose.
sub is_deliberate {
    my ($one, $other) = @_;

    return 0 if $one eq $other;
    return 1 if is_other_platform($one, $other);
    my ($a, $b) = map { s{[^/]*\z}{}r } $one, $other;
    my ($name_a, $name_b) = map { m{([^/]+)\z} } $one, $other;
    return $a ne $b && $name_a eq $name_b && $one =~ /\d/ && $other =~ /\d/;
}

sub check {
    my ($repo, $out) = @_;
    my @files = map { {path => $_->{path}, family => $_->{family}, lines => lines_of($repo, $_)} }
        $repo->products;
    my ($count, $lines) = (0, 0);

    intern(\@files);
    for my $copy (copies(\@files)) {
        my ($one, $other, $i, $j, $length) = @$copy{qw(one other i j length)};
        # Where the languages differ, one is made from the other.
        next if is_deliberate($one->{path}, $other->{path}) || $one->{family} ne $other->{family};
        my ($from, $to) = ($one->{numbers}[$i], $one->{numbers}[$i + $length - 1]);
        my $place = $one == $other ? "lines $from to $to" : "\"$one->{path}\" lines $from to $to";
        $count++;
        $lines += $length;
        $out->finding(
            rule => 'duplicate-code', file => $other->{path}, line => $other->{numbers}[$j],
            severity => $length >= $MEDIUM_LINES ? 'medium' : 'low', weight => $length,
            title => "$length lines of code are a copy", reason => "the same stands in $place; "
            . 'a fix in one is missed in the other');
    }
    $out->metric(duplicate_blocks => $count, duplicate_lines => $lines);
    $out->say(sprintf '%d duplicated blocks, %d lines, in %d sources', $count, $lines,
        scalar @files);
}

1;
