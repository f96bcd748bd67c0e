# listApiKeys and revokeApiKey over HTTP: who sees which keys, what nobody sees,
# and that a revoked key ends at once and for ever.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Connection;
use Test::DevPilot::Pages qw(pages_ok next_link);
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $time = qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z\z/;
my $stack = Test::DevPilot->start;
my $org_id = Test::DevPilot::Tenant::organization($stack);
my %member = map { $_ => Test::DevPilot::Tenant::member($stack, $org_id, $_) }
    qw(organization_admin developer viewer);
my $admin = $member{organization_admin}{key};
my $keys = "/orgs/$org_id/api-keys";

# A further key of a member; returns its text and its id.
sub key_of {
    my ($role, %option) = @_;
    my $key = Test::DevPilot::Tenant::api_key($stack, $org_id, $member{$role}{user_id}, %option);

    return ($key, Test::DevPilot::Tenant::key_id($stack, $key));
}

sub ids { [map { $_->{id} } @_] }

sub list { $stack->get($keys, key => $admin, @_) }

sub revoke { $stack->request('DELETE', "$keys/$_[0]", key => $admin, @_[1 .. $#_]) }

sub works { $stack->get('/me', key => $_[0])->code }

subtest 'an administrator sees all keys, the newest first (KEY-02)' => sub {
    my ($key, $id) = key_of('developer', max_role => 'viewer', expires => "now() + interval '1 day'");
    my @items = @{list()->json->{items}};
    my %newest = %{$items[0]};

    is scalar @items, 4, 'all of them';
    like delete $newest{$_}, $time, $_ for qw(createdAt expiresAt);
    is_deeply \%newest, {
        id => $id, name => 'A test', prefix => substr($key, 3, 8), maxRole => 'viewer', scopes => [],
        authLevel => 1, createdBy => $member{developer}{user_id}, revokedAt => undef, lastUsedAt => undef,
    }, 'the newest one';
    is $items[-1]{expiresAt}, undef, 'a key may last';
};

subtest 'nobody sees what a key is made of (KEY-02)' => sub {
    my $said = list()->body;

    for my $role (sort keys %member) {
        my $key = $member{$role}{key};
        my $digest = $stack->query('select digest from dp.api_key where ' . Test::DevPilot::Tenant::row_of($key));

        unlike $said, qr/\Q$key\E/, "not the $role\'s key";
        unlike $said, qr/\Q${\substr($key, 12)}\E/, 'nor its secret';
        unlike $said, qr/\Q${\substr($digest, 2, 16)}\E/, 'nor its digest';
    }
};

subtest 'a developer sees his own keys, a viewer none (RBAC-03)' => sub {
    my @own = @{list(key => $member{developer}{key})->json->{items}};
    my $viewer = list(key => $member{viewer}{key});
    my ($capped) = key_of('organization_admin', max_role => 'developer');

    is join(' ', map { $_->{createdBy} } @own), join(' ', ($member{developer}{user_id}) x 2), 'his own';
    refused_ok $viewer, 'AUTH_FORBIDDEN', 'a viewer';
    is audited($stack, $viewer), "access.denied denied AUTH_FORBIDDEN org $org_id", 'which is audited';
    is_deeply ids(@{list(key => $capped)->json->{items}}),
        [map { Test::DevPilot::Tenant::key_id($stack, $_) } $capped, $admin],
        "an administrator's key for a developer shows his own, too";
};

subtest 'the keys of others are not there (IDN-08)' => sub {
    my $stranger = $stack->get($keys);
    my $theirs = $stack->get('/orgs/' . $stack->org_id . '/api-keys')->json->{items};

    refused_ok $stranger, 'RESOURCE_NOT_FOUND', 'for an administrator of another organisation';
    is audited($stack, $stranger), "access.ownership_violation denied OWNERSHIP_VIOLATION org $org_id", 'which is audited';
    is scalar @$theirs, 2, 'who sees those of his own';
    refused_ok list(key => undef), 'AUTH_REQUIRED', 'no key';
};

subtest 'the listing has pages (ERR-07)' => sub {
    key_of('viewer') for 1 .. 8;

    my $all = ids(@{list()->json->{items}});

    is_deeply ids(pages_ok($stack, $keys, $_, key => $admin)), $all, "all of them, by $_" for 1, 4, scalar @$all;

    my $cursor = $stack->get("$keys?limit=2", key => $admin)->json->{nextCursor};

    refused_ok $stack->get("/projects?cursor=$cursor", key => $admin), 'PAGINATION_CURSOR_INVALID',
        'a cursor of it is of no use elsewhere';
    is_deeply issues($stack->get("$keys?limit=0", key => $admin)), ['/limit minimum'], 'the limit is judged';
    is_deeply issues($stack->get("$keys?x=1", key => $admin)), ['/x additionalProperties'], 'and what is unknown';
};

subtest 'revokeApiKey ends a key at once (KEY-02)' => sub {
    my ($key, $id) = key_of('developer');

    is works($key), 200, 'it works';

    my $revoked = revoke($id);

    is $revoked->code, 204, 'it is revoked';
    is $revoked->body, '', 'without a word';
    is $revoked->headers->content_type, undef, 'of any type';
    is works($key), 401, 'it works no more';
    is works($member{developer}{key}), 200, 'the others do';
    is audited($stack, $revoked), "api_key.revoked success api_key $id", 'it is audited';
    is $stack->query("select detail->>'prefix' from dp.audit_event natural join dp.audit_detail"
                     . " where target_id = '$id'"), substr($key, 3, 8), 'with its prefix';

    my ($shown) = grep { $_->{id} eq $id } @{list()->json->{items}};

    like $shown->{revokedAt}, $time, 'it is listed as revoked';
};

subtest 'revoking it again changes nothing' => sub {
    my ($key, $id) = key_of('developer');

    revoke($id);

    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $again = revoke($id);

    is $again->code, 204, 'the answer is the same';
    is audited($stack, $again), '', 'there is nothing to audit';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
};

subtest 'a key that is revoked twice at once is revoked once' => sub {
    my ($key, $id) = key_of('developer');
    my @responses = Test::DevPilot::Connection::together(
        $stack, map { ['DELETE', "$keys/$id", key => $admin] } 1 .. 6);

    is join(' ', map { $_->code } @responses), join(' ', (204) x 6), 'all are answered alike';
    is $stack->query("select count(*) from dp.audit_event where target_id = '$id'"), 1, 'one of them did it';
};

subtest 'who may not revoke a key does not (RBAC-03, IDN-08)' => sub {
    my ($key, $id) = key_of('developer');
    my $seeded = $stack->query("select id from dp.api_key where org_id = '${\$stack->org_id}' limit 1");
    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $forbidden = revoke($id, key => $member{developer}{key});

    refused_ok $forbidden, 'AUTH_FORBIDDEN', 'a developer, though it is his own';
    is audited($stack, $forbidden), "access.denied denied AUTH_FORBIDDEN org $org_id", 'which is audited';
    refused_ok revoke($id, key => $member{viewer}{key}), 'AUTH_FORBIDDEN', 'a viewer';
    refused_ok revoke($id, key => undef), 'AUTH_REQUIRED', 'nobody';
    refused_ok revoke($id, key => $stack->api_key), 'RESOURCE_NOT_FOUND', 'an administrator of another organisation';
    refused_ok $stack->request('DELETE', '/orgs/' . $stack->org_id . "/api-keys/$id"), 'RESOURCE_NOT_FOUND',
        'who looks for it in his own';
    refused_ok revoke($seeded), 'RESOURCE_NOT_FOUND', 'nor the other way round';
    refused_ok revoke($_), 'RESOURCE_NOT_FOUND', $_ for '00000000-0000-4000-8000-000000000000', 'x', "$id-";
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
    is works($key), 200, 'the key works';
    is revoke($id)->code, 204, 'until one revokes it who may';
};

subtest 'a leaked key is revoked while changes are switched off (KS-02)' => sub {
    my ($key, $id) = key_of('developer');

    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 on;/ });
    refused_ok $stack->create_project({name => 'No'}, key => $admin), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'a change';
    is revoke($id)->code, 204, 'a revocation';
    is works($key), 401, 'which is effective';
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 off;/ });
};

subtest 'an administrator may revoke the key he uses' => sub {
    my ($key, $id) = key_of('organization_admin');

    is revoke($id, key => $key)->code, 204, 'once';
    refused_ok revoke($id, key => $key), 'AUTH_KEY_INVALID', 'not twice';
};

$stack->finish;

done_testing;
