# What an operation's contract refuses: from its parameters and its body follow a
# valid request and, for each of them, requests with that one thing wrong.
#
# A request is {path => {NAME => TEXT}, query => [[NAME, TEXT], ...],
# headers => {...}, body => BYTES}; texts are as they go over the line.  A case is
# {what, code, issue, %request}: issue is "POINTER KEYWORD", for VALIDATION_FAILED.

package Test::DevPilot::Wrong;

use strict;
use warnings;
use Encode qw(encode);
use Exporter 'import';
use List::Util qw(first);
use Mojo::JSON qw(encode_json true);
use Test::DevPilot::Contract qw(resolve faults);

our @EXPORT_OK = qw(request send_request cases);

use constant DEPTH => 64;

# A header is judged by a stage of its own, which has a code of its own for each.
my %header = (
    'Idempotency-Key' => {
        valid   => sub { Test::DevPilot::fresh_key() },
        missing => 'IDEMPOTENCY_KEY_REQUIRED',
        wrong   => [map { [$_->[0], $_->[1], 'VALIDATION_FAILED', '/Idempotency-Key pattern'] }
            ['too short', 'k' x 15], ['too long', 'k' x 256], ['with blanks', 'k k' x 10],
            ['not ASCII', "\xc3\xa9" x 20], ['not UTF-8', "\xff" x 20], ['empty', '']],
    },
    'If-Match' => {
        valid   => sub { '*' },
        missing => 'PRECONDITION_REQUIRED',
        wrong   => [map { [$_->[0], $_->[1], 'REQUEST_MALFORMED'] }
            ['without quotes', 'tag'], ['half quoted', '"tag'], ['with blanks', '"t a g"'], ['a bad weak tag', 'w/"1"']],
    },
);

# --- the valid request --------------------------------------------------------------

sub request {
    my ($operation) = @_;
    my %of = (path => {}, query => [], headers => {});

    for my $parameter (@{$operation->{parameters}}) {
        my ($in, $name, $required) = @$parameter{qw(in name required)};

        $of{path}{$name} = valid($parameter->{schema}) if $in eq 'path';
        push @{$of{query}}, [$name, valid($parameter->{schema})] if $in eq 'query' && $required;
        $of{headers}{$name} = $header{$name}{valid}->() if $in eq 'header';
    }
    $of{body} = encode_json(body_of($operation)) if $operation->{body};
    @of{qw(body headers)} = (form_of(%{$operation->{fields}}), {'Content-Type' => 'application/x-www-form-urlencoded'})
        if $operation->{form};

    return \%of;
}

# Options as those of Test::DevPilot's request().
sub send_request {
    my ($stack, $operation, $of, %option) = @_;
    my $path = $operation->{path} =~ s/\{(\w+)\}/$of->{path}{$1}/gr;
    my $query = join '&', map {"$_->[0]=$_->[1]"} @{$of->{query}};
    my %headers = map { $_ => $of->{headers}{$_} } grep { defined $of->{headers}{$_} } keys %{$of->{headers}};

    return $stack->request($operation->{method}, length $query ? "$path?$query" : $path, headers => \%headers,
                           $operation->{form} ? (key => undef) : (), defined $of->{body} ? (body => $of->{body}) : (), %option);
}

sub body_of {
    my ($operation) = @_;

    return $operation->{example} // valid($operation->{body});
}

my %valid_type = (
    string  => sub { 'x' x ($_[0]{minLength} // 1) },
    integer => sub { $_[0]{minimum} // $_[0]{maximum} // 1 },
    number  => sub { $_[0]{minimum} // $_[0]{maximum} // 1 },
    boolean => sub { true },
    array   => sub { [map { valid($_[0]{items}) } 1 .. ($_[0]{minItems} // 0)] },
    object  => sub { my ($schema) = @_; return {map { $_ => valid($schema->{properties}{$_}) } @{$schema->{required} // []}} },
);
my %valid_format = (
    'uuid'      => '00000000-0000-4000-8000-000000000000',
    'date-time' => '2027-01-31T00:00:00Z',
    'email'     => 'somebody@test.invalid',
    'uri'       => 'https://test.invalid/',
);

# A value that a schema accepts.
sub valid {
    my $schema = resolve($_[0]);
    my $type = types($schema);
    my $value = $schema->{example} // $schema->{default} // ($schema->{enum} // [])->[0]
        // $valid_format{$schema->{format} // ''} // $valid_type{$type->[0]}->($schema);

    die encode_json($schema), ": needs an example\n" if faults($value, $schema);

    return $value;
}

sub types {
    my ($schema) = @_;

    return ref $schema->{type} ? $schema->{type} : [$schema->{type}];
}

# --- what is wrong -------------------------------------------------------------------

# Each once: the request with one thing wrong.
sub cases {
    my ($operation) = @_;
    my $body = $operation->{body};

    return (query_cases($operation), (map { parameter_cases($operation, $_) } @{$operation->{parameters}}),
            $body ? (body_cases($operation), value_cases($operation), text_cases($operation)) : (),
            $operation->{form} ? form_cases($operation) : ());
}

sub form_of {
    my (%field) = @_;

    return join '&', map { $_ . '=' . escaped($field{$_}) } sort keys %field;
}

# A form as a whole, and each of its fields.
sub form_cases {
    my ($operation) = @_;
    my ($schema, $valid) = @$operation{qw(form fields)};
    my $body = form_of(%$valid);
    my $invalid = sub { case($operation, "form, $_[0]", 'VALIDATION_FAILED', $_[1], body => $_[2]) };
    my $malformed = sub { case($operation, "form, $_[0]", 'REQUEST_MALFORMED', undef, body => $_[1]) };
    my @cases = ($invalid->('an unknown name', '/unknown additionalProperties', "$body&unknown=1"),
                 $malformed->('half an escape', "$body&%4=1"), $malformed->('not UTF-8', "$body&%ff=1"),
                 $malformed->('U+0000', "$body&a%00=1"),
                 case($operation, 'form, as JSON', 'MEDIA_TYPE_UNSUPPORTED', undef,
                      headers => {'Content-Type' => 'application/json'}),
                 case($operation, 'form, too large', 'REQUEST_TOO_LARGE', undef,
                      body => $body . '&' x $operation->{policy}{bodyLimit}));

    for my $name (sort keys %{$schema->{properties}}) {
        push @cases, $invalid->("$name twice", "/$name maxItems", "$body&$name=x");
        push @cases, map { $invalid->("$name: $_->[0]", "/$name $_->[2]", form_of(%$valid, $name => $_->[1])) }
            wrong_limits($schema->{properties}{$name});
    }
    for my $name (@{$schema->{required} // []}) {
        my %less = %$valid;

        delete $less{$name};
        push @cases, $invalid->("$name missing", "/$name required", form_of(%less));
    }

    return @cases;
}

# A case over the valid request.
sub case {
    my ($operation, $what, $code, $issue, %change) = @_;
    my $of = request($operation);

    return {%$of, %change, headers => {%{$of->{headers}}, %{$change{headers} // {}}},
            path => {%{$of->{path}}, %{$change{path} // {}}}, what => $what, code => $code, issue => $issue};
}

sub query_cases {
    my ($operation) = @_;
    my @required = @{request($operation)->{query}};

    return (case($operation, 'query: an unknown name', 'VALIDATION_FAILED', '/unknown additionalProperties',
                 query => [@required, ['unknown', '1']]),
            map { case($operation, "query: $_->[0]", 'REQUEST_MALFORMED', undef, query => [@required, [$_->[1], '1']]) }
                ['a name that is not UTF-8', '%ff'], ['a name with half an escape', '%4'], ['a name with U+0000', 'a%00']);
}

my %parameter_cases = (path => \&path_cases, query => \&value_of_query_cases, header => \&header_cases);

sub parameter_cases {
    my ($operation, $parameter) = @_;

    return $parameter_cases{$parameter->{in}}->($operation, @$parameter{qw(name schema required)});
}

# Such a path is no resource's.
sub path_cases {
    my ($operation, $name, $schema) = @_;
    my @texts = map { [$_->[0], $_->[1]] } wrong_texts($schema);

    return (map({ case($operation, "path, $name: $_->[0]", 'RESOURCE_NOT_FOUND', undef, path => {$name => $_->[1]}) }
                @texts, ['not UTF-8', '%ff%fe'], ['much too long', 'x' x 3000]),
            case($operation, "path, $name: U+0000", 'REQUEST_MALFORMED', undef, path => {$name => 'a%00'}));
}

sub value_of_query_cases {
    my ($operation, $name, $schema, $required) = @_;
    my @others = grep { $_->[0] ne $name } @{request($operation)->{query}};
    my $refused = sub {
        my ($what, $code, $keyword, @pairs) = @_;

        return case($operation, "query, $name: $what", $code, $keyword && "/$name $keyword",
                    query => [@others, map { [$name, $_] } @pairs]);
    };

    return ((map { $refused->($_->[0], 'VALIDATION_FAILED', $_->[2], $_->[1]) } wrong_texts($schema)),
            $refused->('twice', 'VALIDATION_FAILED', 'maxItems', (valid($schema)) x 2),
            (map { $refused->($_->[0], 'REQUEST_MALFORMED', undef, $_->[1]) }
                ['not UTF-8', '%ff'], ['overlong UTF-8', '%c0%af'], ['half an escape', '%4'], ['U+0000', '%00']),
            $required ? $refused->('missing', 'VALIDATION_FAILED', 'required') : ());
}

sub header_cases {
    my ($operation, $name, $schema, $required) = @_;
    my $known = $header{$name} // die "$name: no stage judges it\n";

    return ((map { case($operation, "header, $name: $_->[0]", @$_[2, 3], headers => {$name => $_->[1]}) } @{$known->{wrong}}),
            $required ? case($operation, "header, $name: missing", $known->{missing}, undef, headers => {$name => undef}) : ());
}

# Of a parameter: [what, text, keyword].
sub wrong_texts {
    my $schema = resolve($_[0]);
    my $type = types($schema)->[0];
    my @words = $type eq 'string' ? () : map { ["'$_'", $_ =~ s/([+ ])/sprintf '%%%02x', ord $1/ger, 'type'] }
        '', 'x', 'null', '"1"', '+1', '01', ' 1', '0x1', $type eq 'integer' ? ('1.5', '1e1') : ();

    return (@words, map { [$_->[0], escaped($_->[1]), $_->[2]] } wrong_limits($schema));
}

sub escaped {
    return encode('UTF-8', $_[0]) =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02x', ord $1/ger;
}

# --- bodies --------------------------------------------------------------------------

# The body as a whole.
sub body_cases {
    my ($operation) = @_;
    my $valid = encode_json(body_of($operation));
    my $limit = $operation->{policy}{bodyLimit};
    my $malformed = sub { case($operation, "body: $_[0]", 'REQUEST_MALFORMED', undef, body => $_[1]) };
    my $typed = sub { case($operation, "body: $_[0]", 'MEDIA_TYPE_UNSUPPORTED', undef, headers => {'Content-Type' => $_[1]}) };

    return ($malformed->('missing', ''), $malformed->('blanks', '  '), $malformed->('no JSON', 'name=x'),
            $malformed->('half of it', substr($valid, 0, -1)), $malformed->('something behind it', "$valid null"),
            $malformed->('a byte order mark', "\xef\xbb\xbf$valid"), $malformed->('UTF-16', encode('UTF-16', $valid)),
            $malformed->('too deep', '[' x (DEPTH + 1) . ']' x (DEPTH + 1)),
            $typed->('as text', 'text/plain'), $typed->('as a form', 'application/x-www-form-urlencoded'),
            $typed->('in Latin-1', 'application/json; charset=iso-8859-1'),
            case($operation, 'body: too large', 'REQUEST_TOO_LARGE', undef,
                 body => $valid . ' ' x ($limit + 1 - length $valid)));
}

# Every value in it, wrong in each way that its schema knows.
sub value_cases {
    my ($operation) = @_;

    return map {
        case($operation, "body, $_->[0]", 'VALIDATION_FAILED', "$_->[2] $_->[3]", body => encode_json($_->[1]))
    } wrong_values(resolve($operation->{body}), body_of($operation), '');
}

# [what, the whole value, pointer, keyword].
sub wrong_values {
    my ($schema, $value, $pointer) = @_;

    $schema = resolve($schema);

    return ((map { ["$pointer: $_->[0]", $_->[1], $pointer, $_->[2]] } wrong_types($schema), wrong_limits($schema)),
            ref $value eq 'HASH' ? wrong_members($schema, $value, $pointer) : (),
            ref $value eq 'ARRAY' ? wrong_items($schema, $pointer) : ());
}

sub wrong_members {
    my ($schema, $value, $pointer) = @_;
    my $properties = $schema->{properties} // {};
    my $put = sub { my ($name, $part) = @_; return {%$value, $name => $part} };
    my @wrong;

    for my $name (sort keys %$properties) {
        push @wrong, map { [$_->[0], $put->($name, $_->[1]), @$_[2, 3]] }
            wrong_values($properties->{$name}, $value->{$name} // valid($properties->{$name}), "$pointer/$name");
    }
    for my $name (@{$schema->{required} // []}) {
        my %less = %$value;

        delete $less{$name};
        push @wrong, ["$pointer/$name: missing", \%less, "$pointer/$name", 'required'];
    }
    push @wrong, ["$pointer: an unknown member", $put->('unknown', 1), "$pointer/unknown", 'additionalProperties']
        if !($schema->{additionalProperties} // 1);

    return @wrong;
}

sub wrong_items {
    my ($schema, $pointer) = @_;
    my $least = $schema->{minItems} // 0;
    my $fill = $least > 1 ? $least - 1 : 0;

    return map { [$_->[0], [map({ valid($schema->{items}) } 1 .. $fill), $_->[1]], @$_[2, 3]] }
        wrong_values($schema->{items}, valid($schema->{items}), "$pointer/$fill");
}

# [what, value, keyword] for each JSON type that is not asked for.
sub wrong_types {
    my ($schema) = @_;
    my @values = (['null', undef], ['a boolean', true], ['a number', 7], ['a fraction', 0.5], ['a string', 'x'],
                  ['an array', []], ['an object', {}]);

    return map { [@$_, 'type'] } grep { !Test::DevPilot::Contract::type_met($_->[1], $schema->{type}) } @values;
}

my @odd = ('', ' ', "\t", "\x{e9}", 'x', 'X', '-', 'x' x 20);

# [what, value, keyword] for each limit, of the right type, that nothing else is wrong with.
sub wrong_limits {
    my ($schema) = @_;
    my $long = $schema->{maxLength};
    my @wrong;

    push @wrong, ['too short', 'x' x ($schema->{minLength} - 1), 'minLength'] if $schema->{minLength};
    push @wrong, ['too long', 'x' x ($long + 1), 'maxLength'], ['too long, of two bytes each', "\x{e9}" x ($long + 1), 'maxLength']
        if defined $long;
    @wrong = grep { (() = faults($_->[1], $schema)) == 1 } @wrong if $schema->{pattern} || $schema->{format};
    push @wrong, ['none of them', 'another', 'enum'] if $schema->{enum};
    push @wrong, ['another form', odd($schema), 'pattern'] if $schema->{pattern};
    push @wrong, map { ["no $schema->{format}", $_, 'format'] } 'x', valid($schema) . "\n" if $schema->{format};
    push @wrong, ['too small', $schema->{minimum} - 1, 'minimum'] if defined $schema->{minimum};
    push @wrong, ['too large', $schema->{maximum} + 1, 'maximum'] if defined $schema->{maximum};
    push @wrong, ['too few', [], 'minItems'] if $schema->{minItems};
    push @wrong, ['too many', [map { valid($schema->{items}) } 0 .. $schema->{maxItems}], 'maxItems'] if defined $schema->{maxItems};
    push @wrong, ['twice the same', [(valid($schema->{items})) x 2], 'uniqueItems'] if $schema->{uniqueItems};
    push @wrong, ['nothing in it', {}, 'minProperties'] if $schema->{minProperties};

    return @wrong;
}

# A string that a pattern does not match, and that is as long as it may be.
sub odd {
    my ($schema) = @_;
    my $text = first { join(' ', faults($_, $schema)) eq ' pattern' } @odd;

    return $text // die "$schema->{pattern}: what does not match it?\n";
}

# What no JSON text may say, in place of each string and number: the encoding is
# wrong, not the value.
my %unreadable = (
    string => [
        ['not UTF-8', qq("\xff")], ['overlong UTF-8', qq("\xc0\xaf")], ['a surrogate in UTF-8', qq("\xed\xa0\x80")],
        ['Latin-1', qq("caf\xe9")], ['a lone surrogate', '"\ud800"'], ['two of them, reversed', '"\udc00\ud800"'],
        ['U+0000', '"\u0000"'], ['a control character', qq("\x01")], ['an unknown escape', '"\x41"'], ['no end', '"x'],
    ],
    integer => [
        ['more than a double keeps', '9007199254740993'], ['overflow', '1e400'], ['a leading zero', '024'],
        ['a plus', '+24'], ['hexadecimal', '0x18'], ['not a number', 'NaN'], ['no digit behind the point', '24.'],
    ],
);
$unreadable{number} = $unreadable{integer};

sub text_cases {
    my ($operation) = @_;
    my $properties = resolve($operation->{body})->{properties} // {};
    my @cases;

    for my $name (sort keys %$properties) {
        my %others = %{body_of($operation)};
        my $own = encode_json(delete $others{$name} // valid($properties->{$name}));
        my $rest = join ',', map { encode_json($_) . ':' . encode_json($others{$_}) } sort keys %others;
        my $with = sub { '{' . join(',', map({qq("$name":$_)} @_), length $rest ? $rest : ()) . '}' };

        push @cases, map { case($operation, "body, /$name: $_->[0]", 'REQUEST_MALFORMED', undef, body => $with->(@$_[1 .. $#$_])) }
            @{$unreadable{types(resolve($properties->{$name}))->[0]} // []}, ['its name twice', $own, $own];
    }

    return @cases;
}

1;
