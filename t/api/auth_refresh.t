# refreshSession over HTTP: rotation, the grace for tabs and lost answers, and what
# becomes of a token that is in two hands.

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

sub refresh { Test::DevPilot::Person::refresh($stack, @_) }

sub logged_in {
    my $person = Test::DevPilot::Person::account($stack);

    return Test::DevPilot::Person::login($stack, $person)->json;
}

# Lets time pass for a session's tokens.
sub age {
    my ($session_id, $by) = @_;

    $stack->query("update dp.refresh_token set used_at = used_at - interval '$by',"
                  . " expires_at = expires_at - interval '$by', created_at = created_at - interval '$by'"
                  . " where session_id = '$session_id'");
}

subtest 'a refresh token is followed by another one (IDN-03)' => sub {
    my $said = logged_in();
    my $id = $said->{session}{id};
    my $answer = refresh($said->{refreshToken});
    my $next = $answer->json;

    is $answer->code, 200, 'refreshed' or diag $answer->body;
    isnt $next->{refreshToken}, $said->{refreshToken}, 'it rotates';
    is $next->{session}{id}, $id, 'the session stays';
    is audited($stack, $answer), "auth.session.refreshed success session $id", 'on record';
    is refresh($next->{refreshToken})->code, 200, 'and the successor is good';
};

subtest 'two tabs refresh at once, and both stay signed in (IDN-03)' => sub {
    my $said = logged_in();
    my @answers;

    for (1 .. 4) {
        my $tx = $stack->transaction('POST', '/auth/refresh', key => undef,
                                     json => {refreshToken => $said->{refreshToken}});

        $stack->ua->start_p($tx)->then(sub { push @answers, $_[0]->res })->catch(sub { diag "@_"; push @answers, undef });
    }
    Mojo::IOLoop->one_tick until @answers == 4;

    is join(' ', map { $_->code } @answers), '200 200 200 200', 'all are answered';
    my %successors = map { $_->json->{refreshToken} => 1 } @answers;

    is keys %successors, 1, 'by the same successor';
    is refresh(keys %successors)->code, 200, 'which is good';
    is $stack->query("select count(*) from dp.refresh_token where session_id = '$said->{session}{id}'"), 3,
        'of which there is one';
    is refresh($said->{refreshToken})->json->{refreshToken}, (keys %successors)[0], 'the first token gives it still';
};

subtest 'a restart of the worker changes nothing of that (IDN-03)' => sub {
    my $said = logged_in();
    my $next = refresh($said->{refreshToken})->json;
    my $pid = $stack->pid('worker');

    $stack->signal('worker', 'TERM');
    Test::DevPilot::wait_until(sub { $stack->pid('worker') != $pid && $stack->get('/me')->code == 200 }, 20);

    is refresh($said->{refreshToken})->json->{refreshToken}, $next->{refreshToken}, 'the same successor';
};

subtest 'used after the grace it is in two hands, and the family ends (IDN-03)' => sub {
    my $said = logged_in();
    my $id = $said->{session}{id};
    my $next = refresh($said->{refreshToken})->json;

    age($id, '29 seconds');
    is refresh($said->{refreshToken})->json->{refreshToken}, $next->{refreshToken}, 'within it nothing happens';
    age($id, '2 seconds');

    my $answer = refresh($said->{refreshToken});

    refused_ok $answer, 'AUTH_SESSION_REVOKED', 'the old token';
    is audited($stack, $answer), "auth.refresh.reused denied AUTH_SESSION_REVOKED session $id", 'on record';
    refused_ok refresh($next->{refreshToken}), 'AUTH_SESSION_REVOKED', 'and its successor';
    is $stack->query("select revoke_reason from dp.session where id = '$id'"), 'refresh_token_reused', 'the session ended';
};

subtest 'a refresh token lives for 24 hours (IDN-03, IDN-09)' => sub {
    my $said = logged_in();
    my $id = $said->{session}{id};

    age($id, '86398 seconds');
    my $next = refresh($said->{refreshToken});

    is $next->code, 200, 'shortly before';
    is $stack->query("select expires_at > now() + interval '86390 seconds' from dp.session where id = '$id'"), 't',
        'and the session goes on for a day';
    age($id, '86401 seconds');
    refused_ok refresh($next->json->{refreshToken}), 'AUTH_SESSION_REVOKED', 'but no second longer';
};

subtest 'a session ends after a week, however much it is used (IDN-09)' => sub {
    my $said = logged_in();
    my $id = $said->{session}{id};

    $stack->query("update dp.session set expires_at = now() + interval '1 hour',"
                  . " absolute_expires_at = now() + interval '1 hour' where id = '$id'");
    my $next = refresh($said->{refreshToken})->json;

    is $next->{session}{expiresAt}, $next->{session}{absoluteExpiresAt}, 'its end does not move';
    $stack->query("update dp.session set expires_at = now(), absolute_expires_at = now() where id = '$id'");
    refused_ok refresh($next->{refreshToken}), 'AUTH_SESSION_REVOKED', 'and then it is over';
};

subtest 'what is no refresh token' => sub {
    my $said = logged_in();

    refused_ok refresh($_), 'AUTH_TOKEN_INVALID', $_ for 'dpr_' . 'A' x 43, 'x', $said->{accessToken};
    $stack->query("update dp.app_user set status = 'disabled' where id = '$said->{session}{user}{id}'");
    refused_ok refresh($said->{refreshToken}), 'AUTH_SESSION_REVOKED', 'a disabled user has none';
};

subtest 'tokens are nowhere but with their client (IDN-11)' => sub {
    my $said = logged_in();
    my $next = refresh($said->{refreshToken})->json;

    for my $token ($said->{refreshToken}, $next->{refreshToken}, $next->{accessToken}) {
        unlike $stack->log($_), qr/\Q$token\E/, "not in the log of $_" for qw(worker postgres edge nginx);
    }
};

$stack->finish;
done_testing;
