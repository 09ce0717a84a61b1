# SPDX-License-Identifier: Apache-2.0
#
# The six dimensions and which of their checks make up the quick look of wave 0.
package Kelp::Dimension;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(dimensions quick_checks);

my @QUICK = (
    documentation => [qw(survey links)],
    'code-quality' => [qw(survey functions)],
    tests => [qw(survey disabled)],
    security => [qw(secrets permissions workflows)],
    performance => [qw(survey loops)],
    dependencies => [qw(npm python compiled references)],
);
my %QUICK = @QUICK;

sub dimensions { return grep { !ref } @QUICK }
sub quick_checks { my ($name) = @_; return map { "$name/$_" } @{$QUICK{$name}} }

1;
