# A token of a configured issuer, from its keys at the issuer to the operation: all
# parts are real but the issuer.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp ();
use MIME::Base64 qw(decode_base64url encode_base64);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Issuer;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::DevPilot::Token;
use Test::More;
use Time::HiRes qw(time);

my $issuer = Test::DevPilot::Issuer->start;
my $stack = Test::DevPilot->start(environment => {
    DEVPILOT_IDENTITY_PROVIDERS => $issuer->provider_file(name => 'corp', tokens => {audience => 'https://devpilot.test'}),
    DEVPILOT_OUTBOUND_LOOPBACK  => $issuer->place,
    DEVPILOT_JOB_POLL_INTERVAL  => '100ms',
});

# The private key of RFC 7517, appendix A.2, whose public one the issuer shows.
my ($x, $y, $d) = map { decode_base64url($_) } qw(
    MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4 4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM
    870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE);
my $file = File::Temp->new;

print {$file} "-----BEGIN EC PRIVATE KEY-----\n",
    encode_base64(pack('H*', '30770201010420') . $d . pack('H*', 'a00a06082a8648ce3d030107a14403420004') . $x . $y),
    "-----END EC PRIVATE KEY-----\n";
$file->flush;

my $key = {alg => 'ES256', kid => '1', file => $file};
my $org_id = Test::DevPilot::Tenant::organization($stack, plan => 'pro');
my $user_id = Test::DevPilot::Tenant::user($stack, $org_id, 'organization_admin');
my $identity = Test::DevPilot::Token::id(77);

$stack->query("insert into dp.user_identity (id, issuer, subject, user_id) values ('$identity', '" . $issuer->url
              . "', 'user-7', '$user_id')");

sub token {
    my $now = int(time);

    return Test::DevPilot::Token::token($key, {
        iss => $issuer->url, aud => 'https://devpilot.test', sub => 'user-7', iat => $now, exp => $now + 600, jti => rand(), @_,
    });
}

sub me { $stack->get('/me', key => $_[0]) }

subtest 'KEY-03 who an issuer says somebody is' => sub {
    ok wait_until(sub { me(token())->code == 200 }, 20), 'a token is taken once the issuer\'s keys are known';

    my $response = me(token());

    is $response->json->{id}, $user_id, 'it is the user who is linked';
    is $stack->get("/orgs/$org_id", key => token())->code, 200, 'in the user\'s organisation';
    refused_ok me(token(sub => 'user-8')), 'AUTH_TOKEN_INVALID', 'a stranger of theirs is nobody';
    refused_ok me(token(aud => 'another')), 'AUTH_TOKEN_INVALID', 'a token for others';
};

subtest 'IDN-04 who is unlinked is nobody within a second' => sub {
    my $token = token();

    is me($token)->code, 200, 'it is good';
    $stack->query("delete from dp.user_identity where id = '$identity'");

    my $begun = time;

    ok wait_until(sub { me($token)->code == 401 }, 3), 'and then it is not';
    cmp_ok time - $begun, '<=', 1, 'within a second';
    refused_ok me($token), 'AUTH_TOKEN_INVALID', 'by its code';
};

$stack->finish;
done_testing;
