# SPDX-License-Identifier: Apache-2.0
#
# What cppcheck says of C and C++: errors and warnings that it is sure of.
package Kelp::Check::CodeQuality::Cppcheck;
use strict;
use warnings;
use Kelp::Analyser qw(by_changes in_batches);
use Kelp::Run qw(have);

# What cppcheck says of its own limits, and what needs headers that it has not seen.
my %CPPCHECK_IGNORED = map { $_ => 1 }
    qw(syntaxError autoVariables unknownMacro missingInclude preprocessorErrorDirective
    internalAstError internalError cppcheckError uninitvar legacyUninitvar ctuuninitvar
    noValidConfiguration unknownEvaluationOrder unmatchedSuppression toomanyconfigs
    nullPointerRedundantCheck va_end_missing returnDanglingLifetime uninitStructMember
    ctunullpointer identicalConditionAfterEarlyExit AssignmentAddressToInteger
    CastAddressToIntegerAtReturn uselessAssignmentPtrArg invalidPrintfArgType_sint
    invalidPrintfArgType_uint);

sub check {
    my ($repo, $out) = @_;
    my @paths = by_changes($repo, grep { $_->{path} =~ /\.(?:c|cc|cpp|cxx)\z/ } $repo->products);
    my $count = 0;

    return $out->say('there is no C or C++ here') if !@paths;
    return $out->lacked('cppcheck') if !have('cppcheck');
    $out->used('cppcheck');
    my ($done, $output) = in_batches(
        \@paths, 1, 'sh', '-c', 'exec "$0" "$@" 2>&1 >/dev/null', 'cppcheck',
        '--quiet', '--enable=warning', '--inline-suppr', '--max-configs=1',
        '--suppress=missingInclude',
        '--template={file}\t{line}\t{severity}\t{id}\t{message}', '--template-location=');
    for my $line (split /\n/, $output) {
        my ($path, $number, $severity, $id, $message) = split /\t/, $line, 5;
        next if !defined $message || $CPPCHECK_IGNORED{$id} || $severity !~ /\A(?:error|warning)\z/;
        next if $message =~ /\beither the condition\b|\bpossible null pointer\b/i;
        $count++;
        $out->finding(
            rule => "cppcheck-$id", file => $path =~ s{\A\./}{}r, line => $number,
            tool => 'cppcheck',
            severity => $severity eq 'error' ? 'medium' : 'low', title => $message,
            reason => "cppcheck reports this as $severity ($id)");
    }
    $out->metric(cppcheck_files => $done, cppcheck_findings => $count);
    $out->say(sprintf 'cppcheck: %d findings in %d of %d files', $count, $done, scalar @paths);
}

1;
