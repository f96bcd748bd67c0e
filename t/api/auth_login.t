# login over HTTP: what it gives, to whom, how it refuses, and what it leaves behind.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Person;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start(environment => {Test::DevPilot::Person::cheap()});
my $time = qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z\z/;

sub account { Test::DevPilot::Person::account($stack, @_) }
sub login { Test::DevPilot::Person::login($stack, @_) }

# How often the worker has hashed a password.
sub hashes {
    my ($count) = $stack->get('/metrics')->body
        =~ /^devpilot_worker_password_hashes_total\{[^}]*algorithm="argon2id"[^}]*\} (\d+)/m;

    return $count;
}

subtest 'a password becomes tokens (IDN-02, IDN-03)' => sub {
    my $person = account();
    my $answer = login($person);
    my $said = $answer->json;
    my $session = $said->{session};

    is $answer->code, 200, 'logged in' or diag $answer->body;
    is $answer->headers->cache_control, 'no-store', 'kept by no cache';
    like $said->{refreshToken}, qr/\Adpr_[\w-]{43}\z/, 'a refresh token';
    is "$said->{tokenType} $said->{expiresIn}", 'Bearer 900', 'an access token';
    like $session->{$_}, $time, $_ for qw(authenticatedAt expiresAt absoluteExpiresAt);
    is_deeply [@$session{qw(role transport authLevel)}], ['organization_admin', 'token', 1], 'a session of one factor';
    is $session->{user}{email}, $person->{email}, 'his';
    is $session->{org}{id}, $person->{org_id}, 'in his organisation';
    is audited($stack, $answer), "auth.login.success success session $session->{id}", 'IDN-15: on record';
    is $stack->query("select concat_ws(' ', actor_type, actor_id = '$person->{user_id}', credential_id = '$session->{id}',"
                     . " org_id = '$person->{org_id}') from dp.audit_event where target_id = '$session->{id}'"),
        'user t t t', 'as his doing';
    is $stack->query("select expires_at - created_at || ' ' || (absolute_expires_at - created_at) from dp.session"
                     . " where id = '$session->{id}'"),
        '1 day 7 days', 'IDN-09: it lasts for a day unused, and a week at most';
};

subtest 'what is kept is a digest (IDN-11)' => sub {
    my $person = account();
    my $said = login($person)->json;
    my $kept = $stack->query("select string_agg(t::text, ' ') from (select s::text from dp.session s"
                             . ' union all select r::text from dp.refresh_token r'
                             . ' union all select c::text from dp.user_credential c) t');

    unlike $kept, qr/\Q$said->{refreshToken}\E|correct horse/, 'of tokens and passwords';
    like $stack->query("select password_hash from dp.user_credential where user_id = '$person->{user_id}'"),
        qr/\A\$argon2id\$v=19\$m=64,t=1,p=1\$/, 'by argon2id';
    unlike $stack->log($_), qr/\Q$said->{refreshToken}\E|correct horse|\Q$person->{email}\E/, "nothing in the log of $_"
        for qw(worker postgres edge);
};

subtest 'one answer for who is nobody and who is not himself (IDN-12)' => sub {
    my $person = account();
    my $before = hashes();
    my $wrong = login($person, password => 'wrong horse');
    my $between = hashes();
    my $unknown = login({email => 'nobody@test.invalid', password => 'correct horse'});
    my $after = hashes();

    refused_ok $wrong, 'AUTH_LOGIN_FAILED', 'a wrong password';
    refused_ok $unknown, 'AUTH_LOGIN_FAILED', 'an unknown address';
    is_deeply [map { delete @$_{qw(requestId traceId timestamp)}; $_ } $wrong->json->{error}], [
        map { delete @$_{qw(requestId traceId timestamp)}; $_ } $unknown->json->{error}], 'the same answer';
    is join(' ', $between - $before, $after - $between), '1 1', 'each costs one hash';
    is audited($stack, $wrong), "auth.login.failure failure AUTH_LOGIN_FAILED user $person->{user_id}",
        'IDN-15: on record';
    is audited($stack, $unknown), 'auth.login.failure failure AUTH_LOGIN_FAILED user unknown', 'IDN-15: likewise';
    is $stack->query('select string_agg(detail::text, \' \' order by seq desc) from (select seq, detail from dp.audit_detail'
                     . ' order by seq desc limit 2) d'),
        '{"reason":"unknown_account"} {"reason":"wrong_password"}', 'IDN-15: with the reason';
};

subtest 'an account that does not count yet, or any more (IDN-12)' => sub {
    my $pending = account(status => 'pending');
    my $disabled = account(status => 'disabled');

    refused_ok login($pending), 'AUTH_EMAIL_UNVERIFIED', 'who knows the password learns what is missing';
    refused_ok login($pending, password => 'wrong horse'), 'AUTH_LOGIN_FAILED', 'nobody else';
    refused_ok login($disabled), 'AUTH_LOGIN_FAILED', 'a disabled account is like none';
};

subtest 'who was hashed by others is hashed anew (IDN-11)' => sub {
    my $made = crypt("correct horse", "\$2b\$04\$abcdefghijklmnopqrstuu");
    my $person = account(hash => $made);

    refused_ok login($person, password => 'wrong horse'), 'AUTH_LOGIN_FAILED', 'bcrypt is compared';
    is login($person)->code, 200, 'and accepted';
    like $stack->query("select password_hash from dp.user_credential where user_id = '$person->{user_id}'"),
        qr/\A\$argon2id\$/, 'and replaced';
    is login($person)->code, 200, 'by one that works';
};

subtest 'who is in no organisation any more (IDN-14)' => sub {
    my $person = account();

    Test::DevPilot::Tenant::member($stack, $person->{org_id}, 'organization_admin');
    $stack->query("delete from dp.org_member where user_id = '$person->{user_id}'");
    refused_ok login($person), 'AUTH_FORBIDDEN', 'has no session to open';
};

subtest 'the session opens where the last one was (IDN-14)' => sub {
    my $person = account();
    my $other = Test::DevPilot::Tenant::organization($stack);

    $stack->query("insert into dp.org_member (org_id, user_id, role) values ('$other', '$person->{user_id}', 'viewer')");
    my $session = login($person)->json->{session};

    is $session->{org}{id}, $person->{org_id}, 'first in the first organisation';
    $stack->query("update dp.session set org_id = '$other' where id = '$session->{id}'");
    is_deeply [map { ($_->{org}{id}, $_->{role}) } login($person)->json->{session}], [$other, 'viewer'],
        'then where it moved to';
};

$stack->finish;
done_testing;
