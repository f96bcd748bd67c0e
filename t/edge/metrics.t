# /metrics: what edge and worker counted, in one text that Prometheus takes;
# counters move by what happens, and never back.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Folder;
use Test::DevPilot::Hold;
use Test::DevPilot::Prometheus;
use Test::More;

my $stack = Test::DevPilot->start(environment => {DEVPILOT_LAST_USED_INTERVAL => '1h'});

sub scrape { $stack->get('/metrics', key => undef) }

# What promtool has to say against a text.  The catalogue of metrics has a label in
# camel case.
sub promtool_check {
    my ($text) = @_;
    my $path = $stack->folder . '/scrape';

    Test::DevPilot::Folder::spew($path, $text);

    my @said = `promtool check metrics <$path 2>&1`;

    return $? >> 8 == 0 || $? >> 8 == 3
        ? join('', grep { !/\Arate_limit_consumed_total label names should be written in 'snake_case'/ } @said)
        : "promtool failed: @said";
}

sub parsed { Test::DevPilot::Prometheus::parse(scrape()->body) }

sub samples { Test::DevPilot::Prometheus::samples($stack) }

subtest 'one text of both programs, as Prometheus reads it' => sub {
    my $response = scrape();
    my $parsed = Test::DevPilot::Prometheus::parse($response->body);

    is $response->code, 200, 'public';
    is $response->headers->content_type, 'text/plain; version=0.0.4; charset=utf-8', 'its type';
    is_deeply $parsed->{faults}, [], 'no line is wrong';
    is_deeply [sort keys %{$parsed->{helps}}], [sort keys %{$parsed->{types}}], 'each metric has help and type';
    ok exists $parsed->{types}{$_}, $_ for qw(devpilot_edge_requests_total devpilot_worker_operations_total errors_total
                                              devpilot_edge_worker_seconds devpilot_worker_transaction_seconds);
    is samples()->{devpilot_worker_up}, 1, 'the worker is up';
    is promtool_check($response->body), '', 'OBS-09 promtool finds nothing';
    is scalar(grep { !/\A(?:devpilot_(?:edge|worker|kill_switch|control|abuse|audit)|errors_total|rate_limit_|retry_attempts|circuit_breaker_|integration_|key_rotation_total|emergency_key_invalidations_total)/ } keys %{$parsed->{types}}), 0,
        'all are named for what they are of';
};

# What happens => the counters that move, and by how much.
my %moves = (
    'a creation' => [sub { $stack->create_project({name => 'Counted'}) }, {
        'devpilot_edge_requests_total{operation="createProject",status="2xx"}' => 1,
        'devpilot_edge_request_seconds_count{operation="createProject",class="create_project"}' => 1,
        'devpilot_worker_messages_total{kind="request"}' => 1,
        'devpilot_worker_messages_total{kind="authenticate"}' => 1,
        'devpilot_edge_principals_asked_total' => 1,
        'devpilot_worker_authentications_total{outcome="valid"}' => 1,
        'devpilot_worker_operations_total{outcome="ok"}' => 1,
        'devpilot_worker_transactions_total{outcome="committed"}' => 1,
        'devpilot_worker_database_round_trips_total' => 3,
        'devpilot_edge_worker_seconds_count' => 1,
        'devpilot_worker_operation_seconds_count' => 1,
    }],
    'a reading' => [sub { $stack->get('/projects') }, {
        'devpilot_edge_requests_total{operation="listProjects",status="2xx"}' => 1,
        'devpilot_worker_transactions_total{outcome="read"}' => 1,
        'devpilot_worker_database_round_trips_total' => 1,
        'devpilot_edge_principals_found_total' => 1,
    }],
    'a refusal by the edge' => [sub { $stack->get('/projects', key => undef) }, {
        'devpilot_edge_requests_total{operation="listProjects",status="4xx"}' => 1,
        'errors_total{code="AUTH_REQUIRED",severity="warn"}' => 1,
        'devpilot_edge_refusals_total{stage="authenticate"}' => 1,
        'devpilot_worker_messages_total{kind="request"}' => 0,
        'devpilot_edge_worker_seconds_count' => 0,
    }],
    'a credential that nobody has' => [sub { $stack->get('/projects', key => 'dp_unknown0_' . 'x' x 43) }, {
        'errors_total{code="AUTH_KEY_INVALID",severity="warn"}' => 1,
        'devpilot_worker_authentications_total{outcome="refused"}' => 1,
        'devpilot_worker_messages_total{kind="request"}' => 0,
    }],
    'a refusal by the worker' => [sub { $stack->get('/projects/00000000-0000-4000-8000-000000000000') }, {
        'devpilot_edge_requests_total{operation="getProject",status="4xx"}' => 1,
        'errors_total{code="RESOURCE_NOT_FOUND",severity="info"}' => 1,
        'devpilot_edge_refusals_total{stage="forward"}' => 1,
        'devpilot_worker_operations_total{outcome="refused"}' => 1,
    }],
    'a denial' => [sub { $stack->create_project({name => 'x'}, key => $stack->viewer_api_key) }, {
        'errors_total{code="AUTH_FORBIDDEN",severity="warn"}' => 1,
        'devpilot_worker_denials_total' => 1,
        'devpilot_worker_transactions_total{outcome="rolled_back"}' => 1,
    }],
    'a path that is none' => [sub { $stack->get('/nowhere') }, {
        'devpilot_edge_requests_total{operation="none",status="4xx"}' => 1,
        'errors_total{code="ROUTE_NOT_FOUND",severity="info"}' => 1,
        'devpilot_edge_refusals_total{stage="route"}' => 1,
        'devpilot_edge_request_seconds_count{operation="none",class="none"}' => 1,
    }],
    'a request that cannot be read' => [sub {
        my $connection = Test::DevPilot::Connection->new($stack);

        # nginx lingers until the client is gone, then counts and logs.
        $connection->send_bytes("nonsense\r\n\r\n");
        $connection->response;
        undef $connection;
        wait_until(sub { $stack->log('edge') =~ /"REQUEST_MALFORMED"/ });
    }, {
        'devpilot_edge_requests_total{operation="none",status="4xx"}' => 1,
        'errors_total{code="REQUEST_MALFORMED",severity="warn"}' => 1,
        'devpilot_edge_refusals_total{stage="none"}' => 1,
    }],
    'a scrape' => [\&scrape, {
        # The first scrape is counted when it has ended, so the second one shows it.
        'devpilot_edge_requests_total{operation="getMetrics",status="2xx"}' => 2,
        'devpilot_worker_messages_total{kind="measure"}' => 2,
    }],
);

for my $what (sort keys %moves) {
    my ($happens, $wanted) = @{$moves{$what}};

    subtest $what => sub {
        my $before = samples();

        $happens->();

        my $after = samples();

        is $after->{$_} - ($before->{$_} // 0), $wanted->{$_}, "$_ by $wanted->{$_}" for sort keys %$wanted;
    };
}

subtest 'a replay' => sub {
    my $key = $stack->fresh_key;
    my $create = sub { $stack->create_project({name => 'Replayed'}, idempotency_key => $key) };

    $create->();

    my $before = samples();

    $create->();
    is samples()->{devpilot_worker_replays_total} - $before->{devpilot_worker_replays_total}, 1, 'is counted';
};

subtest 'OBS-09 the stages of some requests are timed, each stage once' => sub {
    my $timed = sub { samples()->{qq(devpilot_edge_stage_seconds_count{stage="$_[0]"})} };
    my ($before, $refused) = map { $timed->($_) } qw(forward limits);

    # Two processes time one in 64 each.
    $stack->get('/projects') for 1 .. 3 * 64;
    cmp_ok $timed->('forward') - $before, '>=', 1, 'at least one';
    cmp_ok $timed->('forward') - $before, '<=', 4, 'not all';

    my $samples = samples();
    my $sum = sub { $samples->{qq(devpilot_edge_stage_seconds_sum{stage="$_[0]"})} };

    cmp_ok $sum->('forward'), '>', $sum->('identify'), 'a stage that waits for a worker takes longer than one that does not';
};

subtest 'OBS-10 nginx processes and their connections' => sub {
    my $samples = samples();

    is $samples->{devpilot_edge_processes}, 2, 'two serve';
    is $samples->{devpilot_edge_channels_ready}, 2, 'each with its connection';
};

subtest 'what is in flight' => sub {
    is samples()->{devpilot_edge_in_flight}, 1, 'the question itself';

    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @held = Test::DevPilot::Connection::send_all($stack, map {
        ['POST', '/projects', json => {name => 'Held'}, idempotency_key => $stack->fresh_key]
    } 1 .. 3);

    ok $hold->has(3), 'three more';

    my $samples = samples();

    is $samples->{devpilot_edge_in_flight}, 4, 'are in flight at the edge';
    is $samples->{devpilot_worker_in_flight}, 3, 'and at the worker';
    is $samples->{devpilot_worker_threads_busy}, 3, 'OBS-10 where three threads of the pool are busy';
    cmp_ok $samples->{devpilot_worker_database_connections}, '>=', 3, 'OBS-10 with a connection each';
    $hold->release;
    is $_->response->code, 201, 'released' for @held;
    ok wait_until(sub { samples()->{devpilot_edge_in_flight} == 1 }), 'and none is left';
    ok wait_until(sub { samples()->{devpilot_worker_in_flight} == 0 }), 'nor at the worker';
};

subtest 'gauges of the worker' => sub {
    my $samples = samples();

    is $samples->{devpilot_worker_database_up}, 1, 'database';
    is $samples->{devpilot_worker_schema_up}, 1, 'schema';
    is $samples->{devpilot_worker_queue_length}, 0, 'queue';
    is $samples->{devpilot_worker_threads}, 16, 'OBS-10 the size of the pool';
    is $samples->{devpilot_worker_threads_busy}, 0, 'OBS-10 what is in use of it';
    cmp_ok $samples->{devpilot_worker_database_trip_seconds_count}, '>', $samples->{devpilot_worker_database_round_trips_total},
        'OBS-09 every round trip to the database is measured, also those of no operation';
    cmp_ok abs($samples->{devpilot_worker_start_time_seconds} - time), '<', 600, 'started lately';
};

# The samples of the edge that may only grow; the worker's begin anew with it.
sub edge_counters {
    my $parsed = parsed();

    is_deeply $parsed->{faults}, [], 'a text without faults';

    return {map { $_ => $parsed->{samples}{$_} } grep { only_grows($parsed, $_) } keys %{$parsed->{samples}}};
}

sub only_grows {
    my ($parsed, $sample) = @_;
    my ($metric) = $sample =~ /\A(\w+)/;
    my $type = Test::DevPilot::Prometheus::type_of($parsed, $metric);

    return $metric !~ /\Adevpilot_worker/ && $type ne 'gauge';
}

# Asserts that nothing was lost when something happens to the edge.
sub nothing_lost {
    my ($name, $happens) = @_;

    subtest $name => sub {
        for (1 .. 20) {
            $stack->get('/nowhere', headers => {Connection => 'close'});
            $stack->get('/projects', headers => {Connection => 'close'});
        }

        my $before = edge_counters();

        $happens->();

        my $after = edge_counters();

        is join("\n", grep { ($after->{$_} // -1) < $before->{$_} } sort keys %$before), '', 'no counter goes back';
        is samples()->{devpilot_edge_in_flight}, 1, 'nothing stays in flight';
        is scrape()->code, 200, 'and it goes on';
    };
}

nothing_lost('counters live through a reload', sub { $stack->reload });

$stack->expect(qr/worker process \d+ exited on signal 9/);

nothing_lost('and through the death of every nginx process, with requests in flight', sub {
    my @old = $stack->nginx_processes;
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @held = Test::DevPilot::Connection::send_all($stack, map {
        ['POST', '/projects', json => {name => 'Left behind'}, idempotency_key => $stack->fresh_key]
    } 1 .. 4);

    ok $hold->has(4), 'four are in flight';

    for my $pid (@old) {
        kill('KILL', $pid);
        wait_until(sub { !kill(0, $pid) }) or die "process $pid does not die\n";
    }

    ok wait_until(sub {
        my $response = eval { scrape() };

        return $response && ($response->code // 0) == 200 && samples()->{devpilot_worker_up};
    }), 'others take their place';
    $hold->release;
});

subtest 'a draining process that is killed leaves nothing in flight' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @held = Test::DevPilot::Connection::send_all($stack, map {
        ['POST', '/projects', json => {name => 'Left behind'}, idempotency_key => $stack->fresh_key]
    } 1 .. 4);

    ok $hold->has(4), 'four are in flight';

    my @old = $stack->nginx_processes;

    $stack->reload;
    is samples()->{devpilot_edge_in_flight}, 5, 'and still are, in processes that drain';
    is samples()->{'devpilot_edge_writes_pending{name="GLOBAL_WRITE"}'}, 4, 'as writes';
    kill('KILL', @old);
    ok wait_until(sub { samples()->{devpilot_edge_in_flight} == 1 }), 'killed, they count no more';
    is samples()->{'devpilot_edge_writes_pending{name="GLOBAL_WRITE"}'}, 0, 'nor do the writes';
    $hold->release;
};

subtest 'without a worker the edge tells what it knows' => sub {
    $stack->hold('worker');
    $stack->signal('worker', 'TERM');
    ok wait_until(sub { !samples()->{devpilot_worker_up} }), 'devpilot_worker_up is 0';

    my $parsed = parsed();

    is_deeply $parsed->{faults}, [], 'a text without faults';
    is scalar(grep { /\Adevpilot_worker_(?!up)/ } keys %{$parsed->{types}}), 0, "without the worker's";
    is $parsed->{samples}{devpilot_edge_channels_ready}, 0, 'and no connection';
    $stack->release('worker');
    ok wait_until(sub { samples()->{devpilot_worker_up} }), 'and 1 when it is back';
};

subtest 'with a worker that says nothing' => sub {
    $stack->signal('worker', 'STOP');
    is samples()->{devpilot_worker_up}, 0, 'it is told without it';
    $stack->signal('worker', 'CONT');
    ok wait_until(sub { samples()->{devpilot_worker_up} }), 'and with it again';
};

$stack->finish;

done_testing;
