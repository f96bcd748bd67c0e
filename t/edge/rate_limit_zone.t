# The buckets' zone: exact with several nginx processes, and what it outlives.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $org_id = $stack->org_id;
my $rule = qr/devpilot_limit user .*;/;

sub rule {
    my ($line) = @_;

    $stack->edit_config(sub { s/$rule/devpilot_limit user $line;/ });
}

sub someone { Test::DevPilot::Tenant::member($stack, $org_id, 'developer')->{key} }

sub remaining { $stack->get('/me', key => $_[0])->headers->header('X-RateLimit-Remaining-User') }

sub codes {
    my %count;

    $count{$_->code}++ for @_;

    return join(' ', map { "$_: $count{$_}" } sort keys %count);
}

sub samples { Test::DevPilot::Prometheus::samples($stack) }

subtest 'RL-01: exact, whichever process is asked' => sub {
    my $key = someone();

    rule('rate=1/d burst=40');
    is codes(Test::DevPilot::Connection::together($stack, map { ['GET', '/me', key => $key] } 1 .. 60)),
        '200: 40 429: 20', 'forty of sixty at once';
};

subtest 'a reload keeps what is owed' => sub {
    my $key = someone();

    is remaining($key), 39, 'one is taken';
    $stack->reload;
    is remaining($key), 38, 'the next one';
};

subtest 'another rate keeps what is owed, within its burst' => sub {
    my $key = someone();

    rule('rate=1/d burst=5');
    remaining($key) for 1 .. 5;
    is $stack->get('/me', key => $key)->code, 429, 'none is left';

    rule('rate=10/d burst=5');
    is $stack->get('/me', key => $key)->code, 429, 'nor at ten times the rate';
    cmp_ok $stack->get('/me', key => $key)->headers->header('Retry-After'), '<=', 8640, 'but one is back sooner';

    rule('rate=1/s burst=5');
    $stack->get('/me', key => $key);
    ok wait_until(sub { $stack->get('/me', key => $key)->code == 200 }, 5), 'nobody waits for the old rate';
};

subtest 'another size of the zone keeps what is owed' => sub {
    my %key = map { $_ => someone() } 1 .. 3;
    my $slots = samples()->{devpilot_edge_bucket_slots};

    rule('rate=1/d burst=40');

    for my $count (1 .. 3) {
        remaining($key{$count}) for 1 .. $count;
    }

    for my $size (qw(1m 3m)) {
        $stack->edit_config(sub { s/^ *devpilot_bucket_zone.*\n//m; s/(?=$rule)/devpilot_bucket_zone $size;\n    / });
        isnt samples()->{devpilot_edge_bucket_slots}, $slots, "$size is another size";
        $slots = samples()->{devpilot_edge_bucket_slots};
        is remaining($key{$_}), ($size eq '1m' ? 39 : 38) - $_, "who had taken $_" for 1 .. 3;
    }
};

subtest 'a process that is killed leaves buckets that are right' => sub {
    my $key = someone();

    $stack->expect(qr/\[alert\] .* exited on signal 9/);
    rule('rate=1/d burst=300');

    my $before = samples()->{'rate_limit_consumed_total{scope="user",endpointClass="read"}'};
    my $sent = 0;

    for my $process ($stack->nginx_processes) {
        my @open = Test::DevPilot::Connection::send_all($stack, map { ['GET', '/me', key => $key] } 1 .. 20);

        $sent += @open;
        kill('KILL', $process);
        wait_until(sub { !grep { $_ == $process } $stack->nginx_processes }) or die "not dead\n";
    }

    ok wait_until(sub { 2 == (() = $stack->nginx_processes) }), 'others took their places';

    my $left = remaining($key);
    my $taken = samples()->{'rate_limit_consumed_total{scope="user",endpointClass="read"}'} - $before;

    cmp_ok 300 - $left, '<=', $sent + 1, 'nothing is charged twice';
    cmp_ok abs(300 - $left - $taken), '<=', 2, 'what is counted was charged';
    is codes(map { $stack->get('/me', key => $key) } 1 .. 10), '200: 10', 'and all goes on';
    is remaining($key), $left - 11, 'exactly';
};

$stack->finish;
done_testing;
