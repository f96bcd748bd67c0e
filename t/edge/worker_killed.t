# A worker killed with requests in flight: every client is answered at once, a
# repeated request executes exactly once, and nothing is half done.

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
use Time::HiRes qw(time);

use constant AT_ONCE_S => 5;

my $stack = Test::DevPilot->start;

# The deadline would answer everybody sooner or later, and end the dead worker's
# statements.
$stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 30s;/ });

my @created = create($stack)->{id};

subtest 'IDM-01: in the middle of the change' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, qw(insert read));
    my @keys = map { Test::DevPilot::fresh_key() } 1 .. 6;
    my @writes = send_creations(@keys);
    my @reads = Test::DevPilot::Connection::send_all($stack, map { ['GET', "/projects/$created[0]"] } 1 .. 4);

    ok $hold->has(10), 'six creations and four reads are in flight';
    kill_worker();

    answered_at_once('WORKER_RESTARTED', @writes, @reads);
    ok $hold->has(0), 'the dead worker keeps no lock, though nobody released it';
    $hold->release;

    repeated_ok(0, @keys);
};

subtest 'IDM-01: without a key, nobody knows what became of it' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'update');
    my ($renamed, $deleted) = map { create($stack)->{id} } 1 .. 2;
    my $tag = $stack->get("/projects/$renamed")->headers->etag;
    my @rename = ('PATCH', "/projects/$renamed", json => {name => 'Renamed'}, headers => {'If-Match' => $tag});
    my @writes = Test::DevPilot::Connection::send_all($stack, [@rename], ['DELETE', "/projects/$deleted"]);

    push @created, $renamed, $deleted;
    ok $hold->has(2), 'a change and a deletion are in flight';
    kill_worker();

    answered_at_once('WORKER_LOST', @writes);
    ok $hold->has(0), 'the dead worker keeps no lock';
    $hold->release;

    is $stack->query("select count(*) from dp.project where name = 'Renamed' or deleted_at is not null"), 0,
        'nothing was done';
    ok Test::DevPilot::Connection::all_served($stack), 'another worker serves';
    is $stack->request(@rename)->code, 200, 'who looks, and finds his tag valid, does it again';
};

subtest 'IDM-01: after COMMIT, before the answer' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'commit');
    my $key = Test::DevPilot::fresh_key();
    my @writes = send_creations($key);

    ok $hold->has(1), 'a COMMIT is under way';
    $stack->freeze('worker');
    $hold->release;
    ok wait_until(sub { $stack->query('select count(*) from dp.project') == @created + 1 }), 'and succeeds';
    kill_worker();

    answered_at_once('WORKER_RESTARTED', @writes);
    repeated_ok(1, $key);
};

subtest 'IDM-01: killed again and again under load' => sub {
    my $load = Test::DevPilot::Load->start($stack, 8, sub { create($stack) });

    for my $time (1 .. 3) {
        ok $load->wait_for(24), "the load runs before kill $time";
        kill_worker();
    }

    ok $load->wait_for(24), 'and after the last one';

    my @outcomes = $load->stop;
    my @tries = map { @{$_->{tries}} } @outcomes;
    my @codes = sort keys %{{map { $_->{code} => 1 } grep { $_->{status} != 201 } @tries}};

    is scalar(grep { $_->{status} != 201 } @outcomes), 0, 'every client got its project in the end';
    cmp_ok scalar(grep { $_->{code} eq 'WORKER_RESTARTED' } @tries), '>', 0, 'some were hit';
    is_deeply [grep { !/\A(?:WORKER_RESTARTED|WORKER_UNAVAILABLE|IDEMPOTENCY_IN_PROGRESS)\z/ } @codes], [],
        'what they were told';
    is scalar(grep { $_->{code} =~ /\AWORKER/ && $_->{seconds} > AT_ONCE_S } @tries), 0, 'at once';

    push @created, map { $_->{id} } @outcomes;
    whole_ok($stack, 'exactly once', @created);
};

$stack->finish;
done_testing;

sub send_creations {
    my (@keys) = @_;

    return Test::DevPilot::Connection::send_all($stack, map { creation(key => $_) } @keys);
}

# Returns when another has taken its place.
sub kill_worker {
    my $pid = $stack->pid('worker');

    $stack->signal('worker', 'KILL');
    wait_until(sub { $stack->pid('worker') != $pid }) or die "no new worker\n";
}

sub answered_at_once {
    my ($code, @connections) = @_;
    my $began = time;

    refused_ok($_->response, $code) for @connections;
    cmp_ok time - $began, '<', AT_ONCE_S, 'at once';
}

# Repeats each request; `done` of them were executed the first time.
sub repeated_ok {
    my ($done, @keys) = @_;
    my @outcomes = map { create($stack, key => $_) } @keys;

    is join(' ', map { $_->{status} } @outcomes), join(' ', map { 201 } @keys), 'repeated, all are created';
    is scalar(grep { $_->{replayed} } @outcomes), $done, "$done of them had been executed";

    push @created, map { $_->{id} } @outcomes;
    whole_ok($stack, 'exactly once', @created);
}
