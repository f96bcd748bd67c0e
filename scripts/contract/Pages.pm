# The reference pages that follow from the contract and the error table.  Each
# exported function takes what Contract::load() returned and returns a page.

package Pages;

use strict;
use warnings;

use Contract ();
use JSON::PP ();

sub opening {
    my ($title, $sources) = @_;

    return "<!-- generated from $sources by scripts/generate-contract; do not edit -->\n\n"
        . "# $title\n\n";
}

sub table {
    my ($head, @rows) = @_;

    return join('', map { '| ' . join(' | ', @$_) . " |\n" } $head, [('---') x @$head], @rows)
        . "\n";
}

sub code {
    return "`$_[0]`";
}

# One line, fit for a table's cell.
sub cell {
    my ($text) = @_;

    return join(' ', split ' ', $text // '') =~ s/\|/\\|/gr;
}

sub role {
    my ($operation) = @_;
    my %others = (
        public   => 'public',
        user     => 'any credential',
        platform => 'platform',
    );

    return $others{$operation->{scope}} // "$operation->{scope} $operation->{rank_name}";
}

sub ref_name {
    my ($schema) = @_;

    return $schema->{'$ref'} =~ s{.*/}{}r;
}

sub ref_link {
    my ($schema) = @_;
    my $name = ref_name($schema);

    return "[$name](#" . lc($name) . ')';
}

# A value as JSON has it, but a string without its quotes.
sub word {
    my ($value) = @_;

    return ref $value eq 'JSON::PP::Boolean' ? ($value ? 'true' : 'false') : $value;
}

# "integer, 24 to 168, default 72"
sub schema_text {
    my ($schema) = @_;

    return ref_link($schema) if $schema->{'$ref'};
    return array_text($schema) if $schema->{items};
    return join ' or ', map { ref_link($_) } @{$schema->{anyOf}} if $schema->{anyOf};

    my $type = ref $schema->{type} ? join(' or ', @{$schema->{type}}) : $schema->{type};

    return join ', ', $type, schema_limits($schema);
}

# "array of 1 to 20 different: string"
sub array_text {
    my ($schema) = @_;
    my ($range) = range('', map { $schema->{$_} } qw(minItems maxItems));
    my $what = schema_text($schema->{items});

    return "array of $what" if !defined $range;
    return "array of $range" . ($schema->{uniqueItems} ? ' different: ' : ': ') . $what;
}

# Every property under a schema: "goals[].measure", whether it must be there, its
# value and what it means.
sub property_rows {
    my ($schema, $prefix) = @_;
    my $properties = $schema->{properties} // {};
    my %required   = map { $_ => 1 } @{$schema->{required} // []};
    my @rows;

    $prefix //= '';

    for my $name (sort { !!$required{$b} <=> !!$required{$a} || $a cmp $b } keys %$properties) {
        my $property = $properties->{$name};
        my $items    = $property->{items};

        push @rows, [
            code("$prefix$name"), $required{$name} ? 'yes' : 'no',
            schema_text($property), cell($property->{description})
        ];
        push @rows, property_rows($items // $property, $prefix . $name . ($items ? '[].' : '.'));
    }

    return @rows;
}

sub schema_limits {
    my ($schema) = @_;
    my @limits;

    push @limits, $schema->{format} if $schema->{format};
    push @limits, 'one of ' . join ' ', map { code(word($_)) } @{$schema->{enum}} if $schema->{enum};
    push @limits, range('', map { $schema->{$_} } qw(minimum maximum));
    push @limits, range(' characters', map { $schema->{$_} } qw(minLength maxLength));
    push @limits, 'pattern ' . code($schema->{pattern} =~ s/\|/\\|/gr) if $schema->{pattern};
    push @limits, "default $schema->{default}" if defined $schema->{default};

    return @limits;
}

sub range {
    my ($unit, $least, $most) = @_;

    return "$least to $most$unit" if defined $least && defined $most;
    return "at least $least$unit" if defined $least;
    return "at most $most$unit"   if defined $most;
    return ();
}

sub parameters {
    my ($operation) = @_;
    my @rows = map {
        [
            code($_->{name}), $_->{in},
            $_->{required} ? 'yes' : 'no',
            schema_text($_->{schema}), cell($_->{description})
        ]
    } @{$operation->{parameters}};

    return @rows ? table(['parameter', 'in', 'required', 'value', 'meaning'], @rows) : '';
}

sub body {
    my ($operation) = @_;
    my $content = $operation->{source}{requestBody}{content} // {};

    return join '', map {
        "Body: $_, " . schema_text($content->{$_}{schema}) . ", at most $operation->{body_limit} bytes.\n\n"
            . example($content->{$_}{example})
    } sort keys %$content;
}

sub example {
    my ($value) = @_;

    return defined $value ? "```json\n" . JSON::PP->new->canonical->encode($value) . "\n```\n\n" : '';
}

sub response_content {
    my ($response) = @_;
    my $content = $response->{content} // {};

    return join ' ', map {
        my $schema = schema_text($content->{$_}{schema});
        $_ eq 'application/json' ? $schema : "$_: $schema"
    } sort keys %$content;
}

sub response_codes {
    my ($response) = @_;

    return map {"[$_](errors.md#" . lc($_) . ')'} @{$response->{'x-devpilot-codes'} // []};
}

sub responses {
    my ($operation) = @_;
    my $responses = $operation->{responses};
    my @rows = map {
        [
            $_, cell($responses->{$_}{description}),
            join(' ', response_codes($responses->{$_})) || response_content($responses->{$_}),
            join(', ', map { code($_) } sort keys %{$responses->{$_}{headers} // {}})
        ]
    } grep { $_ ne 'default' } sort keys %$responses;

    return table(['status', 'meaning', 'body or code', 'headers'], @rows);
}

sub policy {
    my ($operation) = @_;
    my @facts = (
        'Role: ' . role($operation),
        "cost: $operation->{cost} ($Contract::COSTS{$operation->{cost}})",
        "Idempotency-Key: $operation->{idempotency}",
    );

    push @facts, 'scope: ' . code($operation->{confined_to}) if defined $operation->{confined_to};
    push @facts, 'refused under: ' . join ', ', @{$operation->{switches}}
        if @{$operation->{switches}};
    push @facts, 'needs a second factor' if $operation->{mfa};
    push @facts, 'needs a fresh authentication' if $operation->{fresh};
    push @facts, 'audited as ' . code($operation->{audit}) if defined $operation->{audit};

    return join('; ', @facts) . ".\n\n";
}

sub paragraph {
    my ($text) = @_;

    return defined $text ? $text =~ s/\n*\z/\n\n/r : '';
}

sub operation {
    my ($operation) = @_;

    return "### $operation->{id}\n\n"
        . code(uc($operation->{method}) . " $operation->{path}") . "\n\n"
        . "$operation->{source}{summary}\n\n"
        . paragraph($operation->{source}{description})
        . policy($operation)
        . parameters($operation)
        . body($operation)
        . responses($operation);
}

sub schema {
    my ($name, $schema) = @_;
    my @rows = property_rows($schema);
    my $more = $schema->{additionalProperties};

    push @rows, ['any other', 'no', schema_text($more), ''] if ref $more eq 'HASH';

    return "### $name\n\n"
        . ($schema->{description} ? cell($schema->{description}) . "\n\n" : '')
        . (@rows ? table(['property', 'always', 'value', 'meaning'], @rows) : '');
}

# The operations of a tag, under its name.
sub section {
    my ($tag, @operations) = @_;
    my @overview = map {
        [
            "[$_->{id}](#" . lc($_->{id}) . ')',
            code(uc($_->{method}) . " $_->{path}"),
            role($_), cell($_->{source}{summary})
        ]
    } @operations;

    return '## ' . ucfirst($tag->{name}) . "\n\n$tag->{description}\n\n"
        . table(['operation', 'request', 'role', ''], @overview)
        . join '', map { operation($_) } @operations;
}

sub sections {
    my ($contract) = @_;
    my @sections;

    for my $tag (@{$contract->{document}{tags}}) {
        my @own = grep { $_->{source}{tags}[0] eq $tag->{name} } @{$contract->{operations}};

        push @sections, section($tag, @own);
    }

    return join '', @sections;
}

sub authentication {
    my ($contract) = @_;
    my $schemes = $contract->{document}{components}{securitySchemes};

    return "## Authentication\n\n" . join('', map {"$schemes->{$_}{description}\n"} sort keys %$schemes)
        . "[Roles](roles.md) shows what each role may do.\n\n";
}

sub operations {
    my ($contract) = @_;
    my $document = $contract->{document};
    my $schemas  = $document->{components}{schemas};
    my $page = opening('API', 'api/openapi.yaml') . "$document->{info}{description}\n"
        . authentication($contract)
        . sections($contract)
        . "## Schemas\n\n"
        . join('', map { schema($_, $schemas->{$_}) } sort keys %$schemas);

    return $page =~ s/\n+\z/\n/r;
}

# Which schema describes the details of a code.
sub details_of {
    my ($contract) = @_;
    my $schemas = $contract->{document}{components}{schemas};
    my %details;

    for my $name (keys %$schemas) {
        $details{$_} = $name for @{$schemas->{$name}{'x-devpilot-codes'} // []};
    }

    return \%details;
}

sub error {
    my ($error, $details) = @_;
    my $schema = $details->{$error->{code}};

    return "### $error->{code}\n\n"
        . "$error->{status}, severity $error->{severity}, retry policy $error->{retry}"
        . ($error->{after} ? ", Retry-After $error->{after}" : '') . ".\n\n"
        . "$error->{message}"
        . ($error->{hint} ? " $error->{hint}" : '') . "\n\n"
        . ($schema ? "Details: [$schema](api.md#" . lc($schema) . ").\n\n" : '');
}

sub errors {
    my ($contract) = @_;
    my $details = details_of($contract);
    my @overview = map {
        ["[$_->{code}](#" . lc($_->{code}) . ')', $_->{status}, $_->{severity}, $_->{retry}, $_->{after} || '']
    } @{$contract->{errors}};
    my $page = opening('Errors', 'shared/dp_errors.def, shared/dp_causes.def and api/openapi.yaml') . <<'END'
Every error wears the envelope of [Error](api.md#error). Its retry policy says what a client may do
by itself: `none`; `safe` (repeat, nothing was done); `idempotent` (repeat with the same
Idempotency-Key). Where there is a Retry-After header, wait that long: it is the table's number of
seconds, or a better one where the answer knows it.

END
        . table(['code', 'status', 'severity', 'retry policy', 'Retry-After'], @overview)
        . join('', map { error($_, $details) } @{$contract->{errors}})
        . "## Causes\n\nThe envelope's `causeChain` names codes of this page and, where the database is behind"
        . " an error, what\nhappened to it:\n\n"
        . table(['cause', 'what happened'], @{$contract->{causes}});

    return $page =~ s/\n+\z/\n/r;
}

1;
