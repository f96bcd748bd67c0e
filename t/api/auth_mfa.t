# The second factor: an authenticator app and recovery codes.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Factor;
use Test::DevPilot::Mail;
use Test::DevPilot::Person;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start(environment => {Test::DevPilot::Person::cheap()});

sub account { Test::DevPilot::Person::account($stack, @_) }
sub login   { Test::DevPilot::Person::login($stack, @_) }
sub code    { Test::DevPilot::Factor::code(@_) }

sub ask {
    my ($session, $operation, %field) = @_;

    return Test::DevPilot::Factor::ask($stack, $session, $operation, %field);
}

sub said {
    my ($reply) = @_;

    return "$reply->{status} $reply->{code}";
}

# A person with a session, and with his second factor.
sub enrolled {
    my $person = account(@_);
    my $session = Test::DevPilot::Factor::session($person, login($person));

    return ($person, $session, Test::DevPilot::Factor::enrol($stack, $session));
}

sub verify {
    my ($token, $code, %option) = @_;

    return $stack->request('POST', '/auth/mfa/verify', key => undef,
                           headers => {Test::DevPilot::Person::from($option{from})},
                           json => {mfaToken => $token, code => $code});
}

subtest 'an app becomes the second factor with its first code (IDN-13)' => sub {
    my $person = account();
    my $session = Test::DevPilot::Factor::session($person, login($person));
    my $enrolled = ask($session, 'enrolTotp')->{json};

    like $enrolled->{secret}, qr/\A[A-Z2-7]{32}\z/, 'a secret of 160 bits';
    like $enrolled->{otpauthUri}, qr{\Aotpauth://totp/DevPilot:[^/]+%40test\.invalid\?secret=$enrolled->{secret}&issuer=DevPilot&algorithm=SHA1&digits=6&period=30\z},
        'as apps read it';
    ok login($person)->json->{accessToken}, 'until it is confirmed a password suffices';
    is said(ask($session, 'confirmTotp', json => {code => sprintf('%06d', (code($enrolled->{secret}) + 1) % 1e6)})),
        '401 AUTH_MFA_INVALID', 'a wrong code confirms nothing';

    my $confirmed = ask($session, 'confirmTotp', json => {code => code($enrolled->{secret})});

    is $confirmed->{status}, 200, 'confirmed';
    is scalar(@{$confirmed->{json}{recoveryCodes}}), 10, 'with ten recovery codes';
    like $confirmed->{json}{recoveryCodes}[0], qr/\A(?:[A-Z2-7]{4}-){3}[A-Z2-7]{4}\z/, 'to be written down';
    is $stack->query("select auth_level from dp.session where id = '$session->{id}'"), 2, 'the session counts as one of two factors';
    is login($person)->json->{mfaRequired}, Mojo::JSON::true, 'from now on a login asks for a code';
    ok Test::DevPilot::Mail::wait_for($stack, $person->{email}), 'its owner is told';
    is said(ask($session, 'confirmTotp', json => {code => code($enrolled->{secret}, 1)})), '404 RESOURCE_NOT_FOUND', 'nothing waits any more';
};

subtest 'a login with a code (IDN-13)' => sub {
    my ($person, undef, $factor) = enrolled();
    my $asked = login($person)->json;

    is_deeply $asked->{methods}, [qw(totp recovery_code)], 'it is asked for';
    ok !exists $asked->{accessToken} && !exists $asked->{session}, 'and nothing is given before';

    my $code = code($factor->{secret});
    my $answer = verify($asked->{mfaToken}, $code);

    is $answer->code, 200, 'with the code there is a session' or diag $answer->body;
    is $answer->json->{session}{authLevel}, 2, 'of two factors';
    refused_ok(verify($asked->{mfaToken}, code($factor->{secret}, 1)), 'AUTH_TOKEN_INVALID', 'the token is good once');
    refused_ok(verify(login($person)->json->{mfaToken}, $code), 'AUTH_MFA_INVALID', 'and so is the code');
    is verify(login($person)->json->{mfaToken}, code($factor->{secret}, 1))->code, 200, 'the next one is another';
};

subtest 'password and code at once' => sub {
    my ($person, undef, $factor) = enrolled();
    my $at_once = sub {
        return $stack->request('POST', '/auth/login', key => undef,
                               json => {email => $person->{email}, password => $person->{password}, code => $_[0]});
    };

    refused_ok($at_once->($factor->{codes}[0] =~ tr/A-Z/B-ZA/r), 'AUTH_MFA_INVALID', 'a wrong one');
    is $at_once->(code($factor->{secret}))->json->{session}{authLevel}, 2, 'the right one';
};

subtest 'a recovery code is good once' => sub {
    my ($person, undef, $factor) = enrolled();
    my $answer = verify(login($person)->json->{mfaToken}, lc $factor->{codes}[3] =~ tr/-/ /r);

    is $answer->code, 200, 'however it is typed' or diag $answer->body;
    is $answer->json->{session}{authLevel}, 2, 'it counts as the factor';
    like Test::DevPilot::Mail::wait_for($stack, $person->{email}, 1)->{body}, qr/Codes that are left: 9\./, 'its owner is told';
    refused_ok(verify(login($person)->json->{mfaToken}, $factor->{codes}[3]), 'AUTH_MFA_INVALID', 'and not again');
    is verify(login($person)->json->{mfaToken}, $factor->{codes}[4])->code, 200, 'another one is';
};

subtest 'guessing ends (IDN-12)' => sub {
    my ($person, undef, $factor) = enrolled();
    my $token = login($person, from => '192.0.2.77')->json->{mfaToken};

    is verify($token, '000000', from => '192.0.2.77')->code, 401, "wrong code $_" for 1 .. 5;
    is verify($token, code($factor->{secret}), from => '198.51.100.7')->code, 401, 'the token is good no more, wherever it comes from';
    refused_ok(login($person, from => '192.0.2.77'), 'AUTH_ACCOUNT_LOCKED', 'and where it came from has to wait');
    ok login($person, from => '198.51.100.7')->json->{mfaToken}, 'nobody else has';
};

subtest 'new recovery codes' => sub {
    my ($person, $session, $factor) = enrolled();
    my $made = ask({%$session, auth_level => 2}, 'regenerateRecoveryCodes', idempotency_key => 'recovery-codes-0001');

    is said($made), '200 ', 'made';
    is verify(login($person)->json->{mfaToken}, $factor->{codes}[0])->code, 401, 'the old ones are void';
    is verify(login($person)->json->{mfaToken}, $made->{json}{recoveryCodes}[0])->code, 200, 'the new ones are good';

    my $again = ask({%$session, auth_level => 2}, 'regenerateRecoveryCodes', idempotency_key => 'recovery-codes-0001');

    is_deeply $again->{json}, $made->{json}, 'with the same Idempotency-Key they are the same';
    is $stack->query("select count(*) from dp.idempotency_key where position(convert_to('$made->{json}{recoveryCodes}[0]', 'UTF8') in body) > 0"), 0,
        'SEC-10: and are kept sealed';
};

subtest 'a factor is removed, unless a role wants it (IDN-13)' => sub {
    my ($person, $session) = enrolled();
    my $by = {%$session, auth_level => 2};

    is said(ask($by, 'removeTotp')), '409 AUTH_MFA_MANDATORY', 'an administrator keeps it';
    $stack->query("update dp.org set kind = 'personal' where id = '$person->{org_id}'");
    is said(ask($by, 'removeTotp')), '204 ', 'of an organisation of more than himself';
    ok login($person)->json->{accessToken}, 'a password suffices again';
    is $stack->query("select count(*) from dp.session where user_id = '$person->{user_id}' and auth_level = 2"), 0,
        'and sessions are of one factor';
    is said(ask($session, 'removeTotp')), '403 AUTH_MFA_REQUIRED', 'which removes nothing';
};

subtest 'what cannot be taken back wants a fresh session' => sub {
    my $person = account();
    my $session = Test::DevPilot::Factor::session($person, login($person));
    my $project = ask($session, 'createProject', json => {name => 'Short'}, idempotency_key => 'a-fresh-project-1')->{json}{id};
    my $age = sub { $stack->query("update dp.session set auth_at = now() - interval '$_[0]' where id = '$session->{id}'") };

    $age->('11 minutes');
    is said(ask($session, 'deleteProject', param => $project)), '403 AUTH_REAUTHENTICATION_REQUIRED', 'not after eleven minutes';
    is said(ask($session, 'enrolTotp')), '403 AUTH_REAUTHENTICATION_REQUIRED', 'nor is a factor begun then';
    $age->('9 minutes');
    is said(ask($session, 'deleteProject', param => $project)), '204 ', 'but after nine';
};

subtest 'the administrator of make run has one' => sub {
    my $secret = $stack->variable('DEVPILOT_USER_TOTP_SECRET');
    my $admin = {email => $stack->variable('DEVPILOT_USER_EMAIL'), password => $stack->variable('DEVPILOT_USER_PASSWORD')};

    like $secret, qr/\A[A-Z2-7]{32}\z/, 'in run.env';
    is verify(login($admin)->json->{mfaToken}, code($secret))->json->{session}{authLevel}, 2, 'he logs in with it';
};

subtest 'an API key does nothing of this' => sub {
    refused_ok($stack->request('POST', '/auth/mfa/totp'), 'AUTH_FORBIDDEN', 'enrols nothing');
    refused_ok($stack->request('DELETE', '/auth/mfa/totp'), 'AUTH_FORBIDDEN', 'removes nothing');
};

subtest 'no secret is logged or kept as it is (SEC-10, IDN-11)' => sub {
    my ($person, undef, $factor) = enrolled();
    my $token = login($person)->json->{mfaToken};

    is verify($token, $factor->{codes}[0])->code, 200, 'secrets are in use';

    for my $secret ($factor->{secret}, $factor->{codes}[0], $factor->{codes}[1], $token) {
        unlike $stack->log($_), qr/\Q$secret\E/, "not in $_.log" for qw(edge nginx worker postgres mail);
        is $stack->query("select count(*) from dp.$_ t where t::text like '%$secret%'"), 0, "nor in $_"
            for qw(job mfa_factor recovery_code one_time_token audit_event audit_detail outbox);
    }

    my $hex = unpack('H*', Test::DevPilot::Factor::bytes_of($factor->{secret}));
    is $stack->query("select count(*) from dp.mfa_factor where encode(sealed, 'hex') like '%$hex%'"), 0, 'SEC-06: the secret is sealed';
};

$stack->finish;
done_testing;
