# SPDX-License-Identifier: Apache-2.0
#
# What shellcheck says of scripts: the warnings that point at a bug rather than at a habit.
package Kelp::Check::CodeQuality::Shellcheck;
use strict;
use warnings;
use Kelp::Analyser qw(by_changes in_batches);
use Kelp::Run qw(have);

my %BUGS = map { $_ => 1 } qw(
    1035 1037 1068 1069 1077 1097 2027 2045 2048 2050 2055 2057 2060 2061 2066 2067
    2068 2069 2070 2071 2072 2073 2074 2076 2077 2078 2081 2088 2092 2104 2105 2107 2108
    2109 2113 2114 2115 2124 2141 2142 2144 2145 2146 2152 2157 2168 2170 2172 2173 2179
    2183 2187 2190 2194 2195 2199 2202 2210 2213 2214 2218 2222 2242 2259 2260 2261 2281
    2284 2285 2286 2287 2288 2290 2294);

sub check {
    my ($repo, $out) = @_;
    my @paths = by_changes($repo, grep { $_->{family} eq 'shell' } $repo->products);
    my $count = 0;

    return $out->say('there are no shell scripts here') if !@paths;
    return $out->lacked('shellcheck') if !have('shellcheck');
    $out->used('shellcheck');
    my ($done, $output) = in_batches(\@paths, 8, 'shellcheck', '-f', 'gcc', '-S', 'warning', '--');
    for my $line (split /\n/, $output) {
        next if $line !~ m{\A\./(.+?):(\d+):\d+: (error|warning): (.*) \[SC(\d+)\]\z} || !$BUGS{$5};
        my ($path, $number, $severity, $message, $code) = ($1, $2, $3, $4, $5);
        $count++;
        $out->finding(
            rule => "shellcheck-SC$code", file => $path, line => $number, tool => 'shellcheck',
            severity => $severity eq 'error' ? 'medium' : 'low', title => $message,
            reason => "shellcheck's $severity SC$code; https://www.shellcheck.net/wiki/SC$code "
                . 'says why');
    }
    $out->metric(shellcheck_files => $done, shellcheck_findings => $count);
    $out->say(sprintf 'shellcheck: %d findings in %d of %d scripts', $count, $done, scalar @paths);
}

1;
