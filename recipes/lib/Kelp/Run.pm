# SPDX-License-Identifier: Apache-2.0
#
# Starting other programs: never through a shell, never without a time limit, with bounded output.
#
#   run({limit => seconds, input => bytes, max => bytes}, 'git', 'log', ...)
#       -> {exit => 0.. or -1, out => bytes, timed_out => 0 or 1}
#   have('cppcheck')   the program's path, or ''
#
# A program that is stopped by the limit leaves what it wrote until then.
package Kelp::Run;
use strict;
use warnings;
use Exporter 'import';
use IO::Select;
use POSIX ();
use Fcntl;

our @EXPORT_OK = qw(run have now);

my $MAX_OUTPUT = 64 << 20;

sub now {
    return time;
}

sub have {
    my ($name) = @_;

    for my $folder (split /:/, $ENV{PATH} || '/usr/bin:/bin') {
        next if $folder !~ m{\A/};
        return "$folder/$name" if -f "$folder/$name" && -x _;
    }
    return '';
}

sub run_child {
    my ($options, $in, $out, @command) = @_;

    POSIX::setpgid(0, 0);
    open STDIN, '<&', $in or POSIX::_exit(127);
    open STDOUT, '>&', $out or POSIX::_exit(127);
    open STDERR, '>', '/dev/null' or POSIX::_exit(127);
    $ENV{LC_ALL} = 'C';
    $ENV{GIT_TERMINAL_PROMPT} = 0;
    $ENV{GIT_FLUSH} = 1; # what git found before it is stopped is still worth having
    { no warnings 'exec'; exec { $command[0] } @command; }
    POSIX::_exit(127);
}

sub run {
    my ($options, @command) = @_;
    my $result = {exit => -1, out => '', timed_out => 0};

    pipe my $in_read, my $in_write or return $result;
    pipe my $out_read, my $out_write or return $result;
    my $pid = fork;
    return $result if !defined $pid;
    if (!$pid) {
        close $in_write;
        run_child($options, $in_read, $out_write, @command);
    }
    close $in_read;
    close $out_write;
    $result->{timed_out} = exchange($options, $result, $in_write, $out_read) ? 0 : 1;
    kill 'KILL', -$pid, $pid if $result->{timed_out};
    waitpid $pid, 0;
    $result->{exit} = $result->{timed_out} ? -1 : $? & 127 ? 128 + ($? & 127) : $? >> 8;
    return $result;
}

# Feeds the input and collects the output until it ends; false when time or room ran out.
sub exchange {
    my ($options, $result, $in, $out) = @_;
    my $deadline = time + ($options->{limit} || 30);
    my $max = $options->{max} || $MAX_OUTPUT;
    my $input = defined $options->{input} ? $options->{input} : '';
    my ($reads, $writes, $at) = (IO::Select->new($out), IO::Select->new, 0);

    local $SIG{PIPE} = 'IGNORE';
    length $input ? $writes->add($in) : close $in;
    fcntl $in, F_SETFL, O_NONBLOCK if $writes->count;
    while (time <= $deadline) {
        my ($readable, $writable) = IO::Select->select($reads, $writes, undef, 1);
        if ($writable && @$writable) {
            my $wrote = syswrite $in, $input, 65536, $at;
            $at += $wrote || 0;
            if ($at >= length $input || (!defined $wrote && !$!{EAGAIN})) {
                $writes->remove($in);
                close $in;
            }
        }
        next if !$readable || !@$readable;
        my $got = sysread $out, $result->{out}, 65536, length $result->{out};
        return 1 if !$got;
        return 0 if length $result->{out} > $max;
    }
    return 0;
}

1;
