# SPDX-License-Identifier: Apache-2.0
#
# What a stranger can make CI run: untrusted text in a script of a GitHub workflow, a pull request's
# code checked out with the repository's own rights, tokens that may write everything. And images:
# what a Dockerfile runs unseen.
package Kelp::Check::Security::Workflows;
use strict;
use warnings;
use Kelp::Json qw(decode);
use Kelp::Language qw(is_dockerfile);
use Kelp::Run qw(run have);

# Fields of an event whose text anybody may choose.
my $UNTRUSTED =
    qr/\$\{\{[^}]*?(github\.(?:event\.(?:issue\.(?:title|body)|pull_request\.(?:title|body
    |head\.(?:ref|label|repo\.(?:default_branch|description|homepage)))
    |(?:comment|review|review_comment|discussion)\.(?:body|title)
    |discussion\.title|head_commit\.(?:message|author\.(?:name|email))
    |commits?\b[^}]*\.message|pages\b[^}]*\.page_name|workflow_run\.head_branch)|head_ref))\b/x;
my $WORKFLOW =
    qr{(?:\A|/)\.github/(?:workflows/[^/]+\.ya?ml|actions/.*action\.ya?ml)\z|\Aaction\.ya?ml\z};
my $IMAGE_SECRET = qr/^\s*(?:ENV|ARG)\s+\w*(?:PASSWORD|SECRET|TOKEN|API_?KEY)\w*[=\s]\s*["']?
    (?!["'\$\s]|changeme)\S{6,}/xi;

# The lines of scripts (`run:`, and `script:` of github-script), as [number, text].
sub script_lines {
    my ($lines) = @_;
    my ($inside, @script);

    for my $number (1 .. @$lines) {
        my $line = $lines->[$number - 1];
        my ($indent) = $line =~ /\A(\s*(?:-\s+)?)\S/;
        undef $inside if defined $inside && defined $indent && length $indent <= $inside;
        push @script, [$number, $line] if defined $inside;
        next if $line !~ /\A(\s*(?:-\s+)?)(?:run|script):\s*(.*)\z/;
        $inside = length $1;
        push @script, [$number, $line] if $2 !~ /\A[|>][-+\d]*\s*(?:#.*)?\z/;
    }
    return @script;
}

sub check_injection {
    my ($state, $file, $lines) = @_;

    for my $script (script_lines($lines)) {
        my ($number, $line) = @$script;
        next if $line !~ $UNTRUSTED || $line =~ /\A\s*#/;
        $state->{count}++;
        $state->{out}->finding(
            rule => 'ci-injection', file => $file->{path}, line => $number, severity => 'high',
            title => "Untrusted text in a CI script: $1",
            reason => 'whoever opens the issue or pull request chooses this text, and it becomes '
                . 'part of the script; pass it in `env:` and quote the variable');
    }
}

sub check_target {
    my ($state, $file, $lines) = @_;
    my $text = join "\n", @$lines;

    return if $text !~ /^\s*(?:-\s*)?["']?pull_request_target\b|\bon:.*pull_request_target/m;
    for my $number (1 .. @$lines) {
        next if $lines->[$number - 1] !~
            /^\s*ref:\s*.*(?:github\.event\.pull_request\.head|github\.head_ref
            |refs\/pull\/)/x;
        $state->{count}++;
        $state->{out}->finding(
            rule => 'ci-target-checkout', file => $file->{path}, line => $number,
            severity => 'high',
            title => 'A pull request\'s code is checked out under pull_request_target',
            reason => 'that event has the repository\'s secrets and a token that may write: '
            . 'a build of the stranger\'s code can take them');
    }
}

sub check_rights {
    my ($state, $file, $lines) = @_;

    for my $number (1 .. @$lines) {
        next if $lines->[$number - 1] !~ /^\s*permissions:\s*["']?write-all/;
        $state->{count}++;
        $state->{out}->finding(rule => 'ci-write-all', file => $file->{path}, line => $number,
            severity => 'medium', title => 'The workflow\'s token may write everything',
            reason => 'name the rights it needs; any step, a third party\'s too, has all of them');
    }
    push @{$state->{no_rights}}, $file->{path}
        if $file->{path} =~ m{/workflows/} && !grep { /^\s*permissions:/ } @$lines;
}

sub check_docker {
    my ($state, $file, $lines) = @_;
    my $out = $state->{out};

    for my $number (1 .. @$lines) {
        my $line = $lines->[$number - 1];
        my @place = (file => $file->{path}, line => $number);
        if ($line =~ m{\b(?:curl|wget)\b[^|;]*\|\s*(?:sudo\s+)?(?:ba)?sh\b}) {
            $out->finding(
                rule => 'call-pipe-to-shell', @place, severity => 'low',
                title => 'A download is run unseen', reason => 'check its sum, or install a package'
            );
        } elsif ($line =~ m{^\s*ADD\s+(?!.*--checksum)(?:--\S+\s+)*https?://}i) {
            $out->finding(
                rule => 'docker-add', @place, severity => 'low',
                title => 'ADD from an address without a checksum',
                reason => 'what it gives may change');
        } elsif ($line =~ $IMAGE_SECRET) {
            $out->finding(
                rule => 'docker-secret', @place, severity => 'medium',
                title => 'A secret becomes part of the image',
                reason => 'ENV and ARG stay in its history');
        } else {
            next;
        }
        $state->{count}++;
    }
}

sub run_hadolint {
    my ($repo, $out, @files) = @_;

    return $out->lacked('hadolint') if !have('hadolint');
    $out->used('hadolint');
    my $done =
        run({limit => 15}, 'hadolint', '--no-fail', '-f', 'json', map { "./$_->{path}" } @files);
    my $found = eval { decode($done->{out}) };
    for my $entry (grep { ref eq 'HASH' } ref $found eq 'ARRAY' ? @$found : ()) {
        next if ($entry->{level} || '') ne 'error' || ref $entry->{line} ne 'SCALAR';
        my $path = ($entry->{file} || '') =~ s{\A\./}{}r;
        $out->finding(
            rule => 'hadolint', file => $path, line => ${$entry->{line}}, severity => 'low',
            tool => 'hadolint', title => "$entry->{code}: $entry->{message}",
            reason => 'hadolint calls it an error');
    }
}

sub check {
    my ($repo, $out) = @_;
    my $state = {out => $out, count => 0, no_rights => []};
    my @files = grep { $_->{kind} eq 'file' && !$_->{vendored} && !$_->{test} } $repo->files;
    my @workflows = grep { $_->{path} =~ $WORKFLOW } @files;
    my @images = grep { is_dockerfile($_->{path}) && !$_->{example} } @files;

    for my $file (@workflows) {
        my $text = $repo->text($file);
        my @lines = split /\r?\n/, defined $text ? $text : '';
        $_->($state, $file, \@lines) for \&check_injection, \&check_target, \&check_rights;
    }
    for my $file (@images) {
        my $text = $repo->text($file);
        check_docker($state, $file, [split /\r?\n/, defined $text ? $text : '']);
    }
    my @silent = @{$state->{no_rights}};
    $out->finding(
        rule => 'ci-no-permissions', file => $silent[0], severity => 'info', key => 'all',
        title => 'Workflows that do not limit their token: '
            . join(', ', map { m{([^/]+)\z} } @silent),
        reason => 'without `permissions:` the repository\'s default holds, which may be to write'
    ) if @silent;
    run_hadolint($repo, $out, @images) if @images && !$ENV{KELP_QUICK};
    $out->metric(workflows => scalar @workflows, dockerfiles => scalar @images,
        ci_risks => $state->{count});
    $out->say(sprintf '%d workflows and %d Dockerfiles: %d risks', scalar @workflows,
        scalar @images, $state->{count});
}

1;
