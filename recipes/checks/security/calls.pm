# SPDX-License-Identifier: Apache-2.0
#
# Calls that have hurt others, judged with their arguments: what runs or evaluates a text that is
# put together, copies without a bound, turns verification off, or trusts a name in /tmp. A call
# with nothing but constants is not reported, nor is one in a test or an example.
package Kelp::Check::Security::Calls;
use strict;
use warnings;
use Kelp::Code qw(uncomment blank line_starts line_of);

# What runs on the developers' machines, with their own text.
my $OWN_SCRIPTS = qr{(?:^|/)(?:scripts?|tools?|build|ci|\.github|hack|utils?/release\w*)/}i;
my $NOT_LITERAL = qr/\s*(?!["'`])/;

# families, name of the rule, severity, pattern on text without comments, why
my @CALLS = (
    ['c', 'gets', 'high', qr/(?<![\w.>])gets\s*\(\s*\w/,
        'gets() cannot be told how much room there is'],
    ['c', 'scanf-string', 'medium', qr/\bf?s?canf\s*\([^;"]*"[^"]*%s/,
        '%s without a width writes past the end'],
    ['c', 'tmpnam', 'medium', qr/(?<![\w.>])(?:tmpnam|tempnam|mktemp)\s*\(/,
        'another process can take the name first; use mkstemp()'],
    ['c', 'system', 'medium',
        qr/(?<![\w.>:])(?:system|popen)\s*\(\s*(?!["'\)]|NULL\b|const\b|char\b|void\b)\w/,
        'a shell runs a text that is not constant'],
    ['c', 'format', 'medium',
        qr/(?<![\w.>])(?:printf\s*\(|fprintf\s*\(\s*\w+\s*,|syslog\s*\(\s*\w+\s*,)
            \s*[a-z]\w*(?:->\w+|\.\w+)*\s*\)\s*;/x,
        'the format is not constant: a % in it reads or writes memory'],
    ['c', 'strcpy', 'low',
        qr/(?<![\w.>])(?:strcpy|strcat|stpcpy)\s*\(\s*[^,;"]+,
            \s*(?!\s*(?:["']|\w+\s*\?\s*"|[A-Z_0-9]+\s*\)|const\b))[^;]*;/x,
        'copies without a bound what is not constant'],
    ['c', 'sprintf', 'low', qr/(?<![\w.>])v?sprintf\s*\(\s*[^,;"]+,\s*"[^"]*%s[^;]*;/,
        'writes a string of any length without a bound'],
    ['python', 'eval', 'medium', qr/(?<![\w.])(?:eval|exec)\s*\($NOT_LITERAL(?!\s*compile\b|\s*\))/,
        'runs text as code'],
    ['python', 'shell', 'medium',
        qr/\bsubprocess\.\w+\((?:[^()]|\([^()]*\))*\bshell\s*=\s*True/, 'a shell runs a text'],
    ['python', 'shell', 'medium',
        qr/\bos\.(?:system|popen)\s*\(\s*(?:f["']|\w|["'][^"']*["']\s*[%+.])/,
        'a shell runs a text that is put together'],
    ['python', 'unpickle', 'medium',
        qr/\b(?:c?pickle|marshal|shelve|dill)\.(?:loads?|open)\s*\(
            |\byaml\.(?:unsafe_load|full_load)\s*\(|\byaml\.load\s*\((?![^)]*Safe)/x,
        'reading it can run code that is in the data'],
    ['python', 'no-verify', 'medium',
        qr/\bverify\s*=\s*False\b|ssl\._create_unverified_context|CERT_NONE\b/,
        'certificates are not checked'],
    ['python', 'tmpnam', 'medium', qr/\btempfile\.mktemp\s*\(/,
        'another process can take the name first; use mkstemp'],
    ['js', 'eval', 'medium', qr/(?<![\w.\$])(?:eval\s*\($NOT_LITERAL\w|new\s+Function\s*\()/,
        'runs text as code'],
    ['js', 'shell', 'medium',
        qr/\b(?:child_process\.|cp\.)?(?:exec|execSync)\s*\(
            \s*(?:`[^`]*\$\{|["'][^"'\n]*["']\s*\+)/x,
        'a shell runs a text that is put together'],
    ['js', 'no-verify', 'medium',
        qr/rejectUnauthorized\s*:\s*false|NODE_TLS_REJECT_UNAUTHORIZED["'\]]*\s*=\s*["']?0/,
        'certificates are not checked'],
    ['js', 'html', 'low',
        qr/\.(?:innerHTML|outerHTML)\s*\+?=\s*(?:`[^`]*\$\{|["'][^"'\n]*["']\s*\+)
            |\bdocument\.write\s*\(\s*(?!["'])/x,
        'markup is put together from text: a value can carry a script'],
    ['go', 'shell', 'medium',
        qr/exec\.Command(?:Context)?\([^)]*"(?:ba)?sh",\s*"-c",\s*(?!["`][^"`]*["`]\s*\))/,
        'a shell runs a text that is not constant'],
    ['go', 'no-verify', 'medium', qr/InsecureSkipVerify:\s*true/, 'certificates are not checked'],
    ['rust', 'no-verify', 'medium', qr/danger_accept_invalid_(?:certs|hostnames)\s*\(\s*true/,
        'certificates are not checked'],
    ['java', 'shell', 'medium', qr/getRuntime\(\)\s*\.exec\s*\(\s*(?:"[^"]*"\s*\+|\w+\s*\+)/,
        'a command is put together from text'],
    ['java', 'deserialize', 'low', qr/new\s+ObjectInputStream\s*\(/,
        'reading objects can run code that is in the data'],
    ['php', 'eval', 'medium',
        qr/(?<![\w>:])(?:eval|assert|create_function)\s*\(\s*(?:\$|["'][^"']*["']\s*\.)/,
        'runs text as code'],
    ['php', 'shell', 'high',
        qr/(?<![\w>:])(?:system|exec|shell_exec|passthru|popen|unserialize|include|require)
            \s*\(?\s*[^;]*\$_(?:GET|POST|REQUEST|COOKIE)/x,
        'what a visitor sends is run'],
    ['ruby', 'eval', 'medium', qr/(?<![\w.])eval\s*\(?\s*(?!["']|binding)[\w\@]+\s*[,)\n]/,
        'runs text as code'],
    ['ruby', 'shell', 'medium', qr/(?<![\w.])(?:system|exec)\s*\(?\s*"[^"\n]*#\{/,
        'a shell runs a text that is put together'],
    ['ruby', 'unpickle', 'medium',
        qr/\bMarshal\.load\s*\(|\bYAML\.(?:unsafe_load|load)\s*\(\s*params/,
        'reading it can run code that is in the data'],
    ['perl', 'shell', 'low',
        qr/(?<![\w>:\$])(?:system|exec)\s*\(?\s*"[^"\n]*[\$\@][\w{][^"\n]*"
            \s*\)?\s*(?:;|or\b|\|\|)/x,
        'a shell runs a text that is put together; give a list instead'],
    ['shell', 'pipe-to-shell', 'medium',
        qr/\b(?:curl|wget)\b[^\n|;#]*\|\s*(?:sudo\s+(?:-\w+\s+)*)?(?:ba|z|da)?sh\b/,
        'what a server sends runs at once, unseen'],
    ['shell', 'world-writable', 'medium',
        qr/\bchmod\s+(?:-R\s+)?(?:0?777|0?666|a\+rwx|o\+w|a\+w)\b/,
        'every user of the machine may then change it'],
    ['shell', 'rm-variable', 'medium',
        qr{\brm\s+-[a-zA-Z]*r[a-zA-Z]*\s+(?:-\w+\s+|--\s+)*
            "?\$\{?\w+\}?"?/(?:\*|["']?\s*$|["']?\s*[;&|])}xm,
        'an empty variable makes it delete from the root; write ${name:?}'],
    ['shell', 'fixed-tmp', 'low',
        qr{(?:>{1,2}|\btee\b(?:\s+-a)?)\s*["']?/tmp/[\w.-]*(?:\$\$[\w.-]*)?["']?(?=\s|;|&|\||$)}m,
        'another user can put a link at that name first; use mktemp'],
);

my $PRINTS = qr/\b(?:echo|printf|cat\s*<<|say|die|warn|usage)\b[^\n]*\z/;

sub families_of {
    my ($file) = @_;

    return ('java', 'c') if $file->{language} =~ /\A(?:Java|Kotlin|Scala|Groovy)\z/;
    return $file->{language} =~ /\A(?:C|C\+\+|Objective-C)\z/ ? ('c') : $file->{family} eq 'c' ? ()
        : ($file->{family});
}

# Texts that only talk of a call: in a string of its own, in a message.
sub is_only_text {
    my ($blank, $at, $before) = @_;

    return 1 if substr($blank, $at, 1) eq ' ' || $before =~ /\A\s*#\s*(?:define|undef|if)/;
    return $before =~ $PRINTS;
}

sub scan {
    my ($state, $file, $text) = @_;
    my %families = map { $_ => 1 } families_of($file);
    my ($code, $blank, $starts);

    for my $call (@CALLS) {
        my ($family, $name, $severity, $pattern, $why) = @$call;
        next if !$families{$family} || $text !~ $pattern;
        $code ||= uncomment($text, $file->{family});
        $blank ||= blank($text, $file->{family});
        $starts ||= line_starts($text);
        while ($code =~ /$pattern/g) {
            my ($at, $end) = ($-[0], $+[0]);
            pos($code) = $end > $at ? $end : $at + 1;
            my $line = line_of($starts, $at);
            my $before = substr $code, $starts->[$line - 1], $at - $starts->[$line - 1];
            next if is_only_text($blank, $at, $before);
            $state->{count}++;
            push @{$state->{found}{"$file->{path}\0$name"}}, [$line, $severity, $why,
                substr($code, $at, 70) =~ s/\n.*//sr];
        }
    }
}

# Many calls of one kind in one file are one piece of work: one finding with the first place.
sub report {
    my ($state, $out) = @_;

    for my $key (sort keys %{$state->{found}}) {
        my ($path, $name) = split /\0/, $key;
        my %seen;
        my @places = grep { !$seen{$_->[0]}++ } @{$state->{found}{$key}};
        my ($line, $severity, $why, $code) = @{$places[0]};
        $severity = 'low' if $severity eq 'medium' && $path =~ $OWN_SCRIPTS;
        $code =~ s/\s+\z//;
        my $others = join ', ', map { $_->[0] } @places[1 .. ($#places > 8 ? 8 : $#places)];
        $out->finding(
            rule => "call-$name", file => $path, line => $line, severity => $severity,
            key => $name,
            weight => scalar @places,
            title => "Risky call: $code",
            reason => $why
                . (
                @places > 1
                ? sprintf('; %d more in this file, lines %s', @places - 1, $others)
                : ''));
    }
}

sub check {
    my ($repo, $out) = @_;
    my $state = {found => {}, count => 0};
    my @sources = $repo->products;

    scan($state, $_, $repo->text($_)) for @sources;
    report($state, $out);
    $out->metric(risky_calls => $state->{count});
    $out->say(sprintf '%d risky calls in %d places of %d sources', $state->{count},
        scalar keys %{$state->{found}}, scalar @sources);
}

1;
