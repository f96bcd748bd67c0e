# Where a path of a YAML document stands in its file: YAML::XS does not tell.
#
# Follows block mappings by their indentation; a path that goes on in a flow
# mapping or a list stands where that begins.

package Positions;

use strict;
use warnings;

# A function from a path to "FILE:LINE: PATH".
sub in {
    my ($file, $text) = @_;
    my @lines = split /\n/, $text;

    return sub {
        my (@path) = @_;

        return "$file:" . line_of(\@lines, @path) . ': ' . join('/', @path);
    };
}

sub line_of {
    my ($lines, @path) = @_;
    my ($line, $indent) = (0, -1);

    for my $step (@path) {
        my $found = child($lines, $line, $indent, $step) // last;

        ($line, $indent) = ($found, indent_of($lines->[$found - 1]));
    }

    return $line || 1;
}

sub indent_of {
    my ($text) = @_;

    return length(($text =~ /\A( *)/)[0]);
}

# The line, counted from 1, of a key directly below the line `parent`.
sub child {
    my ($lines, $parent, $indent, $key) = @_;
    my $own;

    for my $number ($parent + 1 .. @$lines) {
        my $text = $lines->[$number - 1];

        next if $text =~ /\A\s*(?:#|\z)/;
        return if indent_of($text) <= $indent;

        $own //= indent_of($text);
        return $number if indent_of($text) == $own && $text =~ /\A\s*(['"]?)\Q$key\E\1:/;
    }

    return;
}

1;
