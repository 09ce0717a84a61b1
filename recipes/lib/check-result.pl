# SPDX-License-Identifier: Apache-2.0
#
# See check-result.sh.
use strict;
use warnings;
use Kelp::Json qw(decode clean);
use Kelp::Repo;
use Kelp::Result;

my $MAX_BYTES = 16 << 20;

sub load {
    my ($path) = @_;
    my $text = '';

    open my $in, '<:raw', $path or die "cannot read it: $!\n";
    read $in, $text, $MAX_BYTES or die "it is empty\n";
    die "it is not UTF-8\n" if clean($text) ne $text;
    my $value = decode($text);
    die "it is not an object\n" if ref $value ne 'HASH';
    return $value;
}

# The report of this orchestrator, else of any: checks run again on the whole when all is merged.
sub find_report {
    my ($dimension) = @_;
    my $folder = ($ENV{KELP_CONTEXT} || '') . '/results';
    my $own = $ENV{KELP_EXEC_ID} || '';
    my @found;

    opendir my $dir, $folder or die "there is no folder of results: '$folder'\n";
    for my $name (sort grep { /\.json\z/ } readdir $dir) {
        my $value = eval { load("$folder/$name") };
        next if !$value || ref $value->{agent} || ($value->{agent} || '') ne "report/$dimension";
        push @found,
            [index($name, "$own-") == 0 ? 1 : 0, (stat "$folder/$name")[9] || 0, "$folder/$name"];
    }
    die "no agent has reported on $dimension\n" if !@found;
    my ($best) = sort { $b->[0] <=> $a->[0] || $b->[1] <=> $a->[1] } @found;
    return $best->[2];
}

sub is_text { return defined $_[0] && !ref $_[0] && length $_[0] }
sub is_number { return ref $_[0] eq 'SCALAR' && ${$_[0]} =~ /\A-?\d/ }

sub check_finding {
    my ($finding, $seen, $paths) = @_;

    die "a finding is not an object\n" if ref $finding ne 'HASH';
    is_text($finding->{$_})
        or die "a finding without '$_'\n"
        for qw(id dimension severity title reason tool);
    my $id = $finding->{id};
    die "'$id' is there twice\n" if $seen->{$id}++;
    defined Kelp::Result::rank($finding->{severity})
        or die "'$id' has the severity '$finding->{severity}'\n";
    defined $finding->{file} && !ref $finding->{file} or die "'$id' has no 'file'\n";
    is_number($finding->{line}) && ${$finding->{line}} >= 0 or die "'$id' has no 'line'\n";
    my $file = $finding->{file};
    die "'$id' names '$file', which does not exist\n"
        if length $file && length $file < 4000 && !$paths->{$file} && !$paths->{"$file/"};
}

sub check {
    my ($path, $paths) = @_;
    my $value = load($path);
    my %seen;

    ($value->{status} || '') eq 'ok' or die "its status is not ok\n";
    is_text($value->{summary}) or die "it has no summary\n";
    ref $value->{metrics} eq 'HASH' or die "it has no metrics\n";
    is_number($value->{metrics}{$_})
        or die "the metric '$_' is no number\n"
        for sort keys %{$value->{metrics}};
    ref $value->{findings} eq 'ARRAY' or die "it has no findings\n";
    check_finding($_, \%seen, $paths) for @{$value->{findings}};
    my $count = $value->{metrics}{findings};
    my $left = is_number($value->{left_out}) ? ${$value->{left_out}} : 0;
    die "it counts $$count findings and has " . keys(%seen) . "\n"
        if defined $count && $$count != keys(%seen) + $left;
    return scalar keys %seen;
}

my $bad = 0;
my $repo = eval { Kelp::Repo->open } or die "check-result: $@";
my %paths = map { (clean($_) => 1) } keys %{$repo->paths};

if (!@ARGV) {
    print STDERR "check-result: name a dimension or a file\n";
    exit 2;
}
for my $what (@ARGV) {
    my ($path, $count);
    if (eval {
            $path = $what =~ m{[/.]} ? $what : find_report($what);
            $count = check($path, \%paths);
            1;
        }
    ) {
        print "$what: well formed, $count findings\n";
    } else {
        print STDERR "check-result: '$what': $@";
        $bad = 1;
    }
}
exit $bad;
