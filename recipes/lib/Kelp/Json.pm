# SPDX-License-Identifier: Apache-2.0
#
# The one place where recipes write and read JSON. Perl's base installation has no JSON module.
#
#   encode($value)   hash, array, string (bytes), \number, undef -> text, one line
#   decode($text)    the inverse; numbers come back as \number, true and false as \1 and \0
#   clean($bytes)    the same bytes as strict UTF-8: what is not becomes U+FFFD
#
# A number is a reference to a scalar, so that "12" (a string) and 12 are never mixed up.
package Kelp::Json;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(encode decode clean);

my %ESCAPE = ("\n" => '\n', "\r" => '\r', "\t" => '\t', "\f" => '\f', "\b" => '\b',
    '"' => '\"', '\\' => '\\\\');
my %UNESCAPE = (n => "\n", r => "\r", t => "\t", f => "\f", b => "\b",
    '"' => '"', '\\' => '\\', '/' => '/');
my $MAX_DEPTH = 64;

# RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
my $WELL_FORMED = qr/[\x00-\x7f]
    | [\xc2-\xdf][\x80-\xbf]
    | \xe0[\xa0-\xbf][\x80-\xbf] | [\xe1-\xec\xee\xef][\x80-\xbf]{2} | \xed[\x80-\x9f][\x80-\xbf]
    | \xf0[\x90-\xbf][\x80-\xbf]{2} | [\xf1-\xf3][\x80-\xbf]{3} | \xf4[\x80-\x8f][\x80-\xbf]{2}/x;

sub clean {
    my ($bytes) = @_;

    return '' if !defined $bytes;
    utf8::encode($bytes) if utf8::is_utf8($bytes);
    return $bytes if $bytes !~ /[\x80-\xff]/;
    $bytes =~ s/\G((?:$WELL_FORMED)*+)(?:\z|(.))/$1 . (defined $2 ? "\xef\xbf\xbd" : '')/gsex;
    return $bytes;
}

sub encode_string {
    my $text = clean($_[0]);

    $text =~ s/\x00/\xef\xbf\xbd/g; # many readers refuse it, escaped or not
    $text =~ s/([\x00-\x1f"\\\x7f])/$ESCAPE{$1} || sprintf '\u%04x', ord $1/ge;
    return qq("$text");
}

sub encode_number {
    my ($number) = @_;

    return '0' if $number !~ /\A-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\z/;
    return $number + 0;
}

sub encode {
    my ($value) = @_;
    my $kind = ref $value;

    return 'null' if !defined $value;
    return encode_string($value) if !$kind;
    return encode_number($$value) if $kind eq 'SCALAR';
    return '[' . join(',', map { encode($_) } @$value) . ']' if $kind eq 'ARRAY';
    die "json: cannot write a $kind\n" if $kind ne 'HASH';
    return '{' . join(',', map { encode_string($_) . ':' . encode($value->{$_}) }
        sort keys %$value) . '}';
}

sub fail {
    my ($text, $what) = @_;
    my $at = pos($$text) || 0;
    my $line = 1 + (substr($$text, 0, $at) =~ tr/\n//);

    die "json: line $line, byte $at: $what\n";
}

sub code_point {
    my ($hex, $low) = @_;
    my $code = hex $hex;
    my $char;

    $code = 0x10000 + (($code - 0xd800) << 10) + (hex($low) - 0xdc00) if defined $low;
    $code = 0xfffd if $code >= 0xd800 && $code <= 0xdfff;
    $char = chr $code;
    utf8::encode($char);
    return $char;
}

sub decode_string {
    my ($text) = @_;

    $$text =~ /\G"((?:[^"\\\x00-\x1f]++|\\(?:["\\\/bfnrt]|u[0-9a-fA-F]{4}))*+)"/gc
        or fail($text, 'a broken string');
    my $body = $1;
    $body =~ s/\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})
        |u([0-9a-fA-F]{4})|(.))/defined $4 ? $UNESCAPE{$4}
        : defined $2 ? code_point($1, $2) : code_point($3)/gsex;
    return $body;
}

sub decode_array {
    my ($text, $depth) = @_;
    my @values;

    return \@values if $$text =~ /\G\s*\]/gc;
    while (1) {
        push @values, decode_value($text, $depth + 1);
        next if $$text =~ /\G\s*,/gc;
        return \@values if $$text =~ /\G\s*\]/gc;
        fail($text, 'expected "," or "]"');
    }
}

sub decode_object {
    my ($text, $depth) = @_;
    my %values;

    return \%values if $$text =~ /\G\s*\}/gc;
    while (1) {
        $$text =~ /\G\s*(?=")/gc or fail($text, 'expected a key');
        my $key = decode_string($text);
        $$text =~ /\G\s*:/gc or fail($text, 'expected ":"');
        $values{$key} = decode_value($text, $depth + 1);
        next if $$text =~ /\G\s*,/gc;
        return \%values if $$text =~ /\G\s*\}/gc;
        fail($text, 'expected "," or "}"');
    }
}

sub decode_value {
    my ($text, $depth) = @_;

    fail($text, 'nested too deep') if $depth > $MAX_DEPTH;
    $$text =~ /\G\s+/gc;
    return decode_string($text) if $$text =~ /\G(?=")/gc;
    return decode_object($text, $depth) if $$text =~ /\G\{/gc;
    return decode_array($text, $depth) if $$text =~ /\G\[/gc;
    if ($$text =~ /\G(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?)/gc) {
        my $number = $1;
        return \$number;
    }
    return \(my $true = 1) if $$text =~ /\Gtrue\b/gc;
    return \(my $false = 0) if $$text =~ /\Gfalse\b/gc;
    return undef if $$text =~ /\Gnull\b/gc;
    fail($text, 'expected a value');
}

sub decode {
    my ($text) = @_;

    $text =~ s/\A\xef\xbb\xbf//;
    pos($text) = 0;
    my $value = decode_value(\$text, 0);
    $text =~ /\G\s*\z/gc or fail(\$text, 'text after the value');
    return $value;
}

1;
