# The kill switch GLOBAL_WRITE, turned on and off by the directive and by the
# database: what it refuses, whom it binds, what it lets finish.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Control;
use Test::DevPilot::Hold;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;

# What is held is not to meet its deadline.
$stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 30s;/ });

my $project = '/projects/' . $stack->create_project({name => 'Before'})->json->{id};

sub directive {
    my ($name, $value) = @_;

    $stack->edit_config(sub { s/(devpilot_kill_switch $name) \w+;/$1 $value;/ or die "no $name in nginx.conf\n" });
}

sub database { Test::DevPilot::Control::switch($stack, @_) }

sub create { $stack->create_project({name => 'A write'}, @_) }

sub ready { $stack->get('/health/ready' . ($_[0] // ''), key => undef) }

# Readiness is a record that is refreshed every second.
sub becomes_ready {
    my ($code) = @_;

    return wait_until(sub { ready()->code == $code });
}

sub metric { Test::DevPilot::Prometheus::sample($stack, $_[0]) }

sub switched_off_ok {
    my ($response, $name) = @_;

    refused_ok $response, 'OPS_KILL_SWITCH_GLOBAL_WRITE', $name;
    is $response->headers->header('Retry-After'), 30, 'to come back in half a minute';
}

# Asserts what is refused and what is not while the switch is on.
sub writes_are_off {
    my ($name) = @_;

    subtest $name => sub {
        my $before = Test::DevPilot::Tenant::snapshot($stack);

        switched_off_ok create(), 'a write';
        is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
        is $stack->get($project)->code, 200, 'reading one goes on (KS-02)';
        is $stack->get('/projects')->code, 200, 'reading all goes on (KS-02)';
        is $stack->get('/health/live', key => undef)->code, 200, 'it is alive';
        ok becomes_ready(503), 'but not ready (KS-06)';
        refused_ok ready(), 'OPS_NOT_READY', 'it says so';
        is_deeply ready()->json->{error}{details}{failing}, ['GLOBAL_WRITE'], 'and why';
        is ready('?scope=read')->code, 200, 'ready for reading (KS-06)';
        refused_ok ready('?scope=write'), 'VALIDATION_FAILED', 'there is no other scope';
    };
}

sub writes_are_on {
    my ($name) = @_;

    subtest $name => sub {
        is create()->code, 201, 'a write';
        ok becomes_ready(200), 'ready';
        is_deeply ready()->json, {status => 'ready', gates => {database => 'ok', schema => 'ok', control => 'ok',
                                                               GLOBAL_WRITE => 'off'}}, 'with every gate';
    };
}

writes_are_on('the switch is off at first');

subtest 'the directive turns it on and off by a reload (KS-01, KS-05)' => sub {
    my $generation = metric('devpilot_kill_switch_generation');

    is metric('devpilot_kill_switch{name="GLOBAL_WRITE"}'), 0, 'the metric says off';
    directive(GLOBAL_WRITE => 'on');
    writes_are_off('on');
    is metric('devpilot_kill_switch{name="GLOBAL_WRITE"}'), 1, 'the metric says on';
    is metric('devpilot_kill_switch_generation'), $generation + 1, 'by another configuration';
    is create(key => undef)->code, 503, 'whoever asks';

    directive(GLOBAL_WRITE => 'off');
    writes_are_on('off again');
    is metric('devpilot_kill_switch_generation'), $generation + 2, 'by yet another one';
};

subtest 'the edge refuses by itself' => sub {
    my $seen = metric('devpilot_worker_messages_total{kind="request"}');
    my $asked = metric('devpilot_worker_messages_total{kind="authenticate"}');

    directive(GLOBAL_WRITE => 'on');
    switched_off_ok create(), 'a write';
    is metric('devpilot_worker_messages_total{kind="request"}'), $seen, 'the worker is not asked to write';
    is metric('devpilot_worker_messages_total{kind="authenticate"}'), $asked, 'nor who is calling';

    $stack->signal('worker', 'STOP');
    switched_off_ok create(), 'a write, while the worker says nothing';
    $stack->signal('worker', 'CONT');
    directive(GLOBAL_WRITE => 'off');
};

subtest 'switches of other classes leave projects alone (KS-01)' => sub {
    for my $name (qw(BILLING WEBHOOKS BACKGROUND_JOBS EXTERNAL_INTEGRATIONS AI SIGNUP)) {
        directive($name => 'on');
    }

    is metric('devpilot_kill_switch{name="SIGNUP"}'), 1, 'they are on';
    writes_are_on('all of them');

    directive($_ => 'off') for qw(BILLING WEBHOOKS BACKGROUND_JOBS EXTERNAL_INTEGRATIONS AI SIGNUP);
};

subtest 'a configuration that is refused leaves the switch as it is (KS-05)' => sub {
    my $text = Test::DevPilot::Folder::slurp($stack->nginx_conf);
    my $generation = metric('devpilot_kill_switch_generation');

    $stack->expect(qr/\[emerg\].*"devpilot_deadline"/);
    Test::DevPilot::Folder::spew($stack->nginx_conf,
        $text =~ s/(GLOBAL_WRITE) off;/$1 on;/r =~ s/(devpilot_deadline) \S+;/$1 never;/r);
    $stack->signal('nginx', 'HUP');

    ok wait_until(sub { $stack->log('nginx') =~ /invalid value "never"/ }), 'nginx refuses it';
    is create()->code, 201, 'a write';
    is metric('devpilot_kill_switch_generation'), $generation, 'and the metric shows it';
    Test::DevPilot::Folder::spew($stack->nginx_conf, $text);
};

subtest 'the database turns it on and off (KS-01)' => sub {
    my $seen = metric('devpilot_worker_messages_total{kind="request"}');

    database(GLOBAL_WRITE => 'true');
    switched_off_ok create(), 'the edge refuses';
    is metric('devpilot_worker_messages_total{kind="request"}'), $seen, 'the worker is not asked';
    writes_are_off('on');

    database(GLOBAL_WRITE => 'false');
    writes_are_on('off again');

    database(GLOBAL_WRITE => 'true', "now() - interval '1 second'");
    writes_are_on('on until a second ago');
    database(GLOBAL_WRITE => 'false');
};

subtest 'it is on when any of the two says so (KS-01)' => sub {
    directive(GLOBAL_WRITE => 'on');
    database(GLOBAL_WRITE => 'true');
    directive(GLOBAL_WRITE => 'off');
    switched_off_ok create(), 'the database alone';
    directive(GLOBAL_WRITE => 'on');
    database(GLOBAL_WRITE => 'false');
    switched_off_ok create(), 'the directive alone';
    directive(GLOBAL_WRITE => 'off');
    is create()->code, 201, 'none of them';
};

# --- while something is under way -------------------------------------------------

sub post {
    my ($name) = @_;

    return ['POST', '/projects', json => {name => $name}, idempotency_key => $stack->fresh_key];
}

# A write whose body is still on its way; returns its connection and the rest.
sub slow_write {
    my ($name) = @_;
    my ($connection, $rest) = Test::DevPilot::Connection::begin($stack, @{post($name)});

    ok wait_until(sub { metric('devpilot_edge_in_flight') == 2 }), 'in flight, besides the question for metrics';

    return ($connection, $rest);
}

subtest 'writes in flight finish, those behind them are refused (KS-05)' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @in_flight = Test::DevPilot::Connection::send_all($stack, map { post('In flight') } 1 .. 4);

    ok $hold->has(4), 'four writes are with the worker';
    directive(GLOBAL_WRITE => 'on');
    switched_off_ok create(), 'one that comes now';
    $hold->release;

    is join(' ', map { $_->response->code } @in_flight), '201 201 201 201', 'the four are finished';
    is $stack->query("select count(*) from dp.project where name = 'In flight'"), 4, 'and there';
    directive(GLOBAL_WRITE => 'off');
};

subtest 'processes that are draining are bound, too (KS-05)' => sub {
    my %old = map { $_ => 1 } $stack->nginx_processes;
    my ($slow, $rest) = slow_write('Slowly written');
    my $seen = metric('devpilot_worker_messages_total{kind="request"}');

    directive(GLOBAL_WRITE => 'on');
    ok scalar(grep { $old{$_} } $stack->nginx_processes), 'its process is draining';
    $slow->send_bytes($rest);
    switched_off_ok $slow->response, 'and refuses what it has not forwarded yet';
    is metric('devpilot_worker_messages_total{kind="request"}'), $seen, 'without asking the worker';
    is $stack->query("select count(*) from dp.project where name = 'Slowly written'"), 0, 'nothing is created';

    undef $slow;
    ok wait_until(sub { !grep { $old{$_} } $stack->nginx_processes }), 'then the process ends';
    directive(GLOBAL_WRITE => 'off');
};

subtest 'turned off, it frees draining processes as well (KS-05)' => sub {
    my ($slow, $rest) = slow_write('Freed');

    directive(GLOBAL_WRITE => 'on');
    directive(GLOBAL_WRITE => 'off');
    $slow->send_bytes($rest);
    is $slow->response->code, 201, 'an old process forwards it after two reloads';
};

subtest 'the database switch waits for nobody, and lets no write through behind it (KS-01)' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my ($in_flight) = Test::DevPilot::Connection::send_all($stack, post('Passed the gate'));

    ok $hold->has(1), 'a write is past the gate';
    database(GLOBAL_WRITE => 'true');
    switched_off_ok create(), 'one that comes now';

    my $drained = Test::DevPilot::Session->new($stack);

    is $drained->query('select pg_try_advisory_lock(1146113875, 0)'), 'f', 'the switch is engaged, not yet effective';
    $hold->release;
    is $in_flight->response->code, 201, 'the first one is finished';
    ok wait_until(sub { $drained->query('select pg_try_advisory_lock(1146113875, 0)') eq 't' }), 'now it is effective';
    $drained->close;
    database(GLOBAL_WRITE => 'false');
};

$stack->finish;

done_testing;
