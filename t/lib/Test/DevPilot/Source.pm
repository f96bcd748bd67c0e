# The source tree as the layout tests see it: which files there are, which of
# them are ours to judge, C without comments and strings, and its functions.

package Test::DevPilot::Source;

use strict;
use warnings;
use Exporter 'import';
use Test::DevPilot::Folder;

our @EXPORT_OK = qw(files text lines code functions exceptions);

my $root = Test::DevPilot::Folder::root();

# Paths of the tree's text files, relative to its root, that match a pattern.
# Files that git ignores are none of ours; data for tests is nobody's style.
sub files {
    my ($pattern) = @_;

    my @known = listed('git', '-C', $root, 'ls-files', '-z', '-c', '-o', '--exclude-standard');

    # A tarball has no git.
    @known = map { s{\A\Q$root\E/}{}r } listed('find', $root, '-type', 'f', '-print0') unless @known;

    return sort grep {
        $_ =~ $pattern && -f "$root/$_" && !m{\A(?:objs|var)(?:-|/)|\At/(?:vectors|fuzz/corpus)/}
    } @known;
}

sub listed {
    my (@command) = @_;

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>/dev/null', 'sh', @command) or return;
    local $/ = "\0";
    chomp(my @paths = <$out>);

    return @paths;
}

sub text {
    my ($path) = @_;

    return Test::DevPilot::Folder::slurp("$root/$path");
}

sub lines {
    my ($path) = @_;

    return split(/\n/, text($path), -1);
}

# C with comments, strings and character constants blanked, line by line.
sub code {
    my ($path) = @_;
    my $text = text($path);

    $text =~ s{(/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')}
              {(my $blank = $1) =~ tr/\n/ /c; $blank}gsex;

    return $text;
}

# The functions of a C file: {name, line, length, depth, parameters}.  Our
# formatting makes this easy: only a function has its braces in the first column.
sub functions {
    my ($path) = @_;
    my @lines = split(/\n/, code($path), -1);
    my (@found, $start);

    for my $number (0 .. $#lines) {
        $start = $number if $lines[$number] eq '{';

        if (defined $start && $lines[$number] =~ /\A\}/) {
            push @found, describe(\@lines, $start, $number);
            undef $start;
        }
    }

    return @found;
}

sub describe {
    my ($lines, $start, $end) = @_;
    my $head = $start;

    $head-- while $head > 0 && $lines->[$head - 1] =~ /\S/ && $lines->[$head] !~ /\A\w+\(/;

    my $signature = join(' ', @$lines[$head .. $start - 1]);
    my ($name, $parameters) = $signature =~ /(\w+)\((.*)\)/;

    return {
        name       => $name // $signature,
        line       => $head + 1,
        length     => $end - $start - 1,
        depth      => depth(@$lines[$start + 1 .. $end - 1]),
        parameters => count_parameters($parameters // ''),
    };
}

sub depth {
    my ($depth, $deepest) = (0, 0);

    for my $brace (join("\n", @_) =~ /[{}]/g) {
        $depth += $brace eq '{' ? 1 : -1;
        $deepest = $depth if $depth > $deepest;
    }

    return $deepest;
}

# Commas inside a parameter's own parentheses are not ours.
sub count_parameters {
    my ($text) = @_;

    1 while $text =~ s/\([^()]*\)//;

    return $text =~ /\A\s*(?:void)?\s*\z/ ? 0 : 1 + ($text =~ tr/,//);
}

# t/layout/exceptions: lines "RULE SUBJECT: reason"; those of one rule, as
# subject => reason.
sub exceptions {
    my ($rule) = @_;

    return map { /\A\Q$rule\E (\S+): (\S.*)\z/ ? ($1 => $2) : () } lines('t/layout/exceptions');
}

1;
