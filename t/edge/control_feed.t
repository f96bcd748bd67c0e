# The control feed: what the database says of switches, revocations and plans is
# known to every nginx process within a second, and without it nothing is changed.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Control;
use Test::DevPilot::Peer;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;
use Time::HiRes qw(time);

my $stack = Test::DevPilot->start(processes => 2);

sub create { $stack->create_project({name => 'A write'}) }
sub metric { Test::DevPilot::Prometheus::sample($stack, $_[0]) }
sub database { $stack->query($_[0]) }
sub generation { $stack->query('select generation from dp.control_state') }
sub switch_on { metric('devpilot_kill_switch_source{name="AI",source="database"}') }

sub set_switch {
    my ($name, $enabled) = @_;

    database("update dp.kill_switch set enabled = $enabled, reason = 'a test' where name = '$name'");
}

# Seconds until the condition holds.
sub seconds_until {
    my ($condition) = @_;
    my $begin = time();

    return wait_until($condition) ? time() - $begin : 'inf';
}

subtest 'the edge knows the state before it is ready (KS-04)' => sub {
    is Test::DevPilot::Control::generation($stack), generation(), 'the database\'s generation';
    cmp_ok metric('devpilot_control_feed_age_seconds'), '<', 2, 'read moments ago';
    is metric('devpilot_worker_control_peers'), 2, 'both nginx processes report';
    is create()->code, 201, 'writes are open';
};

subtest 'a switch of the database is everywhere within a second (KS-04)' => sub {
    for my $round (1 .. 5) {
        set_switch(AI => 'true');
        cmp_ok seconds_until(sub { switch_on() }), '<', 1, "on, round $round";
        set_switch(AI => 'false');
        cmp_ok seconds_until(sub { !switch_on() }), '<', 1, 'off';
    }

    set_switch(GLOBAL_WRITE => 'true');
    Test::DevPilot::Control::settled($stack);
    my $seen = metric('devpilot_worker_messages_total{kind="request"}');
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'a write, whichever process is asked' for 1 .. 8;
    is metric('devpilot_worker_messages_total{kind="request"}'), $seen, 'no process asks the worker';
    set_switch(GLOBAL_WRITE => 'false');
    ok Test::DevPilot::Control::settled($stack), 'off again';
};

subtest 'without a notification the state is read, too (KS-04)' => sub {
    database("update dp.control_state set generation = generation + 1;
              update dp.kill_switch set enabled = true, reason = 'quiet' where name = 'SIGNUP'");
    cmp_ok seconds_until(sub { metric('devpilot_kill_switch{name="SIGNUP"}') }), '<', 1, 'twice a second';
    set_switch(SIGNUP => 'false');
    Test::DevPilot::Control::settled($stack);
};

subtest 'a switch whose time is over is turned off, and that is recorded (KS-07)' => sub {
    database("update dp.kill_switch set enabled = true, reason = 'short', expires_at = now() + interval '1 second'
              where name = 'BILLING'");
    ok wait_until(sub { metric('devpilot_kill_switch{name="BILLING"}') }), 'on';
    ok wait_until(sub { !metric('devpilot_kill_switch{name="BILLING"}') }), 'off';
    is database("select enabled from dp.kill_switch where name = 'BILLING'"), 'f', 'in the database, too';
    is database("select count(*) from dp.audit_event where action = 'kill_switch.expired' and target_id = 'BILLING'"), 1,
        'recorded once';
};

subtest 'a creation moves no generation (KS-04)' => sub {
    my $generation = generation();

    is create()->code, 201, 'created';
    is generation(), $generation, 'the generation stays';
};

subtest 'an edge that is ahead of a restored database is passed (KS-04)' => sub {
    my $applied = Test::DevPilot::Control::generation($stack);

    $stack->expect(qr/edges are ahead of the database/);
    database('update dp.control_state set generation = 1000, floor = 1000');
    ok wait_until(sub { generation() > $applied }), 'the generation passes the edge\'s';
    ok Test::DevPilot::Control::settled($stack), 'which applies it';
    is database('select floor = generation from dp.control_state'), 't', 'and asks for all principals anew';
    is create()->code, 201, 'writes are open';
};

subtest 'the feed outlives processes and reloads (KS-04)' => sub {
    kill('KILL', ($stack->nginx_processes)[0]);
    ok wait_until(sub { metric('devpilot_worker_control_peers') == 2 }), 'a new process reports';
    $stack->reload;
    set_switch(AI => 'true');
    cmp_ok seconds_until(sub { switch_on() }), '<', 1, 'new processes are told';
    $stack->reload;
    is switch_on(), 1, 'a reload forgets nothing';
    set_switch(AI => 'false');
    Test::DevPilot::Control::settled($stack);
};

subtest 'a feed that is silent for five seconds closes writes, not reading (KS-04)' => sub {
    $stack->freeze('worker');
    my $silent = time();
    $stack->thaw('worker');
    is create()->code, 201, 'open before';

    database("lock table dp.control_state in access exclusive mode; select pg_sleep(0)");
    my $lock = Test::DevPilot::Session->new($stack);
    $lock->query('begin');
    $lock->query('lock table dp.control_state in access exclusive mode');
    $stack->expect(qr/statement control\.read failed|the control state cannot be read/);
    ok wait_until(sub { create()->code == 503 }), 'the control state cannot be read';
    refused_ok create(), 'OPS_CONTROL_STALE', 'a write';
    is create()->headers->header('Retry-After'), 1, 'to come back in a second';
    cmp_ok time() - $silent, '>', 4, 'not at once';
    cmp_ok metric('devpilot_control_feed_age_seconds'), '>=', 5, 'as the metric says';
    is $stack->get('/projects')->code, 200, 'reading goes on';
    is $stack->get('/health/ready?scope=read', key => undef)->code, 200, 'ready for reading';
    is_deeply $stack->get('/health/ready', key => undef)->json->{error}{details}{failing}, ['control'],
        'but not for changes';
    $lock->query('rollback');
    $lock->close;
    cmp_ok seconds_until(sub { create()->code == 201 }), '<', 2, 'open again when it can be read';
};

$stack->finish;
done_testing;
