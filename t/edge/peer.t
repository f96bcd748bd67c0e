# The wire against peers that are not our worker: a plain libzmq ROUTER that
# behaves, or does not, and impostors that do not speak ZMTP as we want it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Peer;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Zmtp qw(greeting ready);
use Test::More;
use Time::HiRes qw(time);

use constant AT_ONCE_S => 5;

# What one process of nginx learns, the next request is to meet.
my $stack = Test::DevPilot->start(processes => 1, impostor => 1);
my ($own) = Test::DevPilot::Folder::slurp($stack->worker_conf) =~ m{^endpoint = ipc://(.*)$}m;

subtest 'a peer that answers' => sub {
    my $peer = in_place('30s', 'echo');
    my %size = (small => 200, large => 65_536, 'as large as may be' => 1_048_576);

    for my $name (sort { $size{$a} <=> $size{$b} } keys %size) {
        my $body = sprintf('{"name": "Blanks follow" %*s', $size{$name} - 25, '}');
        my $response = send_body($body);

        is $response->code, 200, "a body, $name";
        ok $response->body eq $body, 'comes back unchanged';
    }

    my @bodies = map { qq({"name": "$_"}) } 1 .. 100;
    my @responses = Test::DevPilot::Connection::together($stack, map { [creation($_)] } @bodies);
    is_deeply [map { $_->body } @responses], \@bodies, 'of a hundred at once, each gets its own answer';
    $peer->stop;
};

subtest 'a peer that takes its time' => sub {
    my $peer = in_place('30s', 'delay', 1000);
    my $began = time;
    my @responses = Test::DevPilot::Connection::together($stack, map { [creation()] } 1 .. 20);

    is_deeply [map { $_->code } @responses], [(200) x 20], 'twenty at once are served';
    cmp_ok time - $began, '<', 1 + AT_ONCE_S, 'together, not one after the other';
    $peer->stop;
};

subtest 'a peer that is too late' => sub {
    my $peer = in_place('500ms', 'delay', 1500);
    my $late = measured('devpilot_edge_channel_late_replies_total');

    refused_ok(send_body(), 'WORKER_TIMEOUT', 'is not waited for');
    ok wait_until(sub { measured('devpilot_edge_channel_late_replies_total') == $late + 1 }),
        'and its answer is dropped';
    refused_ok(send_body(), 'WORKER_TIMEOUT', 'the next one gets no answer that is not its own');
    $peer->stop;
};

subtest 'a peer that says nothing' => sub {
    my $peer = in_place('500ms', 'silence');
    my $timeouts = measured('devpilot_edge_channel_timeouts_total');

    refused_ok($_, 'WORKER_TIMEOUT')
        for Test::DevPilot::Connection::together($stack, map { [creation()] } 1 .. 5);
    is measured('devpilot_edge_channel_timeouts_total'), $timeouts + 5, 'counted';
    $peer->stop;
};

subtest 'a peer that is busy' => sub {
    my $peer = in_place('30s', 'busy');

    refused_ok(send_body(), 'WORKER_BUSY', 'is quoted (ERR-04)', retry_after => 7, causes => ['DATABASE_EXHAUSTED']);
    $peer->stop;
};

# Each costs the connection, which is made again.
for my $case (
    [garbage   => 'WORKER_RESTARTED', 'bytes that are no message'],
    [malformed => 'INTERNAL', 'an answer that is cut off'],
) {
    my ($mode, $code, $what) = @$case;

    subtest "a peer that sends $what" => sub {
        my $peer = in_place('30s', $mode);
        my $losses = measured('devpilot_edge_channel_losses_total');

        for my $time (1 .. 3) {
            refused_ok(send_body(), $code, 'at once');
            ok connected(), 'the connection is made again';
        }

        is measured('devpilot_edge_channel_losses_total'), $losses + 3, 'it was closed each time';
        $peer->stop;
    };
}

subtest 'a peer that names nobody' => sub {
    my $peer = in_place('30s', 'nobody');

    refused_ok(send_body(), 'INTERNAL', 'lets nobody in');
    $peer->stop;
};

subtest 'a peer that ends' => sub {
    my $peer = in_place('30s', 'exit');
    my $began = time;

    refused_ok(send_body(), 'WORKER_RESTARTED', 'while it has a request');
    cmp_ok time - $began, '<', AT_ONCE_S, 'at once';
    refused_ok(send_body(), 'WORKER_UNAVAILABLE', 'and the next one knows');
    $peer->stop;

    my $next = Test::DevPilot::Peer->start_at($peer->path);

    ok wait_until(sub { send_body()->code == 200 }, 3), 'another in its place is used soon';
    $next->stop;
};

for my $case (
    ['closes at once', '', 1, qr/it closed the connection|cannot send/],
    ['says nothing', '', 0, qr/no handshake in time/],
    ['speaks HTTP', "HTTP/1.1 400 Bad Request\r\n\r\n", 0, qr/no ZMTP signature/],
    ['speaks an older ZMTP', "\xff\0\0\0\0\0\0\0\x01\x7f\x01\x00", 0, qr/ZMTP 2.0 is not supported/],
    ['wants CURVE', greeting() =~ s/NULL\0/CURVE/r, 0, qr/mechanism is not NULL/],
    ['greets and says no more', greeting(), 0, qr/no handshake in time/],
    ['is a PUB', greeting() . ready('PUB'), 0, qr/no ROUTER/],
    ['refuses us', greeting() . "\x04\x0b\x05ERROR\x04Busy", 0, qr/refused us/],
) {
    my ($what, $bytes, $closes, $reason) = @$case;

    subtest "an impostor that $what" => sub {
        my $peer = Test::DevPilot::Peer->impostor($stack, $bytes, $closes);

        Test::DevPilot::Peer::put_in_place($stack, '30s', $peer->path);
        refused_at_once();
        like reasons($peer), $reason, 'the log says why';
        $peer->stop;
    };
}

for my $case (
    ['an endless message', "\x02" . pack('Q>', 2**62), qr/too (?:large|long|big)/],
    ['a frame with unknown flags', "\xf8\x01x", qr/flags/],
    ['a message that is not ours', "\0\x05hello", qr/a malformed message/],
    ['a refusal', "\x04\x0b\x05ERROR\x04Busy", qr/refused us/],
) {
    my ($what, $bytes, $reason) = @$case;

    subtest "an impostor that sends $what after the handshake" => sub {
        my $peer = Test::DevPilot::Peer->impostor($stack, greeting() . ready('ROUTER') . $bytes, 0);

        Test::DevPilot::Peer::put_in_place($stack, '2s', $peer->path);
        isnt send_body()->code, 200, 'serves nobody';
        like reasons($peer), $reason, 'the log says why';
        $peer->stop;
    };
}

subtest 'two workers, one of them away' => sub {
    my $peer = Test::DevPilot::Peer->start($stack);
    my $other = Test::DevPilot::Peer->start($stack);

    $other->stop;
    Test::DevPilot::Peer::put_in_place($stack, '30s', $other->path, $peer->path);
    ok connected(), 'connected';
    served_ok('the one that is there serves');

    my $connects = measured('devpilot_edge_channel_connects_total');
    my $again = Test::DevPilot::Peer->start_at($other->path);

    ok wait_until(sub { measured('devpilot_edge_channel_connects_total') == $connects + 1 }),
        'the other returns';
    $peer->stop;
    ok wait_until(sub { send_body()->code == 200 }, 3), 'and takes over when the first leaves';
    served_ok('alone');
    $again->stop;
};

Test::DevPilot::Peer::put_in_place($stack, '5s', $own);
ok wait_until(sub { $stack->get('/projects')->code == 200 }), 'and the worker, for comparison';

$stack->finish;
done_testing;

# A peer in the worker's place, connected.
sub in_place {
    my ($deadline, @mode) = @_;
    my $peer = Test::DevPilot::Peer->start($stack, @mode);

    Test::DevPilot::Peer::put_in_place($stack, $deadline, $peer->path);
    ok connected(), 'connected';

    return $peer;
}

my $keys = 0;

# Under a key that nginx does not know yet, so that the peer is asked for it.
sub creation {
    my ($body) = @_;

    return ('POST', '/projects', body => $body // '{"name": "Of a peer"}', idempotency_key => Test::DevPilot::fresh_key(),
            headers => {Connection => 'close'}, key => sprintf('dp_peer%04d_%s', ++$keys, 'x' x 43));
}

sub send_body {
    my ($body) = @_;

    return (Test::DevPilot::Connection::together($stack, [creation($body)]))[0];
}

# Whether nginx has a worker, which tells its metrics in any mode.
sub connected {
    return wait_until(sub { measured('devpilot_worker_up') == 1 });
}

sub served_ok {
    my ($name) = @_;
    my @responses = Test::DevPilot::Connection::together($stack, map { [creation()] } 1 .. 20);

    is_deeply [map { $_->code } @responses], [(200) x 20], $name;
}

sub refused_at_once {
    my $began = time;

    refused_ok($_, 'WORKER_UNAVAILABLE')
        for Test::DevPilot::Connection::together($stack, map { [creation()] } 1 .. 5);
    cmp_ok time - $began, '<', AT_ONCE_S, 'at once';
}

# What nginx wrote about a peer.
sub reasons {
    my ($peer) = @_;
    my $path = $peer->path;

    wait_until(sub { $stack->log('nginx') =~ /devpilot worker \S*\Q$path\E: / });

    return join("\n", $stack->log('nginx') =~ /devpilot worker \S*\Q$path\E: (.*)/g);
}

sub measured { Test::DevPilot::Prometheus::sample($stack, @_) }
