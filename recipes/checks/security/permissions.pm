# SPDX-License-Identifier: Apache-2.0
#
# Modes, links and files that should not be in a repository: world-writable or set-id files,
# links that leave the tree, credential files, executable bits on data.
package Kelp::Check::Security::Permissions;
use strict;
use warnings;

# Names that programs give to files with credentials in them.
my $CREDENTIALS =
    qr{(?:^|/)(?:id_(?:rsa|dsa|ecdsa|ed25519)|\.netrc|_netrc|\.pgpass|\.git-credentials
    |\.htpasswd|\.pypirc|credentials\.json|service[-_]account[^/]*\.json|\.aws/credentials
    |[^/]+\.(?:p12|pfx|jks|keystore|kdbx|ppk))$}xi;
my $ENV_FILE = qr{(?:^|/)\.env(?:\.(?:local|prod|production|staging))?$};
my $NOT_EXECUTABLE =
    qr/\.(?:md|rst|adoc|txt|json|ya?ml|toml|ini|cfg|c|h|cc|cpp|hpp|java|go|ts|css|html?
    |png|jpe?g|gif|svg|ico|pdf|csv|xml|woff2?|ttf)\z/xi;

sub check_mode {
    my ($state, $file) = @_;
    my @stat = lstat $file->{path} or return;
    my $mode = $stat[2] & 07777;

    return if !-f _;
    if ($mode & 06000) {
        $state->{loose}++;
        $state->{out}->finding(
            rule => 'set-id', file => $file->{path}, severity => 'high', key => 'mode',
            title => 'Set-user-id or set-group-id file', reason => sprintf
            'its mode is %04o: it runs with the rights of its owner', $mode);
    } elsif ($mode & 0002) {
        push @{$state->{writable}}, $file->{path};
    }
}

sub check_link {
    my ($state, $file) = @_;
    my $target = readlink $file->{path};

    return if !defined $target;
    my $depth = ($file->{path} =~ tr{/}{});
    my $leaves = $target =~ m{\A/} ? 1 : 0;
    for my $part (split m{/}, $target) {
        $depth += $part eq '..' ? -1 : $part eq '.' || $part eq '' ? 0 : 1;
        $leaves = 1 if $depth < 0;
    }
    return if !$leaves;
    $state->{links}++;
    $state->{out}->finding(
        rule => 'link-leaves-tree', file => $file->{path}, key => $target,
        severity => $file->{test} ? 'info' : 'medium',
        title => 'Symbolic link that leaves the repository',
        reason => "it points to \"$target\", which differs from machine to machine");
}

# A file by such a name may be empty of secrets; a value in it is what counts.
sub has_values {
    my ($repo, $file) = @_;
    my $text = $repo->text($file);

    return 1 if !defined $text;
    return $text =~ /^\s*(?:export\s+)?\w*(?:KEY|SECRET|TOKEN|PASS\w*|CREDENTIAL\w*)\s*=\s*["']?
        (?!\s|\$|["']|changeme|your|xxx|<|example|dev\b|test|password|secret|postgres|root)
        \S{6,}/mxi;
}

sub check_name {
    my ($state, $file) = @_;
    my ($repo, $path) = ($state->{repo}, $file->{path});
    my $made_up = $file->{test} || $file->{example};

    if ($path =~ $CREDENTIALS && $path !~ /\.(?:pub|example|sample)\z/) {
        $state->{credentials}++;
        $state->{out}->finding(rule => 'credential-file', file => $path, key => 'name',
            severity => $made_up ? 'info' : 'high', title => 'Credential file in the repository',
            reason => 'files of this name hold keys or passwords'
            . ($made_up ? '; it stands among tests or examples, so it is likely made up' : ''));
    } elsif ($path =~ $ENV_FILE && has_values($repo, $file)) {
        $state->{credentials}++;
        $state->{out}->finding(
            rule => 'env-file', file => $path, key => 'name',
            severity => $made_up ? 'info' : 'medium',
            title => 'Environment file with values in the repository',
            reason => 'it sets keys, tokens or passwords; keep a .env.example instead');
    }
}

sub report_many {
    my ($out, $paths, %finding) = @_;

    return if !@$paths;
    my $more = @$paths > 1 ? ' and ' . (@$paths - 1) . ' more' : '';
    $out->finding(%finding, file => $paths->[0], key => 'mode',
        title => "$finding{title}: $paths->[0]$more");
}

sub check {
    my ($repo, $out) = @_;
    my $state =
        {repo => $repo, out => $out, writable => [], loose => 0, links => 0, credentials => 0};
    my @data;

    for my $file ($repo->files) {
        next if $file->{vendored};
        if ($file->{kind} eq 'link') {
            check_link($state, $file);
        } elsif ($file->{kind} eq 'file') {
            check_mode($state, $file);
            check_name($state, $file);
            push @data, $file->{path}
                if $file->{mode} eq '100755'
                && $file->{path} =~ $NOT_EXECUTABLE
                && $repo->first_line($file->{path}) !~ /\A#!/;
        }
    }
    report_many(
        $out, $state->{writable}, rule => 'world-writable', severity => 'medium',
        title => 'Files that every user may write',
        reason => 'another user of this machine can change them');
    report_many(
        $out, \@data, rule => 'executable-data', severity => 'info',
        title => 'Executable bit on files that cannot run',
              reason => 'git records mode 100755 for '
            . @data
            . ' documents or data files; `git update-index --chmod=-x` clears it');
    $out->metric(
        loose_permissions => $state->{loose} + @{$state->{writable}},
        links_leaving_tree => $state->{links}, credential_files => $state->{credentials});
    $out->say(sprintf '%d loose permissions, %d links that leave the tree, %d credential files',
        $state->{loose} + @{$state->{writable}}, $state->{links}, $state->{credentials});
}

1;
