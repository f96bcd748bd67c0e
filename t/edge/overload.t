# More requests than there is room for, in the worker's queue and at the edge:
# the rest is refused at once, what was accepted is served, and all is well again.

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

use constant AT_ONCE_S => 5;

my $stack = Test::DevPilot->start(
    processes   => 1,
    environment => {DEVPILOT_TRANSACTION_THREADS => 1, DEVPILOT_QUEUE_DEPTH => 3},
);

# What is held is not to meet its deadline.
$stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 30s;/ });

my @created = create($stack)->{id};

# One runs, three wait, looking up their credential first.
subtest "the worker's queue" => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @first = send_creations(1);

    ok $hold->has(1), 'the only thread is busy';
    my @waiting = send_creations(3);
    ok wait_until(sub { measured('devpilot_worker_queue_length') == 3 }), 'the queue is full';

    refused_at_once(map { creation() } 1 .. 8);
    refused_at_once(map { ['GET', '/projects'] } 1 .. 8);
    is measured('devpilot_worker_dropped_total{reason="busy"}'), 16, 'and counted';
    is $stack->get('/health/ready', key => undef)->code, 200, 'readiness needs no place in the queue';

    $hold->release;
    served_ok(@first, @waiting);
};

subtest "the edge's places" => sub {
    $stack->edit_config(sub { s/(devpilot_deadline \S+;)/$1 devpilot_max_in_flight 1;/ });

    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @first = send_creations(1);

    ok $hold->has(1), 'the only place is taken';
    refused_at_once(map { creation() } 1 .. 8);
    refused_at_once(map { ['GET', '/projects'] } 1 .. 8);
    cmp_ok measured('devpilot_edge_channel_busy_total'), '>=', 16, 'and counted';
    is $stack->get('/health/live', key => undef)->code, 200, 'liveness needs none';

    $hold->release;
    served_ok(@first);
};

whole_ok($stack, 'what was refused was not executed', @created);

$stack->finish;
done_testing;

sub send_creations {
    my ($count) = @_;

    return Test::DevPilot::Connection::send_all($stack, map { creation() } 1 .. $count);
}

sub refused_at_once {
    my (@requests) = @_;
    my $began = time;

    refused_ok($_, 'WORKER_BUSY') for Test::DevPilot::Connection::together($stack, @requests);
    cmp_ok time - $began, '<', AT_ONCE_S, 'at once';
}

# What was accepted is answered, and then everybody is.
sub served_ok {
    my (@connections) = @_;

    for my $response (map { $_->response } @connections) {
        is $response && $response->code, 201, 'what was accepted is created';
        push @created, $response->json->{id};
    }

    my $after = create($stack);

    is scalar @{$after->{tries}}, 1, 'and there is room again';
    push @created, $after->{id};
}

sub measured { Test::DevPilot::Prometheus::sample($stack, @_) }
