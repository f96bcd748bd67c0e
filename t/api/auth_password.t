# A password that was forgotten, and one that is changed.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Factor;
use Test::DevPilot::Mail;
use Test::DevPilot::Person;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

# Threads look for jobs once a minute: what is done sooner was woken for.
my $stack = Test::DevPilot->start(environment => {Test::DevPilot::Person::cheap(), DEVPILOT_JOB_POLL_INTERVAL => '1m'});
my $new = 'another battery staple';

sub account { Test::DevPilot::Person::account($stack, @_) }
sub login   { Test::DevPilot::Person::login($stack, @_) }
sub jobs    { $stack->query("select count(*) from dp.job where kind = 'password.forgot' and $_[0]") }

sub forgot {
    my ($email) = @_;

    return $stack->request('POST', '/auth/password/forgot', key => undef, json => {email => $email});
}

sub reset_password {
    my ($token, $password) = @_;

    return $stack->request('POST', '/auth/password/reset', key => undef,
                           json => {token => $token, newPassword => $password // $new});
}

sub token_for { return Test::DevPilot::Mail::token(Test::DevPilot::Mail::wait_for($stack, $_[0]{email})) }

subtest 'a forgotten password is replaced by who has the mail (IDN-11)' => sub {
    my $person = account();
    my $session = login($person)->json->{session}{id};
    my $answer = forgot(uc $person->{email});

    is $answer->code . $answer->body, '202{}', 'asked for';
    is audited($stack, $answer), 'auth.password.forgotten success user unknown', 'on record, without an address';

    my $token = token_for($person);

    like $token, qr/\Adpo_[\w-]{43}\z/, 'INT-11: a mail comes at once, to the account\'s own address';
    is reset_password($token)->code, 204, 'and a new one is chosen';
    is login($person)->code, 401, 'the old one is no good any more';
    is login($person, password => $new)->code, 200, 'the new one is';
    is $stack->query("select revoke_reason from dp.session where id = '$session'"), 'password_reset',
        'IDN-09: sessions have ended';
    refused_ok(reset_password($token, 'a third one, please'), 'AUTH_TOKEN_INVALID', 'the token is good once');
    like Test::DevPilot::Mail::wait_for($stack, $person->{email}, 1)->{body}, qr/was changed at/, 'its owner is told';
};

subtest 'nobody learns whether there is such an account' => sub {
    my $person = account();
    my ($known, $unknown) = (forgot($person->{email}), forgot('nobody@test.invalid'));

    is $unknown->code . $unknown->body, $known->code . $known->body, 'one answer';
    is_deeply [sort grep { !/date|request-id|ratelimit/i } @{$unknown->headers->names}],
        [sort grep { !/date|request-id|ratelimit/i } @{$known->headers->names}], 'with the same headers';
    token_for($person);
    ok wait_until(sub { jobs("state <> 'done'") == 0 }), 'both were looked for';
    is scalar(Test::DevPilot::Mail::all($stack, 'nobody@test.invalid')), 0, 'and one of them was found';
};

subtest 'who may not log in gets no token' => sub {
    my $person = account(status => 'disabled');

    is forgot($person->{email})->code, 202, 'the answer is the same';
    ok wait_until(sub { jobs("state <> 'done'") == 0 }), 'it was looked for';
    is scalar(Test::DevPilot::Mail::all($stack, $person->{email})), 0, 'but there is no mail';
};

subtest 'nobody\'s mailbox is filled' => sub {
    my $person = account();

    forgot($person->{email});
    token_for($person);
    forgot($person->{email}) for 1 .. 3;
    ok wait_until(sub { jobs("state <> 'done'") == 0 }), 'asked for again and again';
    is scalar(Test::DevPilot::Mail::all($stack, $person->{email})), 1, 'there is one mail a minute';
};

subtest 'a token has its time' => sub {
    my $person = account();

    forgot($person->{email});
    my $token = token_for($person);
    $stack->query("update dp.one_time_token set expires_at = now() where user_id = '$person->{user_id}'");
    refused_ok(reset_password($token), 'AUTH_TOKEN_INVALID', 'an hour');
    refused_ok(reset_password('dpo_' . 'x' x 43), 'AUTH_TOKEN_INVALID', 'one that was never made');
    is login($person)->code, 200, 'the password stays';
};

subtest 'a password is changed by who knows it' => sub {
    my $person = account();
    my ($one, $other) = map { Test::DevPilot::Factor::session($person, login($person)) } 1 .. 2;
    my $change = sub {
        my ($old, $by) = @_;
        my $reply = Test::DevPilot::Factor::ask($stack, $by // $one, 'changePassword',
                                                json => {currentPassword => $old, newPassword => $new});

        return "$reply->{status} $reply->{code}";
    };

    is $change->('wrong horse'), '401 AUTH_LOGIN_FAILED', 'by nobody else';
    $stack->query("update dp.session set auth_at = now() - interval '11 minutes' where id = '$other->{id}'");
    is $change->('correct horse', $other), '403 AUTH_REAUTHENTICATION_REQUIRED', 'who has logged in lately';
    is $change->('correct horse'), '204 ', 'changed';
    is $stack->query("select count(*), min(id::text) from dp.session where user_id = '$person->{user_id}' and revoked_at is null"),
        "1|$one->{id}", 'IDN-09: other sessions have ended';
    is login($person, password => $new)->code, 200, 'the new one is good';
    like Test::DevPilot::Mail::wait_for($stack, $person->{email})->{body}, qr/was changed at/, 'its owner is told';
    $change->('wrong horse') for 1 .. 5;
    is $change->($new), '429 AUTH_ACCOUNT_LOCKED', 'IDN-12: a session is no place to try passwords in';
};

subtest 'an API key changes no password' => sub {
    refused_ok($stack->request('POST', '/auth/password/change', json => {currentPassword => 'x', newPassword => $new}),
               'AUTH_FORBIDDEN', 'refused');
};

subtest 'no secret is logged or kept as it is (SEC-10, IDN-11)' => sub {
    my $person = account();
    my $canary = 'canary ' . 'x' x 20;

    forgot($person->{email});
    my $token = token_for($person);
    reset_password($token, $canary);
    is login($person, password => $canary)->code, 200, 'the password is in use';

    for my $log (qw(edge nginx worker postgres mail)) {
        unlike $stack->log($log), qr/\Q$token\E|\Q$canary\E|\Q$person->{email}\E/, "not in $log.log";
    }

    for my $table (qw(job one_time_token user_credential session login_failure outbox idempotency_key audit_event audit_detail)) {
        is $stack->query("select count(*) from dp.$table t where t::text like '%$canary%' or t::text like '%$token%'"), 0,
            "nor in $table";
    }
};

$stack->finish;
done_testing;
