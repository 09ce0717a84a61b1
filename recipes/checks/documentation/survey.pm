# SPDX-License-Identifier: Apache-2.0
#
# What documentation there is: how much, what a README lacks, which folders nobody describes.
package Kelp::Check::Documentation::Survey;
use strict;
use warnings;

my $MIN_SOURCES = 5; # a smaller folder explains itself
my $README = qr{\Areadme(?:\.[a-z]+)?\z}i;
my @GAPS = (
    ['how to install or build it', qr/\b(?:install\w*|build\w*|compil\w*|setup|set up|download\w*
        |getting started|quick ?start|make|cmake|cargo|npm|pip|docker|require)\b/xi],
    ['how to use it', qr/\b(?:usage|use[sd]?|using|example\w*|run\w*|start\w*|tutorial|guide
        |documentation|docs|manual|api)\b/xi],
    ['the licence', qr/\b(?:licen[sc]\w*|copying|copyright|public domain)\b/i],
);

sub top_files {
    my ($repo, $pattern) = @_;

    return grep { $_->{path} =~ $pattern } $repo->files;
}

sub check_readme {
    my ($repo, $out) = @_;
    my @readmes = top_files($repo, qr{\A(?:\.github/|docs?/)?readme(?:\.[a-z]+)?\z}i);
    my ($file) = grep { $_->{kind} eq 'file' && defined $repo->text($_) } @readmes;

    if (!@readmes) {
        $out->finding(rule => 'no-readme', severity => 'high', title => 'There is no README',
            reason => 'a newcomer finds no file that says what this is and how to use it');
        return 1;
    }
    return 0 if !$file;
    my $text = $repo->text($file);
    my @lacking = map { $_->[0] } grep { $text !~ $_->[1] } @GAPS;
    # A licence file says it as well as the README does.
    @lacking = grep { $_ ne 'the licence' || !has_licence($repo) } @lacking;
    my $words = () = $text =~ /\w+/g;
    if ($words < 30) {
        $out->finding(
            rule => 'thin-readme', file => $file->{path}, line => 1, severity => 'medium',
            title => "The README has $words words",
            reason => 'too few to say what this is and how to use it');
        return 1;
    }
    $out->finding(
        rule => 'readme-gap', file => $file->{path}, line => 1, severity => 'low', key => $_,
        title => "The README does not say $_", reason => 'no sentence or heading speaks of it'
    ) for @lacking;
    return scalar @lacking;
}

sub has_licence {
    my ($repo) = @_;

    return scalar top_files($repo,
        qr{\A(?:licen[sc]es?|copying|copyright|unlicense)\b[^/]*(?:/|\z)}i);
}

sub check_licence {
    my ($repo, $out) = @_;

    return if has_licence($repo);
    my $said = grep { my $text = $repo->text($_); defined $text && $text =~ /\blicen[sc]e/i }
        top_files($repo, qr{\A[^/]*(?:readme|package\.json|cargo\.toml|pyproject\.toml)[^/]*\z}i);
    $out->finding(rule => 'no-licence-file', severity => $said ? 'info' : 'medium',
        title => 'There is no licence file', reason => $said
        ? 'a licence is only named in passing; its text is not in the repository'
        : 'without one nobody may legally use or change this code');
}

sub folders_with_sources {
    my ($repo) = @_;
    my (%sources, %documented);

    for my $file ($repo->products) {
        my @parts = split m{/}, $file->{path};
        pop @parts;
        $sources{join '/', @parts[0 .. $_]}++ for 0 .. ($#parts > 1 ? 1 : $#parts);
    }
    for my $file ($repo->files) {
        $documented{$1} = 1 if $file->{path} =~ m{\A(.+)/[^/]+\z} && $file->{class} eq 'document';
        $documented{$1} = 1
            if $file->{path} =~ m{\A(.+)/(?:doc\.go|package-info\.java|mod\.rs|lib\.rs)\z};
    }
    return (\%sources, \%documented);
}

# A comment at the head of a Go package describes its folder, whichever file has it.
sub has_go_comment {
    my ($repo, $folder) = @_;

    for my $file (grep { $_->{path} =~ m{\A\Q$folder\E/[^/]+\.go\z} } $repo->products) {
        return 1 if $repo->text($file) =~ m{^(?://[^\n]*|\*/[ \t]*)\npackage\s+\w}m
            && $repo->text($file) =~ m{^(?://|/\*)\s*Package\s}m;
    }
    return 0;
}

# A module comment at the head of a package describes its folder.
sub has_package_comment {
    my ($repo, $folder) = @_;
    my $init = $repo->file("$folder/__init__.py");
    my $text = $init && $repo->text($init);

    return defined $text && $text =~ /\A(?:\s*#[^\n]*\n)*\s*[ru]?(?:"""|''')\s*\S/;
}

# What documents call a folder ("render/") or put in code marks (`render`), as a set.
sub names_in_prose {
    my ($repo) = @_;
    my %named;

    for my $file ($repo->documents) {
        my $text = $repo->text($file);
        $named{$1} = 1 while $text =~ m{([\w.-]+)(?=/)}g;
        $named{$1} = 1 while $text =~ m{[`+]([\w.-]+)[`+]}g;
    }
    return \%named;
}

sub check_folders {
    my ($repo, $out) = @_;
    my ($sources, $documented) = folders_with_sources($repo);
    my $named = names_in_prose($repo);
    my @silent;

    for my $folder (sort keys %$sources) {
        next if $sources->{$folder} < $MIN_SOURCES || $documented->{$folder};
        my ($name) = $folder =~ m{([^/]+)\z};
        next if $name =~ /\A(?:src|lib|app|include|main|java|pkg|cmd|internal|source|scripts?
            |ci|bin|utils?|tools?|compat|(?:oss-)?fuzz)\z/xi;
        next if $named->{$name} || has_package_comment($repo, $folder)
            || has_go_comment($repo, $folder);
        push @silent, $folder;
        $out->finding(rule => 'undocumented-folder', file => $folder, severity => 'low', key => '',
            weight => $sources->{$folder}, title => "Nothing describes the folder $folder/",
            reason => "it holds $sources->{$folder} source files, has no document of its own, "
                . 'and no document names it');
    }
    return scalar @silent;
}

sub check {
    my ($repo, $out) = @_;
    my @documents = $repo->documents;
    my ($lines, %kinds) = (0);

    for my $file (@documents) {
        my $text = $repo->text($file);
        $lines += $text =~ tr/\n//;
        $kinds{$1}++ if $file->{path} =~ /\.(\w+)\z/;
    }
    my $gaps = check_readme($repo, $out);
    check_licence($repo, $out);
    my $silent = check_folders($repo, $out);
    $out->metric(documents => scalar @documents, document_lines => $lines, readme_gaps => $gaps,
        undocumented_folders => $silent);
    $out->say(sprintf '%d documents (%s), %d lines; %d README gaps, %d undocumented folders',
        scalar @documents, join(', ', map { "$kinds{$_} $_" } sort keys %kinds) || 'none',
        $lines, $gaps, $silent);
}

1;
