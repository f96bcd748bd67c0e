# Who a credential is, in the edge's shared memory: asked of a worker once, known
# to all processes, for as long as it holds and not a moment longer.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Load;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;
use Time::HiRes qw(time);

my $stack = Test::DevPilot->start(limits => 'high', environment => {DEVPILOT_LAST_USED_INTERVAL => '300ms'});
my $org_id = Test::DevPilot::Tenant::organization($stack, plan => 'pro');
my $user_id = Test::DevPilot::Tenant::user($stack, $org_id, 'organization_admin');

sub key { Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id, @_) }

sub me { $stack->get('/me', key => $_[0]) }

sub change { $stack->query("update dp.api_key set $_[1] where " . Test::DevPilot::Tenant::row_of($_[0])) }

sub sample { Test::DevPilot::Prometheus::sample($stack, $_[0]) }

# How often the worker was asked, about a credential and for an operation.
sub asked { sample('devpilot_worker_messages_total{kind="authenticate"}') }

sub forwarded { sample('devpilot_worker_messages_total{kind="request"}') }

# How much a count grows while something is done.
sub growth {
    my ($count, $work) = @_;
    my $before = $count->();

    $work->();

    return $count->() - $before;
}

# On a connection of its own each, so that every process of nginx has some.
sub together { Test::DevPilot::Connection::together($stack, @_) }

sub codes { join(' ', map { $_ ? $_->code : 'none' } @_) }

my @own = (headers => {Connection => 'close'});

subtest 'a worker is asked once for all processes (KEY-02)' => sub {
    my $key = key();

    is growth(\&asked, sub { is codes(me($key)), 200, 'the first request' }), 1, 'asks';
    is growth(\&asked, sub { is codes(together(map { ['GET', '/me', key => $key, @own] } 1 .. 20)), "200 " x 19 . '200',
                             'others' }), 0, 'do not';
};

subtest 'requests that come together share the question (KEY-02)' => sub {
    my $key = key();
    my $processes = () = $stack->nginx_processes;
    my $before = asked();

    $stack->freeze('worker');

    my @connections = Test::DevPilot::Connection::send_all($stack, map { ['GET', '/me', key => $key, @own] } 1 .. 30);
    my @gone = splice(@connections, 0, 10);

    ok wait_until(sub { sample('devpilot_edge_in_flight') >= 31 }), 'all of them wait';
    close($_->{socket}) for @gone;
    ok wait_until(sub { sample('devpilot_edge_in_flight') <= 21 }), 'some go away';
    $stack->thaw('worker');
    is codes(map { $_->response } @connections), join(' ', (200) x 20), 'the others are answered';

    my $questions = asked() - $before;

    ok $questions >= 1 && $questions <= $processes, "no process asked twice: $questions";
};

subtest 'what is no credential of ours is remembered, too, for some seconds (KEY-02)' => sub {
    my $key = 'dp_unknown0_' . 'x' x 43;
    my @again = map { ['GET', '/me', key => $key, @own] } 1 .. 10;

    is growth(\&asked, sub { refused_ok me($key), 'AUTH_KEY_INVALID', 'the first time' }), 1, 'is asked';
    is growth(\&asked, sub { is codes(together(@again)), join(' ', (401) x 10), 'then' }), 0, 'is not';
    $stack->edit_config(sub { s/^(\s*devpilot_deadline)/    devpilot_principal_refused_ttl 300ms;\n$1/m });
    ok wait_until(sub { growth(\&asked, sub { me($key) }) == 1 }, 2), 'until the time is over';
    $stack->edit_config(sub { s/^\s*devpilot_principal_refused_ttl.*\n//m });
};

subtest 'what cannot look like a credential is refused without asking (KEY-03)' => sub {
    is growth(\&asked, sub {
        refused_ok me($_), 'AUTH_KEY_INVALID', "'$_'"
            for 'dp_short_x', 'dp_unknown0-' . 'x' x 43, 'dp_unknown0_' . 'x' x 42 . '=', 'dp_unknown_0_' . 'x' x 42;
        refused_ok me(undef), 'AUTH_REQUIRED', 'none';
    }), 0, 'nobody';
};

subtest 'a question is charged to the address that asks (RL-11)' => sub {
    my $key = key();
    my $passed = sub {
        my ($address, $key_of) = @_;

        return scalar grep { $_ != 429 } map {
            $stack->get('/me', key => $key_of->($_), headers => {'X-Forwarded-For' => $address})->code
        } 1 .. 25;
    };

    me($key);
    $stack->edit_config(sub { s/(devpilot_limit address) .*;/$1 rate=1\/h burst=20;/ });
    is $passed->('192.0.2.1', sub { $key }), 20, 'a known credential costs its request';
    is $passed->('192.0.2.2', sub { sprintf('dp_charge%02d_%s', $_[0], 'x' x 43) }), 10, 'an unknown one twice as much';
    is growth(\&asked, sub { $passed->('192.0.2.2', sub { sprintf('dp_refuse%02d_%s', $_[0], 'x' x 43) }) }), 0,
        'until nobody is asked any more';
    $stack->edit_config(sub { s/(devpilot_limit address) .*;/$1 rate=1000000\/s burst=1000000000;/ });
};

subtest 'it is asked again when its time is over (KEY-02)' => sub {
    my $key = key();

    me($key);
    $stack->edit_config(sub { s/^(\s*devpilot_deadline)/    devpilot_principal_ttl 500ms;\n$1/m });
    ok wait_until(sub { growth(\&asked, sub { me($key) }) == 1 }, 3), 'once';
    $stack->edit_config(sub { s/^\s*devpilot_principal_ttl.*\n//m });
};

subtest 'a key ends when it expires, to the second (KEY-04)' => sub {
    my $ends = int(time) + 3;
    my $key = key(expires => "to_timestamp($ends)");

    is codes(me($key)), 200, 'it is known';

    my $last;

    ok wait_until(sub { my $now = time; my $code = codes(me($key)); $last = $now if $code eq '200'; $code eq '401' }, 6),
        'it ends';
    cmp_ok $last, '<', $ends, 'not too late';
    cmp_ok time, '>=', $ends, 'not too early';
    cmp_ok time, '<', $ends + 1, 'within the second';
    refused_ok me($key), 'AUTH_KEY_INVALID', 'as any other';
};

subtest 'rotation: both keys work until the old one ends (KEY-04)' => sub {
    my $old = key(expires => "now() + interval '3 seconds'");
    my $new = key(rotated_from => Test::DevPilot::Tenant::key_id($stack, $old));

    is codes(me($old), me($new)), '200 200', 'both';
    ok wait_until(sub { codes(me($old)) eq '401' }, 5), 'the old one ends';
    is codes(me($new)), 200, 'the new one does not';
};

subtest 'a key may be confined to scopes (KEY-02)' => sub {
    my $key = key(scopes => ['projects:read']);
    my $before = forwarded();
    my %refused = (
        'identity:read'       => $stack->get('/me', key => $key),
        'organizations:read'  => $stack->get("/orgs/$org_id", key => $key),
        'projects:write'      => $stack->create_project({name => 'No'}, key => $key),
    );

    for my $scope (sort keys %refused) {
        refused_ok $refused{$scope}, 'AUTH_FORBIDDEN', $scope;
        is_deeply $refused{$scope}->json->{error}{details}, {scope => $scope}, 'and says which';
    }
    is forwarded(), $before, 'the worker sees none of them';
    is codes($stack->get('/projects', key => $key)), 200, 'what it is confined to';
    is codes($stack->get('/projects', key => key(scopes => ['projects:fly', 'identity:read']))), 403,
        'a name that nobody knows confines, too';
    is codes($stack->get('/health/live', key => $key)), 200, 'what is public is free';
};

subtest 'the worker judges scopes by itself (KEY-02)' => sub {
    my $key = key();

    is codes(me($key)), 200, 'the edge knows it as free';
    $stack->query("set session_replication_role = replica; update dp.api_key set scopes = '{projects:read}' where "
                  . Test::DevPilot::Tenant::row_of($key));

    my $refused = me($key);

    refused_ok $refused, 'AUTH_FORBIDDEN', 'it is not';
    is_deeply $refused->json->{error}{details}, {scope => 'identity:read'}, 'and is told so';
};

subtest 'a reload keeps what is known (KEY-02)' => sub {
    my $key = key();

    me($key);
    is growth(\&asked, sub {
        $stack->reload;
        is codes(together(map { ['GET', '/me', key => $key, @own] } 1 .. 10)), join(' ', (200) x 10), 'it works on';
    }), 0, 'nobody asks';
    ok wait_until(sub { 2 == (() = $stack->nginx_processes) }), 'old processes end';
    is growth(\&asked, sub {
        $stack->edit_config(sub { s/^(\s*devpilot_deadline)/    devpilot_principal_zone 1m;\n$1/m });
        me($key);
    }), 1, 'a zone of another size is a new one';
};

subtest 'a small zone forgets, and is right (KEY-02)' => sub {
    $stack->edit_config(sub { s/(devpilot_principal_zone) \S+;/$1 64k;/ });

    my %key_of = map { Test::DevPilot::Tenant::user($stack, $org_id, 'viewer') => undef } 1 .. 4;

    $key_of{$_} = Test::DevPilot::Tenant::api_key($stack, $org_id, $_) for keys %key_of;

    for my $turn (1 .. 3) {
        me('dp_' . sprintf('%08d', $_) . '_' . 'x' x 43) for 1 .. 200;
        is me($key_of{$_})->json->{id}, $_, "$turn: it is he" for keys %key_of;
    }
    $stack->edit_config(sub { s/^\s*devpilot_principal_zone.*\n//m });
};

subtest 'processes that are killed under load leave it valid (KEY-02)' => sub {
    my @users = map { Test::DevPilot::Tenant::user($stack, $org_id, 'viewer') } 1 .. 4;
    my %key_of = map { $_ => Test::DevPilot::Tenant::api_key($stack, $org_id, $_) } @users;
    my $load = Test::DevPilot::Load->start($stack, 4, sub {
        my $user = $users[rand @users];
        my $response = $stack->get('/me', key => rand() < 0.5 ? $key_of{$user} : 'dp_nobody00_' . 'x' x 43);

        return {code => $response->code // 0, right => (($response->json // {})->{id} // $user) eq $user};
    });

    $stack->expect(qr/exited on signal 9/);
    for (1 .. 6) {
        ok $load->wait_for(40), 'requests go on';
        kill('KILL', ($stack->nginx_processes)[0]);
    }

    my @outcomes = $load->stop;

    is scalar(grep { !$_->{right} } @outcomes), 0, 'nobody is taken for another';
    is scalar(grep { !grep { $_ } $_->{code} == 200, $_->{code} == 401, $_->{code} == 0 } @outcomes), 0, 'or refused otherwise';
    is me($key_of{$_})->json->{id}, $_, 'it is he' for @users;
};

subtest 'when a key was used is written now and then (KEY-02)' => sub {
    my $key = key();
    my $writes = sub { sample('devpilot_worker_last_used_writes_total') };
    my $last = sub { $stack->query('select last_used_at is not null from dp.api_key where ' . Test::DevPilot::Tenant::row_of($key)) };

    is $last->(), 'f', 'never';

    my $begun = time;
    my $written = growth($writes, sub {
        me($key) for 1 .. 60;
        ok wait_until(sub { $last->() eq 't' }), 'it was';
    });

    cmp_ok $written, '<=', (time - $begun) / 0.3 + 2, "not with every request: $written times";

    my ($shown) = grep { $_->{prefix} eq substr($key, 3, 8) }
        @{$stack->get("/orgs/$org_id/api-keys?limit=100", key => $key)->json->{items}};

    like $shown->{lastUsedAt}, qr/\A\d{4}-\d\d-\d\dT[\d:.]+Z\z/, 'and is shown';
    is $stack->query('select last_used_at <= now() and last_used_at > now() - interval \'1 minute\' from dp.api_key where '
                     . Test::DevPilot::Tenant::row_of($key)), 't', 'as the time it is';
};

$stack->finish;
done_testing;
