# Cookies over HTTP: what a browser gets when it logs in, and what its device is
# remembered for.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Person;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start(environment => {Test::DevPilot::Person::cheap()});
my ($here, $there) = ('198.51.100.7', '203.0.113.9');

# Cookies are told one by one: the client keeps none by itself.
$stack->ua->cookie_jar->ignore(sub { 1 });

sub account { Test::DevPilot::Person::account($stack, @_) }
sub login { Test::DevPilot::Person::login($stack, @_) }

sub fails {
    my ($person, %option) = @_;

    return login($person, password => 'wrong horse', from => $here, %option);
}

subtest 'a cookie is given over TLS, and scripts cannot read it (IDN-01)' => sub {
    my $person = account();
    my $answer = login($person, transport => 'cookie', tls => 1);
    my %cookie = Test::DevPilot::Person::cookies($answer, attributes => 1);

    is $answer->code, 200, 'logged in' or diag $answer->body;
    like $cookie{'__Host-devpilot_session'},
        qr{\A__Host-devpilot_session=dps_[\w-]{43}; Path=/; Max-Age=604800; Secure; HttpOnly; SameSite=Lax\z}, 'a cookie';
    like $cookie{'__Host-devpilot_device'},
        qr{\A__Host-devpilot_device=dpd_[\w-]{43}; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax\z},
        'one of the device';
    is $answer->json->{session}{transport}, 'cookie', 'of that session';
    ok !exists $answer->json->{refreshToken} && !exists $answer->json->{accessToken}, 'and no token';
    ok $answer->json->{csrfToken}, 'but one for its pages';

    my $plain = login($person, transport => 'cookie');

    refused_ok $plain, 'AUTH_TLS_REQUIRED', 'over plain HTTP there is none';
    is_deeply {Test::DevPilot::Person::cookies($plain)}, {}, 'of any kind';
    is_deeply {Test::DevPilot::Person::cookies(login($person))}, {}, 'nor with tokens';
};

subtest 'a device that the account knows is an origin of its own (IDN-12)' => sub {
    my $person = Test::DevPilot::Person::account($stack);
    my $answer = login($person, from => $there, tls => 1, transport => 'cookie');
    my %cookie = Test::DevPilot::Person::cookies($answer);
    my %known = (device => $cookie{'__Host-devpilot_device'}, tls => 1, from => $here);

    like $known{device}, qr/\Adpd_/, 'it has a cookie';
    fails($person) for 1 .. 6;
    is login($person, %known)->code, 200, 'the right password works from it';
    refused_ok login($person, from => $here), 'AUTH_ACCOUNT_LOCKED', 'and from nothing else there';

    my $stranger = login(Test::DevPilot::Person::account($stack), %known);
    is $stranger->code, 200, 'who shares it';
    is {Test::DevPilot::Person::cookies($stranger)}->{'__Host-devpilot_device'}, $known{device}, 'keeps it';

    my $other = Test::DevPilot::Person::account($stack);
    fails($other) for 1 .. 6;
    refused_ok login($other, %known), 'AUTH_ACCOUNT_LOCKED', 'a device that an account does not know is no excuse';
};

$stack->finish;
done_testing;
