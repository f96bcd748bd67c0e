# signup and verifyEmail over HTTP: an account begins with its mail, and nobody
# learns who has one.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Mail;
use Test::DevPilot::Person;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start(environment => {Test::DevPilot::Person::cheap()});

sub signup {
    my ($email, %option) = @_;

    return $stack->request('POST', '/auth/signup', key => undef,
                           idempotency_key => $option{key} // Test::DevPilot::fresh_key(),
                           json => {email => $email, password => $option{password} // 'correct horse'});
}

sub verify { $stack->request('POST', '/auth/verify-email', key => undef, json => {token => $_[0]}) }

sub login { Test::DevPilot::Person::login($stack, {email => $_[0], password => $_[1] // 'correct horse'}) }

subtest 'an account begins when its address is verified (IDN-12)' => sub {
    my $answer = signup('ada@test.invalid');
    my $token = Test::DevPilot::Mail::token(Test::DevPilot::Mail::wait_for($stack, 'ada@test.invalid'));

    is $answer->code, 201, 'signed up' or diag $answer->body;
    is_deeply $answer->json, {email => 'ada@test.invalid', status => 'pending'}, 'and waits';
    like audited($stack, $answer), qr/\Aauth\.signed_up success user /, 'on record';
    refused_ok login('ada@test.invalid'), 'AUTH_EMAIL_UNVERIFIED', 'not before';

    my $verified = verify($token);

    is $verified->code, 200, 'verified' or diag $verified->body;
    like audited($stack, $verified), qr/\Aauth\.email_verified success user /, 'on record';

    my $session = login('ada@test.invalid')->json->{session};

    is_deeply [$session->{org}{kind}, $session->{role}], ['personal', 'organization_admin'], 'in an organisation of its own';
    is $stack->query("select plan from dp.subscription where org_id = '$session->{org}{id}'"), 'free', 'on the free plan';
    refused_ok verify($token), 'AUTH_TOKEN_INVALID', 'the token is good once';
    refused_ok verify('dpo_' . 'A' x 43), 'AUTH_TOKEN_INVALID', 'and made up ones never';
};

subtest 'nobody learns who has an account (IDN-12)' => sub {
    my $known = signup('ada@test.invalid', password => 'another horse');
    my $mail = Test::DevPilot::Mail::wait_for($stack, 'ada@test.invalid', 1);

    is $known->code, 201, 'the same answer';
    is_deeply $known->json, {email => 'ada@test.invalid', status => 'pending'}, 'word by word';
    is Test::DevPilot::Mail::token($mail), undef, 'its owner is told, without a token';
    refused_ok login('ada@test.invalid', 'another horse'), 'AUTH_LOGIN_FAILED', 'and nothing has changed';
    is signup('ADA@TEST.invalid')->code, 201, 'in capitals, too';
    is $stack->query("select count(*) from dp.app_user where lower(email) = 'ada\@test.invalid'"), 1, 'it is one account';
};

subtest 'the password that counts is that of the mail that is answered (IDN-12)' => sub {
    signup('eve@test.invalid', password => 'of a stranger');
    my $first = Test::DevPilot::Mail::token(Test::DevPilot::Mail::wait_for($stack, 'eve@test.invalid'));
    signup('eve@test.invalid', password => 'of her own');
    my $second = Test::DevPilot::Mail::token(Test::DevPilot::Mail::wait_for($stack, 'eve@test.invalid', 1));
    signup('eve@test.invalid', password => 'of a stranger');
    Test::DevPilot::Mail::wait_for($stack, 'eve@test.invalid', 2);

    is verify($second)->code, 200, 'she answers hers';
    is login('eve@test.invalid', 'of her own')->code, 200, 'and has it';
    refused_ok login('eve@test.invalid', 'of a stranger'), 'AUTH_LOGIN_FAILED', 'nobody else has';
    refused_ok verify($first), 'AUTH_TOKEN_INVALID', 'the other mails are void';
};

subtest 'repeated, it happens once (IDN-12)' => sub {
    my $key = Test::DevPilot::fresh_key();
    my @answers = map { signup('bob@test.invalid', key => $key) } 1 .. 2;

    is join(' ', map { $_->code } @answers), '201 201', 'both are answered';
    is $answers[1]->headers->header('Idempotency-Replayed'), 'true', 'the second from memory';
    refused_ok signup('bob@test.invalid', key => $key, password => 'another horse'), 'IDEMPOTENCY_KEY_REUSED',
        'another password is another request';
    refused_ok $stack->request('POST', '/auth/signup', key => undef, json => {email => 'x@y', password => 'correct horse'}),
        'IDEMPOTENCY_KEY_REQUIRED', 'without a key it is refused';
};

subtest 'what is no sign-up' => sub {
    refused_ok signup($_), 'VALIDATION_FAILED', $_ for 'nobody', 'a b@test.invalid', '@', "x\@\x{e4}.invalid";
    refused_ok signup('short@test.invalid', password => 'short'), 'VALIDATION_FAILED', 'a short password';
};

subtest 'nothing of it is in a log (IDN-11)' => sub {
    for my $log (qw(worker postgres edge)) {
        unlike $stack->log($log), qr/correct horse|test\.invalid|dpo_[\w-]{43}/, $log;
    }
};

$stack->finish;
done_testing;
