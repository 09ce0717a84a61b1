# SPDX-License-Identifier: Apache-2.0
#
# What a path and its first line say about a file: language, class, and whether it is a test, an
# example, vendored or generated. Tables only; nothing here reads the repository.
package Kelp::Language;
use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(language_of class_of family_of is_test is_example is_dockerfile is_vendored
    is_generated_name is_generated_text shebang_language stem_of);

# extension => [language, family]. The family says how comments, strings and blocks look.
my %CODE = (
    (map { $_ => ['C', 'c'] } qw(c h)),
    (map { $_ => ['C++', 'c'] } qw(cc cpp cxx hh hpp hxx ipp)),
    (map { $_ => ['JavaScript', 'js'] } qw(js mjs cjs jsx)),
    (map { $_ => ['TypeScript', 'js'] } qw(ts tsx mts cts)),
    (map { $_ => ['Python', 'python'] } qw(py pyi)),
    (map { $_ => ['Shell', 'shell'] } qw(sh bash ksh dash)),
    (map { $_ => ['Perl', 'perl'] } qw(pl pm)),
    (map { $_ => ['Ruby', 'ruby'] } qw(rb rake)),
    (map { $_ => ['Kotlin', 'c'] } qw(kt kts)),
    (map { $_ => ['Objective-C', 'c'] } qw(m mm)),
    go => ['Go', 'go'], rs => ['Rust', 'rust'], java => ['Java', 'c'], scala => ['Scala', 'c'],
    cs => ['C#', 'c'], swift => ['Swift', 'c'], php => ['PHP', 'php'], lua => ['Lua', 'lua'],
    zig => ['Zig', 'c'], dart => ['Dart', 'c'], groovy => ['Groovy', 'c'], awk => ['Awk', 'hash'],
    tcl => ['Tcl', 'hash'], ex => ['Elixir', 'hash'], exs => ['Elixir', 'hash'],
    r => ['R', 'hash'], jl => ['Julia', 'hash'], sql => ['SQL', 'sql'], vue => ['Vue', 'js'],
    hs => ['Haskell', 'sql'], el => ['Lisp', 'lisp'], proto => ['Protobuf', 'c'],
);
my %DOCUMENT = map { $_ => 1 } qw(md markdown mdx rst adoc asciidoc org textile);
my %INTERPRETER = (sh => 'sh', dash => 'sh', bash => 'sh', ksh => 'sh', perl => 'pl',
    python => 'py', ruby => 'rb', node => 'js', awk => 'awk', gawk => 'awk', php => 'php',
    lua => 'lua', tclsh => 'tcl');

my $VENDORED = qr{(?:^|/)(?:vendor|vendored|_vendor|third[_-]?party|node_modules|deps|external
    |externals|bower_components|Godeps|site-packages|\.yarn|jspm_packages|Pods|carthage)/}xi;
my $GENERATED_NAME = qr{\.min\.(?:js|css|mjs)$|\.pb\.(?:go|cc|h|c)$|_pb2(?:_grpc)?\.pyi?$|\.map$
    |(?:^|/)(?:configure|aclocal\.m4|config\.guess|config\.sub|install-sh|ltmain\.sh|missing
    |depcomp|libtool|gradlew(?:\.bat)?|mvnw(?:\.cmd)?|go\.sum|[^/]*\.lock|[^/]*-lock\.(?:json|yaml)
    |npm-shrinkwrap\.json|ppport\.h)$
    |\.(?:lex|tab|yy)\.[ch]$|\.snap$|\.svg$|(?:^|/)dist/.*\.(?:js|css)$|\.bundle\.js$}xi;
my $GENERATED_TEXT = qr{DO\s+NOT\s+(?:EDIT|MODIFY)|\@generated\b|A\s+Bison\s+parser
    |(?:^|\n)[\s/*\#;"%<!-]*(?:this\s+(?:file|code)\b[^\n]{0,40}?)?
    (?:auto(?:matically)?[-\s]*)?generated\s+(?:automatically\s+)?(?:by|from|with|using)\b}xi;
my $TEST = qr{(?:^|/)(?:tests?|testing|specs?|__tests__|__mocks__|t|testsuite|test-suite|e2e
    |integration[-_]tests?|unit[-_]tests?|regress|[^/]+[-_]tests?)/
    |(?:^|/)(?:test[-_][^/]*|conftest|tests?)\.[a-z]+$
    |[-_.](?:tests?|spec|unittest|test-d)\.[a-z0-9]+$
    |[a-z0-9](?:Tests?|IT|TestCase|Spec)\.(?:java|kt|scala|groovy|cs|swift|php)$
    |(?:^|/)t\d{4}-[^/]*\.sh$}x;
# Near the top a folder's name says so; deep down it may be a part of the product's name.
my $EXAMPLE = qr{\A(?:[^/]+/){0,2}(?:examples?|samples?|demos?|mocks?|fuzz[^/]*|templates?|contrib
    |benchmarks?|bench|benches)/
    |(?:^|/)__benchmarks__/|\.bench\.[a-z]+$
    |(?:^|/)(?:fixtures?|__fixtures__|testdata|test-data|corpus|corpora|snapshots?
    |__snapshots__)/}xi;

my $DOCKERFILE = qr{(?:\A|/)(?:(?:[\w.-]+\.)?(?:Dockerfile|Containerfile)|Dockerfile\.[\w.-]+)\z};

# The extension in lower case; for a name without one, what its first line says.
sub extension {
    my ($path, $first) = @_;

    return lc $1 if $path =~ m{[^/]\.([A-Za-z0-9]+)\z};
    return shebang_language($first);
}

sub shebang_language {
    my ($first) = @_;

    return '' if !defined $first || $first !~ m{\A\#!\s*(?:\S*/)?(?:env\s+(?:-S\s+)?)?([A-Za-z]+)};
    return $INTERPRETER{$1} || '';
}

sub language_of {
    my $known = $CODE{extension(@_)};

    return $known ? $known->[0] : '';
}

sub family_of {
    my $known = $CODE{extension(@_)};

    return $known ? $known->[1] : '';
}

# code, document or other. Plain text counts as a document where its name or folder says so.
sub class_of {
    my ($path, $first) = @_;
    my $extension = extension($path, $first);

    return 'code' if $CODE{$extension};
    return 'document' if $DOCUMENT{$extension};
    return 'document' if $path =~ m{(?:^|/)(?:README|INSTALL|CONTRIBUTING|HACKING|CHANGELOG|CHANGES
        |NEWS|AUTHORS|SECURITY)(?:\.txt)?\z}xi;
    return 'document' if $extension eq 'txt' && $path =~ m{(?:^|/)(?:docs?|documentation)/}i;
    return 'other';
}

sub is_test { return $_[0] =~ $TEST }
sub is_dockerfile { return $_[0] =~ $DOCKERFILE }
sub is_example { return $_[0] =~ $EXAMPLE }
sub is_vendored { return $_[0] =~ $VENDORED }
sub is_generated_name { return $_[0] =~ $GENERATED_NAME }

# Generators say so near the top; a sentence deep in a file is about something else.
sub is_generated_text { return substr($_[0], 0, 600) =~ $GENERATED_TEXT }

sub stem_of {
    my ($name) = $_[0] =~ m{([^/]+)\z};

    return '' if !defined $name;
    $name =~ s/(?<=.)\.[^.]*\z//;
    return $name;
}

1;
