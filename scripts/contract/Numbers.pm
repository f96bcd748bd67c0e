# What a value of YAML or JSON is: number or string, and its text as JSON.
#
# YAML::XS and JSON::PP tell numbers from strings by the flags of Perl's
# scalars; nothing here uses a scalar in a way that would change them.

package Numbers;

use strict;
use warnings;

use B ();

my $grammar = qr/\A(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?\z/;

sub is_number {
    my $flags = B::svref_2object(\$_[0])->FLAGS;

    return !ref $_[0] && ($flags & (B::SVp_IOK | B::SVp_NOK)) != 0;
}

# A number's text: as it was written, or the shortest that is the same double.
sub text {
    my $written = B::svref_2object(\$_[0])->FLAGS & B::SVp_POK;

    return "$_[0]" if $written || $_[0] == int $_[0] && abs $_[0] < 1e15;

    for my $digits (15 .. 17) {
        my $text = sprintf "%.${digits}g", $_[0];

        return $text =~ s/e\+/e/r if $text == $_[0];
    }
}

# {digits, exponent, negative} as dp_decimal_t has them; undef when the value is
# no number, or not one that a double keeps.
sub decimal {
    return undef if !is_number($_[0]);
    return undef if text($_[0]) !~ $grammar;

    my ($sign, $whole, $fraction, $exponent) = ($1, $2, $3 // '', $4 // 0);
    my $digits = "$whole$fraction" =~ s/^0+//r;

    $exponent -= length $fraction;
    $exponent++ while $digits =~ s/0\z//;

    return {digits => 0, exponent => 0, negative => 0} if $digits eq '';
    return undef if length $digits > 17;
    return {digits => $digits, exponent => $exponent, negative => $sign eq '-'};
}

sub string {
    my ($text) = @_;

    $text =~ s/([\\"])/\\$1/g;
    $text =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
    die "U+0000 is in no value\n" if $text =~ /\\u0000/;

    return qq("$text");
}

# The JSON text of a value, and how many tokens of shared/dp_json_check.h it has
# are added to $$tokens.
sub json {
    my $tokens = $_[1];

    $$tokens++;

    return 'null' if !defined $_[0];
    return $_[0] ? 'true' : 'false' if ref $_[0] eq 'JSON::PP::Boolean';
    return '[' . join(',', map { json($_, $tokens) } @{$_[0]}) . ']' if ref $_[0] eq 'ARRAY';
    return '{' . join(',', map { members($_, $_[0]{$_}, $tokens) } sort keys %{$_[0]}) . '}'
        if ref $_[0] eq 'HASH';
    return string($_[0]) if !is_number($_[0]);

    die "a double does not keep the number\n" if !decimal($_[0]);

    return text($_[0]);
}

sub members {
    my ($name, undef, $tokens) = @_;

    $$tokens++;

    return string($name) . ':' . json($_[1], $tokens);
}

1;
