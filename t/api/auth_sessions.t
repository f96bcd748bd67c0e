# Sessions over HTTP: shown, listed, moved to another organisation, and ended, on
# every nginx process at once.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Person;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start(environment => {Test::DevPilot::Person::cheap()});

sub account { Test::DevPilot::Person::account($stack, @_) }
sub logged_in { Test::DevPilot::Person::login($stack, @_)->json }
sub session { $stack->get('/auth/session', key => $_[0]{accessToken}) }

subtest 'a session is shown to who came with it (IDN-09)' => sub {
    my $said = logged_in(account());
    my $answer = session($said);

    is $answer->code, 200, 'shown' or diag $answer->body;
    is_deeply $answer->json, $said->{session}, 'as it was when it began';
    refused_ok $stack->get('/auth/session'), 'AUTH_FORBIDDEN', 'an API key is none';
    refused_ok $stack->get('/auth/session', key => undef), 'AUTH_REQUIRED', 'nor is nothing';
};

subtest 'it acts with its user\'s role (IDN-14)' => sub {
    my $said = logged_in(account(role => 'viewer'));

    is $stack->get('/projects', key => $said->{accessToken})->code, 200, 'reads';
    refused_ok $stack->create_project({name => 'Not his'}, key => $said->{accessToken}), 'AUTH_FORBIDDEN',
        'and does not what he may not';
    is $stack->create_project({name => 'His'}, key => logged_in(account())->{accessToken})->code, 201,
        'an administrator does';
};

subtest 'a user lists his sessions, and nobody else\'s (IDN-08, IDN-09)' => sub {
    my $person = account();
    my @said = map { logged_in($person, user_agent => "test/$_") } 1 .. 3;
    my $list = $stack->get('/auth/sessions?limit=2', key => $said[0]{accessToken});
    my $first = $list->json;
    my $rest = $stack->get("/auth/sessions?limit=2&cursor=$first->{nextCursor}", key => $said[0]{accessToken})->json;

    logged_in(account());
    is_deeply [map { $_->{id} } @{$first->{items}}, @{$rest->{items}}], [map { $_->{session}{id} } reverse @said],
        'all of his, the newest first, in pages';
    is_deeply [map { $_->{current} ? 1 : 0 } @{$first->{items}}, @{$rest->{items}}], [0, 0, 1], 'one is this one';
    is $first->{items}[0]{userAgent}, 'test/3', 'he sees by what it was opened';
    refused_ok $stack->get('/auth/sessions'), 'AUTH_FORBIDDEN', 'an API key does not list them';
};

subtest 'a revoked session ends on every process within a second (IDN-04)' => sub {
    my $person = account();
    my ($one, $other) = map { logged_in($person) } 1 .. 2;

    is session($other)->code, 200, 'it works' for 1 .. 8;

    my $answer = $stack->request('DELETE', "/auth/sessions/$other->{session}{id}", key => $one->{accessToken});

    is $answer->code, 204, 'revoked' or diag $answer->body;
    is audited($stack, $answer), "auth.session.revoked success session $other->{session}{id}", 'on record';
    ok Test::DevPilot::wait_until(sub { session($other)->code == 401 }, 1), 'and is over';
    Test::DevPilot::wait_until(sub { 0 }, 0.5);
    refused_ok session($other), 'AUTH_SESSION_REVOKED', 'whoever answers' for 1 .. 16;
    is session($one)->code, 200, 'the other one goes on';
    refused_ok Test::DevPilot::Person::refresh($stack, $other->{refreshToken}), 'AUTH_SESSION_REVOKED',
        'its refresh token is no good either';
    is $stack->request('DELETE', "/auth/sessions/$other->{session}{id}", key => $one->{accessToken})->code, 204,
        'again is like the first time';
    refused_ok $stack->request('DELETE', '/auth/sessions/' . logged_in(account())->{session}{id},
                               key => $one->{accessToken}), 'RESOURCE_NOT_FOUND', 'somebody else\'s is none';
};

subtest 'logging out ends the session, and no other (IDN-09)' => sub {
    my $person = account();
    my ($one, $other) = map { logged_in($person) } 1 .. 2;
    my $answer = $stack->request('POST', '/auth/logout', key => $one->{accessToken});

    is $answer->code, 204, 'logged out' or diag $answer->body;
    is audited($stack, $answer), "auth.logout success session $one->{session}{id}", 'on record';
    ok Test::DevPilot::wait_until(sub { session($one)->code == 401 }, 1), 'over';
    is session($other)->code, 200, 'not the other';
    is $stack->request('DELETE', '/auth/sessions', key => $other->{accessToken})->code, 204, 'all at once';
    ok Test::DevPilot::wait_until(sub { session($other)->code == 401 }, 1), 'that one, too';
};

subtest 'a session moves to another organisation of its user (IDN-07, IDN-14)' => sub {
    my $person = account();
    my $said = logged_in($person);
    my $other = Test::DevPilot::Tenant::organization($stack);
    my $move = sub {
        $stack->request('PUT', '/auth/session/org', key => $said->{accessToken}, json => {orgId => $_[0]});
    };

    refused_ok $move->($other), 'RESOURCE_NOT_FOUND', 'not to one that he is no member of';
    $stack->query("insert into dp.org_member (org_id, user_id, role) values ('$other', '$person->{user_id}', 'viewer')");

    my $answer = $move->($other);
    my $moved = $answer->json;

    is $answer->code, 200, 'moved' or diag $answer->body;
    is_deeply [$moved->{session}{org}{id}, $moved->{session}{role}], [$other, 'viewer'], 'with the role there';
    ok Test::DevPilot::wait_until(sub { $stack->get('/auth/session', key => $said->{accessToken})->code == 401 }, 1),
        'the token of before is good no more';
    is $stack->get("/orgs/$other", key => $moved->{accessToken})->code, 200, 'the new one acts there';
    refused_ok $stack->get("/orgs/$person->{org_id}", key => $moved->{accessToken}), 'RESOURCE_NOT_FOUND', 'and only there';
};

subtest 'a session ends with what it stands on (IDN-04)' => sub {
    for my $case (
        ['its user is disabled', sub { "update dp.app_user set status = 'disabled' where id = '$_[0]{user_id}'" }],
        ['its user left', sub { "delete from dp.org_member where user_id = '$_[0]{user_id}'" }],
        ['it expired', sub { "update dp.session set expires_at = now() where user_id = '$_[0]{user_id}'" }],
    ) {
        my ($name, $change) = @$case;
        my $person = account();
        my $said = logged_in($person);

        Test::DevPilot::Tenant::member($stack, $person->{org_id}, 'organization_admin');
        is session($said)->code, 200, 'it works';
        $stack->query($change->($person));
        ok Test::DevPilot::wait_until(sub { session($said)->code == 401 }, 1), $name;
    }
};

subtest 'use is recorded (IDN-09)' => sub {
    my $said = logged_in(account());
    my $id = $said->{session}{id};

    $stack->query("update dp.session set last_seen_at = now() - interval '1 hour' where id = '$id'");
    session($said);
    ok Test::DevPilot::wait_until(sub {
        $stack->query("select last_seen_at > now() - interval '1 minute' from dp.session where id = '$id'") eq 't'
    }, 20), 'by and by';
};

$stack->finish;
done_testing;
