# How a revocation travels: from the transaction that makes it to every process of
# nginx, within a second.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Control;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Tenant;
use Test::More;
use Time::HiRes qw(time);

my $stack = Test::DevPilot->start(limits => 'high');

sub sample { Test::DevPilot::Prometheus::sample($stack, $_[0]) }

sub asked { sample('devpilot_edge_principals_asked_total') }

sub forwarded { sample('devpilot_worker_messages_total{kind="request"}') }

sub me { $stack->get('/me', key => $_[0]) }

# On connections of their own, so that every process of nginx has some.
sub from_everywhere {
    my ($key) = @_;

    return Test::DevPilot::Connection::together(
        $stack, map { ['GET', '/me', key => $key, headers => {Connection => 'close'}] } 1 .. 12);
}

# A member of an organisation of his own, whose key the edge knows.
sub known_member {
    my $org_id = Test::DevPilot::Tenant::organization($stack);
    my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'organization_admin');

    Test::DevPilot::Tenant::member($stack, $org_id, 'organization_admin');    # one has to stay
    Test::DevPilot::Control::settled($stack);
    from_everywhere($member->{key});

    return {%$member, org_id => $org_id, row => Test::DevPilot::Tenant::row_of($member->{key})};
}

subtest 'a revoked key ends at every process within a second (KEY-02)' => sub {
    for my $round (1 .. 3) {
        my $member = known_member();
        my $begun = time;

        $stack->query("update dp.api_key set revoked_at = now() where $member->{row}");
        is me($member->{key})->code, 401, "$round: at once, as the worker judges";
        ok wait_until(sub {
            my $before = forwarded();

            return !grep({ $_->code != 401 } from_everywhere($member->{key})) && forwarded() == $before;
        }, 1), "$round: then at the edge, which forwards no more";
        cmp_ok time - $begun, '<', 1.2, "$round: in time";
    }
};

# What changes a principal => how.
my %changes = (
    'an expiry moved up'      => [sub { "update dp.api_key set expires_at = now() where $_->{row}" }, 401],
    'a key that is gone'      => [sub { "delete from dp.api_key where $_->{row}" }, 401],
    'a scope'                 => [sub { "update dp.api_key set scopes = '{projects:read}' where $_->{row}" }, 403],
    'a user who is disabled'  => [sub { "update dp.app_user set status = 'disabled' where id = '$_->{user_id}'" }, 401],
    'a member who is gone'    => [sub { "delete from dp.org_member where user_id = '$_->{user_id}'" }, 401],
    'a role'                  => [sub { "update dp.org_member set role = 'viewer' where user_id = '$_->{user_id}'" }, 200],
    'an organisation deleted' => [sub { "update dp.org set deleted_at = now() where id = '$_->{org_id}'" }, 401],
    'a plan'                  => [sub { "update dp.subscription set plan = 'pro' where org_id = '$_->{org_id}'" }, 200],
);

for my $change (sort keys %changes) {
    subtest "$change makes the edge ask again (KEY-02)" => sub {
        my ($statement, $status) = @{$changes{$change}};
        my $member = known_member();
        my $other = known_member();

        $stack->query($statement->()) for $member;
        ok Test::DevPilot::Control::settled($stack), 'it has arrived';

        my $before = asked();

        is me($member->{key})->code, $status, 'the answer is new';
        is asked(), $before + 1, 'it was asked for';
        is me($other->{key})->code, 200, 'another one goes on';
    };
}

# What ends a credential => how, and how it comes back.
my %returns = (
    'a user'          => [sub { "update dp.app_user set status = '$_[0]' where id = '$_->{user_id}'" }, 'disabled', 'active'],
    'an expiry'       => [sub { "update dp.api_key set expires_at = $_[0] where $_->{row}" }, 'now()', 'null'],
    'an organisation' => [sub { "update dp.org set deleted_at = $_[0] where id = '$_->{org_id}'" }, 'now()', 'null'],
);

for my $what (sort keys %returns) {
    subtest "$what that comes back is let in at once (KEY-02)" => sub {
        my ($statement, $gone, $back) = @{$returns{$what}};
        my $member = known_member();

        $stack->query($statement->($gone)) for $member;
        ok Test::DevPilot::Control::settled($stack), 'it is gone';
        is me($member->{key})->code, 401, 'refused, and remembered as such';

        my $before = asked();

        is me($member->{key})->code, 401, 'refused again';
        is asked(), $before, 'without a question';

        $stack->query($statement->($back)) for $member;
        ok Test::DevPilot::Control::settled($stack), 'it is back';
        is me($member->{key})->code, 200, 'served';
    };
}

$stack->finish;
done_testing;
