# Compiles JSON Schemas to the rows of shared/dp_schema.h.
#
#     my $set = Schemas->new(document => $document, where => sub { ... });
#     my $id = $set->add($schema, 'components', 'schemas', 'Project');
#     die $set->faults if $set->faults;
#     $set->link;
#     $set->row_of($id)
#
# A keyword that is not known is a fault: no schema is understood by half.
# Options: where tells where a path of the document stands; strict demands what
# a check can afford; response allows what documents and is never checked.

package Schemas;

use strict;
use warnings;

use Numbers ();

our %FORMATS = ('uuid' => 'UUID', 'date-time' => 'DATE_TIME', 'email' => 'EMAIL', 'uri' => 'URI');
our %TYPES   = map { $_ => uc } qw(null boolean integer number string array object);

my $unique_items_max = 1024;    # DP_SCHEMA_UNIQUE_ITEMS

# What describes and does not judge.
my %annotations = map { $_ => 1 }
    qw($schema $comment $defs title description example examples deprecated readOnly writeOnly);

# In the order of dp_keyword_t: the row of each keyword and what reads its value.
my @keywords = (
    [type                 => 'TYPE',                  \&types],
    [enum                 => 'ENUM',                  \&enumeration],
    [const                => 'CONST',                 \&value],
    [minLength            => 'MIN_LENGTH',            \&count],
    [maxLength            => 'MAX_LENGTH',            \&count],
    [pattern              => 'PATTERN',               \&pattern],
    [format               => 'FORMAT',                \&format_name],
    [minimum              => 'MINIMUM',               \&decimal],
    [maximum              => 'MAXIMUM',               \&decimal],
    [exclusiveMinimum     => 'EXCLUSIVE_MINIMUM',     \&decimal],
    [exclusiveMaximum     => 'EXCLUSIVE_MAXIMUM',     \&decimal],
    [multipleOf           => 'MULTIPLE_OF',           \&decimal],
    [minItems             => 'MIN_ITEMS',             \&count],
    [maxItems             => 'MAX_ITEMS',             \&count],
    [uniqueItems          => 'UNIQUE_ITEMS',          \&flag],
    [items                => 'ITEMS',                 \&subschema],
    [minProperties        => 'MIN_PROPERTIES',        \&count],
    [maxProperties        => 'MAX_PROPERTIES',        \&count],
    [required             => 'REQUIRED',              \&names],
    [properties           => 'PROPERTIES',            \&properties],
    [additionalProperties => 'ADDITIONAL_PROPERTIES', \&subschema],
    [propertyNames        => 'PROPERTY_NAMES',        \&subschema],
    [default              => 'DEFAULT',               \&value],
);
my %known = map { $_->[0] => 1 } @keywords;

# Schemas of responses, which describe and judge nothing, may use these too.
my %response_keywords = map { $_ => 1 } qw(anyOf);
my %response_formats  = map { $_ => 1 } qw(uri-reference);

# Nodes 0 and 1 are the schemas `true` and `false`.
sub new {
    my ($class, %options) = @_;

    return bless {
        %options,
        nodes      => [{title => 'anything', rows => []}, {title => 'nothing', rows => [['NEVER']]}],
        faults     => [],
        node_of    => {},
        properties => [],
        names      => [],
        patterns   => [],
        values     => [],
        tokens     => 1,
    }, $class;
}

sub faults {
    my ($self) = @_;

    return @{$self->{faults}};
}

sub fault {
    my ($self, $path, $what) = @_;

    push @{$self->{faults}}, $self->{where}->(@$path) . ": $what\n";

    return;
}

# The id of the node that a schema at a path of the document becomes.
sub add {
    my ($self, $schema, @path) = @_;

    return $schema ? 0 : 1 if ref $schema eq 'JSON::PP::Boolean';
    return $self->fault(\@path, 'a schema is an object or a boolean') // 0 if ref $schema ne 'HASH';
    return $self->follow($schema, @path) if exists $schema->{'$ref'};

    my $title = join '/', @path;
    my $id = $self->{node_of}{$title};

    return $id if defined $id;

    $id = $self->{node_of}{$title} = @{$self->{nodes}};
    $self->{nodes}[$id] = {title => $title, rows => []};
    $self->unknown_refuse($schema, \@path);
    $self->rules_check($schema, \@path);
    $self->{nodes}[$id]{rows} = [map { $self->row($schema, \@path, @$_) } @keywords];

    return $id;
}

sub unknown_refuse {
    my ($self, $schema, $path) = @_;

    for my $keyword (sort keys %$schema) {
        next if $known{$keyword} || $annotations{$keyword} || $keyword =~ /^x-/;
        next if $self->{response} && $response_keywords{$keyword};
        $self->fault($path, "the keyword $keyword is not known");
    }
}

# What a check can afford; see shared/dp_schema.h.
sub rules_check {
    my ($self, $schema, $path) = @_;

    return if !$self->{strict};

    $self->fault($path, "uniqueItems needs maxItems of $unique_items_max at most")
        if $schema->{uniqueItems} && ($schema->{maxItems} // $unique_items_max + 1) > $unique_items_max;
    $self->fault($path, 'properties without additionalProperties: say what else there may be')
        if $schema->{properties} && !exists $schema->{additionalProperties};
}

# A $ref is the schema that it points to; beside it stands nothing that judges.
sub follow {
    my ($self, $schema, @path) = @_;
    my %seen;

    while (ref $schema eq 'HASH' && exists $schema->{'$ref'}) {
        my $ref = $schema->{'$ref'};
        my @judging = grep { $_ ne '$ref' && !$annotations{$_} } sort keys %$schema;

        return $self->fault(\@path, "beside \$ref stands @judging") // 0 if @judging;
        return $self->fault(\@path, "\$ref $ref leads back to itself") // 0 if $seen{$ref}++;

        @path = map { s{~1}{/}gr =~ s{~0}{~}gr } split m{/}, $ref =~ s{\A#/}{}r;
        $schema = $ref =~ m{\A#/} ? $self->at(@path) : undef;
        return $self->fault([$ref], 'a $ref points to nothing in this document') // 0 if !defined $schema;
    }

    return $self->add($schema, @path);
}

# What stands at a path of the document.
sub at {
    my ($self, @path) = @_;
    my $at = $self->{document};

    for my $step (@path) {
        $at = ref $at eq 'HASH' ? $at->{$step} : undef;
    }

    return $at;
}

# [name, member of the union, its value], or none.
sub row {
    my ($self, $schema, $path, $keyword, $name, $read) = @_;

    return if !exists $schema->{$keyword};

    my @operand = $read->($self, $schema->{$keyword}, [@$path, $keyword]);

    return @operand ? [$name, @operand] : ();
}

sub types {
    my ($self, $value, $path) = @_;
    my @types = ref $value eq 'ARRAY' ? @$value : $value;

    for my $type (@types) {
        return $self->fault($path, 'the type ' . ($type // 'null') . ' is not known')
            if !defined $type || !$TYPES{$type};
    }

    return (types => join ' | ', map {"DP_TYPE_$TYPES{$_}"} @types);
}

sub enumeration {
    my ($self, $value, $path) = @_;

    return $self->fault($path, 'must be an array of values') if ref $value ne 'ARRAY';
    return $self->value($value, $path);
}

sub value {
    my ($self, $value, $path) = @_;
    my $token = $self->{tokens};
    my $text = eval { Numbers::json($value, \$self->{tokens}) };

    return $self->fault($path, $@ =~ s/ at .*//sr) if !defined $text;

    push @{$self->{values}}, $text;

    return (value => $token);
}

sub count {
    my ($self, $value, $path) = @_;
    my $decimal = Numbers::decimal($value);

    return $self->fault($path, 'must be a whole number from 0 to 4294967295')
        if !$decimal || $decimal->{negative} || $decimal->{exponent} < 0 || $value > 4294967295;

    return (number => int $value);
}

sub decimal {
    my ($self, $value, $path) = @_;
    my $decimal = Numbers::decimal($value);

    return $self->fault($path, 'must be a number that a double keeps') if !$decimal;
    return $self->fault($path, 'must be greater than 0')
        if $path->[-1] eq 'multipleOf' && ($decimal->{negative} || !$decimal->{digits});

    return (decimal => $decimal);
}

sub flag {
    my ($self, $value) = @_;

    return $value ? ('none') : ();
}

sub pattern {
    my ($self, $value) = @_;

    push @{$self->{patterns}}, $value;

    return (pattern => $#{$self->{patterns}});
}

sub format_name {
    my ($self, $value, $path) = @_;

    return if $self->{response} && $response_formats{$value};
    return $self->fault($path, "the format $value is not known") if !$FORMATS{$value};

    return (format => "DP_FORMAT_$FORMATS{$value}");
}

sub subschema {
    my ($self, $value, $path) = @_;

    return (schema => $self->add($value, @$path));
}

sub names {
    my ($self, $value, $path) = @_;

    return $self->fault($path, 'must be an array of names') if ref $value ne 'ARRAY';
    return if !@$value;

    my $first = @{$self->{names}};
    push @{$self->{names}}, @$value;

    return (list => [$first, scalar @$value]);
}

# The names of one schema stand together, so what is below them is compiled first.
sub properties {
    my ($self, $value, $path) = @_;

    return $self->fault($path, 'must be an object') if ref $value ne 'HASH';

    my @own   = map { [$_, $self->add($value->{$_}, @$path, $_)] } sort keys %$value;
    my $first = @{$self->{properties}};

    push @{$self->{properties}}, @own;

    return (list => [$first, scalar @own]);
}

# Gives every node its place among the rows, and an END.
sub link {
    my ($self) = @_;
    my $row = 0;

    for my $node (@{$self->{nodes}}) {
        $node->{first} = $row;
        $row += @{$node->{rows}} + 1;
    }
}

sub row_of {
    my ($self, $id) = @_;

    return $self->{nodes}[$id]{first};
}

1;
