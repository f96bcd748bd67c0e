# A worker that is told to stop does not wait for ever: what still runs when
# drain_timeout is over, or when it is told again, is abandoned, rolled back, and its
# clients are answered at once.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Creation qw(create creation whole_ok);
use Test::DevPilot::Folder;
use Test::DevPilot::Hold;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;
use Time::HiRes qw(time);

use constant {DRAIN_S => 1, SOON_S => 4};

my $stack = Test::DevPilot->start;

# What is held is not to meet its deadline.
$stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 30s;/ });

my @created = create($stack)->{id};

subtest 'IDM-01: told twice' => sub {
    abandoned_ok(0, sub {
        ok wait_until(sub { $stack->get('/projects')->code == 503 }), 'once: it takes nothing more';
        $stack->signal('worker', 'TERM');
    });
};

subtest 'IDM-01: drain_timeout' => sub {
    Test::DevPilot::Folder::spew($stack->worker_conf, Test::DevPilot::Folder::slurp($stack->worker_conf)
        . "drain_timeout = ${\DRAIN_S}s\n");
    $stack->signal('worker', 'HUP');
    ok wait_until(sub { $stack->log('worker') =~ /settings read again"/ }), 'is set by HUP';
    abandoned_ok(DRAIN_S, sub { });
};

$stack->finish;
done_testing;

# With two creations in flight: TERM, and what `hurry` does.  Both are abandoned
# after `patience_s`, and done once when they are repeated.
sub abandoned_ok {
    my ($patience_s, $hurry) = @_;
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @keys = map { Test::DevPilot::fresh_key() } 1 .. 2;
    my @writes = Test::DevPilot::Connection::send_all($stack, map { creation(key => $_) } @keys);
    my $pid = $stack->pid('worker');

    ok $hold->has(2), 'two creations are in flight';
    $stack->hold('worker');

    my $began = time;

    $stack->signal('worker', 'TERM');
    $hurry->();
    refused_ok($_->response, 'WORKER_RESTARTED') for @writes;

    my $seconds = time - $began;

    cmp_ok $seconds, '>', 0.9 * $patience_s, 'not before its time';
    cmp_ok $seconds, '<', $patience_s + SOON_S, 'and soon after it';
    ok wait_until(sub { !kill(0, $pid) }), 'the worker is gone';
    like $stack->log('worker'), qr/"stopped with 2 requests abandoned"\}\n\z/, 'says so';
    like Test::DevPilot::Folder::slurp($stack->folder . '/run.log'), qr/worker ended \(exit 0\)\n\z/, 'and exits with 0';
    ok $hold->has(0), 'what it ran was rolled back';

    $hold->release;
    $stack->release('worker');
    push @created, map { create($stack, key => $_)->{id} } @keys;
    whole_ok($stack, 'repeated, it is done once', @created);
}
