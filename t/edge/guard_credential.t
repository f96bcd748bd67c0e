# Guard mode with a worker: API keys in front of an upstream of somebody's own, and
# what the upstream is told.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Ctl;
use Test::DevPilot::Folder;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start(processes => 1);
my ($port, $upstream, $fallback) = map { Test::DevPilot::free_port() } 1 .. 3;
my $folder = $stack->folder . '/upstream';
my $uuid = qr/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
my $bad_key = 'dp_abcdefgh_' . 'x' x 43;

# Every user's, as nginx's processes write there.
mkdir($folder) && chmod(0777, $folder) or die "$folder: $!\n";

$stack->edit_config(sub {
    s/\}\s*\z//;
    $_ .= <<"END";
    server {
        listen 127.0.0.1:$upstream;
        access_log off;
        location /files/ { root $folder; dav_methods PUT; create_full_put_path on; client_max_body_size 2m; }
        location / { return 200 "user=\$http_x_user_id org=\$http_x_org_id key=\$http_x_key_id"; }
    }
    server {
        listen 127.0.0.1:$fallback;
        devpilot on;
        error_page 404 = \@app;
        location \@app {
            devpilot off;
            devpilot_guard on;
            devpilot_guard_credential required;
            proxy_pass http://127.0.0.1:$upstream;
        }
    }
    server {
        listen 127.0.0.1:$port;
        client_max_body_size 2m;
        devpilot_guard on;
        proxy_set_header X-User-Id \$devpilot_user_id;
        proxy_set_header X-Org-Id \$devpilot_org_id;
        proxy_set_header X-Key-Id \$devpilot_credential_id;
        location / { proxy_pass http://127.0.0.1:$upstream; }
        location /required { devpilot_guard_credential required; proxy_pass http://127.0.0.1:$upstream; }
        location /off { devpilot_guard_credential off; proxy_pass http://127.0.0.1:$upstream; }
        location /dear { devpilot_guard_cost 40; proxy_pass http://127.0.0.1:$upstream; }
        location /free { devpilot_guard_cost 0; proxy_pass http://127.0.0.1:$upstream; }
        location /closed-later { devpilot_guard_switch AI methods=all; proxy_pass http://127.0.0.1:$upstream; }
        location /files/ { devpilot_guard_credential required; proxy_pass http://127.0.0.1:$upstream; }
        location = /leaves { try_files /none /unguarded; }
        location = /unguarded { devpilot_guard off; return 204; }
        location /redirected { error_page 418 = /required; if (\$arg_go) { return 418; } }
    }
}
END
});

sub guarded {
    my ($path, %option) = @_;

    return $stack->request($option{method} // 'GET', "http://127.0.0.1:$port$path", %option);
}

subtest 'an upstream learns who is calling' => sub {
    my $response = guarded('/');

    like $response->body, qr/\Auser=$uuid org=${\$stack->org_id} key=$uuid\z/, 'the key of the administrator';
    like $response->headers->header('RateLimit'), qr/"user";r=\d+;t=\d+/, 'the client what is left';
    is $response->headers->header('X-Request-Id'), undef, 'and nothing else is added';
    isnt guarded('/', key => $stack->viewer_api_key)->body, $response->body, 'another key is another caller';
};

subtest 'a body comes through while a worker is asked' => sub {
    my $body = join('', map { chr(33 + $_ % 90) } 1 .. 1_000_000);

    for my $how ('a body', 'a body in chunks') {
        my $key = Test::DevPilot::Tenant::api_key($stack, $stack->org_id, Test::DevPilot::Tenant::user($stack, $stack->org_id, 'viewer'));
        my $chunked = join('', map { sprintf("%x\r\n%s\r\n", length $_, $_) } unpack('(a70000)*', $body)) . "0\r\n\r\n";
        my ($length, $sent) = $how =~ /chunks/ ? ('Transfer-Encoding: chunked', $chunked)
                                               : ('Content-Length: ' . length $body, $body);
        my $connection = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or die "connect: $!\n";

        print $connection join("\r\n", 'PUT /files/' . length($sent) . ' HTTP/1.1', 'Host: a', "Authorization: Bearer $key", 'Connection: close',
                               $length, '', $sent);

        my $answer = do { local $/; <$connection> };

        like $answer, qr{\AHTTP/1.1 201 }, $how;
        ok Test::DevPilot::Folder::slurp("$folder/files/" . length $sent) eq $body, 'arrives as it was sent';
    }
};

subtest 'a guarded location behind an error of the contract is guarded' => sub {
    my @nowhere = ('GET', "http://127.0.0.1:$fallback/nowhere");

    refused_ok $stack->request(@nowhere, key => undef), 'AUTH_REQUIRED', 'anonymous';
    like $stack->request(@nowhere)->body, qr/\Auser=/, 'with a key';
};

subtest 'who sends no key of ours is anonymous' => sub {
    for my $header (undef, 'Basic dXNlcjpwYXNz', 'Bearer eyJhbGciOiJIUzI1NiJ9.e30.x', 'Bearer', 'Digest dp_x') {
        my %headers = defined $header ? (Authorization => $header) : ();
        my $response = guarded('/', key => undef, headers => \%headers);

        is $response->body, 'user= org= key=', $header // 'no header';
        is $response->headers->header('RateLimit'), undef, 'has no quotas';
    }
};

subtest 'a key that is no good is refused' => sub {
    refused_ok guarded('/', key => $_), 'AUTH_KEY_INVALID', $_ for $bad_key, 'dp_', " $bad_key", "\t$bad_key", $stack->api_key . 'x';
    refused_ok guarded('/', key => undef, headers => {Authorization => "bearer $bad_key"}), 'AUTH_KEY_INVALID', 'bearer';
    is guarded('/', key => undef, headers => {Authorization => ['Basic x', 'Bearer ' . $stack->api_key]})->code, 400,
        'several headers nginx refuses by itself';
};

subtest 'required, and off' => sub {
    refused_ok guarded('/required', key => undef), 'AUTH_REQUIRED', 'nobody';
    refused_ok guarded('/required', key => undef, headers => {Authorization => 'Basic x'}), 'AUTH_REQUIRED', 'somebody else';
    refused_ok guarded('/required', key => $bad_key), 'AUTH_KEY_INVALID', 'no good';
    like guarded('/required')->body, qr/\Auser=$uuid/, 'a key';
    is guarded('/off', key => $bad_key)->body, 'user= org= key=', 'off: nobody looks';
    is guarded('/off')->body, 'user= org= key=', 'nor says whose it is';
};

subtest 'a redirect into a stricter location is judged by it' => sub {
    refused_ok guarded('/redirected?go=1', key => undef), 'AUTH_REQUIRED', 'anonymous';
    like guarded('/redirected?go=1')->body, qr/\Auser=$uuid/, 'a key';
};

subtest 'a request that leaves by a redirect is in flight no more' => sub {
    is guarded('/leaves')->code, 204, 'it leaves' for 1 .. 3;
    is Test::DevPilot::Prometheus::sample($stack, 'devpilot_edge_in_flight'), 1, 'only who asks for this is in flight';
};

subtest 'a revoked key ends (KEY-02)' => sub {
    is guarded('/', key => $stack->viewer_api_key)->code, 200, 'it is good';
    $stack->query("update dp.api_key set revoked_at = now() where prefix = '" . substr($stack->viewer_api_key, 3, 8) . "'");
    ok wait_until(sub { guarded('/', key => $stack->viewer_api_key)->code == 401 }), 'and then it is not';
    refused_ok guarded('/', key => $stack->viewer_api_key), 'AUTH_KEY_INVALID', 'by its code';
};

subtest 'a switch of the database closes a location' => sub {
    is guarded('/closed-later')->code, 200, 'open';
    is Test::DevPilot::Ctl::run($stack, qw(kill-switch set AI on --reason drill))->{status}, 0, 'turned on';
    refused_ok guarded('/closed-later'), 'OPS_KILL_SWITCH_AI', 'closed';
    is guarded('/')->code, 200, 'others are not';
    is Test::DevPilot::Ctl::run($stack, qw(kill-switch set AI off --reason drill))->{status}, 0, 'turned off';
    is guarded('/closed-later')->code, 200, 'open again';
};

subtest 'RL-04 a location has its cost' => sub {
    $stack->edit_config(sub { s/devpilot_limit user .*?;/devpilot_limit user rate=1\/d burst=100;/; s/devpilot_limit project .*?;/devpilot_limit project off;/ });

    my $before = guarded('/free')->headers->header('X-RateLimit-Remaining-User');

    is $before, undef, 'what costs nothing tells of no quota';
    is guarded('/dear')->headers->header('X-RateLimit-Remaining-User'), 60, 'forty of a hundred';
    is guarded('/')->headers->header('X-RateLimit-Remaining-User'), 59, 'one';
    is guarded('/dear')->code, 200, 'forty more';
    refused_ok guarded('/dear'), 'RATE_LIMIT_USER', 'and no more';
    is guarded('/free')->code, 200, 'but for nothing';
    is guarded('/dear', key => undef)->code, 200, 'who is nobody has no bucket';
};

subtest 'without a worker' => sub {
    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    ok wait_until(sub { Test::DevPilot::Prometheus::sample($stack, 'devpilot_worker_up') == 0 }), 'it is gone';
    refused_ok guarded('/free', key => 'dp_12345678_' . 'x' x 43), 'WORKER_UNAVAILABLE', 'a key that nobody knows waits for nothing';
    is guarded('/free', key => undef)->code, 200, 'reading goes on';
    is guarded('/free')->code, 200, 'also for who is known';
    ok wait_until(sub { guarded('/free', key => undef, method => 'POST')->code == 503 }, 20), 'changes end with the feed';
    refused_ok guarded('/free', key => undef, method => 'POST'), 'WORKER_UNAVAILABLE', 'as nobody knows which switches are on';
    $stack->release('worker');
    ok wait_until(sub { guarded('/free', key => undef, method => 'POST')->code == 200 }, 30), 'and go on with a worker';
};

$stack->finish;
done_testing;
