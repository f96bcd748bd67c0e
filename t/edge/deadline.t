# The deadline: a request that is not finished by then is answered without its
# worker, executed not at all or once, and a worker that hangs is found out.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Creation qw(create creation whole_ok);
use Test::DevPilot::Hold;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;
use Time::HiRes qw(time);

use constant {
    DEADLINE_S => 1,
    SOON_S     => 4,
};

my $stack = Test::DevPilot->start;

$stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 ${\DEADLINE_S}s;/ });

my @created = create($stack)->{id};

subtest 'IDM-01: held for longer than the deadline' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @keys = map { Test::DevPilot::fresh_key() } 1 .. 3;

    timed_out(map { creation(key => $_) } @keys);
    ok $hold->has(0), "the worker's transactions end, too";
    whole_ok($stack, 'nothing was executed', @created);
    $hold->release;
    repeated_ok(@keys);
};

subtest 'a worker that stands still' => sub {
    my $late = measured('devpilot_worker_dropped_total{reason="late"}');

    $stack->freeze('worker');
    timed_out(['GET', '/projects'], ['GET', '/projects'], creation());
    is $stack->get('/health/live', key => undef)->code, 200, 'the edge lives';
    refused_ok($stack->get('/health/ready', key => undef), 'OPS_NOT_READY', 'and is not ready');

    $stack->thaw('worker');
    ok Test::DevPilot::Connection::all_served($stack), 'going on, it serves again';
    is measured('devpilot_worker_dropped_total{reason="late"}'), $late + 3, 'what was too late was dropped';
    whole_ok($stack, 'and not executed', @created);
};

subtest 'IDM-01: a worker that stands still in the middle of the change' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my $key = Test::DevPilot::fresh_key();
    my ($write) = Test::DevPilot::Connection::send_all($stack, creation(key => $key));

    ok $hold->has(1), 'a creation is in flight';
    $stack->freeze('worker');
    refused_ok($write->response, 'WORKER_TIMEOUT', 'the client does not wait');
    $hold->release;
    $stack->thaw('worker');
    ok Test::DevPilot::Connection::all_served($stack), 'the worker goes on';
    ok wait_until(sub { !transactions() }), 'it has ended the transaction';
    whole_ok($stack, 'KS-05: and committed nothing past the deadline', @created);
    repeated_ok($key);
};

# Ten seconds of silence are more than a deadline should be, so both are seen.
subtest 'a worker that stands still for long' => sub {
    my $losses = measured('devpilot_edge_channel_losses_total');
    my $began;

    $stack->freeze('worker');
    ok wait_until(sub {
        $began = time;
        ($stack->get('/projects')->json('/error/code') // '') eq 'WORKER_UNAVAILABLE';
    }, 40), 'is given up';
    refused_ok($stack->get('/projects'), 'WORKER_UNAVAILABLE', 'requests are refused');
    cmp_ok time - $began, '<', SOON_S, 'without waiting for the deadline';

    $stack->thaw('worker');
    ok Test::DevPilot::Connection::all_served($stack), 'going on, it is used again';
    cmp_ok measured('devpilot_edge_channel_losses_total'), '>', $losses, 'over a new connection';
    whole_ok($stack, 'nothing was executed meanwhile', @created);
};

$stack->finish;
done_testing;

# Sends all of them; each meets the deadline, not much before and soon after.
sub timed_out {
    my (@requests) = @_;
    my $began = time;

    refused_ok($_, 'WORKER_TIMEOUT') for Test::DevPilot::Connection::together($stack, @requests);
    cmp_ok time - $began, '>', 0.9 * DEADLINE_S, 'by the deadline';
    cmp_ok time - $began, '<', DEADLINE_S + SOON_S, 'and not much later';
}

sub repeated_ok {
    my (@keys) = @_;
    my @outcomes = map { create($stack, key => $_) } @keys;

    is join(' ', map { $_->{status} } @outcomes), join(' ', map { 201 } @keys), 'repeated, all are created';
    push @created, map { $_->{id} } @outcomes;
    whole_ok($stack, 'executed once', @created);
}

# Those of the worker that are open.
sub transactions {
    return $stack->query("select count(*) from pg_stat_activity where backend_type = 'client backend'"
                         . " and xact_start is not null and pid <> pg_backend_pid()");
}

sub measured { Test::DevPilot::Prometheus::sample($stack, @_) }
