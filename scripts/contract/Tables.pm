# A linked set of Schemas as the C tables of shared/dp_schema.h.

package Tables;

use strict;
use warnings;

use Encode ();

# A C string, with its quotes.
sub string {
    my ($text) = @_;

    $text =~ s/([\\"])/\\$1/g;
    $text =~ s/([\x00-\x1f\x7f])/sprintf '\\%03o', ord $1/ge;

    return qq("$text");
}

# A slice in an initializer.
sub slice {
    my ($text) = @_;

    return '{(const uint8_t *) ' . string($text) . ', ' . length(Encode::encode('UTF-8', $text)) . '}';
}

# An array, or nothing at all when it would be empty.
sub array {
    my ($declaration, @rows) = @_;

    return '' if !@rows;
    return "static $declaration\[] = {\n" . join('', map {"    $_\n"} @rows) . "};\n\n";
}

sub operand {
    my ($set, $member, $value) = @_;

    return ", .schema = " . $set->row_of($value) if $member eq 'schema';
    return ", .list = {$value->[0], $value->[1]}" if $member eq 'list';
    return ''                                     if $member eq 'none';
    return ", .$member = $value"                  if $member ne 'decimal';

    my @members = (".digits = $value->{digits}u");

    push @members, ".exponent = $value->{exponent}" if $value->{exponent};
    push @members, '.negative = true' if $value->{negative};

    return ', .decimal = {' . join(', ', @members) . '}';
}

sub row {
    my ($set, $name, @operand) = @_;
    my $text = @operand ? operand($set, @operand) : '';

    return $text eq '' ? "{.keyword = DP_KEYWORD_$name}," : "{DP_KEYWORD_$name$text},";
}

sub node {
    my ($set, $node) = @_;

    return ("/* $node->{first}: $node->{title} */",
        (map { row($set, @$_) } @{$node->{rows}}), row($set, 'END'));
}

sub rows {
    my ($set) = @_;

    return array('const dp_schema_row_t rows', map { node($set, $_) } @{$set->{nodes}});
}

sub properties {
    my ($set) = @_;

    return array('const dp_schema_property_t properties',
        map { '{' . slice($_->[0]) . ', ' . $set->row_of($_->[1]) . '},' } @{$set->{properties}});
}

sub names {
    my ($set) = @_;

    return array('const dp_slice_t names', map { slice($_) . ',' } @{$set->{names}});
}

sub patterns {
    my ($set) = @_;

    return array('dp_pattern_t patterns', map { '{' . string($_) . ', NULL},' } @{$set->{patterns}});
}

# Of enum, const and default: the items of one JSON array.
sub values_of {
    my ($set) = @_;
    my @values = @{$set->{values}};
    my @lines = map { string(($_ ? ',' : '[') . $values[$_]) } 0 .. $#values;

    return "static const char values_text[] =\n"
        . join('', map {"    $_\n"} @lines, @lines ? '"]";' : '"[]";') . "\n"
        . "static dp_json_token_t values_tape[$set->{tokens}];\n\n"
        . "static dp_json_t values = {.tokens = values_tape, .capacity = $set->{tokens}};\n\n";
}

# All of it, and the set under an exported name.
sub render {
    my ($set, $name) = @_;
    my %part = (properties => scalar @{$set->{properties}}, names => scalar @{$set->{names}});
    my @members = ('.rows = rows,', map {".$_ = $_,"} grep { $part{$_} } sort keys %part);
    my $patterns = @{$set->{patterns}};

    push @members, '.patterns = patterns,', ".pattern_count = $patterns," if $patterns;
    push @members, '.values_text = {(const uint8_t *) values_text, sizeof(values_text) - 1},',
        '.values = &values,';

    return rows($set) . properties($set) . names($set) . patterns($set) . values_of($set)
        . "const dp_schema_set_t $name = {\n" . join('', map {"    $_\n"} @members) . "};\n";
}

1;
