# Reads the contract and refuses one that contradicts itself, the error table or
# the list of kill switches.
#
# load() returns { document, operations, errors, causes, requests }: operations
# in the order of the route table, each a flat record with its policy; errors and
# causes in the order of dp_errors.def and dp_causes.def; requests the schemas of all that requests may be.

package Contract;

use strict;
use warnings;

use Positions ();
use Requests  ();
use Schemas   ();
use YAML::XS  ();

our %RANKS = (
    org     => {viewer => 10, developer   => 20, organization_admin => 40},
    project => {Viewer => 10, Contributor => 20, Maintainer => 30, Owner => 40},
);
our %COSTS = (free => 0, read => 1, write => 1, provision => 5, create_project => 5, auth => 0, signup => 0);
our @METHODS = qw(get post put patch delete);

my %places      = map { $_ => 1 } qw(edge runtime worker);
my %scopes      = map { $_ => 1 } qw(public user org project platform);
my %key_uses    = map { $_ => 1 } qw(none optional required);
my $day         = qr/^\d{4}-\d\d-\d\d$/;
my %policy_keys = map { $_ => 1 }
    qw(at role cost killSwitches idempotency ifMatch bodyLimit audit deprecated sunset pool mfa person fresh);

my $params_max   = 4;     # DP_ROUTE_PARAMS
my $segments_max = 12;    # DP_ROUTE_SEGMENTS
my $scopes_max   = 63;    # bits of a word, and one that names nothing

my @faults;

sub fault {
    my ($where, $what) = @_;

    push @faults, "api/openapi.yaml: $where: $what\n";
}

sub text_of {
    my ($path) = @_;

    open my $file, '<:encoding(UTF-8)', $path or die "$path: $!\n";
    local $/ = undef;

    return scalar <$file>;
}

# The rows of dp_errors.def.
sub errors_read {
    my ($root) = @_;
    my $text   = text_of("$root/shared/dp_errors.def");
    my $string = qr/"((?:[^"\\]|\\.)*)"/;
    my @errors;

    while ($text =~ /^DP_ERROR\((\w+), (\d+), (\w+), (\w+), (\d+),\s*$string,\s*$string\)/gm) {
        push @errors,
            {code => $1, status => $2, severity => $3, retry => $4, after => $5, message => $6, hint => $7};
    }

    my $count = () = $text =~ /^DP_ERROR\(/gm;
    die "shared/dp_errors.def: a row could not be read\n" if $count != @errors;

    return \@errors;
}

# The rows of dp_causes.def.
sub causes_read {
    my ($root) = @_;
    my $text = text_of("$root/shared/dp_causes.def");

    return [map { [/(\w+), "(.*)"/] } $text =~ /^DP_CAUSE\((.*)\)$/gm];
}

sub switches_read {
    my ($root) = @_;
    my $text = text_of("$root/shared/dp_kill_switch.h");

    return {map { $_ => 1 } $text =~ /\brow\((\w+), \d+\)/g};
}

# What a $ref of the document points to; other nodes are themselves.
sub resolve {
    my ($document, $node) = @_;

    return $node if ref $node ne 'HASH' || !exists $node->{'$ref'};

    my $at = $document;
    for my $name (split m{/}, $node->{'$ref'} =~ s{^#/}{}r) {
        $at = ref $at eq 'HASH' ? $at->{$name} : undef;
    }
    fault($node->{'$ref'}, 'points to nothing') if !defined $at;

    return $at // {};
}

# Every $ref, wherever it stands, must point to something.
sub refs_check {
    my ($document, $node) = @_;

    if (ref $node eq 'HASH') {
        resolve($document, $node);
        refs_check($document, $_) for values %$node;
    }
    elsif (ref $node eq 'ARRAY') {
        refs_check($document, $_) for @$node;
    }
}

# The number of a rank in its scope; 0 where the scope has none of that name.
sub rank_of {
    my ($scope, $rank) = @_;
    my $ranks = $RANKS{$scope // ''} // {};

    return $ranks->{$rank // ''} // 0;
}

# The scope that a confined credential must have; none where no credential is.
sub confined_to {
    my ($source, $method, $role_scope) = @_;

    return undef if ($role_scope // '') eq 'public';
    return ($source->{tags}[0] // '') . ($method eq 'get' ? ':read' : ':write');
}

sub operation_read {
    my ($document, $path, $method) = @_;
    my $source = $document->{paths}{$path}{$method};
    my $policy = $source->{'x-devpilot'} // {};
    my $role   = $policy->{role} // {};

    return {
        id           => $source->{operationId} // "$method $path",
        path         => $path,
        method       => $method,
        source       => $source,
        parameters   => [map { resolve($document, $_) } @{$source->{parameters} // []}],
        responses    => response_map($document, $source->{responses}),
        path_names   => [$path =~ /\{(\w+)\}/g],
        policy       => $policy,
        at           => $policy->{at} // '',
        scope        => $role->{scope} // '',
        rank_name    => $role->{rank},
        rank         => rank_of($role->{scope}, $role->{rank}),
        confined_to  => confined_to($source, $method, $role->{scope}),
        cost         => $policy->{cost} // '',
        switches     => $policy->{killSwitches} // [],
        idempotency  => $policy->{idempotency} // '',
        body_limit   => $policy->{bodyLimit} // 0,
        audit        => $policy->{audit},
        if_match     => $policy->{ifMatch},
        deprecated   => $policy->{deprecated},
        sunset       => $policy->{sunset},
        password_pool => ($policy->{pool} // '') eq 'password',
        mfa          => $policy->{mfa},
        person       => $policy->{person},
        fresh        => $policy->{fresh},
        produces     => [media_types($document, $source->{responses})],
        # a GET that a browser is sent to by others may do something, too; it says so
        mutates      => $method ne 'get' || defined $policy->{audit},
    };
}

# What a success of it may be: the media types of its 2xx responses.
sub media_types {
    my ($document, $responses) = @_;
    my %types;

    for my $status (grep {/^2/} keys %{$responses // {}}) {
        $types{$_} = 1 for keys %{resolve($document, $responses->{$status})->{content} // {}};
    }

    return sort keys %types;
}

sub response_map {
    my ($document, $responses) = @_;

    return {map { $_ => resolve($document, $responses->{$_}) } keys %{$responses // {}}};
}

# '/' before every other character, as dp_route_match.c expects.
sub sort_key {
    my ($operation) = @_;
    my ($order) = grep { $METHODS[$_] eq $operation->{method} } 0 .. $#METHODS;

    return ($operation->{path} =~ tr{/}{\x01}r) . "\x00$order";
}

sub operations_read {
    my ($document) = @_;
    my @operations;

    for my $path (keys %{$document->{paths}}) {
        for my $method (@METHODS) {
            next if !$document->{paths}{$path}{$method};
            push @operations, operation_read($document, $path, $method);
        }
    }

    return [sort { sort_key($a) cmp sort_key($b) } @operations];
}

sub policy_check {
    my ($operation, $switches) = @_;
    my $id = $operation->{id};

    for my $key (sort keys %{$operation->{policy}}) {
        fault($id, "x-devpilot.$key is unknown") if !$policy_keys{$key};
    }
    fault($id, 'operationId must be lower camel case') if $id !~ /^[a-z][A-Za-z0-9]*$/;
    fault($id, 'x-devpilot.at must be edge, runtime or worker') if !$places{$operation->{at}};
    fault($id, 'x-devpilot.cost is unknown') if !exists $COSTS{$operation->{cost}};
    fault($id, 'x-devpilot.idempotency is unknown') if !$key_uses{$operation->{idempotency}};
    for my $switch (@{$operation->{switches}}) {
        fault($id, "there is no kill switch $switch") if !$switches->{$switch};
    }
    fault($id, 'x-devpilot.pool must be password, where it is')
        if ($operation->{policy}{pool} // 'password') ne 'password';
    fault($id, 'x-devpilot.mfa, person and fresh are for operations with a caller')
        if $operation->{scope} eq 'public' && grep { $operation->{$_} } qw(mfa person fresh);
    fault($id, 'a change needs an audit action')
        if $operation->{mutates} && !defined $operation->{audit};
}

sub role_check {
    my ($operation) = @_;
    my ($id, $scope) = @$operation{qw(id scope)};
    my $security = $operation->{source}{security};
    my $public   = defined $security && !@$security;

    fault($id, 'x-devpilot.role.scope is unknown') if !$scopes{$scope};
    fault($id, "x-devpilot.role.rank is none of the scope's")
        if ($RANKS{$scope} xor $operation->{rank});
    fault($id, 'security: [] goes with role.scope public, and only with it')
        if ($public xor $scope eq 'public');
    fault($id, 'role.scope project needs {projectId} in the path')
        if $scope eq 'project' && !grep { $_ eq 'projectId' } @{$operation->{path_names}};
}

sub parameters_check {
    my ($operation) = @_;
    my ($id, $names) = @$operation{qw(id path_names)};
    my @declared = map { $_->{name} } grep { $_->{in} eq 'path' } @{$operation->{parameters}};
    my @key = grep { $_->{in} eq 'header' && $_->{name} eq 'Idempotency-Key' }
        @{$operation->{parameters}};
    my @match = grep { $_->{in} eq 'header' && $_->{name} eq 'If-Match' }
        @{$operation->{parameters}};

    fault($id, 'the parameters of the path are not those declared')
        if "@{[sort @$names]}" ne "@{[sort @declared]}";
    fault($id, "more than $params_max parameters in the path") if @$names > $params_max;
    fault($id, "more than $segments_max segments") if ($operation->{path} =~ tr{/}{}) > $segments_max;
    fault($id, 'Idempotency-Key and x-devpilot.idempotency disagree')
        if ($operation->{idempotency} eq 'none' xor !@key);
    fault($id, 'Idempotency-Key and x-devpilot.idempotency disagree on required')
        if @key && ($operation->{idempotency} eq 'required' xor $key[0]{required});
    fault($id, 'a required If-Match and x-devpilot.ifMatch: required go together')
        if (defined $operation->{if_match} xor @match && $match[0]{required});
    fault($id, 'requestBody and x-devpilot.bodyLimit go together')
        if ($operation->{body_limit} xor $operation->{source}{requestBody});
}

sub responses_check {
    my ($operation, $statuses) = @_;
    my $id = $operation->{id};

    for my $status (grep {/^\d+$/} sort keys %{$operation->{responses}}) {
        my $codes = $operation->{responses}{$status}{'x-devpilot-codes'} // [];

        fault($id, "response $status names no code") if $status >= 400 && !@$codes;
        for my $code (@$codes) {
            fault($id, "response $status: $code is no error of that status")
                if ($statuses->{$code} // 0) != $status;
        }
    }
    for my $switch (@{$operation->{switches}}) {
        my $code = "OPS_KILL_SWITCH_$switch";

        fault($id, "response 503 does not name $code")
            if !grep { $_ eq $code } @{$operation->{responses}{503}{'x-devpilot-codes'} // []};
    }
}

sub conventions_check {
    my ($operation) = @_;
    my ($id, $if_match, $deprecated, $sunset) = @$operation{qw(id if_match deprecated sunset)};

    fault($id, 'its successes have several media types') if @{$operation->{produces}} > 1;
    fault($id, 'x-devpilot.ifMatch must be required, where it is') if ($if_match // 'required') ne 'required';
    fault($id, 'x-devpilot.ifMatch: required needs a response 428')
        if defined $if_match && !$operation->{responses}{428};
    for my $date (grep {defined} $deprecated, $sunset) {
        fault($id, "$date is no day like 2027-01-31") if $date !~ $day;
    }
    fault($id, 'deprecated: true and x-devpilot.deprecated go together')
        if ($operation->{source}{deprecated} xor defined $deprecated);
    fault($id, 'what has a sunset must be deprecated before')
        if defined $sunset && ($deprecated // '9999-12-31') gt $sunset;
}

# Bits that edge and worker exchange: a scope is listed once, and for ever.
sub scopes_check {
    my ($operations, $scopes) = @_;
    my %listed;

    for my $scope (@$scopes) {
        fault('x-devpilot-scopes', "$scope comes twice") if $listed{$scope}++;
    }
    fault('x-devpilot-scopes', "more than $scopes_max") if @$scopes > $scopes_max;

    for my $operation (grep { defined $_->{confined_to} } @$operations) {
        my ($id, $scope) = @$operation{qw(id confined_to)};
        my $codes = $operation->{responses}{403}{'x-devpilot-codes'} // [];

        fault($id, "x-devpilot-scopes does not list $scope") if !$listed{$scope};
        fault($id, 'response 403 does not name AUTH_FORBIDDEN')
            if !grep { $_ eq 'AUTH_FORBIDDEN' } @$codes;
    }
}

# Siblings must name a parameter alike: the search follows one name per place.
sub siblings_check {
    my ($operations) = @_;
    my (%name_at, %ids);

    for my $operation (@$operations) {
        my $prefix = '';

        for my $segment (split m{/}, $operation->{path}) {
            if ($segment =~ /^\{/ && ($name_at{$prefix} //= $segment) ne $segment) {
                fault($operation->{id}, "$prefix has both $name_at{$prefix} and $segment");
            }
            $prefix .= "$segment/";
        }
        fault($operation->{id}, 'operationId comes twice') if $ids{$operation->{id}}++;
    }
}

sub schemas_check {
    my ($document, $statuses) = @_;
    my $schemas = $document->{components}{schemas};

    for my $name (sort keys %$schemas) {
        for my $code (@{$schemas->{$name}{'x-devpilot-codes'} // []}) {
            fault($name, "there is no error $code") if !$statuses->{$code};
        }
    }
}

# Schemas of responses are compiled for their faults alone, and may use more.
sub responses_compile {
    my ($document, $where) = @_;
    my $set = Schemas->new(document => $document, where => $where, response => 1);
    my $schemas = $document->{components}{schemas};

    $set->add($schemas->{$_}, 'components', 'schemas', $_) for sort keys %$schemas;

    return $set->faults;
}

# Booleans that can be told from 0 and 1.
sub document_read {
    my ($root) = @_;

    local $YAML::XS::Boolean = 'JSON::PP';

    return YAML::XS::LoadFile("$root/api/openapi.yaml");
}

sub load {
    my ($root) = @_;
    my $document   = document_read($root);
    my $where      = Positions::in('api/openapi.yaml', text_of("$root/api/openapi.yaml"));
    my $errors     = errors_read($root);
    my $causes     = causes_read($root);
    my $switches   = switches_read($root);
    my %statuses   = map { $_->{code} => $_->{status} } @$errors;
    my $operations = operations_read($document);
    my $scopes     = $document->{'x-devpilot-scopes'} // [];

    refs_check($document, $document);
    siblings_check($operations);
    scopes_check($operations, $scopes);
    schemas_check($document, \%statuses);
    for my $operation (@$operations) {
        policy_check($operation, $switches);
        role_check($operation);
        parameters_check($operation);
        responses_check($operation, \%statuses);
        conventions_check($operation);
    }

    my $requests = Requests::read($document, $operations, $where);
    my %told = map { $_ => 1 } @faults, $requests->faults, responses_compile($document, $where);

    die sort keys %told if %told;

    return {document => $document, scopes => $scopes, operations => $operations, errors => $errors, causes => $causes,
        requests => $requests};
}

1;
