# Who may do what: credentials, roles, tenants.  Refusals are uniform, come before
# any business logic, change nothing, and are audited where somebody was known.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Prometheus;
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $org_id = Test::DevPilot::Tenant::organization($stack, plan => 'enterprise');
my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'developer');
my $project_id = $stack->create_project({name => 'Mine'}, key => $member->{key})->json->{id};

# The operations that need a credential: [METHOD, PATH, %option].
my @protected = (
    ['GET', '/projects'],
    ['GET', "/projects/$project_id"],
    ['POST', '/projects', json => {name => 'Not to be'}, idempotency_key => 'one key for all of them'],
);

# How many messages of a kind the worker has taken.
sub messages {
    my ($kind) = @_;

    return Test::DevPilot::Prometheus::sample($stack, qq(devpilot_worker_messages_total{kind="$kind"}));
}

sub refuse_everywhere {
    my ($code, $what, %option) = @_;

    for my $operation (@protected) {
        my ($method, $path, @rest) = @$operation;

        refused_ok $stack->request($method, $path, @rest, %option), $code, "$what: $method";
    }
}

subtest 'operations need a credential (IDN-05)' => sub {
    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $seen = messages('request');

    refuse_everywhere('AUTH_REQUIRED', 'no key', key => undef);
    is messages('request'), $seen, 'the worker sees none of it (IDN-06)';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';

    for my $path ('/health/live', '/health/ready', '/metrics') {
        is $stack->get($path, key => undef)->code, 200, "$path is public";
    }
};

my $key = $member->{key};
my $wrong_secret = substr($key, 0, -1) . (substr($key, -1) eq 'A' ? 'E' : 'A');
my %malformed = (
    'too short'             => 'Bearer ' . substr($key, 0, -1),
    'too long'              => "Bearer ${key}A",
    'not base64url'         => 'Bearer ' . substr($key, 0, -1) . '/',
    'another prefix syntax' => 'Bearer xx_' . substr($key, 3),
    'no scheme'             => $key,
    'another scheme'        => "Basic $key",
    'a comma'               => "Bearer $key,",
    'two blanks'            => "Bearer  $key",
    'nothing'               => 'Bearer ',
    'SQL'                   => "Bearer dp_' or 1=1" . '-' x 41,
);
my %unknown = (
    'an unknown prefix' => 'Bearer dp_00000000' . substr($key, 11),
    'another secret'    => "Bearer $wrong_secret",
);

subtest 'a credential that is none is refused, whatever is wrong with it (IDN-05)' => sub {
    my %bad = (%malformed, %unknown);
    my ($requests, $questions) = map { messages($_) } qw(request authenticate);
    my %messages;

    for my $what (sort keys %bad) {
        my $response = $stack->get('/projects', key => undef, headers => {Authorization => $bad{$what}});

        refused_ok $response, 'AUTH_KEY_INVALID', $what;
        $messages{$response->json->{error}{message} . ($response->json->{error}{details} // '')} = 1;
    }

    is scalar keys %messages, 1, 'in the same words';
    refused_ok $stack->get('/projects', key => undef,
                           headers => {Authorization => 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.'}),
        'AUTH_TOKEN_INVALID', 'what looks like a token is told it is none';
    refused_ok $stack->get('/projects', key => undef, headers => {Authorization => ["Bearer $key", "Bearer $key"]}),
        'REQUEST_MALFORMED', 'two headers are refused by nginx';
    is messages('request'), $requests, 'the worker sees no request (IDN-06)';
    is messages('authenticate'), $questions + keys %unknown, 'and is asked about well-formed keys only';

    is $stack->get('/projects', key => $key)->code, 200, 'the key itself';
    is $stack->get('/projects', key => undef, headers => {Authorization => "bearer $key"})->code, 200,
        'the scheme is of any case';
};

subtest 'a key that is revoked or expired is refused like an unknown one (IDN-05)' => sub {
    my $user_id = $member->{user_id};
    my $expired = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id, expires => "now() - interval '1 second'");
    my $lasting = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id, expires => "now() + interval '1 hour'");
    my $revoked = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id);

    refuse_everywhere('AUTH_KEY_INVALID', 'expired', key => $expired);
    is $stack->get('/projects', key => $lasting)->code, 200, 'not expired yet';

    is $stack->get('/projects', key => $revoked)->code, 200, 'not revoked yet';
    $stack->query('update dp.api_key set revoked_at = now() where ' . Test::DevPilot::Tenant::row_of($revoked));
    refuse_everywhere('AUTH_KEY_INVALID', 'revoked between two requests', key => $revoked);
    is $stack->get('/projects', key => $lasting)->code, 200, 'the other keys go on';
};

subtest 'a key that is revoked while its request is on its way is refused (IDN-05)' => sub {
    my $revoked = Test::DevPilot::Tenant::api_key($stack, $org_id, $member->{user_id});
    my $valid = 'devpilot_worker_authentications_total{outcome="valid"}';
    my $seen = Test::DevPilot::Prometheus::sample($stack, $valid);
    my ($slow, $rest) = Test::DevPilot::Connection::begin($stack, 'POST', '/projects', key => $revoked,
        json => {name => 'Too late'}, idempotency_key => $stack->fresh_key);

    ok wait_until(sub { Test::DevPilot::Prometheus::sample($stack, $valid) == $seen + 1 }), 'it was valid';
    $stack->query('update dp.api_key set revoked_at = now() where ' . Test::DevPilot::Tenant::row_of($revoked));
    $slow->send_bytes($rest);
    refused_ok $slow->response, 'AUTH_KEY_INVALID', 'the transaction looks again';
    is $stack->query("select count(*) from dp.project where name = 'Too late'"), 0, 'nothing is created';
};

# what: [how it is done, how it is undone]; of the user U in the organisation O.
my %ends = (
    'a user who is disabled' => [q{update dp.app_user set status = 'disabled' where id = 'U'},
                                 q{update dp.app_user set status = 'active' where id = 'U'}],
    'a user who left'        => [q{delete from dp.org_member where user_id = 'U'},
                                 q{insert into dp.org_member (org_id, user_id, role) values ('O', 'U', 'developer')}],
    'an organisation that is deleted' => [q{update dp.org set deleted_at = now() where id = 'O'},
                                          q{update dp.org set deleted_at = null where id = 'O'}],
);

subtest 'a key ends with its user, its membership, its organisation (IDN-05)' => sub {
    my $leaver = Test::DevPilot::Tenant::member($stack, $org_id, 'developer');
    my $run = sub { $stack->query($_[0] =~ s/'U'/'$leaver->{user_id}'/gr =~ s/'O'/'$org_id'/gr) };

    for my $what (sort keys %ends) {
        $run->($ends{$what}[0]);
        refuse_everywhere('AUTH_KEY_INVALID', $what, key => $leaver->{key});
        $run->($ends{$what}[1]);
        # The edge remembers the refusal for devpilot_principal_refused_ttl, 5 s.
        ok wait_until(sub { $stack->get('/projects', key => $leaver->{key})->code == 200 }), "$what, undone";
    }
};

sub denials {
    my ($request_id) = @_;

    return $stack->query("select string_agg(concat_ws(' ', action, outcome, code, target_type, target_id), ', ')"
                         . " from dp.audit_event where request_id = '$request_id'");
}

subtest 'a viewer reads and does not write (RBAC-16)' => sub {
    my $viewer = Test::DevPilot::Tenant::member($stack, $org_id, 'viewer')->{key};
    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $refused = $stack->create_project({name => 'By a viewer'}, key => $viewer);

    refused_ok $refused, 'AUTH_FORBIDDEN', 'creates nothing';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
    is denials($refused->headers->header('X-Request-Id')),
        'access.denied denied AUTH_FORBIDDEN operation createProject', 'and it is audited';

    is $stack->get('/projects', key => $viewer)->code, 200, 'lists';
    is $stack->get("/projects/$project_id", key => $viewer)->json->{role}, 'Viewer', 'reads, as Viewer';
    refused_ok $stack->create_project({name => 'Seeded'}, key => $stack->viewer_api_key), 'AUTH_FORBIDDEN',
        'neither does the seeded viewer key';
};

subtest 'a key does no more than it was made for (RBAC-16)' => sub {
    my %code = (organization_admin => 201, developer => 201, viewer => 403);

    for my $max_role (sort keys %code) {
        my $limited = Test::DevPilot::Tenant::api_key($stack, $org_id, $member->{user_id}, max_role => $max_role);

        is $stack->create_project({name => "Up to $max_role"}, key => $limited)->code, $code{$max_role},
            "a developer's key for at most $max_role";
    }

    my $admin = Test::DevPilot::Tenant::member($stack, $org_id, 'organization_admin');
    my $limited = Test::DevPilot::Tenant::api_key($stack, $org_id, $admin->{user_id}, max_role => 'viewer');

    is $stack->get("/projects/$project_id", key => $admin->{key})->json->{role}, 'Owner', 'an administrator owns all';
    is $stack->get("/projects/$project_id", key => $limited)->json->{role}, 'Viewer', 'but not with a key for viewing';
};

subtest 'the role is read anew for each request (RBAC-16)' => sub {
    my $changing = Test::DevPilot::Tenant::member($stack, $org_id, 'viewer');
    my $become = sub { $stack->query("update dp.org_member set role = '$_[0]' where user_id = '$changing->{user_id}'") };
    my $code = sub { $stack->create_project({name => 'Changing'}, key => $changing->{key})->code };

    is $code->(), 403, 'a viewer';
    $become->('developer');
    is $code->(), 201, 'who becomes a developer';
    $become->('viewer');
    is $code->(), 403, 'and a viewer again';
};

subtest 'the role in a project is the higher of the two (RBAC-16)' => sub {
    my $maintainer = Test::DevPilot::Tenant::member($stack, $org_id, 'viewer');

    $stack->query('insert into dp.project_member (org_id, project_id, user_id, role)'
                  . " values ('$org_id', '$project_id', '$maintainer->{user_id}', 'Maintainer')");
    is $stack->get("/projects/$project_id", key => $maintainer->{key})->json->{role}, 'Maintainer', 'a viewer who maintains';
    is $stack->get("/projects/$project_id", key => $member->{key})->json->{role}, 'Owner', 'a developer who created it';
};

subtest 'a project of another tenant is not there (IDN-08, RBAC-15)' => sub {
    my $stranger = $stack->get("/projects/$project_id");
    my $nobody = $stack->get('/projects/00000000-0000-4000-8000-000000000000');
    my $without = sub { my %e = %{$_[0]->json->{error}}; delete @e{qw(requestId traceId timestamp)}; \%e };

    refused_ok $stranger, 'RESOURCE_NOT_FOUND', 'for an administrator of another organisation';
    is_deeply $without->($stranger), $without->($nobody), 'like one that does not exist';
    is denials($stranger->headers->header('X-Request-Id')),
        "access.ownership_violation denied OWNERSHIP_VIOLATION project $project_id", 'and it is audited';
    ok !grep({ $_->{id} eq $project_id } @{$stack->get('/projects?limit=100')->json->{items}}), 'nor is it listed';
    is $stack->get("/projects/$project_id", key => $key)->code, 200, 'for its own it is';
};

subtest 'the audit says who was denied, in his own tenant (IDN-08)' => sub {
    my $response = $stack->get("/projects/$project_id");
    my $request_id = $response->headers->header('X-Request-Id');

    is $stack->query("select org_id from dp.audit_event where request_id = '$request_id'"), $stack->org_id,
        "it is the caller's, not the owner's, tenant that records it";
    is $stack->query("select actor_type || ' ' || (actor_id = k.created_by) from dp.audit_event e"
                     . " join dp.api_key k on k.id = e.credential_id where request_id = '$request_id'"),
        'api_key true', 'with the key and its user';
};

subtest 'headers that claim an identity have no effect (IDN-06)' => sub {
    my %claims = (
        'X-User-Id' => $member->{user_id}, 'X-Org-Id' => $org_id, 'X-Organization-Id' => $org_id,
        'X-Devpilot-Principal' => $member->{user_id}, 'X-Role' => 'organization_admin',
    );

    refused_ok $stack->get('/projects', key => undef, headers => \%claims), 'AUTH_REQUIRED', 'they are no credential';
    refused_ok $stack->get("/projects/$project_id", headers => \%claims), 'RESOURCE_NOT_FOUND', 'they change no tenant';
    refused_ok $stack->create_project({name => 'x'}, key => $stack->viewer_api_key, headers => \%claims),
        'AUTH_FORBIDDEN', 'they give no role';
};

# Each request fails in this stage and all that follow (RBAC-02).
my @order = (
    ['AUTH_REQUIRED', 'no key, no Idempotency-Key, no JSON', key => undef],
    ['IDEMPOTENCY_KEY_REQUIRED', 'a viewer, no Idempotency-Key, no JSON', key => 'viewer'],
    ['MEDIA_TYPE_UNSUPPORTED', 'a viewer, text', key => 'viewer', keyed => 1, headers => {'Content-Type' => 'text/plain'}],
    ['REQUEST_MALFORMED', 'a viewer, no JSON', key => 'viewer', keyed => 1],
    ['AUTH_FORBIDDEN', 'a viewer in an unpaid organisation', key => 'viewer', keyed => 1, body => '{"name":"x"}'],
    ['SUBSCRIPTION_INACTIVE', 'an unpaid organisation at its limit', key => 'developer', keyed => 1, body => '{"name":"x"}'],
    ['QUOTA_EXCEEDED', 'at its limit, template unknown', paid => 1, key => 'developer', keyed => 1,
     body => '{"name":"x","template":"none"}'],
);

subtest 'the earliest reason is the one that is given (RBAC-02)' => sub {
    my $id = Test::DevPilot::Tenant::organization($stack);
    my %key = map { $_ => Test::DevPilot::Tenant::member($stack, $id, $_)->{key} } qw(viewer developer);
    my $move = sub {
        $stack->query("begin; select set_config('app.fsm_event', '$_[0]', true);"
                      . " update dp.subscription set state = '$_[1]' where org_id = '$id'; commit");
    };

    $stack->create_project({name => 'Until it is full'}, key => $key{developer}) for 1 .. 3;
    $move->(checkout => 'active');
    $move->(dunning_exhausted => 'unpaid');

    my $before = Test::DevPilot::Tenant::snapshot($stack) =~ s/^revision.*//mr;

    for my $row (@order) {
        my ($code, $what, %option) = @$row;

        $move->(paid => 'active') if delete $option{paid};
        $option{idempotency_key} = $stack->fresh_key if delete $option{keyed};
        $option{key} = $key{$option{key}} if defined $option{key};
        refused_ok $stack->request('POST', '/projects', body => 'no JSON', %option), $code, $what;
    }

    is Test::DevPilot::Tenant::snapshot($stack) =~ s/^revision.*//mr, $before, 'and nothing changes';
};

$stack->finish;

done_testing;
