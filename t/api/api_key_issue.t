# createApiKey and rotateApiKey over HTTP: a secret shown once and kept nowhere, a
# replay that gives the same one, and no key that may more than its maker.

use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $org_id = Test::DevPilot::Tenant::organization($stack);
my $user_id = Test::DevPilot::Tenant::user($stack, $org_id, 'organization_admin');
my $admin = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id);
my $keys = "/orgs/$org_id/api-keys";

sub create {
    my ($body, %option) = @_;

    return $stack->request('POST', $keys, key => $admin, idempotency_key => $stack->fresh_key, json => $body, %option);
}

sub rotate {
    my ($id, $body, %option) = @_;

    return $stack->request('POST', "$keys/$id/rotate", key => $admin, idempotency_key => $stack->fresh_key,
                           json => $body, %option);
}

sub works { $stack->get('/me', key => $_[0])->code }

sub row { $stack->query("select $_[1] from dp.api_key where id = '$_[0]'") }

subtest 'KEY-02: a key is made, works, and is kept as a digest' => sub {
    my $response = create({name => 'CI', expiresAt => '2099-01-01T00:00:00Z', maxRole => 'developer'});
    my $made = $response->json;

    is $response->code, 201, 'made' or diag $response->body;
    like $made->{key}, qr/\Adp_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{43}\z/, 'its text';
    is substr($made->{key}, 3, 8), $made->{prefix}, 'with the prefix';
    is join(' ', @$made{qw(name maxRole authLevel createdBy expiresAt)}),
        "CI developer 1 $user_id 2099-01-01T00:00:00.000000Z", 'as asked';
    is $response->headers->cache_control, 'no-store', 'nobody keeps the answer';
    is works($made->{key}), 200, 'it works';
    is $stack->get('/me', key => $made->{key})->json->{role}, 'developer', 'with the role it is capped to';
    is row($made->{id}, "encode(digest, 'hex')"), sha256_hex($made->{key}), 'its digest is kept';
    is $stack->query("select count(*) from dp.api_key k where k::text like '%" . substr($made->{key}, 12) . "%'"), 0,
        'its text is not';
    is $stack->query("select action || ' ' || (detail ->> 'prefix') from dp.audit_event join dp.audit_detail using (seq)"
                     . " where target_id = '$made->{id}'"), "api_key.created $made->{prefix}", 'and it is on record';
};

subtest 'KEY-02: a replay gives the same secret, which is sealed meanwhile' => sub {
    my $idempotency_key = $stack->fresh_key;
    my ($first, $second) = map { create({name => 'Again'}, idempotency_key => $idempotency_key) } 1, 2;

    is $second->headers->header('Idempotency-Replayed'), 'true', 'the second is a replay';
    is $second->body, $first->body, 'the same bytes';
    is $stack->query('select sealed and position(convert_to(\'dp_\', \'UTF8\') in body) = 0 from dp.idempotency_key'
                     . " where key = '$idempotency_key'"), 't', 'SEC-06: sealed in the database';

    $stack->expect(qr/"action":"createApiKey".*"code":"INTERNAL"/);
    $stack->query("update dp.idempotency_key set body = set_byte(body, 40, get_byte(body, 40) # 1)"
                  . " where key = '$idempotency_key'");
    refused_ok(create({name => 'Again'}, idempotency_key => $idempotency_key), 'INTERNAL',
               'SEC-06: one that was changed does not open');
};

subtest 'KEY-02: a key may do no more than who made it' => sub {
    my $confined = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id,
                                                   scopes => ['organizations:write', 'projects:read']);

    my $made = create({name => 'Less', scopes => ['projects:read']}, key => $confined)->json;

    is_deeply $made->{scopes}, ['projects:read'], 'a key with fewer scopes';
    is $stack->get('/projects', key => $made->{key})->code, 200, 'may what they say';
    refused_ok($stack->get('/me', key => $made->{key}), 'AUTH_FORBIDDEN', 'and nothing else');
    refused_ok(create({name => 'More', scopes => ['projects:write']}, key => $confined), 'AUTH_FORBIDDEN',
               'not with a scope that its maker lacks');
    refused_ok(create({name => 'All'}, key => $confined), 'AUTH_FORBIDDEN', 'nor with all of them');

    my $developer = Test::DevPilot::Tenant::member($stack, $org_id, 'developer');

    refused_ok(create({name => 'x'}, key => $developer->{key}), 'AUTH_FORBIDDEN', 'a developer makes none');
    is create({name => 'x'})->json->{authLevel}, 1, 'one factor makes a key of one factor';
    $stack->query('update dp.api_key set auth_level = 2 where ' . Test::DevPilot::Tenant::row_of($admin));
    is create({name => 'x'})->json->{authLevel}, 2, 'two make one of two';
};

subtest 'what is refused' => sub {
    my %wrong = (
        'no name'            => [{}, '/name'],
        'an empty name'      => [{name => ''}, '/name'],
        'a role that is none' => [{name => 'x', maxRole => 'Owner'}, '/maxRole'],
        'a scope that is none' => [{name => 'x', scopes => ['cakes:read']}, '/scopes'],
        'a scope twice'      => [{name => 'x', scopes => [('projects:read') x 2]}, '/scopes'],
        'no scopes at all'   => [{name => 'x', scopes => []}, '/scopes'],
        'an end in the past' => [{name => 'x', expiresAt => '2020-01-01T00:00:00Z'}, '/expiresAt'],
        'an end before Christ, nearly' => [{name => 'x', expiresAt => '0000-01-01T00:00:00Z'}, '/expiresAt'],
        'an end with too many digits' => [{name => 'x', expiresAt => '2099-01-01T00:00:00.' . '1' x 200 . 'Z'}, '/expiresAt'],
        'an end that is no time' => [{name => 'x', expiresAt => 'soon'}, '/expiresAt'],
    );
    my $before = $stack->query('select count(*) from dp.api_key');

    for my $what (sort keys %wrong) {
        my $response = create($wrong{$what}[0]);

        refused_ok($response, 'VALIDATION_FAILED', $what);
    }

    refused_ok(create({name => 'x'}, idempotency_key => undef), 'IDEMPOTENCY_KEY_REQUIRED', 'no Idempotency-Key');
    is $stack->query('select count(*) from dp.api_key'), $before, 'nothing is made';

    my $theirs = Test::DevPilot::Tenant::organization($stack);

    refused_ok($stack->request('POST', "/orgs/$theirs/api-keys", key => $admin, json => {name => 'x'},
                               idempotency_key => $stack->fresh_key), 'RESOURCE_NOT_FOUND', 'another organisation');
};

subtest 'KEY-04: a key is rotated, both work for a while' => sub {
    my $old = create({name => 'Old', scopes => ['projects:read', 'identity:read'], maxRole => 'viewer'})->json;
    my $new = rotate($old->{id}, {overlapSeconds => 3600})->json;

    is $new->{rotatedFrom}, $old->{id}, 'a successor';
    is_deeply [@$new{qw(name maxRole scopes authLevel expiresAt)}], [@$old{qw(name maxRole scopes authLevel expiresAt)}],
        'of the same name, role, scopes and life';
    is works($_->{key}), 200, 'it works' for $old, $new;
    is row($old->{id}, "expires_at between now() + interval '59 minutes' and now() + interval '1 hour'"), 't',
        'the old one for an hour more';
    is $stack->query("select string_agg(action, ' ') from dp.audit_event where target_id = '$new->{id}'"), 'api_key.rotated',
        'on record';

    my $last = rotate($new->{id}, {overlapSeconds => 0})->json;

    is works($last->{key}), 200, 'without an overlap the new one works';
    ok wait_until(sub { works($new->{key}) == 401 }, 5), 'and the old one does not';
    refused_ok(rotate($new->{id}, {}), 'STATE_CONFLICT', 'one that has ended is not rotated');
    is row(rotate($last->{id}, {})->json->{id}, "rotated_from = '$last->{id}'"), 't', 'a day is the default';
    is row($last->{id}, "expires_at > now() + interval '23 hours'"), 't', 'for the old one';
};

subtest 'KEY-04: who made a key rotates it' => sub {
    my $other = Test::DevPilot::Tenant::member($stack, $org_id, 'organization_admin');
    my $id = Test::DevPilot::Tenant::key_id($stack, $other->{key});

    refused_ok(rotate($id, {}), 'AUTH_FORBIDDEN', 'nobody else: it acts for him');
    refused_ok(rotate($user_id, {}), 'RESOURCE_NOT_FOUND', 'a key that is none');

    my $level_1 = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id);
    my $strong = create({name => 'Strong'})->json;

    is $strong->{authLevel}, 2, 'a key of two factors';
    is rotate($strong->{id}, {}, key => $level_1)->json->{authLevel}, 1, 'is no longer one when one factor rotated it';
};

subtest 'KEY-04: a key that ends soon is announced, once' => sub {
    my $key = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id, expires => "now() + interval '13 days'");
    my $id = Test::DevPilot::Tenant::key_id($stack, $key);

    for (1, 2) {
        my $done = $stack->query("select count(*) from dp.job where kind = 'api_key.announce' and state = 'done'");

        ok wait_until(sub {
            $stack->query("update dp.schedule set next_at = now() where kind = 'api_key.announce' returning 1") }), 'due';
        ok wait_until(sub { $stack->query("select count(*) from dp.job where kind = 'api_key.announce'"
            . " and state = 'done'") > $done }), 'and done';
    }

    is $stack->query("select count(*) from dp.outbox where topic = 'api_key.expiring' and key = '$id'"), 1,
        'one event';
    ok wait_until(sub { Test::DevPilot::Prometheus::samples($stack)->{devpilot_worker_api_keys_expiring} >= 1 }),
        'and it is counted';
};

$stack->finish;
done_testing;
