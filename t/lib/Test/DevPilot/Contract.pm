# The contract as the tests see it: what api/openapi.json says of operations, and
# whether values and answers are what it says.
#
# A checker of its own, in another language and over the plain document: what it
# shares with the product is the contract alone.

package Test::DevPilot::Contract;

use strict;
use warnings;
use B ();
use Exporter 'import';
use Mojo::JSON qw(decode_json);
use Test::DevPilot::Folder;

our @EXPORT_OK = qw(operations resolve faults answer_faults);

my $document = decode_json(Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/api/openapi.json'));

# What a $ref points to; other nodes are themselves.
sub resolve {
    my ($node) = @_;

    while (ref $node eq 'HASH' && exists $node->{'$ref'}) {
        my $at = $document;

        $at = $at->{$_} // die "$node->{'$ref'}: points to nothing\n" for split m{/}, $node->{'$ref'} =~ s{\A#/}{}r;
        $node = $at;
    }

    return $node;
}

# Every operation: {id, method, path, policy, parameters, body, example, responses},
# references replaced; body is the schema, undef where there is none.
sub operations {
    return map { operations_of($_, $document->{paths}{$_}) } sort keys %{$document->{paths}};
}

sub operations_of {
    my ($path, $item) = @_;

    return map { operation($path, $_, $item->{$_}) } sort keys %$item;
}

sub operation {
    my ($path, $method, $source) = @_;
    my $contents = resolve($source->{requestBody} // {})->{content} // {};
    my $content = $contents->{'application/json'};
    my $form = $contents->{'application/x-www-form-urlencoded'};

    return {
        id         => $source->{operationId},
        method     => uc $method,
        path       => $path,
        policy     => $source->{'x-devpilot'},
        tag        => $source->{tags}[0],
        parameters => [map { resolve($_) } @{$source->{parameters} // []}],
        body       => $content && resolve($content->{schema}),
        example    => $content && $content->{example},
        form       => $form && $form->{schema},
        fields     => $form && $form->{example},
        responses  => {map { $_ => resolve($source->{responses}{$_}) } keys %{$source->{responses}}},
    };
}

# --- answers -----------------------------------------------------------------------

# What is wrong with an answer, by the contract; nothing where it says nothing.
sub answer_faults {
    my ($method, $target, $response) = @_;
    my $operation = operation_of($method, $target) // return;
    my $code = $response->code // return;
    my $declared = $operation->{responses}{$code};

    return if $code == 304 || $method =~ /\A(?:HEAD|OPTIONS)\z/;
    return "$operation->{id}: a $code is not declared" if $code < 400 && !$declared;

    return map {"$operation->{id}: $code: $_"}
        body_faults($response, $declared // $operation->{responses}{default}), header_faults($response, $declared);
}

sub operation_of {
    my ($method, $target) = @_;
    my $path = $target =~ s{\Ahttps?://[^/]+}{}r =~ s{\?.*}{}sr;

    for my $operation (operations()) {
        my $pattern = join '[^/]+', map {quotemeta} split /\{\w+\}/, $operation->{path}, -1;

        return $operation if $operation->{method} eq $method && $path =~ /\A$pattern\z/;
    }

    return;
}

sub body_faults {
    my ($response, $declared) = @_;
    my $content = $declared->{content};
    my ($type) = ($response->headers->content_type // '') =~ /\A([^;]*)/;

    return length $response->body ? 'a body' : () if !$content;

    # Every error comes as problem details, too; the default response says so.
    $content = {%$content, 'application/problem+json' => {schema => $document->{components}{schemas}{Problem}}}
        if $response->code >= 400;

    return "the media type $type" if !$content->{$type};
    return if $type !~ /\bjson\z/;

    my $value = eval { decode_json($response->body) } // return 'no JSON';

    return (faults($value, $content->{$type}{schema}),
            $response->code < 400 ? () : (code_faults($value->{error}, $declared), details_faults($value->{error})));
}

# A status that is declared names its codes; all others are the default's.  With
# ROUTE_NOT_FOUND no operation was reached: an escaped slash makes another path.
sub code_faults {
    my ($error, $declared) = @_;
    my $codes = $declared->{'x-devpilot-codes'} // return;

    return if $error->{code} eq 'ROUTE_NOT_FOUND';
    return grep({ $_ eq $error->{code} } @$codes) ? () : "the code $error->{code} is not named";
}

# The shape of details is that of the code.
sub details_faults {
    my ($error) = @_;
    my $details = $error->{details} // return;
    my $schemas = $document->{components}{schemas};
    my ($name) = grep {
        grep { $_ eq $error->{code} } @{$schemas->{$_}{'x-devpilot-codes'} // []}
    } sort keys %$schemas;

    return defined $name ? faults($details, $schemas->{$name}, '/error/details') : "$error->{code} has no details";
}

# A header that is there has the form that is declared.
sub header_faults {
    my ($response, $declared) = @_;
    my @faults;

    for my $name (sort keys %{$declared->{headers} // {}}) {
        my $value = $response->headers->header($name) // next;
        my $schema = resolve(resolve($declared->{headers}{$name})->{schema});

        $value += 0 if ($schema->{type} // '') eq 'integer' && $value =~ /\A\d+\z/;
        push @faults, faults($value, $schema, $name);
    }

    return @faults;
}

# --- values ------------------------------------------------------------------------

my %format = (
    'uuid'          => qr/\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z/,
    'date-time'     => qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\z/,
    'email'         => qr/\A[^@\s]+@[^@\s]+\z/,
    'uri'           => qr/\A[a-z][a-z0-9+.-]*:\S+\z/,
    'uri-reference' => qr/\A\S+\z/,
);

# keyword => whether a value of its type meets it; of others it says nothing.
my %judge = (
    string => {
        minLength => sub { length $_[0] >= $_[1] },
        maxLength => sub { length $_[0] <= $_[1] },
        pattern   => sub { $_[0] =~ /$_[1]/ },
        format    => sub { $_[0] =~ ($format{$_[1]} // die "no format $_[1]\n") },
    },
    number => {
        minimum => sub { $_[0] >= $_[1] },
        maximum => sub { $_[0] <= $_[1] },
    },
    array => {
        minItems    => sub { @{$_[0]} >= $_[1] },
        maxItems    => sub { @{$_[0]} <= $_[1] },
        uniqueItems => sub { my %seen; !$_[1] || !grep { $seen{text($_)}++ } @{$_[0]} },
    },
    object => {
        minProperties => sub { keys %{$_[0]} >= $_[1] },
    },
);
my %judging = map { $_ => 1 } map { keys %$_ } values %judge;
my %other = map { $_ => 1 }
    qw(type enum anyOf items required properties additionalProperties description default example x-devpilot-codes);

# What is wrong with a value, by a schema, as "POINTER KEYWORD" each.
sub faults {
    my ($value, $schema, $where) = @_;

    $where //= '';
    $schema = resolve($schema);

    for my $keyword (sort keys %$schema) {
        die "$where: the keyword $keyword is not known here\n" if !$judging{$keyword} && !$other{$keyword};
    }

    return "$where type" if !type_met($value, $schema->{type});

    my $judge = $judge{type_of($value) =~ s/integer/number/r} // {};
    my @faults = map {"$where $_"}
        grep { exists $schema->{$_} && !$judge->{$_}->($value, $schema->{$_}) } sort keys %$judge;

    push @faults, "$where enum" if $schema->{enum} && !grep { text($_) eq text($value) } @{$schema->{enum}};
    push @faults, "$where anyOf" if $schema->{anyOf} && !grep { !faults($value, $_, $where) } @{$schema->{anyOf}};

    return (@faults, parts_faults($value, $schema, $where));
}

sub parts_faults {
    my ($value, $schema, $where) = @_;

    return members_faults($value, $schema, $where) if ref $value eq 'HASH';
    return if ref $value ne 'ARRAY' || !$schema->{items};
    return map { faults($value->[$_], $schema->{items}, "$where/$_") } 0 .. $#$value;
}

sub members_faults {
    my ($value, $schema, $where) = @_;
    my $known = $schema->{properties} // {};
    my $more = $schema->{additionalProperties} // {};
    my @faults = map {"$where/$_ required"} grep { !exists $value->{$_} } @{$schema->{required} // []};

    for my $name (sort keys %$value) {
        my $part = $known->{$name} // $more;

        push @faults, ref $part eq 'HASH' ? faults($value->{$name}, $part, "$where/$name")
            : $part ? () : "$where/$name additionalProperties";
    }

    return @faults;
}

sub type_met {
    my ($value, $types) = @_;
    my $type = type_of($value);

    return 1 if !defined $types;
    return scalar grep { $_ eq $type || $_ eq 'number' && $type eq 'integer' } ref $types ? @$types : $types;
}

# As JSON has it, of what was decoded and not been used as anything else since.
sub type_of {
    return 'null' if !defined $_[0];
    return 'object' if ref $_[0] eq 'HASH';
    return 'array' if ref $_[0] eq 'ARRAY';
    return 'boolean' if ref $_[0];

    my $flags = B::svref_2object(\$_[0])->FLAGS;

    return 'string' if $flags & B::SVf_POK || !($flags & (B::SVf_IOK | B::SVf_NOK));
    return $_[0] == int $_[0] ? 'integer' : 'number';
}

sub text {
    return Mojo::JSON::to_json($_[0]);
}

1;
