# A migration script, taken apart: its head's marks and its statements.
#
# load() returns { path, head, phases, reason, statements }.  A statement is { line,
# text, raw, in_block }: in lower case, blanks folded, without comments.  `text`
# leaves out what strings and function bodies say, as the script does not do that;
# what a DO block says it does, and the SQL in its strings it may: its pieces
# follow it as statements of their own, with in_block set.

package Script;

use strict;
use warnings;

my $token = qr{
      (?<comment> --[^\n]* | /\*.*?\*/ )
    | (?<body>    (?<tag> \$\w*\$ ) .*? \k<tag> )
    | (?<string>  '(?:[^']|'')*' )
    | (?<name>    "[^"]*" )
    | (?<end>     ; )
    | (?<other>   [^-/\$'";]+ | . )
}xs;

sub text_of {
    my ($path) = @_;

    open my $file, '<:encoding(UTF-8)', $path or return undef;
    local $/ = undef;

    return scalar <$file>;
}

sub folded {
    my ($text) = @_;

    return lc(join ' ', split ' ', $text);
}

# A statement without its strings and bodies, and with them.
sub statement {
    my ($line, $text, $raw) = @_;

    return {line => $line, text => folded($text), raw => folded($raw)};
}

sub statements {
    my ($source) = @_;
    my ($line, $start, $text, $raw) = (1, 1, '', '');
    my @found;

    while ($source =~ /$token/g) {
        my ($what, %part) = ($&, %+);

        if (defined $part{end}) {
            push @found, statement($start, $text, $raw);
            push @found, block($start, $raw) if folded($text) =~ /^do\b/;
            ($text, $raw) = ('', '');
        }
        elsif (!defined $part{comment}) {
            $start = $line + leading_lines($what) if $text !~ /\S/;
            $text .= defined $part{body} ? '$$' : defined $part{string} ? q{''} : $what;
            $raw  .= $what;
        }
        $line += $what =~ tr/\n//;
    }
    push @found, statement($start, $text, $raw) if $text =~ /\S/;

    return @found;
}

sub leading_lines {
    my ($blanks) = $_[0] =~ /\A(\s*)/;

    return $blanks =~ tr/\n//;
}

# The statements in the body of a DO block.
sub block {
    my ($line, $raw) = @_;
    my ($body) = $raw =~ /(\$\w*\$.*\$\w*\$)/s;
    my $text = ($body // '') =~ s/\$\w*\$|--[^\n]*//gr;

    return map { +{%{statement($line, $_, $_)}, in_block => 1} } grep {/\S/} split /;/, $text =~ tr/'/ /r;
}

sub load {
    my ($path, $name) = @_;
    my $source = text_of($path) // return undef;
    my ($head) = $source =~ /\A((?:--[^\n]*\n)*)/;
    my ($reason) = $head =~ /^-- destructive: *(\S.*)$/m;

    return {
        path       => $name,
        head       => $head,
        phases     => [$head =~ /^-- phase: *(.*)$/mg],
        reason     => $reason,
        statements => [statements($source)],
    };
}

1;
