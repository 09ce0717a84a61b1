# SPDX-License-Identifier: Apache-2.0
#
# What documents are made of: their lines without code, headings and anchors, links. Markdown in
# full, reStructuredText and AsciiDoc for links to other files.
package Kelp::Markup;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(unfenced prose_lines anchors links words title_of);

sub blank { return $_[0] =~ tr/\n/ /cr }

# The text with fenced code and comments blanked.
sub unfenced {
    my ($text) = @_;

    $text =~ s/\r\n/\n/g;
    $text =~ s/(<!--.*?-->)/blank($1)/gse;
    $text =~ s/^([ \t>]*)(```++|~~~++)(.*?)^[ \t>]*\2[`~]*[ \t]*$/$1 . blank($2 . $3)/gsme;
    return $text;
}

# Without code in the line as well, as lines.
sub prose_lines {
    my $text = unfenced($_[0]);

    $text =~ s/(?<!`)(`++)([^`]|[^`](?:(?!\n\s*\n).){0,400}?[^`])\1(?!`)/blank($1 . $2 . $1)/gse;
    return split /\n/, $text, -1;
}

# As GitHub makes them: lower case, punctuation gone, spaces to hyphens.
sub slug {
    my ($heading) = @_;

    $heading =~ s/<[^>]*>//g;
    $heading =~ s/!?\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])/$1/g;
    $heading =~ s/[*`]//g;
    $heading =~ s/\\([_*#])/$1/g;
    utf8::decode($heading);
    $heading = lc $heading;
    $heading =~ s/^\s+|\s+$//g;
    $heading =~ s/[^\w\- ]//g;
    $heading =~ s/ /-/g;
    utf8::encode($heading);
    return $heading;
}

# The anchors of a Markdown text as a set; a repeated heading gets -1, -2, ...
sub anchors {
    my ($text) = @_;
    my (%anchors, %seen);
    my $previous = '';

    for my $line (split /\n/, $text) {
        $anchors{lc $1} = 1 while $line =~ /\b(?:id|name)\s*=\s*["']?([^"'\s>]+)/gi;
        $anchors{lc $1} = 1 if $line =~ /\{:?\s*#([^\s}]+)/;
        my $heading = $line =~ /^\s{0,3}#{1,6}\s*(.*?)\s*#*\s*$/ ? $1
            : $line =~ /^\s{0,3}(?:=+|-+)\s*$/ ? $previous : undef;
        $previous = $line;
        next if !defined $heading;
        my $slug = slug($heading =~ s/\s*\{:?\s*#[^}]*\}\s*$//r);
        $anchors{$seen{$slug} ? "$slug-$seen{$slug}" : $slug} = 1;
        $seen{$slug}++;
    }
    return \%anchors;
}

sub title_of {
    my ($text) = @_;

    return $1 if $text =~ /^\#\s+(.*?)\s*#*\s*$/m;
    return $1 if $text =~ m{\A(?:\s*\n|//[^\n]*\n|:[^\n]*\n)*=\s+(\S.*?)\s*$}m;
    return $1 if $text =~ /^(\S[^\n]*)\n(?:=+|\*+)\s*$/m;
    return '';
}

my $TARGET = qr/<([^<>\n]*)>|((?:[^\s()<>]|\((?:[^\s()]|\([^\s()]*\))*\))+)/;

sub markdown_links {
    my ($line, $add) = @_;

    while ($line =~ /\]\(\s*(?:$TARGET)\s*(?:["'(][^\n]*?["')]\s*)?\)/g) {
        $add->(defined $1 ? $1 : $2);
    }
    $add->($1) if $line =~ /^\s{0,3}\[(?!\^)[^\]]+\]:\s*<?([^\s<>]+)>?/;
    $add->($1) while $line =~ /<(?:a|img|source)\b[^>]*?\b(?:href|src)\s*=\s*["']([^"']+)["']/gi;
}

sub asciidoc_links {
    my ($line, $add) = @_;

    $add->($2) while $line =~ /(?<![\w\\])(include::|link:|image::?)([^\s\[\]{}:]+)\[/g;
    $add->($1)
        while $line =~ /(?<![\w\\])xref:([^\s\[\]{}:]+\.(?:adoc|asciidoc)(?:#[^\s\[\]]*)?)\[/g;
}

sub rest_links {
    my ($line, $add) = @_;

    $add->($1)
        if $line =~ /^\s*\.\.\s+(?:include|literalinclude|image|figure|figure)::\s+(\S+)\s*$/;
    $add->($1) if $line =~ /^\s*\.\.\s+_[^:]+:\s+(\S+\.\w+(?:#\S*)?)\s*$/;
    $add->($1) while $line =~ /`[^`<>]*<([^<>\s]+)>`__?/g;
}

# [line number, target] for each link of a document.
sub links {
    my ($path, $text) = @_;
    my $read = $path =~ /\.(?:adoc|asciidoc)\z/i ? \&asciidoc_links
        : $path =~ /\.rst\z/i ? \&rest_links : \&markdown_links;
    my @lines = $read == \&markdown_links ? prose_lines($text) : split /\n/, $text, -1;
    my @links;

    for my $number (1 .. @lines) {
        $read->($lines[$number - 1], sub { push @links, [$number, $_[0]] });
    }
    return @links;
}

# The words of a text in lower case, markup and code gone; for comparing documents.
sub words {
    my ($text) = @_;

    $text =~ s/<[^>]*>/ /g;
    return map { lc } $text =~ /([A-Za-z][A-Za-z']+|\d+|[\x80-\xff]+)/g;
}

1;
