# Reads the blueprint templates, templates/NAME-VERSION.yaml, and refuses one
# whose steps are out of order or whose schemas are not closed and bounded.
#
# load() returns a list of { name, version, description, file, sha256, steps } in
# the order of name and version; steps are in order, each { ordinal, key, title,
# description, schema }, and a schema has its references replaced.

package Templates;

use strict;
use warnings;

use Digest::SHA    ();
use File::Basename qw(basename);
use JSON::PP       ();
use List::Util     qw(any);
use Schemas        ();
use YAML::XS       ();

# What the schema of a type may say, and what it must, so that nothing is open.
my %types = (
    object  => {may => [qw(required)], must => [qw(properties additionalProperties)]},
    array   => {may => [qw(minItems uniqueItems)], must => [qw(items maxItems)]},
    string  => {may => [qw(minLength pattern format)], must => [qw(maxLength)]},
    enum    => {may => [], must => [qw(enum)]},
    integer => {may => [qw(multipleOf)], must => [qw(minimum maximum)]},
    number  => {may => [qw(multipleOf)], must => [qw(minimum maximum)]},
    boolean => {may => [], must => []},
);

my @annotations = qw(type title description);
my $count       = qr/\A\d+\z/;
my $number      = qr/\A-?\d+(?:\.\d+)?\z/;

# Whether a keyword's value is well formed.
my %values = (
    properties           => sub { ref $_[0] eq 'HASH' && keys %{$_[0]} },
    additionalProperties => sub { JSON::PP::is_bool($_[0]) && !$_[0] },
    required             => \&names_are_well_formed,
    items                => sub { ref $_[0] eq 'HASH' },
    enum                 => \&names_are_well_formed,
    uniqueItems          => sub { JSON::PP::is_bool($_[0]) },
    format               => sub { $_[0] =~ /\A(?:uuid|date-time|email|uri)\z/ },
    pattern              => sub { defined eval {qr/$_[0]/} },
    (map { $_ => sub { $_[0] =~ $count } } qw(minItems maxItems minLength maxLength)),
    (map { $_ => sub { $_[0] =~ $number } } qw(minimum maximum multipleOf)),
    (map { $_ => sub { !ref $_[0] && length $_[0] } } @annotations),
);

my %template_keys = map { $_ => 1 } qw(name version description definitions steps);
my %step_keys     = map { $_ => 1 } qw(ordinal key title description schema);

my ($file, @faults);

sub fault {
    my ($where, $what) = @_;

    push @faults, "templates/$file: $where: $what\n";
}

sub names_are_well_formed {
    my ($names) = @_;
    my %seen;

    return ref $names eq 'ARRAY' && @$names && !any { ref || $seen{$_}++ } @$names;
}

# A copy of a schema in which { $ref: NAME, ... } is the definition of NAME and
# what stands beside it.  A definition refers to none itself.
sub expand {
    my ($node, $definitions, $where) = @_;

    return [map { expand($_, $definitions, $where) } @$node] if ref $node eq 'ARRAY';
    return $node if ref $node ne 'HASH';

    my %own  = %$node;
    my $name = delete $own{'$ref'};

    if (defined $name && !ref $name) {
        fault($where, "there is no definition $name") if !$definitions->{$name};
        %own = (%{$definitions->{$name} // {}}, %own);
    }

    return {map { $_ => expand($own{$_}, $definitions, $where) } keys %own};
}

# Which row of %types a schema follows.
sub kind_of {
    my ($schema) = @_;

    return 'enum' if $schema->{enum} && ($schema->{type} // '') eq 'string';
    return $schema->{type} // '';
}

sub schema_check {
    my ($where, $schema) = @_;
    my $kind = $types{kind_of($schema)} or return fault($where, 'type is none of those known');
    my %known = map { $_ => 1 } @annotations, @{$kind->{may}}, @{$kind->{must}};

    for my $keyword (sort keys %$schema) {
        if (!$known{$keyword}) {
            fault($where, "$keyword is no keyword of such a schema");
        }
        elsif (!$values{$keyword}->($schema->{$keyword})) {
            fault($where, "$keyword is malformed");
        }
    }
    for my $keyword (grep { !exists $schema->{$_} } @{$kind->{must}}) {
        fault($where, "$keyword is missing");
    }
    parts_check($where, $schema);
}

sub parts_check {
    my ($where, $schema) = @_;
    my $properties = ref $schema->{properties} eq 'HASH' ? $schema->{properties} : {};
    my $required   = ref $schema->{required} eq 'ARRAY'  ? $schema->{required}   : [];

    for my $name (grep { !$properties->{$_} } @$required) {
        fault($where, "required property $name is not declared");
    }
    for my $name (sort keys %$properties) {
        fault($where, "property $name is misnamed") if $name !~ /\A[a-z][A-Za-z0-9]*\z/;
        schema_check("$where/$name", $properties->{$name});
    }
    schema_check("$where/items", $schema->{items}) if ref $schema->{items} eq 'HASH';
}

# The compiler of the contract's schemas must know what to do with it.
sub compile_check {
    my ($where, $schema) = @_;
    my $set = Schemas->new(document => $schema, where => sub { join '/', @_ }, strict => 1);

    $set->add($schema, $where);
    push @faults, map {"templates/$file: $_"} $set->faults;
}

sub step_check {
    my ($where, $step, $ordinal) = @_;

    for my $name (sort keys %$step) {
        fault($where, "$name is unknown") if !$step_keys{$name};
    }
    for my $name (grep { !length($step->{$_} // '') } sort keys %step_keys) {
        fault($where, "$name is missing");
    }
    fault($where, "ordinal must be $ordinal") if ($step->{ordinal} // '') ne $ordinal;
    fault($where, 'key is malformed') if ($step->{key} // '') !~ /\A[a-z][a-z_]{0,39}\z/;
    fault($where, 'schema must be of an object') if kind_of($step->{schema}) ne 'object';
    schema_check($where, $step->{schema});
    compile_check($where, $step->{schema});
}

sub steps_check {
    my ($source) = @_;
    my $steps = $source->{steps} // [];
    my ($ordinal, %seen) = (0);

    fault('steps', 'there are none') if !@$steps;
    for my $step (@$steps) {
        my $where = 'step ' . ($step->{key} // 'without a key');

        $ordinal++;
        fault($where, 'key comes twice') if $seen{$where}++;
        $step->{schema} = expand($step->{schema} // {}, $source->{definitions} // {}, $where);
        step_check($where, $step, $ordinal);
    }

    return $steps;
}

sub source_read {
    my ($path) = @_;

    open my $in, '<:raw', $path or die "$path: $!\n";
    local $/               = undef;
    local $YAML::XS::Boolean = 'JSON::PP';
    my $text = <$in>;

    return (YAML::XS::Load($text), Digest::SHA::sha256_hex($text));
}

sub template_read {
    my ($path) = @_;

    $file = basename($path);

    my ($source, $sha256) = source_read($path);
    my ($name, $version)  = $file =~ /\A([a-z][a-z_]*)-([1-9]\d*)\.yaml\z/;

    fault('file', 'must be named NAME-VERSION.yaml') if !defined $name;
    fault('name and version', 'are not those of the file')
        if "$source->{name}-$source->{version}.yaml" ne $file;
    for my $key (sort keys %$source) {
        fault($key, 'is unknown') if !$template_keys{$key};
    }

    return {
        %$source{qw(name version description)},
        file   => "templates/$file",
        sha256 => $sha256,
        steps  => steps_check($source),
    };
}

sub load {
    my ($root) = @_;

    @faults = ();
    my @templates = map { template_read($_) } glob "\"$root\"/templates/*.yaml";
    die @faults if @faults;

    return sort { $a->{name} cmp $b->{name} || $a->{version} <=> $b->{version} } @templates;
}

1;
