# Invitations over HTTP: somebody is invited, gets a mail, and becomes a member; or the
# invitation is revoked, expires, or is for somebody else.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Mail;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $tenant = Test::DevPilot::Tenant::tenant($stack);
my ($org_id, $admin) = ($tenant->{org_id}, $tenant->{member}{organization_admin});
my $invitations = "/orgs/$org_id/invitations";

sub as_admin { my ($method, $path, %option) = @_; return $stack->request($method, $path, key => $admin->{key}, %option) }

sub invite {
    my ($email, $role, %option) = @_;

    return as_admin('POST', $invitations, json => {email => $email, role => $role},
                    idempotency_key => $stack->fresh_key, %option);
}

# Somebody in an organisation of his own, with a key that stands for him.
sub person {
    my $elsewhere = Test::DevPilot::Tenant::organization($stack);
    my $person = Test::DevPilot::Tenant::member($stack, $elsewhere, 'organization_admin', auth_level => 2);

    return {%$person, org_id => $elsewhere, email => "$person->{user_id}\@test.invalid"};
}

sub accept_by { $stack->request('POST', '/invitations/accept', key => $_[0]{key}, json => {token => $_[1]}) }

# The token in the newest mail to an address.
sub token_mailed { Test::DevPilot::Mail::token(Test::DevPilot::Mail::wait_for($stack, $_[0])) }

sub role_of { $stack->query("select role from dp.org_member where org_id = '$org_id' and user_id = '$_[0]{user_id}'") }

subtest 'somebody is invited, gets a mail and becomes a member (C01)' => sub {
    my $person = person();
    my $key = $stack->fresh_key;
    my $created = invite(uc $person->{email}, 'developer', idempotency_key => $key);
    my $invitation = $created->json;

    is $created->code, 201, 'invited' or diag $created->to_string;
    is $invitation->{status}, 'open', 'it is open';
    is audited($stack, $created), "invitation.created success invitation $invitation->{id}", 'it is audited';
    is $stack->query("select count(*) from dp.audit_detail d join dp.audit_event e on e.seq = d.seq"
                     . " where e.target_id = '$invitation->{id}' and d.detail::text ilike '%test.invalid%'"), 0,
        'without the address (AUD-12)';

    my $token = token_mailed(uc $person->{email});

    like $token, qr/\Adpo_/, 'the mail has a token';
    unlike $created->to_string, qr/\Q$token\E/, 'the answer has not (KEY-11)';
    is $stack->query("select count(*) from dp.idempotency_key where position('$token' in convert_from(body, 'UTF8')) > 0"), 0,
        'nor the stored one';
    is $stack->query("select count(*) from dp.job where payload::text like '%$token%'"), 0, 'nor a job';
    is $stack->query("select count(*) from dp.invitation where digest = sha256('$token')"), 1, 'its digest is known';
    is invite(uc $person->{email}, 'developer', idempotency_key => $key)->json->{id}, $invitation->{id},
        'a repetition makes no other (IDM-01)';

    my $accepted = accept_by($person, $token);

    is $accepted->code, 200, 'accepted' or diag $accepted->to_string;
    is join(' ', @{$accepted->json}{qw(id role)}), "$org_id developer", 'the answer says where he is what';
    is role_of($person), 'developer', 'he is a member';
    is $stack->query("select concat_ws(' ', action, target_id, actor_id) from dp.audit_event"
                     . " where org_id = '$org_id' and action = 'invitation.accepted'"),
        "invitation.accepted $invitation->{id} $person->{user_id}", 'the event is in that organisation\'s trail';
    is $stack->query("select count(*) from dp.audit_event where org_id = '$person->{org_id}'"), 0, 'and in no other';
    refused_ok accept_by($person, $token), 'RESOURCE_NOT_FOUND', 'the token works once';
    refused_ok invite($person->{email}, 'viewer'), 'STATE_CONFLICT', 'a member is not invited';

    my $key_here = Test::DevPilot::Tenant::api_key($stack, $org_id, $person->{user_id});

    is $stack->get("/orgs/$org_id", key => $key_here)->code, 200, 'and he is at home there';
};

subtest 'whatever is wrong with a token, the answer is the same (IDN-08)' => sub {
    my ($person, $other) = (person(), person());
    my $make = sub { Test::DevPilot::Tenant::invitation($stack, $org_id, $admin->{user_id}, email => $person->{email}, @_) };
    my $without = sub { my %e = %{$_[0]->json->{error}}; delete @e{qw(requestId traceId timestamp)}; \%e };
    my $unknown = accept_by($person, 'dpo_' . 'A' x 43);
    my $expired = accept_by($person, $make->(expires => "now() - interval '1 second'")->{token});

    $stack->query("delete from dp.invitation where email = '$person->{email}'");

    my $invitation = $make->();
    my $stolen = accept_by($other, $invitation->{token});

    refused_ok $unknown, 'RESOURCE_NOT_FOUND', 'an unknown one';
    refused_ok $expired, 'RESOURCE_NOT_FOUND', 'an expired one';
    refused_ok $stolen, 'RESOURCE_NOT_FOUND', 'one for another address';
    is_deeply $without->($_), $without->($unknown), 'in the same words' for $expired, $stolen;

    $stack->query("update dp.app_user set status = 'pending' where id = '$person->{user_id}'");
    is accept_by($person, $invitation->{token})->code, 401, 'an address that is not verified has no credential';
    $stack->query("update dp.app_user set status = 'active' where id = '$person->{user_id}'");
    ok wait_until(sub { accept_by($person, $invitation->{token})->code == 200 }), 'it is for whom it is for';
};

subtest 'accepting takes a person (IDN-05)' => sub {
    my $person = person();
    my $invitation = Test::DevPilot::Tenant::invitation($stack, $org_id, $admin->{user_id}, email => $person->{email});
    my $weak = {key => Test::DevPilot::Tenant::api_key($stack, $person->{org_id}, $person->{user_id})};

    refused_ok accept_by($weak, $invitation->{token}), 'AUTH_MFA_REQUIRED', 'a key of one factor is none';
    is role_of($person), '', 'he is no member';
};

subtest 'an open invitation is replaced by a newer one' => sub {
    my $person = person();
    my $first = Test::DevPilot::Tenant::invitation($stack, $org_id, $admin->{user_id}, email => $person->{email});

    is invite(ucfirst $person->{email}, 'viewer')->code, 201, 'invited again';
    refused_ok accept_by($person, $first->{token}), 'RESOURCE_NOT_FOUND', 'the older token works no more';
};

subtest 'revokeInvitation (C01)' => sub {
    my $person = person();
    my $invitation = Test::DevPilot::Tenant::invitation($stack, $org_id, $admin->{user_id}, email => $person->{email});
    my $revoke = sub { as_admin('DELETE', "$invitations/$invitation->{id}") };
    my $revoked = $revoke->();

    is $revoked->code, 204, 'revoked' or diag $revoked->to_string;
    is audited($stack, $revoked), "invitation.revoked success invitation $invitation->{id}", 'which is audited';
    is $revoke->()->code, 204, 'again';
    refused_ok accept_by($person, $invitation->{token}), 'RESOURCE_NOT_FOUND', 'its token works no more';

    my ($accepted_id) = $stack->query("select id from dp.invitation where org_id = '$org_id' and accepted_at is not null limit 1");

    refused_ok as_admin('DELETE', "$invitations/$accepted_id"), 'STATE_CONFLICT', 'an accepted one cannot be';
};

subtest 'listInvitations shows them all, without tokens' => sub {
    my $items = as_admin('GET', "$invitations?limit=100")->json->{items};
    my %status = map { $_->{status} => 1 } @$items;

    is_deeply \%status, {map { $_ => 1 } qw(open accepted revoked)}, 'of every status';
    is join(' ', sort keys %{$items->[0]}), 'createdAt email expiresAt id invitedBy role status', 'and nothing else';

    my ($first) = @{as_admin('GET', "$invitations?limit=1")->json->{items}};

    is $first->{id}, $items->[0]{id}, 'in pages (ERR-07)';
};

subtest 'what is no address is refused (ERR-09)' => sub {
    is_deeply issues(invite('nobody', 'viewer')), ['/email format'], 'by the contract';
    is_deeply issues(invite('a@test.invalid', 'Owner')), ['/role enum'], 'roles of projects are others';
};

subtest 'invitations end with their time (retention)' => sub {
    $stack->query("update dp.invitation set expires_at = now() - interval '31 days' where org_id = '$org_id'");
    is $stack->query('select app.invitations_reap(1000, 30) > 0'), 't', 'they are deleted';
    is as_admin('GET', $invitations)->json->{items}[0], undef, 'with their addresses';
};

$stack->finish;

done_testing;
