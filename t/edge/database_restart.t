# PostgreSQL stopped and started again under load, and backends of the worker
# killed: clients are told, all recovers by itself, nothing is lost or doubled.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Creation qw(create creation whole_ok);
use Test::DevPilot::Hold;
use Test::DevPilot::Load;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start;

# What is held is not to meet its deadline.
$stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 30s;/ });

my $worker = $stack->pid('worker');
my @created = create($stack)->{id};

for my $stop ([INT => 'stopped'], [QUIT => 'crashed']) {
    my ($signal, $how) = @$stop;

    subtest "$how under load" => sub { restarted_ok($signal) };
}

# A place where it is met, and whether the transaction could be run again.
for my $place (qw(insert commit)) {
    subtest "IDM-01: a backend is killed at $place" => sub {
        my $hold = Test::DevPilot::Hold->new($stack, $place);
        my ($write) = Test::DevPilot::Connection::send_all($stack, creation());

        ok $hold->has(1), 'a creation is in flight';
        $hold->terminate;
        ok $hold->has(1), 'the worker runs it again on another connection';
        $hold->release;

        my $response = $write->response;
        is $response && $response->code, 201, 'the client does not notice';
        push @created, $response->json->{id};
        whole_ok($stack, 'exactly once', @created);
    };
}

is $stack->pid('worker'), $worker, 'it was the same worker all the time';

$stack->finish;
done_testing;

sub restarted_ok {
    my ($signal) = @_;
    my $load = Test::DevPilot::Load->start($stack, 6, sub { create($stack) });
    my $pid = $stack->pid('postgres');

    ok $load->wait_for(12), 'the load runs';
    $stack->hold('postgres');
    $stack->signal('postgres', $signal);
    ok wait_until(sub { !kill(0, $pid) }), 'PostgreSQL is gone';

    refused_without_database();
    $stack->release('postgres');
    ok $load->wait_for(24), 'the load goes on by itself';
    ok wait_until(sub { $stack->get('/health/ready', key => undef)->code == 200 }), 'ready again';

    load_ok($load->stop);
    whole_ok($stack, 'nothing is lost or doubled', @created);
}

sub refused_without_database {
    ok wait_until(sub { ($stack->get('/projects')->json // {})->{error} }), 'requests are refused';
    refused_ok($stack->get('/projects', key => $stack->viewer_api_key), 'DATABASE_UNAVAILABLE',
        'ERR-04: authenticating', causes => ['DATABASE_UNREACHABLE']);
    refused_ok($stack->get('/projects'), 'DATABASE_UNAVAILABLE', 'ERR-04: reading', causes => ['DATABASE_UNREACHABLE']);
    refused_ok($stack->create_project({name => 'None'}), 'DATABASE_UNAVAILABLE', 'writing');

    my $failing;
    ok wait_until(sub {
        $failing = $stack->get('/health/ready', key => undef)->json('/error/details/failing') // [];
        "@$failing" =~ /database/;
    }), 'not ready for want of a database' or diag("@$failing");
    is $stack->get('/health/live', key => undef)->code, 200, 'the edge lives';
}

sub load_ok {
    my (@outcomes) = @_;
    my %codes = map { $_->{code} => 1 } grep { $_->{status} != 201 } map { @{$_->{tries}} } @outcomes;

    is scalar(grep { $_->{status} != 201 } @outcomes), 0, 'every client got its project in the end';
    ok delete $codes{DATABASE_UNAVAILABLE}, 'some were hit';
    delete @codes{qw(DATABASE_OUTCOME_UNKNOWN IDEMPOTENCY_IN_PROGRESS)};
    is join(' ', sort keys %codes), '', 'and were told nothing else';

    push @created, map { $_->{id} } @outcomes;
}
