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
use Test::DevPilot::SecondWorker;
use Test::More;
use Time::HiRes qw(time);

my $stack = Test::DevPilot->start(processes => 2);

sub create { $stack->create_project({name => 'A write'}) }
sub metric { Test::DevPilot::Prometheus::sample($stack, $_[0]) }
sub database { $stack->query($_[0]) }

# nginx processes that report; none where nobody can say.
sub peers { eval { metric('devpilot_worker_control_peers') } // 0 }

sub generation { $stack->query('select generation from dp.control_state') }
sub switch_on { metric('devpilot_kill_switch_source{name="AI",source="database"}') }

sub set_switch {
    my ($name, $enabled) = @_;

    database("update dp.kill_switch set enabled = $enabled, reason = 'a test', expires_at = null
              where name = '$name'");
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
    ok wait_until(sub { peers() == 2 }), 'both nginx processes report';
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
    database("set session_replication_role = replica; -- no trigger, and no notification of it
              update dp.control_state set generation = generation + 1;
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

subtest 'a revocation is known within a second (KEY-02)' => sub {
    my $applied = Test::DevPilot::Control::generation($stack);

    database("update dp.api_key set revoked_at = now() where max_role = 'viewer'");
    cmp_ok seconds_until(sub { Test::DevPilot::Control::generation($stack) > $applied }), '<', 1, 'its generation';
    is Test::DevPilot::Control::generation($stack), database('select max(generation) from dp.control_revocation'),
        'is the edge\'s';
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
    $stack->expect(qr/worker process \d+ exited on signal 9/);
    kill('KILL', ($stack->nginx_processes)[0]);
    ok wait_until(sub { peers() == 2 }), 'a new process reports';
    $stack->reload;
    set_switch(AI => 'true');
    cmp_ok seconds_until(sub { switch_on() }), '<', 1, 'new processes are told';
    $stack->reload;
    is switch_on(), 1, 'a reload forgets nothing';
    set_switch(AI => 'false');
    Test::DevPilot::Control::settled($stack);
};

# As long as it lasts the worker serves, but cannot read the control state.
sub feed_closed {
    $stack->expect(qr/statement control\.read failed|the control state cannot be read/);
    database('revoke execute on function app.control_read(bigint) from dp_system');
}

sub feed_opened { database('grant execute on function app.control_read(bigint) to dp_system') }

sub failures_logged { scalar(() = $stack->log('worker') =~ /control\.read failed|the control state cannot be read/g) }

# Asserts what goes on while the state is not known, and what does not.
sub writes_are_closed {
    my ($name) = @_;

    subtest $name => sub {
        refused_ok create(), 'OPS_CONTROL_STALE', 'a write';
        is create()->headers->header('Retry-After'), 1, 'to come back in a second';
        is $stack->get('/projects')->code, 200, 'reading goes on';
        is $stack->get('/health/ready?scope=read', key => undef)->code, 200, 'ready for reading';
    };
}

subtest 'a feed that is silent for five seconds closes writes, not reading (KS-04)' => sub {
    my $begin = time();
    my $logged = failures_logged();

    feed_closed();
    is create()->code, 201, 'not at once';
    ok wait_until(sub { create()->code == 503 }), 'but then';
    cmp_ok time() - $begin, '>', 4, 'after five seconds';
    cmp_ok metric('devpilot_control_feed_age_seconds'), '>=', 5, 'as the metric says';
    writes_are_closed('what is closed');
    cmp_ok failures_logged() - $logged, '<=', 2, 'the log says so when it begins, not twice a second';
    is_deeply $stack->get('/health/ready', key => undef)->json->{error}{details}{failing}, ['control'],
        'not ready for changes';
    feed_opened();
    cmp_ok seconds_until(sub { create()->code == 201 }), '<', 2, 'open again when it can be read';
};

sub started_again {
    my ($name) = @_;
    my $pid = $stack->pid($name);

    $stack->signal($name, $name eq 'nginx' ? 'QUIT' : 'KILL');
    ok wait_until(sub { $stack->pid($name) != $pid && $stack->get('/projects')->is_success }), "$name is started again";
}

subtest 'after a restart nothing is changed before the first record (KS-04)' => sub {
    feed_closed();
    started_again('worker');
    started_again('nginx');
    writes_are_closed('nothing is known');
    is metric('devpilot_control_feed_age_seconds'), '+Inf', 'as the metric says';
    is metric('devpilot_control_generation'), 0, 'no generation was applied';
    set_switch(GLOBAL_WRITE => 'true');
    feed_opened();
    ok Test::DevPilot::Control::settled($stack), 'the first record';
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'brings back the switch';
    Test::DevPilot::Control::switch($stack, GLOBAL_WRITE => 'false');
};

subtest 'a worker that is gone and comes back (KS-04)' => sub {
    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    ok wait_until(sub { create()->code == 503 }), 'killed';
    refused_ok create(), 'WORKER_UNAVAILABLE', 'a write, at first';
    ok wait_until(sub { metric('devpilot_control_feed_age_seconds') > 5 }), 'the state grows old';
    refused_ok create(), 'WORKER_UNAVAILABLE', 'and later';
    $stack->release('worker');
    ok wait_until(sub { create()->code == 201 }), 'open again';
    ok Test::DevPilot::Control::settled($stack), 'with the state';
};

subtest 'several workers say the same (KS-03, KS-04)' => sub {
    my $second = Test::DevPilot::SecondWorker->start($stack, OPS_KILL_SWITCH => 'AI');

    Test::DevPilot::SecondWorker::use_both($stack);
    ok wait_until(sub { metric('devpilot_kill_switch_source{name="AI",source="environment"}') }),
        'what the second one\'s environment has on is on';
    set_switch(BILLING => 'true');
    cmp_ok seconds_until(sub { metric('devpilot_kill_switch{name="BILLING"}') }), '<', 1, 'a switch';
    ok Test::DevPilot::Control::settled($stack), 'one generation';
    $second->stop('KILL');
    set_switch(BILLING => 'false');
    cmp_ok seconds_until(sub { !metric('devpilot_kill_switch{name="BILLING"}') }), '<', 1, 'by the other one alone';
    ok wait_until(sub { !metric('devpilot_kill_switch_source{name="AI",source="environment"}') }),
        'an environment that is gone has nothing on';
    is create()->code, 201, 'writes are open';
    $stack->edit_config(sub { s/ devpilot_worker "[^"]*second\.ipc";// or die "no second worker\n" });
};

# --- a worker that says what it should not -----------------------------------------

my $handshake = "\xff\0\0\0\0\0\0\0\x01\x7f\x03\x00" . pack('a20', 'NULL') . "\0" x 32
    . "\x04\x1c\x05READY\x0bSocket-Type" . pack('N/a*', 'ROUTER');

# A frame with a control record of these fields.
sub record {
    my $message = 'DP' . pack('C C N Q>', 1, 7, 0, 0) . pack('(n N/a*)*', @_);

    return "\x02" . pack('Q>', length $message) . $message;
}

my %good = (1 => pack('Q>', 2**54), 2 => pack('Q>', 1));

my %malformed = (
    'without a generation'       => [2 => $good{2}],
    'without a time'             => [1 => $good{1}],
    'of generation 0'            => [1 => pack('Q>', 0), 2 => $good{2}],
    'of a generation too large'  => [1 => pack('Q>', 2**56), 2 => $good{2}],
    'of a floor in the future'   => [%good, 3 => pack('Q>', 2**55)],
    'of switches of three bytes' => [%good, 4 => 'abc'],
    'of half a revocation'       => [%good, 6 => 'x' x 23],
    'of a plan and a half'       => [%good, 7 => 'x' x 27],
    'with a field twice'         => [%good, 4 => pack('N', 1), 4 => pack('N', 1)],
);

for my $what (sort keys %malformed) {
    subtest "a record $what (KS-04)" => sub {
        my $applied = Test::DevPilot::Control::generation($stack);
        my $worker = Test::DevPilot::Peer->impostor($stack, $handshake . record(@{$malformed{$what}}), 0);

        Test::DevPilot::Peer::put_in_place($stack, '5s', $worker->path);
        ok wait_until(sub { $stack->log('nginx') =~ /\Q@{[$worker->path]}\E: a malformed message/ }), 'closes the channel';
        is Test::DevPilot::Control::generation($stack), $applied, 'and nothing is applied';
        $worker->stop;
    };
}

subtest 'a record as it should be, for comparison (KS-04)' => sub {
    my $worker = Test::DevPilot::Peer->impostor($stack, $handshake . record(%good, 4 => pack('N', 32)), 0);

    Test::DevPilot::Peer::put_in_place($stack, '5s', $worker->path);
    ok wait_until(sub { Test::DevPilot::Control::generation($stack) == 2**54 }), 'is applied';
    is switch_on(), 1, 'with its switch';
    is metric('devpilot_kill_switch{name="BILLING"}'), 0, 'and no other';
    $worker->stop;
};

# An entry of the list of blocks: of `kind`, until in `seconds`.
sub block {
    my ($kind, $tier, $address, $seconds, $generation, $signal) = @_;

    return pack('n n n n a10 n C4 Q> Q>', $kind, $tier, 1, $signal // 0, q(), 0xffff, split(/\./, $address),
                (time() + $seconds) * 1e6, $generation);
}

subtest 'blocks of no subject or tier (ABU-04)' => sub {
    $stack->edit_config(sub {
        s/devpilot_abuse \w+;/devpilot_abuse on;/ or die;
        s/^(?=events )/error_log "@{[$stack->folder]}\/log\/nginx.log" notice;\n/m if !/^error_log/m;
    });

    my $generation = (1 << 54) + 100;
    my @kinds = ([0, 3], [3, 3], [65535, 3], [1, 1], [1, 2], [1, 4], [2, 65535], [1, 3, 4]);
    my $blocks = join('', map { block(@$_[0, 1], "198.51.100.7", 2, ++$generation, $_->[2]) } @kinds)
        . block(1, 3, '198.51.100.77', 4, ++$generation, 3);
    my $malformed = metric('devpilot_edge_replies_malformed_total');
    my $worker = Test::DevPilot::Peer->impostor($stack, $handshake . record(1 => pack('Q>', $generation), 2 => $good{2},
                                                                            8 => $blocks), 0);
    my $blocked = sub { $stack->get('/health/live', headers => {'X-Forwarded-For' => '198.51.100.77'})->code == 403 };

    Test::DevPilot::Peer::put_in_place($stack, '5s', $worker->path);
    ok wait_until(sub { Test::DevPilot::Control::generation($stack) == $generation }), 'the record is applied';
    ok wait_until($blocked), 'with the block that is one';
    ok wait_until(sub { $stack->log('nginx') =~ /abuse: address 198\.51\.100\.77 enforced: BLOCK -> BLOCK, honeypot/ }),
        'for the signal that decided';
    is metric('devpilot_edge_replies_malformed_total') - $malformed, 0 + @kinds, 'the others are counted';
    ok wait_until(sub { !$blocked->() }), 'whose end';
    unlike $stack->log('nginx'), qr/exited on signal (?!9)/, 'kills nobody';
    $worker->stop;
};

$stack->finish;
done_testing;
