# What a client writes where a log shows it, and what looks like a secret there,
# becomes stars (SEC-10, OBS-05); everything else stays as it is.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON qw(decode_json);
use Test::DevPilot qw(wait_until);
use Test::More;

my $stack = Test::DevPilot->start;

# Each line is written at once.
$stack->edit_config(sub { s/ buffer=64k flush=1s;/;/ or die "no buffer in nginx.conf\n" });

sub line_for {
    my ($response) = @_;
    my $request_id = $response->headers->header('X-Request-Id');
    my $line;

    wait_until(sub { ($line) = $stack->log('edge') =~ /^(.*"requestId":"$request_id".*)\n/m });

    return $line ? decode_json($line) : {};
}

my $key = $stack->api_key;
my $jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLW9mLXRoZS1jYW5hcnk';

# path sent => path logged
my %path = (
    "/keys/$key"                             => '/keys/dp_***',
    '/aws/AKIAIOSFODNN7EXAMPLE/x'            => '/aws/***/x',
    '/aws/%41KIAIOSFODNN7EXAMPLE'            => '/aws/***',
    "/chat/$jwt"                             => '/chat/***',
    '/chat;token=canary/x'                   => '/chat;token=***',
    '/chat;token%3Dcanary'                   => '/chat;token%3D***',
    '/bearer%20canary'                       => '/bearer%20***',
    '/users/bob%40example.org/projects'      => '/users/***/projects',
    '/users/bob@example.org'                 => '/users/***',
    '/cards/4111-1111-1111-1111'             => '/cards/***',
    '/db/postgresql://dp:canary@db/x'        => '/db/postgresql://dp:***@db/x',
    '/pem/-----BEGIN%20PRIVATE%20KEY-----MI' => '/pem/***',

    '/projects/473d5ef7-00ce-42e0-99ec-f9148c6525d1' => undef,
    '/projects/4111111111111112'                     => undef,
    '/a%20b/dp_x/AKIA/token'                         => undef,
);

subtest 'the path (SEC-10)' => sub {
    is line_for($stack->get($_))->{path}, $path{$_} // $_, $_ for sort keys %path;
};

subtest 'a secret that is cut is one still' => sub {
    my $start = '/' . 'y' x 1000 . '/';

    is line_for($stack->get("${start}AKIAIOSFODNN7EXAMPLE"))->{path}, "$start***", 'half of it is behind the cut';
};

subtest "a client's own id for its request (SEC-10)" => sub {
    my %id = ($key => 'dp_***', 'AKIAIOSFODNN7EXAMPLE' => '***', '4111111111111111' => '***', 'job-7.AKIA' => undef);

    for my $id (sort keys %id) {
        is line_for($stack->get('/me', headers => {'X-Request-Id' => $id}))->{clientRequestId}, $id{$id} // $id, "id $id";
    }
};

$stack->finish;

done_testing;
