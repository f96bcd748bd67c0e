# No worker: every client is told so at once, and served again within a second of
# its return.  A worker that is asked to stop finishes what it has accepted.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::UNIX;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Creation qw(create creation whole_ok);
use Test::DevPilot::Hold;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;
use Time::HiRes qw(time);

my $stack = Test::DevPilot->start;

# What is held is not to meet its deadline.
$stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 30s;/ });

my @created;

subtest 'a worker that is told to stop finishes what it has' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @writes = Test::DevPilot::Connection::send_all($stack, map { creation() } 1 .. 4);
    my $pid = $stack->pid('worker');

    ok $hold->has(4), 'four creations are in flight';
    $stack->hold('worker');
    $stack->signal('worker', 'TERM');
    ok wait_until(sub { $stack->get('/projects')->code == 503 }), 'others are refused';
    ok kill(0, $pid), 'while the worker still runs';
    $hold->release;

    for my $response (map { $_->response } @writes) {
        is $response && $response->code, 201, 'each of the four is created';
        push @created, $response->json->{id};
    }

    ok wait_until(sub { !kill(0, $pid) }), 'then it is gone';
    whole_ok($stack, 'the four are there', @created);
};

subtest 'nobody waits for a worker that is away' => sub {
    my $began = time;

    refused_ok($stack->get('/projects'), 'WORKER_UNAVAILABLE', 'reading');
    refused_ok($stack->create_project({name => 'None'}), 'WORKER_UNAVAILABLE', 'writing');
    refused_ok($stack->get('/projects', key => 'dp_12345678_' . 'x' x 43), 'WORKER_UNAVAILABLE',
               'a key that only a worker could judge');
    refused_ok($_, 'WORKER_UNAVAILABLE', 'one of many')
        for Test::DevPilot::Connection::together($stack, map { ['GET', '/projects'] } 1 .. 50);
    cmp_ok time - $began, '<', 3, 'at once';

    is $stack->get('/health/live', key => undef)->code, 200, 'the edge lives';
    my $response = $stack->get('/health/ready', key => undef);
    refused_ok($response, 'OPS_NOT_READY', 'and is not ready');
    is_deeply $response->json('/error/details'), {failing => ['worker']}, 'for want of a worker';
    like $stack->get('/metrics', key => undef)->body, qr/^devpilot_worker_up\{instance="[^"]+"\} 0$/m, 'as the metrics say';
};

subtest 'what needs no worker is judged as ever' => sub {
    refused_ok($stack->get('/projects', key => undef), 'AUTH_REQUIRED', 'no credential');
    refused_ok($stack->get('/nowhere'), 'ROUTE_NOT_FOUND', 'an unknown path');
    refused_ok($stack->request('DELETE', '/projects'), 'METHOD_NOT_ALLOWED', 'a method that a path does not take');
    refused_ok($stack->create_project({name => 7}), 'VALIDATION_FAILED', 'a body that is not as the contract says');
    is $stack->get($_, key => undef)->code, 200, $_ for qw(/openapi.json /errors);

    # RL-11: by what shared memory knows, also behind a reload
    $stack->edit_config(sub { s/devpilot_limit user .*;/devpilot_limit user rate=1\/d burst=5;/ });
    refused_ok($stack->get('/projects'), 'WORKER_UNAVAILABLE', "within the user's limit") for 1 .. 5;
    refused_ok($stack->get('/projects'), 'RATE_LIMIT_USER', 'and beyond it');
    $stack->edit_config(sub { s/devpilot_limit user .*;/devpilot_limit user off;/ });
};

subtest 'back' => sub {
    my ($path) = Test::DevPilot::Folder::slurp($stack->worker_conf) =~ m{^endpoint = ipc://(.*)$}m;

    $stack->release('worker');
    ok wait_until(sub { IO::Socket::UNIX->new(Peer => $path) }), 'its socket is there';

    my $began = time;
    my $outcome = create($stack);
    my $seconds = time - $began;

    is $outcome->{status}, 201, 'served';
    note sprintf('after %.2f s and %d tries', $seconds, scalar @{$outcome->{tries}});
    cmp_ok $seconds, '<', 3, 'soon';
    ok Test::DevPilot::Connection::all_served($stack, 3), 'by all processes of nginx';
    ok wait_until(sub { $stack->get('/health/ready', key => undef)->code == 200 }), 'and ready';
    whole_ok($stack, 'nothing was done while it was away', @created, $outcome->{id});
};

$stack->finish;
done_testing;
