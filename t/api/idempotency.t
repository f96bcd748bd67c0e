# Idempotency-Key: whatever a client repeats takes effect once, and it gets the
# first answer again.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Select;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Control;
use Test::DevPilot::Hold;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;

sub create {
    my ($name, $key, %option) = @_;

    return $stack->create_project({name => $name}, idempotency_key => $key, %option);
}

sub projects {
    my ($name) = @_;

    return $stack->query("select count(*) from dp.project where name = '$name'");
}

# Asserts that the second answer is the first one, given again.
sub replayed_ok {
    my ($first, $second, $name) = @_;
    my @headers = qw(Content-Type Location ETag Cache-Control);

    subtest $name => sub {
        is $second->code, $first->code, 'status';
        is $second->body, $first->body, 'the same bytes';
        is $second->headers->header($_), $first->headers->header($_), $_ for @headers;
        is $second->headers->header('Idempotency-Replayed'), 'true', 'Idempotency-Replayed';
        isnt $second->headers->header('X-Request-Id'), $first->headers->header('X-Request-Id'),
            'but a request of its own';
    };
}

subtest 'createProject needs a key (IDM-01)' => sub {
    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $seen = Test::DevPilot::Prometheus::sample($stack, 'devpilot_worker_messages_total{kind="request"}');

    refused_ok $stack->request('POST', '/projects', json => {name => 'No key'}), 'IDEMPOTENCY_KEY_REQUIRED', 'none';

    for my $key ('x' x 15, 'x' x 256, 'a key with blanks in it', "caf\xe9 au lait, s'il vous pla\xeet", "tab\tin the middle", '') {
        my $response = create('Bad key', $key);

        refused_ok $response, 'VALIDATION_FAILED', length($key) . " bytes: " . $key =~ s/[^ -~]/?/gr;
        is_deeply issues($response), ['/Idempotency-Key pattern'], 'names the header';
    }

    refused_ok create('Two keys', ['one-key-for-idempotency', 'two-keys-for-idempotency']), 'VALIDATION_FAILED', 'two headers';
    is Test::DevPilot::Prometheus::sample($stack, 'devpilot_worker_messages_total{kind="request"}'), $seen,
        'the worker sees none of it';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';

    is create('Short key', 'x' x 16)->code, 201, '16 characters';
    is create('Long key', 'y' x 255)->code, 201, '255 characters';
    is create('Odd key', join('', map { chr } 33 .. 126))->code, 201, 'every visible one';
};

subtest 'a repeated request is replayed (IDM-01)' => sub {
    my $key = $stack->fresh_key;
    my $first = create('Repeated', $key);
    my $before = Test::DevPilot::Tenant::snapshot($stack);

    is $first->code, 201, 'created';
    is $first->headers->header('Idempotency-Replayed'), undef, 'not replayed';
    replayed_ok $first, create('Repeated', $key), 'the second time';
    replayed_ok $first, create('Repeated', $key), 'the third time';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'the effect happened once';

    my $replay = create('Repeated', $key);
    my $request_id = $replay->headers->header('X-Request-Id');

    is $stack->query("select action || ' ' || outcome from dp.audit_event where request_id = '$request_id'"),
        'idempotency.replay_detected suppressed', 'and it is audited';
};

subtest 'what is replayed is the answer, not the project as it is now (IDM-01)' => sub {
    my $key = $stack->fresh_key;
    my $first = create('Renamed', $key);

    $stack->query("update dp.project set name = 'Another name' where name = 'Renamed'");
    replayed_ok $first, create('Renamed', $key), 'after a change';
};

subtest 'a key is for one request (IDM-01)' => sub {
    my $key = $stack->fresh_key;
    my $first = create('Once', $key);
    my $before = Test::DevPilot::Tenant::snapshot($stack);

    refused_ok create('Twice', $key), 'IDEMPOTENCY_KEY_REUSED', 'another body';
    refused_ok $stack->request('POST', '/projects', body => '{ "name": "Once" }', idempotency_key => $key),
        'IDEMPOTENCY_KEY_REUSED', 'the same in other bytes';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
    replayed_ok $first, create('Once', $key), 'the first request';
    is create('Once', uc $key)->headers->header('Idempotency-Replayed'), undef, 'upper and lower case differ';
};

subtest 'keys belong to a user of a tenant (IDM-01)' => sub {
    my $key = $stack->fresh_key;
    my $org_id = Test::DevPilot::Tenant::organization($stack);
    my $one = Test::DevPilot::Tenant::member($stack, $org_id, 'developer');
    my $two = Test::DevPilot::Tenant::member($stack, $org_id, 'developer');
    my $rotated = Test::DevPilot::Tenant::api_key($stack, $org_id, $one->{user_id});
    my $first = create('Ours', $key, key => $one->{key});
    my $other = create('Ours', $key, key => $two->{key});

    is $other->code, 201, 'another user has the same key';
    isnt $other->json->{id}, $first->json->{id}, 'and another project';
    isnt create('Ours', $key)->json->{id}, $first->json->{id}, 'another tenant as well';
    replayed_ok $first, create('Ours', $key, key => $rotated), 'the same user with another API key';
};

subtest 'only success is remembered (IDM-01)' => sub {
    my $org_id = Test::DevPilot::Tenant::organization($stack);
    my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'developer')->{key};
    my $key = $stack->fresh_key;

    is create("Filler $_", $stack->fresh_key, key => $member)->code, 201, 'filler' for 1 .. 3;
    refused_ok create('Over', $key, key => $member), 'QUOTA_EXCEEDED', 'no room';
    is $stack->query("select count(*) from dp.idempotency_key where key = '$key'"), 0, 'no key is stored';

    $stack->query("update dp.subscription set plan = 'pro' where org_id = '$org_id'");
    is create('Over', $key, key => $member)->code, 201, 'with room, the same key succeeds';

    refused_ok $stack->request('POST', '/projects', body => '{', idempotency_key => my $broken = $stack->fresh_key),
        'REQUEST_MALFORMED', 'a broken body';
    is create('Repaired', $broken)->code, 201, 'repaired, under the same key';
};

subtest 'of concurrent requests with one key one is executed (IDM-01)' => sub {
    my $key = $stack->fresh_key;
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @connections = Test::DevPilot::Connection::send_all($stack, map {
        ['POST', '/projects', json => {name => 'Concurrent'}, idempotency_key => $key]
    } 1 .. 8);

    # The seven that do not hold the key are answered while the eighth waits.
    my $answered = IO::Select->new(map { $_->{socket} } @connections);

    ok wait_until(sub { 7 == (my @ready = $answered->can_read(0)) }), 'seven are answered at once';
    ok $hold->has(1), 'one is being executed';
    $hold->release;

    my @responses = map { $_->response } @connections;
    my @refused = grep { $_->code != 201 } @responses;

    is scalar @refused, 7, 'one succeeds';
    refused_ok $_, 'IDEMPOTENCY_IN_PROGRESS' for @refused;
    is $refused[0]->headers->header('Retry-After'), 1, 'the others may come back in a second';
    is projects('Concurrent'), 1, 'one project';

    my ($first) = grep { $_->code == 201 } @responses;

    replayed_ok $first, create('Concurrent', $key), 'whoever comes back gets its answer';
};

subtest 'a storm of repetitions leaves one project (IDM-01)' => sub {
    my $key = $stack->fresh_key;
    my %codes;

    for my $response (Test::DevPilot::Connection::together($stack, map {
        ['POST', '/projects', json => {name => 'Storm'}, idempotency_key => $key]
    } 1 .. 32)) {
        $codes{$response->code . ($response->headers->header('Idempotency-Replayed') // '')}++;
    }

    is $codes{201}, 1, 'one is executed';
    is(($codes{'201true'} // 0) + ($codes{409} // 0), 31, 'the others are replayed or refused');
    is projects('Storm'), 1, 'one project';
};

subtest 'a key that has expired is a fresh one (IDM-01)' => sub {
    my $key = $stack->fresh_key;
    my $first = create('Expires', $key);

    $stack->query("update dp.idempotency_key set expires_at = now() - interval '1 second' where key = '$key'");

    my $second = create('Expires', $key);

    is $second->code, 201, 'executed again';
    is $second->headers->header('Idempotency-Replayed'), undef, 'not replayed';
    isnt $second->json->{id}, $first->json->{id}, 'another project';
    replayed_ok $second, create('Expires', $key), 'from now on the second answer';
};

subtest 'no answer is replayed to who may not call any more (IDN-05)' => sub {
    my $org_id = Test::DevPilot::Tenant::organization($stack);
    my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'developer');
    my $key = $stack->fresh_key;

    is create('Revoked', $key, key => $member->{key})->code, 201, 'created';
    $stack->query('update dp.api_key set revoked_at = now() where ' . Test::DevPilot::Tenant::row_of($member->{key}));
    refused_ok create('Revoked', $key, key => $member->{key}), 'AUTH_KEY_INVALID', 'the key is revoked';
};

subtest 'nor to a credential that may not do it (RBAC-02)' => sub {
    my $key = $stack->fresh_key;
    my $first = create('Above a viewer', $key);

    refused_ok create('Above a viewer', $key, key => $stack->viewer_api_key), 'AUTH_FORBIDDEN', q{the same user's viewer};
    replayed_ok $first, create('Above a viewer', $key), 'the administrator';
};

subtest 'replays are refused while changes are switched off (KS-02)' => sub {
    my $key = $stack->fresh_key;
    my $first = create('Before the switch', $key);

    Test::DevPilot::Control::switch($stack, GLOBAL_WRITE => 'true');
    refused_ok create('Before the switch', $key), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'on';
    Test::DevPilot::Control::switch($stack, GLOBAL_WRITE => 'false');
    replayed_ok $first, create('Before the switch', $key), 'off again';
};

$stack->finish;

done_testing;
