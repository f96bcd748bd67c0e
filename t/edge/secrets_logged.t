# No credential in any log: canaries in every place where a client may put one, in
# requests that succeed, that are refused by nginx, by the edge, by the worker and
# by the database, and while each of them is away.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start(environment => {DEVPILOT_LOG_LEVEL => 'debug'});
my $org_id = Test::DevPilot::Tenant::organization($stack);
my $user_id = Test::DevPilot::Tenant::user($stack, $org_id, 'organization_admin');
my $valid = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id);
my $revoked = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id);
my $expired = Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id, expires => "now() - interval '1 hour'");
my $cookie = 'canaryCookie' . $$;
my $basic = 'canaryBasic' . $$;
my @keys = ($valid, $revoked, $expired, 'dp_canary00_' . 'canaryUnknown' . 'x' x 30, 'dp_canary11_canaryMalformed');

$stack->query('update dp.api_key set revoked_at = now() where ' . Test::DevPilot::Tenant::row_of($revoked));
$stack->expect(qr/DATABASE_UNAVAILABLE|database does not answer/);

# One of each kind, with all keys.
sub ask_everything {
    for my $key (@keys) {
        my %with = (key => $key, headers => {Cookie => "session=$cookie"});

        $stack->get('/me', %with);
        $stack->get('/nowhere', %with);
        $stack->get("/projects?limit=x", %with);
        $stack->get('/projects/00000000-0000-4000-8000-000000000000', %with);
        $stack->create_project({name => "Canary"}, %with);
        $stack->create_project({name => 7}, %with);
        $stack->request('POST', '/projects', body => '{', idempotency_key => 'canary-canary-canary', %with);
        send_raw("GET /me HTTP/1.1\r\nHost: a b\r\nAuthorization: Bearer $key\r\nCookie: $cookie\r\n\r\n");
        send_raw("GET /me HTTP/1.1\r\nAuthorization: Bearer $key\r\nCookie: $cookie\r\n\r\n");
        send_raw("GET /me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $key\r\nAuthorization: Bearer $key\r\n\r\n");
        send_raw("GET /me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $key\r\nX: " . 'x' x 40000 . "\r\n\r\n");
        send_raw("GET /me HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $key\r\nBroken header\1: x\r\n\r\n");
        send_raw("POST /projects HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer $key\r\nContent-Length: 9\r\n\r\n{");
    }
    $stack->get('/me', key => undef, headers => {Authorization => "Basic $basic"});
}

sub send_raw {
    my ($bytes) = @_;
    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->send_bytes($bytes);
    $connection->response(0.2);
}

ask_everything();

$stack->hold('worker');
$stack->signal('worker', 'KILL');
wait_until(sub { ($stack->get('/me')->code // 0) == 503 }) or die "the worker is still there\n";
ask_everything();
$stack->release('worker');
wait_until(sub { ($stack->get('/me')->code // 0) == 200 }, 20) or die "the worker does not come back\n";
ask_everything();

# Access logs are written once a second.
my $last = $stack->get('/me')->headers->header('X-Request-Id');

ok wait_until(sub { $stack->log('edge') =~ /\Q$last\E/ }), 'the logs are complete';

for my $log (qw(edge nginx worker postgres)) {
    my $text = $stack->log($log);

    cmp_ok length $text, '>', 0, "there is a log: $log";
    for my $key (@keys, $stack->api_key) {
        my $secret = substr($key, 12);

        unlike $text, qr/\Q$secret\E/, "$log: no secret of " . substr($key, 0, 11);
    }
    unlike $text, qr/\Q$_\E/, "$log: no $_" for $cookie, $basic;
}

$stack->finish;
done_testing;
