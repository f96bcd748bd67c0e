# getMe over HTTP: who the caller is, with the role that counts.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $org_id = Test::DevPilot::Tenant::organization($stack);

sub me { $stack->get('/me', @_) }

subtest 'getMe says who the caller is' => sub {
    my $user_id = $stack->query(q{select id from dp.app_user});

    is_deeply me()->json, {
        id => $user_id, email => 'admin@localhost', displayName => 'Local administrator',
        organizationId => $stack->org_id, role => 'organization_admin', authLevel => 2,
    }, 'the seeded administrator';
    is me()->headers->cache_control, 'no-store', 'and nobody keeps it';
};

subtest 'the role is the one that counts (RBAC-03)' => sub {
    is me(key => $stack->viewer_api_key)->json->{role}, 'viewer', 'capped by the key';

    for my $role (qw(organization_admin developer viewer)) {
        my $member = Test::DevPilot::Tenant::member($stack, $org_id, $role);

        is me(key => $member->{key})->json->{role}, $role, "a $role";
    }

    my $changing = Test::DevPilot::Tenant::member($stack, $org_id, 'viewer');

    $stack->query("update dp.org_member set role = 'developer' where user_id = '$changing->{user_id}'");
    is me(key => $changing->{key})->json->{role}, 'developer', 'read anew for each request';
};

subtest 'everybody sees himself' => sub {
    my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'viewer');

    is_deeply me(key => $member->{key})->json, {
        id => $member->{user_id}, email => "$member->{user_id}\@test.invalid", displayName => undef,
        organizationId => $org_id, role => 'viewer', authLevel => 1,
    }, 'a user without a name, with a key of one factor';

    $stack->query("update dp.app_user set display_name = 'Zoë \"Z\" Ünal' where id = '$member->{user_id}'");
    is me(key => $member->{key})->json->{displayName}, 'Zoë "Z" Ünal', 'a name comes back as it is';
};

subtest 'getMe needs a credential that is still good (IDN-05)' => sub {
    my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'viewer');

    refused_ok me(key => undef), 'AUTH_REQUIRED', 'no key';
    is me(key => $member->{key})->code, 200, 'a key';
    $stack->query("update dp.app_user set status = 'disabled' where id = '$member->{user_id}'");
    refused_ok me(key => $member->{key}), 'AUTH_KEY_INVALID', 'of a user who is disabled';
};

subtest 'getMe takes no parameters (ERR-09)' => sub {
    my $response = $stack->get('/me?fields=email');

    refused_ok $response, 'VALIDATION_FAILED', 'one that is unknown';
    is_deeply issues($response), ['/fields additionalProperties'], 'is named';
};

subtest 'updateMe: a user changes how he is called, if nobody else did' => sub {
    my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'viewer');
    my $etag = me(key => $member->{key})->headers->etag;
    my $rename = sub {
        my ($name, $if_match) = @_;

        return $stack->request('PATCH', '/me', key => $member->{key}, json => {displayName => $name},
                               headers => {defined $if_match ? ('If-Match' => $if_match) : ()});
    };

    refused_ok $rename->('Ada'), 'PRECONDITION_REQUIRED', 'without If-Match';

    my $answer = $rename->('Ada "Countess" Łovelace', $etag);

    is $answer->code, 200, 'changed' or diag $answer->body;
    is $answer->json->{displayName}, 'Ada "Countess" Łovelace', 'answered as it is now';
    is $answer->headers->etag, me(key => $member->{key})->headers->etag, 'with the tag that it has from then on';
    refused_ok $rename->('Eve', $etag), 'PRECONDITION_FAILED', 'the old tag is no good any more';
    refused_ok $rename->('', $answer->headers->etag), 'VALIDATION_FAILED', 'an empty name';
    is me(key => $member->{key})->json->{displayName}, 'Ada "Countess" Łovelace', 'changes nothing';
    is audited($stack, $answer), "user.updated success user $member->{user_id}", 'on record';
};

$stack->finish;

done_testing;
