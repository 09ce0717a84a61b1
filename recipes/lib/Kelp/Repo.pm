# SPDX-License-Identifier: Apache-2.0
#
# The files of one git repository, as every check sees them: tracked ones and new ones that are
# not ignored, listed once, classified once, read within bounds.
#
#   my $repo = Kelp::Repo->open;              dies outside of a work tree
#   $repo->files                              list of files: {path mode oid kind language family
#                                             class test example}
#   $repo->sources / $repo->documents         those worth reading, without vendored, generated,
#                                             minified and binary ones
#   $repo->text($file)                        bytes, or undef if it is not readable text
#   $repo->git(@arguments)                    standard output of a git command, undef if it failed
package Kelp::Repo;
use strict;
use warnings;
use Cwd ();
use Kelp::Language qw(language_of family_of class_of is_test is_example is_vendored
    is_generated_name is_generated_text);
use Kelp::Run qw(run);

my $MAX_FILE_BYTES = 1 << 20;
my $MAX_FILES = 20_000;     # for each list that a check reads
my $MAX_TOTAL_BYTES = 256 << 20;
my $MAX_CACHE_BYTES = 96 << 20;

sub open {
    my ($class) = @_;
    my $self = bless {texts => {}, cached => 0, skipped => {}, left => 0}, $class;

    my $top = $self->git('rev-parse', '--show-toplevel');
    die "not a git work tree: '" . Cwd::getcwd() . "'\n" if !defined $top;
    chomp $top;
    chdir $top or die "enter '$top': $!\n";
    $self->{top} = $top;
    $self->{files} = $self->list;
    return $self;
}

sub git {
    my ($self, @arguments) = @_;
    my $done = run({limit => 60}, 'git', '-c', 'core.quotePath=false', '-c', 'core.fsmonitor=false',
        '--no-optional-locks', @arguments);

    return $done->{exit} == 0 ? $done->{out} : undef;
}

sub list {
    my ($self) = @_;
    my (@files, %seen);
    my $tracked = $self->git('ls-files', '-z', '-s');
    my $new = $self->git('ls-files', '-z', '-o', '--exclude-standard');

    die "git cannot list the files\n" if !defined $tracked;
    for my $entry (split /\0/, $tracked) {
        my ($mode, $oid, $path) = $entry =~ /\A(\d+) ([0-9a-f]+) \d\t(.*)\z/s or next;
        next if $seen{$path}++;
        push @files, $self->describe($path, $mode, $oid);
    }
    for my $path (split /\0/, defined $new ? $new : '') {
        push @files, $self->describe($path, '100644', '') if $path !~ m{/\z} && !$seen{$path}++;
    }
    return [sort { $a->{path} cmp $b->{path} } @files];
}

sub describe {
    my ($self, $path, $mode, $oid) = @_;
    my $kind = $mode eq '120000' ? 'link' : $mode eq '160000' ? 'module' : 'file';
    my $file = {path => $path, mode => $mode, oid => $oid, kind => $kind,
        test => is_test($path) ? 1 : 0, example => is_example($path) ? 1 : 0,
        vendored => is_vendored($path) ? 1 : 0};

    $file->{first} = $self->first_line($path)
        if $kind eq 'file' && $mode eq '100755' && $path !~ m{\.[A-Za-z0-9]+\z};
    $self->classify($file);
    return $file;
}

sub classify {
    my ($self, $file) = @_;
    my @key = ($file->{path}, $file->{first});

    $file->{language} = language_of(@key);
    $file->{family} = family_of(@key);
    $file->{class} = class_of(@key);
}

sub first_line {
    my ($self, $path) = @_;

    return '' if !(lstat $path && -f _) || !CORE::open(my $in, '<:raw', $path);
    my $got = read $in, my $start, 128;
    return $got && $start =~ /\A([^\n\0]*)/ ? $1 : '';
}

sub files { return @{$_[0]{files}} }
sub top { return $_[0]{top} }

# Paths as a set, folders included ("src/", "src/base/").
sub paths {
    my ($self) = @_;

    return $self->{paths} if $self->{paths};
    my %paths;
    for my $file ($self->files) {
        my $path = $file->{path};
        $paths{$path} = 1;
        $paths{$path} = 1 while $path =~ s{[^/]+/?\z}{} && length $path;
    }
    return $self->{paths} = \%paths;
}

# Repositories say themselves what is generated or vendored.
sub attributes {
    my ($self) = @_;

    return $self->{attributes} if $self->{attributes};
    my %skip;
    if (grep { $_->{path} =~ m{(?:^|/)\.gitattributes\z} } $self->files) {
        my $input = join "\0", map { $_->{path} } $self->files;
        my $done = run({limit => 30, input => "$input\0"}, 'git', 'check-attr', '-z', '--stdin',
            'linguist-generated', 'linguist-vendored');
        my @fields = split /\0/, $done->{out};
        while (my ($path, $name, $value) = splice @fields, 0, 3) {
            $skip{$path} = $name if $value =~ /\A(?:set|true)\z/;
        }
    }
    return $self->{attributes} = \%skip;
}

sub skip {
    my ($self, $file, $why) = @_;

    $self->{skipped}{$file->{path}} = $why;
    return;
}

# Why files were not read, as reason => count.
sub skipped {
    my ($self) = @_;
    my %count;

    $count{$_}++ for values %{$self->{skipped}};
    return \%count;
}

sub text {
    my ($self, $file) = @_;
    my $path = $file->{path};

    return $self->{texts}{$path} if exists $self->{texts}{$path};
    return if exists $self->{skipped}{$path};
    my $text = $self->read_text($file);
    if (defined $text && $self->{cached} + length $text < $MAX_CACHE_BYTES) {
        $self->{cached} += length $text;
        $self->{texts}{$path} = $text;
    }
    return $text;
}

sub read_text {
    my ($self, $file) = @_;
    my $path = $file->{path};

    return $self->skip($file, 'not a regular file')
        if $file->{kind} ne 'file' || !lstat $path || !-f _;
    my $size = -s _;
    return $self->skip($file, 'large') if $size > $MAX_FILE_BYTES;
    CORE::open(my $in, '<:raw', $path) or return $self->skip($file, 'unreadable');
    my $text = '';
    defined read $in, $text, $size or return $self->skip($file, 'unreadable');
    return $self->skip($file, 'binary') if index($text, "\0") >= 0;
    return $text;
}

sub line {
    my ($self, $path, $number) = @_;
    my $file = $self->file($path);
    my $text = $file && $self->text($file);

    return if !defined $text || $number < 1;
    $self->{lines} = {$path => [split /\n/, $text, -1]}
        if !$self->{lines} || !$self->{lines}{$path};
    return $self->{lines}{$path}[$number - 1];
}

sub file {
    my ($self, $path) = @_;

    $self->{by_path} ||= {map { $_->{path} => $_ } $self->files};
    return $self->{by_path}{$path};
}

sub is_minified {
    my ($text) = @_;
    my $lines = 1 + ($text =~ tr/\n//);

    return length($text) > 2000 && length($text) / $lines > 250;
}

# Files of a class that are worth a reader's time.
sub readable {
    my ($self, $class) = @_;
    my ($total, $attributes, @found) = (0, $self->attributes);

    return @{$self->{readable}{$class}} if $self->{readable}{$class};
    for my $file (grep { $_->{class} eq $class && $_->{kind} eq 'file' } $self->files) {
        my $path = $file->{path};
        if ($file->{vendored} || $attributes->{$path} || is_generated_name($path)) {
            $self->skip($file, $file->{vendored} ? 'vendored' : 'generated');
            next;
        }
        if (@found >= $MAX_FILES || $total > $MAX_TOTAL_BYTES) {
            $self->skip($file, 'beyond the limit');
            next;
        }
        my $text = $self->text($file);
        next if !defined $text;
        $total += length $text;
        if (is_generated_text($text)) {
            $self->skip($file, 'generated');
        } elsif (is_minified($text) && $class eq 'code') {
            $self->skip($file, 'minified');
        } else {
            push @found, $file;
        }
    }
    $self->{readable}{$class} = \@found;
    return @found;
}

sub sources { return $_[0]->readable('code') }
sub documents { return $_[0]->readable('document') }
# Sources that run in production: no tests, examples or benchmarks.
sub products { return grep { !$_->{test} && !$_->{example} } $_[0]->sources }
sub tests { return grep { $_->{test} } $_[0]->sources }

# The given paths that git ignores, as a set.
sub ignored {
    my ($self, @paths) = @_;

    return {} if !@paths;
    my $done = run({limit => 30, input => join("\0", @paths) . "\0"}, 'git', 'check-ignore', '-z',
        '--stdin', '--no-index');
    return {map { $_ => 1 } split /\0/, $done->{out}};
}

1;
