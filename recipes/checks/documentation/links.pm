# SPDX-License-Identifier: Apache-2.0
#
# Relative links and anchors that lead nowhere. What only a website can resolve (absolute paths,
# templates, paths that leave the repository, files that git ignores because a build makes them)
# is not judged.
package Kelp::Check::Documentation::Links;
use strict;
use warnings;
use Kelp::Markup qw(anchors links);

my @SITE = qw(mkdocs.yml _config.yml docusaurus.config.js docusaurus.config.ts book.toml
    antora.yml hugo.toml config.toml .vitepress conf.py);

sub unescape {
    my ($target) = @_;

    $target =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    $target =~ s/&amp;/&/g;
    return $target;
}

# Letters of all alphabets in lower case, as addresses of headings are compared.
sub lower {
    my ($text) = @_;

    utf8::decode($text);
    $text = lc $text;
    utf8::encode($text);
    return $text;
}

# A path without "." and ".."; undef if it leaves the repository.
sub normal {
    my ($path) = @_;
    my @parts;

    for my $part (split m{/+}, $path) {
        next if $part eq '' || $part eq '.';
        if ($part eq '..') {
            return if !@parts;
            pop @parts;
        } else {
            push @parts, $part;
        }
    }
    return join '/', @parts;
}

sub is_elsewhere {
    my ($target) = @_;

    return $target =~ m{\A(?:[a-z][a-z0-9+.-]*:|//|/)}i || $target =~ /[{}\$<>*|\\]|\A\@|%[A-Z]/
        || $target !~ m{[/.#]} || $target =~ m{\A\.{3}};
}

sub exists_as {
    my ($paths, $path) = @_;

    return 1 if $path eq '' || $paths->{$path} || $paths->{"$path/"};
    # Site generators serve x.md as x, x/ or x.html.
    my $base = $path =~ s/\.html?\z//ir;
    return grep { $paths->{$base . $_} } qw(.md .markdown .mdx .rst .adoc .txt .asciidoc .html
        /index.md /README.md /_index.md);
}

# Sites have roots of their own; a link may be relative to one of them.
sub site_roots {
    my ($paths) = @_;
    my %roots;

    for my $path (keys %$paths) {
        my ($folder, $name) = $path =~ m{\A(.*?)([^/]+)/?\z} or next;
        next if !grep { $_ eq $name } @SITE;
        $roots{$folder} = 1;
        $roots{"$folder$_/"} = 1
            for grep { $paths->{"$folder$_/"} } qw(docs doc src content source);
    }
    return [sort keys %roots];
}

sub target_path {
    my ($state, $file, $path) = @_;
    my ($folder) = $file->{path} =~ m{\A(.*/)?[^/]*\z};
    my $direct = normal(($folder || '') . $path);

    return if !defined $direct;
    return $direct if exists_as($state->{paths}, $direct) || -e $direct;
    for my $root (@{$state->{roots}}) {
        next if index($file->{path}, $root) != 0;
        my $other = normal($root . $path);
        return $other if defined $other && exists_as($state->{paths}, $other);
        # Where a site is built, pages have addresses that their sources do not show.
        return if $path !~ /\.(?:md|markdown|rst|adoc|png|jpe?g|gif|svg)\z/i;
    }
    return $direct;
}

sub check_anchor {
    my ($state, $out, $file, $line, $path, $anchor) = @_;
    my $target = $state->{repo}->file($path);

    return if !$target || $path !~ /\.(?:md|markdown)\z/i
        || $anchor =~ /\A(?:L\d+|:~:|user-content)/;
    my $text = $state->{repo}->text($target);
    return if !defined $text;
    $state->{anchors}{$path} ||= anchors($text);
    my $wanted = lower(unescape($anchor));
    return if $state->{anchors}{$path}{$wanted}
        || $state->{anchors}{$path}{lc $anchor}
        || $wanted eq 'top';
    $state->{dead_anchors}++;
    $out->finding(rule => 'dead-anchor', file => $file->{path}, line => $line, severity => 'low',
        key => "$path#$anchor", title => "Link to a heading that does not exist: #$anchor",
        reason => "\"$path\" has no heading or anchor of that name");
}

sub check_link {
    my ($state, $out, $file, $line, $target) = @_;
    my ($path, $anchor) = $target =~ /\A([^#?]*)(?:\?[^#]*)?(?:#(.*))?\z/s;

    return if !defined $path || is_elsewhere($target);
    $state->{checked}++;
    my $found = $path eq '' ? $file->{path} : target_path($state, $file, unescape($path));
    return if !defined $found;
    if (exists_as($state->{paths}, $found) || -e $found) {
        check_anchor($state, $out, $file, $line, $found, $anchor)
            if defined $anchor && length $anchor;
        return;
    }
    push @{$state->{dead}}, [$file->{path}, $line, $target, $found];
}

sub near_miss {
    my ($state, $path) = @_;
    my ($name) = $path =~ m{([^/]+)\z};

    $state->{by_name} ||= do {
        my %names;
        for my $known ($state->{repo}->files) {
            push @{$names{lc $1}}, $known->{path} if $known->{path} =~ m{([^/]+)\z};
        }
        \%names;
    };
    my $near = $state->{by_name}{lc $name} || [];
    return @$near == 1 ? "; is \"$near->[0]\" meant?" : '';
}

sub check {
    my ($repo, $out) = @_;
    my $paths = $repo->paths;
    my $state = {repo => $repo, paths => $paths, roots => site_roots($paths), dead => [],
        checked => 0, dead_anchors => 0};
    my @documents = grep { !$_->{test} && !$_->{example} } $repo->documents;

    for my $file (@documents) {
        my $text = $repo->text($file);
        next if $text =~ /\{%[-\s]/ || $file->{path} =~ /\.(?:org|textile)\z/i;
        check_link($state, $out, $file, @$_) for links($file->{path}, $text);
    }
    my $ignored = $repo->ignored(map { $_->[3] } @{$state->{dead}});
    my @dead = grep { !$ignored->{$_->[3]} } @{$state->{dead}};
    for my $link (@dead) {
        my ($path, $line, $target, $found) = @$link;
        if ($target =~ /\A\(/) {
            $out->finding(rule => 'broken-link', file => $path, line => $line, severity => 'medium',
                key => $target, title => "Link with a doubled parenthesis: $target",
                reason => 'the second parenthesis becomes part of the address');
            next;
        }
        $out->finding(rule => 'dead-link', file => $path, line => $line, severity => 'medium',
            key => $target, title => "Dead link: $target",
            reason => "there is no \"$found\" in the repository" . near_miss($state, $found));
    }
    $out->metric(links_checked => $state->{checked}, dead_links => scalar @dead,
        dead_anchors => $state->{dead_anchors});
    $out->say(sprintf '%d relative links in %d documents: %d dead, %d dead anchors',
        $state->{checked}, scalar @documents, scalar @dead, $state->{dead_anchors});
}

1;
