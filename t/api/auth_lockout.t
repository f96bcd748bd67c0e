# The soft lock: failures make an origin wait, longer each time, and nobody else.

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
my ($here, $there) = ('198.51.100.7', '203.0.113.9');

sub login { Test::DevPilot::Person::login($stack, @_) }

sub fails {
    my ($person, %option) = @_;

    return login($person, password => 'wrong horse', from => $here, %option);
}

# Lets the locks of everybody pass, or so many seconds of them.
sub wait_for {
    my ($seconds) = @_;

    $stack->query("update dp.login_failure set locked_until = locked_until - interval '$seconds seconds',"
                  . " since = since - interval '$seconds seconds'");
}

for my $who (
    ['an account', sub { Test::DevPilot::Person::account($stack) }],
    ['an address without account', sub { {email => 'nobody@test.invalid', password => 'correct horse'} }],
) {
    my ($name, $make) = @$who;

    subtest "$name: five failures, then a delay that doubles (IDN-12)" => sub {
        my $person = $make->();

        refused_ok fails($person), 'AUTH_LOGIN_FAILED', "failure $_" for 1 .. 5;

        my $locked = login($person, from => $here);

        refused_ok $locked, 'AUTH_ACCOUNT_LOCKED', 'then nothing is tried, the right password neither', retry_after => 60;
        like audited($stack, $locked), qr/\Aauth\.login\.failure failure AUTH_ACCOUNT_LOCKED user /, 'on record';

        for my $delay (120, 240, 480, 960, 1920, 3600, 3600) {
            wait_for(3600);
            $stack->query("update dp.login_failure set locked_until = now() where locked_until < now()");
            refused_ok fails($person), 'AUTH_LOGIN_FAILED', 'after it one attempt';
            refused_ok fails($person), 'AUTH_ACCOUNT_LOCKED', "costs $delay seconds", retry_after => $delay;
        }
    };
}

subtest 'nobody is locked out by somebody else (IDN-12)' => sub {
    my $victim = Test::DevPilot::Person::account($stack);

    fails($victim) for 1 .. 6;

    is login($victim, from => $there)->code, 200, 'not from another address';
    refused_ok login($victim, from => $here), 'AUTH_ACCOUNT_LOCKED', 'whose success changes nothing here';
    is login(Test::DevPilot::Person::account($stack), from => $here)->code, 200, 'nor with another account';
};

subtest 'an IPv6 network is one origin (IDN-12)' => sub {
    my $person = Test::DevPilot::Person::account($stack);

    fails($person, from => "2001:db8:1:2::$_") for 1 .. 5;
    refused_ok fails($person, from => '2001:db8:1:2:ffff::1'), 'AUTH_ACCOUNT_LOCKED', 'a /64';
    refused_ok fails($person, from => '2001:db8:1:3::1'), 'AUTH_LOGIN_FAILED', 'not the next one';
};

subtest 'success, or time, makes failures forgotten (IDN-12)' => sub {
    my $person = Test::DevPilot::Person::account($stack);

    fails($person) for 1 .. 4;
    is login($person, from => $here)->code, 200, 'success';
    refused_ok fails($person), 'AUTH_LOGIN_FAILED', 'begins anew' for 1 .. 4;
    wait_for(901);
    refused_ok fails($person), 'AUTH_LOGIN_FAILED', 'so does a quarter of an hour' for 1 .. 4;
};

subtest 'at once is not more than one after the other (IDN-12)' => sub {
    my $person = Test::DevPilot::Person::account($stack);
    my @answers;

    for (1 .. 20) {
        my $tx = $stack->transaction('POST', '/auth/login', key => undef, headers => {'X-Forwarded-For' => $here},
                                     json => {email => $person->{email}, password => 'wrong horse'});

        $stack->ua->start_p($tx)->then(sub { push @answers, $_[0]->res->code })->catch(sub { push @answers, 0 });
    }
    Mojo::IOLoop->one_tick until @answers == 20;

    is scalar(grep { $_ == 401 } @answers), 5, 'five are tried';
    is scalar(grep { $_ == 429 } @answers), 15, 'the others wait';
};

subtest 'no address is kept, and none logged (IDN-15)' => sub {
    my $kept = $stack->query("select string_agg(f::text, ' ') from dp.login_failure f");

    unlike $kept, qr/test\.invalid/, 'of the account';
    unlike $stack->log('worker'), qr/test\.invalid/, 'nor in the log';
};

$stack->finish;
done_testing;
