# The form of requests: every operation's parameters and body as schemas, and
# shared/dp_contract_table.c from them.
#
# read() returns the set of their schemas and leaves in each operation
# { form => {parameters, query_count, body} }.

package Requests;

use strict;
use warnings;

use Rows    ();
use Schemas ();
use Tables  ();

my $form_type = 'application/x-www-form-urlencoded';
my $parameters_max = 16;    # DP_CONTRACT_PARAMETERS
my %order  = (query => 0, path => 1, header => 2);
my %judged = map { $_ => 1 } qw(Idempotency-Key If-Match);    # each by a stage of its own
my %scalar = map { $_ => 1 } qw(string integer number boolean);

# Parameters as the table has them: query, path in the path's order, headers.
sub parameters_sort {
    my ($operation) = @_;
    my $names = $operation->{path_names};
    my %place = map { $names->[$_] => $_ } 0 .. $#$names;

    return sort {
        $order{$a->{in}} <=> $order{$b->{in}}
            || ($place{$a->{name}} // 0) <=> ($place{$b->{name}} // 0)
            || $a->{name} cmp $b->{name}
    } @{$operation->{parameters}};
}

# Where it is declared: among the components, for all who use it, or in place.
sub parameter_path {
    my ($set, $operation, $parameter) = @_;
    my $shared = $set->at('components', 'parameters') // {};
    my ($name) = grep { $shared->{$_} == $parameter } sort keys %$shared;

    return defined $name
        ? ('components', 'parameters', $name)
        : ('paths', $operation->{path}, $operation->{method}, 'parameters', $parameter->{name});
}

sub parameter_read {
    my ($set, $operation, $parameter) = @_;
    my $schema = $parameter->{schema};
    my $type = (ref $schema eq 'HASH' ? $schema->{type} : undef) // '';
    my @path = $parameter->{in} eq 'body'
        ? ('paths', $operation->{path}, $operation->{method}, 'form', $parameter->{name})
        : parameter_path($set, $operation, $parameter);

    $set->fault(\@path, 'a parameter needs one type of string, integer, number or boolean')
        if !$scalar{$type};
    $set->fault(\@path, "no stage judges the header $parameter->{name}")
        if $parameter->{in} eq 'header' && !$judged{$parameter->{name}};
    $set->fault(\@path, 'a default and required contradict each other')
        if $parameter->{required} && exists $schema->{default};

    return {
        name      => $parameter->{name},
        in        => $parameter->{in},
        required  => $parameter->{required},
        otherwise => $schema->{default},
        schema    => $set->add($schema, @path, $parameter->{in} eq 'body' ? () : 'schema'),
    };
}

sub body_read {
    my ($set, $operation) = @_;
    my $body = $operation->{source}{requestBody} or return undef;
    my @types = keys %{$body->{content} // {}};
    my @path = ('paths', $operation->{path}, $operation->{method}, 'requestBody');

    return undef if "@types" eq $form_type;
    return $set->fault(\@path, "a requestBody has one content, application/json or $form_type")
        if "@types" ne 'application/json';

    push @path, qw(content application/json schema);

    return {required => $body->{required}, schema => $set->add($body->{content}{$types[0]}{schema}, @path)};
}

# The members of a form: names and values, as parameters are.
sub fields_read {
    my ($set, $operation) = @_;
    my $content = ($operation->{source}{requestBody} // {})->{content} // {};
    my $schema = ($content->{$form_type} or return)->{schema};
    my $members = $schema->{properties} // {};
    my %required = map { $_ => 1 } @{$schema->{required} // []};

    $set->fault(['paths', $operation->{path}, $operation->{method}, 'requestBody'],
                'a form is an object of its own, with properties and additionalProperties: false')
        if exists $schema->{'$ref'} || ($schema->{additionalProperties} // 1);

    return map { {name => $_, in => 'body', required => $required{$_}, schema => $members->{$_}} } sort keys %$members;
}

sub form_read {
    my ($set, $operation) = @_;
    my @parameters = parameters_sort($operation);
    my @fields = fields_read($set, $operation);

    $set->fault(['paths', $operation->{path}, $operation->{method}], "more than $parameters_max parameters")
        if @parameters > $parameters_max || @fields > $parameters_max;

    return {
        parameters  => [map { parameter_read($set, $operation, $_) } @parameters, @fields],
        field_count => scalar(@fields),
        query_count => scalar(grep { $_->{in} eq 'query' } @parameters),
        body        => body_read($set, $operation),
    };
}

# The set of all that requests may be; an operation's form is in $operation->{form}.
sub read {
    my ($document, $operations, $where) = @_;
    my $set = Schemas->new(document => $document, where => $where, strict => 1);

    $_->{form} = form_read($set, $_) for @$operations;
    $set->link;

    return $set;
}

sub parameter_row {
    my ($set, $parameter) = @_;
    my $otherwise = $parameter->{otherwise};
    my @members = (
        Tables::string($parameter->{name}),
        'DP_IN_' . uc $parameter->{in},
        ($parameter->{required} ? '.required = true' : ()),
        '.schema = ' . $set->row_of($parameter->{schema}),
        (defined $otherwise ? '.otherwise = ' . Tables::string("$otherwise") : ()),
    );

    return '    {' . join(', ', @members) . "},\n";
}

sub parameter_rows {
    my ($set, $operation) = @_;
    my @rows = map { parameter_row($set, $_) } @{$operation->{form}{parameters}};

    return @rows ? ("    /* $operation->{id} */\n", @rows) : ();
}

# `first`: the index of the operation's parameters.
sub operation_row {
    my ($set, $operation, $first) = @_;
    my ($parameters, $queried, $fields, $body) = @{$operation->{form}}{qw(parameters query_count field_count body)};
    my $others = @$parameters - $fields;
    my @members;

    push @members, "parameters = &parameters[$first]" if @$parameters;
    push @members, "count = $others" if $others;
    push @members, "query_count = $queried" if $queried;
    push @members, "field_count = $fields" if $fields;
    push @members, 'has_body = true' if $body;
    push @members, 'body_required = true' if $body && $body->{required};
    push @members, 'body = ' . $set->row_of($body->{schema}) if $body;

    return @members
        ? "    [DP_ROUTE_$operation->{id}] = {\n" . join('', map {"        .$_,\n"} @members) . "    },\n"
        : '';
}

sub operation_rows {
    my ($set, $operations) = @_;
    my $first = 0;
    my $rows = '';

    for my $operation (@$operations) {
        $rows .= operation_row($set, $operation, $first);
        $first += @{$operation->{form}{parameters}};
    }

    return $rows;
}

sub table {
    my ($contract) = @_;
    my ($set, $operations) = @$contract{qw(requests operations)};
    my $parameters = join '', map { parameter_rows($set, $_) } @$operations;

    $parameters = "static const dp_contract_parameter_t parameters[] = {\n$parameters};\n\n"
        if $parameters ne '';

    return Rows::opening('The form of each operation\'s requests.') . <<"END"
#include "dp_contract.h"
#include "dp_routes_index.h"

END
        . Tables::render($set, 'dp_contract_schemas')
        . "\n$parameters"
        . "const dp_contract_operation_t dp_contract_operations[DP_ROUTE_COUNT] = {\n"
        . operation_rows($set, $operations) . "};\n";
}

1;
