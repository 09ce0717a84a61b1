# SPDX-License-Identifier: Apache-2.0
#
# Secrets in the tree: by the form that issuers give their keys, and by entropy where a name says
# "password", "token" or the like. What is found is never printed whole. Tests, examples and
# documents hold made-up secrets more often than real ones, so there they weigh less.
package Kelp::Check::Security::Secrets;
use strict;
use warnings;
use Kelp::Json qw(decode);
use Kelp::Language qw(is_generated_name);
use Kelp::Run qw(run have);

# name, pattern (the secret is $1), severity
my @KEYS = (
    ['AWS access key', qr/\b((?:AKIA|ASIA)[A-Z2-7]{16})\b/, 'high'],
    ['GitHub token', qr/\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b/, 'high'],
    ['GitLab token', qr/\b(glpat-[A-Za-z0-9_-]{20,})\b/, 'high'],
    ['Slack token', qr/\b(xox[abeprs]-[A-Za-z0-9-]{20,})\b/, 'high'],
    ['Slack webhook', qr{(hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{20,})}, 'high'],
    ['Stripe live key', qr/\b([sr]k_live_[A-Za-z0-9]{20,})\b/, 'high'],
    ['Google API key', qr/\b(AIza[A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])/, 'medium'],
    ['Google OAuth secret', qr/\b(GOCSPX-[A-Za-z0-9_-]{28})\b/, 'high'],
    ['npm token', qr/\b(npm_[A-Za-z0-9]{36})\b/, 'high'],
    ['PyPI token', qr/\b(pypi-AgE[A-Za-z0-9_-]{50,})/, 'high'],
    ['SendGrid key', qr/\b(SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})\b/, 'high'],
    ['Anthropic key', qr/\b(sk-ant-[A-Za-z0-9_-]{40,})/, 'high'],
    ['OpenAI key', qr/\b(sk-(?:proj-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,})/, 'high'],
    ['Azure storage key', qr/AccountKey=([A-Za-z0-9+\/]{80,}={0,2})/, 'high'],
    ['private key',
        qr/-----BEGIN ((?:RSA |EC |DSA |OPENSSH |ENCRYPTED |PGP )?PRIVATE KEY(?: BLOCK)?)-----/,
        'high'],
    ['password in an address',
        qr{\b[a-z][a-z0-9+.-]*://[^\s:/@"'<>]{1,64}:([^\s:/@"'<>]{3,100})@[\w.-]+}i,
        'medium'],
);
my $HINT = qr/AKIA|ASIA|gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|hooks\.slack|k_live_|AIza|GOCSPX
    |npm_|pypi-AgE|SG\.|sk-|AccountKey|PRIVATE\ KEY|:\/\/[^\s\/]*:[^\s\/]*@/x;
my $NAMED = qr/(?:pass(?:word|wd|phrase)?|secret|token|api_?-?key|apikey|auth_?key|access_?key
    |private_?key|client_?secret|credentials?)
    ["']?\s*(?::=|=>|[:=])\s*["'`]([^"'`\s]{12,200})["'`]/xi;
my $PLACEHOLDER =
    qr/example|placeholder|change.?me|dummy|sample|your|xxxx|\*\*\*|\.\.\.|test|fake|mock
    |default|insert|todo|secret|passw|token|foo|bar|abcd|1234|redacted|none|null|undefined|localhost
    |hunter2|not.?a.?real|\$\{|\{\{|%[({sd]|<[^>]*>|\$[A-Z(]|\bENV\b|process\.env|os\.environ/xi;
my $MAX_PER_FILE = 3;
my $MIN_ENTROPY = 3.6; # bits a character; English words have less

sub entropy {
    my ($text) = @_;
    my ($sum, %count) = (0);

    $count{$_}++ for split //, $text;
    for my $count (values %count) {
        my $share = $count / length $text;
        $sum -= $share * log($share) / log 2;
    }
    return $sum;
}

# A random-looking value: letters and digits mixed, no words, no path, no identifier.
sub looks_random {
    my ($value) = @_;

    return 0
        if length $value < 16 || $value =~ $PLACEHOLDER || $value !~ /\d/ || $value !~ /[A-Za-z]/;
    return 0 if $value =~ m{\A[\w.-]*/[\w./-]*\z} && $value =~ m{/.*/} && $value !~ /\d.*\d.*\d/;
    return 0 if $value =~ /\A[a-z]+(?:[_.:-][a-z0-9]+)+\z/i && $value !~ /[A-Z].*\d|\d.*[A-Z]/;
    return 0 if $value =~ /\A(?:[A-Z]?[a-z]+)+\d{0,3}\z/ || $value =~ /[(){}\[\];,]/;
    return entropy($value) >= $MIN_ENTROPY;
}

sub redact {
    my ($value) = @_;
    my $shown = length $value > 12 ? 4 : 1;

    return substr($value, 0, $shown) . '... (' . length($value) . ' characters)';
}

# Where a value is surely or likely not in use, and why that is so.
sub excuse {
    my ($file, $line, $value) = @_;

    return 'it stands in a test' if $file->{test};
    return 'it stands in an example'
        if $file->{example} || $file->{path} =~ /(?:example|sample|dist|template)\b/i;
    return 'it stands in a document' if $file->{class} eq 'document';
    return 'it stands in a comment' if $line =~ m{\A\s*(?://|\#(?!\s*define)|\*|/\*|<!--)};
    return '';
}

sub is_key_real {
    my ($name, $value, $text, $at) = @_;

    return 0 if $value =~ /EXAMPLE|X{6,}|x{6,}|0{8,}|\*{3,}/;
    if ($name eq 'password in an address') {
        return 0
            if $value =~ $PLACEHOLDER
            || $value =~ /\A(?:pass|pw|pwd|p|x+|user(?:name)?|admin|root|git
            |postgres|mysql|guest|pass\w*|\d{1,6}|[A-Z_]+|\w{1,4})\z/xi
            || $value =~ /[%\$\\()\[\]{}|?*]/;
        my $host = substr($text, $at, 60) =~ /\A([\w.-]+)/ ? $1 : '';
        return $host !~ /(?:example|localhost|test|invalid|domain|host|127\.|0\.0|server)/i;
    }
    if ($name eq 'private key') {
        # The header alone, as in a parser's source, is no key: a body must follow.
        return substr($text, $at, 400) =~
            /\A(?:\\n|["',+\s\\]|[A-Za-z-]+: [^\n]*\n)*[A-Za-z0-9+\/]{40}/;
    }
    return entropy($value) > 2.5;
}

sub line_at {
    my ($text, $at) = @_;

    return 1 + (substr($$text, 0, $at) =~ tr/\n//);
}

sub line_text {
    my ($text, $at) = @_;
    my $start = 1 + rindex $$text, "\n", $at;
    my $end = index $$text, "\n", $at;

    return substr $$text, $start, ($end < 0 ? length $$text : $end) - $start;
}

sub report {
    my ($state, $file, $name, $severity, $value, $at) = @_;
    my $line = line_text($state->{text}, $at);
    my $excuse = excuse($file, $line, $value);

    return if $line =~ /(?:gitleaks|pragma|trufflehog)[:\s]*(?:allow|ignore|allowlist)/i;
    # One value in many places is one finding, but a copy in a test hides no real one.
    return if $state->{seen}{$file->{path}}++ >= $MAX_PER_FILE
        || $state->{values}{length $excuse ? 'excused' : 'real'}{$value}++;
    $state->{excused}++ if length $excuse;
    my $shown =
        $name eq 'private key' ? 'its body follows the header' : 'it begins ' . redact($value);
    $state->{out}->finding(
        rule => 'secret', file => $file->{path}, line => line_at($state->{text}, $at),
        severity => length $excuse ? 'info' : $severity, title => ucfirst "$name in the tree",
        reason => $shown . (length $excuse ? "; $excuse, so it is likely made up"
            : '; whoever can read the repository can use it: revoke it, then remove it'));
    $state->{real}++ if !length $excuse;
}

sub scan {
    my ($state, $file, $text) = @_;

    $state->{text} = \$text;
    if ($text =~ $HINT) {
        for my $key (@KEYS) {
            my ($name, $pattern, $severity) = @$key;
            while ($text =~ /$pattern/g) {
                my ($value, $at, $end) = ($1, $-[1], $+[0]);
                $end = $+[1] + 1 if $name eq 'password in an address';
                report($state, $file, $name, $severity, $value, $at)
                    if is_key_real($name, $value, $text, $end);
            }
        }
    }
    return if $file->{class} eq 'document' || $file->{test} || $file->{example};
    while ($text =~ /$NAMED/g) {
        my ($value, $at) = ($1, $-[1]);
        report($state, $file, 'secret by name and entropy', 'medium', $value, $at)
            if looks_random($value);
    }
}

# gitleaks knows more forms; its findings are taken where it is installed.
sub run_gitleaks {
    my ($repo, $out) = @_;

    return $out->lacked('gitleaks') if !have('gitleaks');
    my $done = run(
        {limit => 20}, 'gitleaks', 'detect', '--no-git', '--no-banner', '--redact',
        '--report-format', 'json', '--report-path', '/dev/stdout', '--exit-code', '0', '--source',
        '.');
    my $found = eval { decode($done->{out}) };
    return $out->lacked('gitleaks') if ref $found ne 'ARRAY';
    $out->used('gitleaks');
    for my $leak (grep { ref eq 'HASH' } @$found) {
        my $file = $repo->file($leak->{File} || '') or next;
        my $excuse = excuse($file, '', '');
        $out->finding(rule => 'secret', file => $file->{path}, line => ${$leak->{StartLine} || \0},
            severity => length $excuse ? 'info' : 'high', tool => 'gitleaks',
            title => $leak->{Description} || 'Secret', reason => "rule $leak->{RuleID}"
            . (length $excuse ? "; $excuse" : ''));
    }
}

sub is_worth_a_look {
    my ($file) = @_;

    return $file->{kind} eq 'file' && !$file->{vendored} && !is_generated_name($file->{path})
        && $file->{path} !~ /\.(?:po|pot|csv|tsv|svg|css|sum|lock|ipynb|patch|diff|asc|sig)\z/i;
}

sub check {
    my ($repo, $out) = @_;
    my $state = {out => $out, seen => {}, values => {}, real => 0, excused => 0};
    my $scanned = 0;

    for my $file (grep { is_worth_a_look($_) } $repo->files) {
        my $text = $repo->text($file);
        next if !defined $text;
        $scanned++;
        scan($state, $file, $text);
    }
    run_gitleaks($repo, $out) if !$ENV{KELP_QUICK};
    $out->metric(files_scanned => $scanned, secrets => $state->{real},
        secrets_likely_made_up => $state->{excused});
    $out->say("$scanned files scanned: $state->{real} possible secrets, "
        . "$state->{excused} likely made up");
}

1;
