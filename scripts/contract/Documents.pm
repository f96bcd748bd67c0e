# The documents that the edge serves: the contract as JSON and the list of error
# codes.  Each exported function takes what Contract::load() returned and returns
# a document's text.

package Documents;

use strict;
use warnings;

use B ();

use Pages ();

# The members of the document that come first; others follow by name.
my @first = qw(openapi info servers security tags paths components);
my %rank  = map { $first[$_] => $_ - @first } 0 .. $#first;

my %escape = (
    '"'  => '\"',
    '\\' => '\\\\',
    "\n" => '\n',
    "\t" => '\t',
);

sub string {
    my ($text) = @_;

    return '"' . ($text =~ s/(["\\\n\t])/$escape{$1}/gr) . '"';
}

# YAML's plain numbers are numbers, quoted ones are text.
sub is_number {
    return B::svref_2object(\$_[0])->FLAGS & (B::SVf_IOK | B::SVf_NOK);
}

sub scalar_json {
    return 'null' if !defined $_[0];
    return $_[0] ? 'true' : 'false' if ref $_[0] eq 'JSON::PP::Boolean';
    return is_number($_[0]) ? "$_[0]" : string($_[0]);
}

sub members {
    my ($value, $indent) = @_;

    return map { json($_, $indent) } @$value if ref $value eq 'ARRAY';
    return map { string($_) . ': ' . json($value->{$_}, $indent) }
        sort { ($rank{$a} // 0) <=> ($rank{$b} // 0) || $a cmp $b } keys %$value;
}

# Readable; what is short stands on one line.
sub json {
    my ($indent) = $_[1];

    return scalar_json($_[0]) if ref $_[0] ne 'HASH' && ref $_[0] ne 'ARRAY';

    my ($open, $close) = ref $_[0] eq 'HASH' ? qw({ }) : qw([ ]);
    my @members = members($_[0], "$indent  ");
    my $line    = $open . join(', ', @members) . $close;

    return $line if $line !~ /\n/ && length "$indent$line" < 80;
    return "$open\n$indent  " . join(",\n$indent  ", @members) . "\n$indent$close";
}

sub openapi {
    my ($contract) = @_;

    return json($contract->{document}, '') . "\n";
}

sub error {
    my ($error, $details) = @_;
    my @members = (
        [code          => string($error->{code})],
        [status        => $error->{status}],
        [severity      => string($error->{severity})],
        [retryPolicy   => string($error->{retry})],
        [retryAfter    => $error->{after}],
        [message       => string($error->{message})],
        [hint          => $error->{hint} && string($error->{hint})],
        [detailsSchema => $details->{$error->{code}} && string($details->{$error->{code}})],
    );

    return '    {' . join(', ', map {qq("$_->[0]": $_->[1])} grep { $_->[1] } @members) . '}';
}

sub errors {
    my ($contract) = @_;
    my $details = Pages::details_of($contract);

    return qq({\n  "items": [\n)
        . join(",\n", map { error($_, $details) } @{$contract->{errors}})
        . qq(\n  ],\n  "nextCursor": null,\n  "hasMore": false\n}\n);
}

1;
