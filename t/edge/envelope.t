# Every error wears the envelope, whoever it comes from: the edge, nginx by
# itself, the worker.  What comes from elsewhere is left as it is.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Test::DevPilot;
use Test::DevPilot::Connection;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start(processes => 1);

# An upstream that takes connections and never answers.
my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16) or die "listen: $!\n";
my $silent_port = $silent->sockport;
my $dead_port = Test::DevPilot::free_port();
my $upstream_port = Test::DevPilot::free_port();

# nginx's own errors in places that are not ours, with the envelope and without.
my $places = <<"END";
        location /dressed/ {
            devpilot off;
            devpilot_error_envelope on;
            proxy_connect_timeout 1s;
            proxy_read_timeout 300ms;

            location /dressed/file/ { root /nowhere; }
            location = /dressed/file/there { alias @{[$stack->nginx_conf]}; }
            location /dressed/denied/ { deny all; }
            location /dressed/loop/ { rewrite ^ /dressed/loop/ last; }
            location /dressed/return/503 { return 503; }
            location /dressed/return/429 { return 429; }
            location /dressed/limited/ { limit_req zone=few; alias /nowhere; }
            location /dressed/limited/429/ { limit_req zone=fewer; limit_req_status 429; root /nowhere; }
            location /dressed/crowded/ { limit_conn crowd 1; proxy_read_timeout 1s; proxy_pass http://127.0.0.1:$silent_port; }
            location /dressed/large/ { client_max_body_size 1; proxy_pass http://127.0.0.1:$dead_port; }
            location /dressed/return/text { return 404 "a text\\n"; }
            location /dressed/return/302 { return 302 /elsewhere; }
            location /dressed/page/ { error_page 404 /dressed/own-page; root /nowhere; }
            location = /dressed/own-page { return 200 "a page of the site\\n"; }
            location /dressed/dead/ { proxy_pass http://127.0.0.1:$dead_port; }
            location /dressed/silent/ { proxy_pass http://127.0.0.1:$silent_port; }
            location /dressed/upstream/ { proxy_pass http://127.0.0.1:$upstream_port; }
        }

        location /plain/ {
            devpilot off;
            root /nowhere;
        }
    }

    server {
        listen 127.0.0.1:$upstream_port;
        location / { return 500 "<html>an upstream's own page</html>"; }
        location /dressed/upstream/json { default_type application/json; return 404 '{"mine":1}'; }
    }
END

my $limits = <<'END';
    limit_req_zone $server_name zone=few:1m rate=1r/m;
    limit_req_zone $server_name zone=fewer:1m rate=1r/m;
    limit_conn_zone $server_name zone=crowd:1m;
END

$stack->edit_config(sub {
    s/(client_header_timeout|client_body_timeout) \S+;/$1 1s;/g;
    s/(    server \{\n)/$limits$1/ or die "no server in nginx.conf\n";
    s/(devpilot on;\n)    \}/$1$places/ or die "no server in nginx.conf\n";
});

# Sends bytes, reads one response.
sub raw {
    my ($bytes, %option) = @_;
    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->{head} = $bytes =~ /\AHEAD /;
    $connection->send_bytes($bytes);

    return $connection->response;
}

my $host = "Host: localhost\r\n";

subtest "the edge's own errors (ERR-01)" => sub {
    refused_ok $stack->get('/nowhere'), 'ROUTE_NOT_FOUND', 'an unknown path';
    refused_ok $stack->get('/projects/'), 'ROUTE_NOT_FOUND', 'a path with one slash too many';
    refused_ok $stack->get('/'), 'ROUTE_NOT_FOUND', 'the root';
    refused_ok $stack->get('/projects', key => undef), 'AUTH_REQUIRED', 'no credential';
};

# path => what Allow says
my %allow = ('/projects' => 'GET, HEAD, POST, OPTIONS', '/health/live' => 'GET, HEAD, OPTIONS', '/metrics' => 'GET, HEAD, OPTIONS');

subtest 'a method that a path does not take (ERR-01)' => sub {
    for my $path (sort keys %allow) {
        for my $method (qw(DELETE PUT PATCH PROPFIND BREW)) {
            my $response = $stack->request($method, $path);

            refused_ok $response, 'METHOD_NOT_ALLOWED', "$method $path";
            is $response->headers->allow, $allow{$path}, 'Allow';
        }
    }

    refused_ok $stack->request('POST', '/health/live'), 'METHOD_NOT_ALLOWED', 'POST /health/live';
    refused_ok $stack->request('DELETE', '/nowhere'), 'ROUTE_NOT_FOUND', 'an unknown path takes none';
};

# what: [bytes, code, status if it is not the code's]
my %unreadable = (
    'a request line of nonsense'  => ["\x16\x03\x01\x02\r\n\r\n", 'REQUEST_MALFORMED'],
    'a method in lower case'      => ["get /projects HTTP/1.1\r\n$host\r\n", 'REQUEST_MALFORMED'],
    'no Host'                     => ["GET /projects HTTP/1.1\r\n\r\n", 'REQUEST_MALFORMED'],
    'two Hosts'                   => ["GET /projects HTTP/1.1\r\n$host$host\r\n", 'REQUEST_MALFORMED'],
    'a bad Host'                  => ["GET /projects HTTP/1.1\r\nHost: a/b\r\n\r\n", 'REQUEST_MALFORMED'],
    'a path with a NUL'           => ["GET /projects%00 HTTP/1.1\r\n$host\r\n", 'REQUEST_MALFORMED'],
    'a path above the root'       => ["GET /../projects HTTP/1.1\r\n$host\r\n", 'REQUEST_MALFORMED'],
    'a negative Content-Length'   => ["POST /projects HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n", 'REQUEST_MALFORMED'],
    'length and chunks'           => ["POST /projects HTTP/1.1\r\n${host}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 'REQUEST_MALFORMED'],
    'an unknown encoding'         => ["POST /projects HTTP/1.1\r\n${host}Transfer-Encoding: rot13\r\n\r\n", 'REQUEST_MALFORMED', 501],
    'an unknown version'          => ["GET /projects HTTP/3.0\r\n$host\r\n", 'REQUEST_MALFORMED', 505],
    'TRACE'                       => ["TRACE / HTTP/1.1\r\n$host\r\n", 'METHOD_NOT_ALLOWED'],
    'CONNECT'                     => ["CONNECT localhost:80 HTTP/1.1\r\n$host\r\n", 'REQUEST_MALFORMED'],
    'a long request line'         => ['GET /' . 'x' x 9000 . " HTTP/1.1\r\n$host\r\n", 'REQUEST_URI_TOO_LONG'],
    'a long header'               => ["GET /projects HTTP/1.1\r\n${host}X: " . 'x' x 9000 . "\r\n\r\n", 'REQUEST_HEADERS_TOO_LARGE'],
    'many headers'                => ["GET /projects HTTP/1.1\r\n$host" . ('X: ' . 'x' x 8000 . "\r\n") x 5 . "\r\n", 'REQUEST_HEADERS_TOO_LARGE'],
);

subtest 'requests that nginx cannot read (ERR-01)' => sub {
    for my $what (sort keys %unreadable) {
        my ($bytes, $code, $status) = @{$unreadable{$what}};

        refused_ok raw($bytes), $code, $what, status => $status;
    }

    is raw("GET /health/live HTTP/1.1\r\n$host\r\n")->code, 200, 'while one that it can read is served';
};

subtest 'plain HTTP on the port for TLS (ERR-01)' => sub {
    my ($port) = $stack->tls_url =~ /:(\d+)/;
    my $response = $stack->get("http://127.0.0.1:$port/health/live", key => undef);

    refused_ok $response, 'REQUEST_MALFORMED', 'it is told';
};

sub post_head {
    my ($length) = @_;

    return "POST /projects HTTP/1.1\r\n${host}Content-Type: application/json\r\nAuthorization: Bearer "
        . $stack->api_key . "\r\nIdempotency-Key: " . $stack->fresh_key . "\r\nContent-Length: $length\r\n\r\n";
}

subtest 'a body that does not come (ERR-01)' => sub {
    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->send_bytes(post_head(100) . '{"name"');
    refused_ok $connection->response, 'REQUEST_TIMEOUT', 'is answered when its time is up';
    ok $connection->closed, 'and the connection closed';
};

# what stops: its bytes
my %stopped = (
    'a request line'                => 'GET /proj',
    'headers'                       => "GET /projects HTTP/1.1\r\n${host}Accept: appl",
    'a body, in a place not of ours' => "POST /dressed/silent/ HTTP/1.1\r\n${host}Content-Length: 9\r\n\r\n{",
);

subtest 'a request that does not come (ERR-01)' => sub {
    for my $what (sort keys %stopped) {
        my $connection = Test::DevPilot::Connection->new($stack);

        $connection->send_bytes($stopped{$what});

        my $response = $connection->response;

        refused_ok $response, 'REQUEST_TIMEOUT', "$what: is answered when its time is up";
        is $response && $response->headers->connection, 'close', "$what: and told that";
        ok $connection->closed, "$what: the connection is closed";
    }

    my $head = Test::DevPilot::Connection->new($stack);

    $head->send_request('GET', '/health/live', key => undef);
    is $head->response->code, 200, 'a request is answered';
    $head->{head} = 1;
    $head->send_bytes("HEAD /projects HTTP/1.1\r\n$host");
    is $head->response->code, 408, 'the next one on its connection stops: HEAD';
    ok $head->closed, 'no body follows';

    my $silent = Test::DevPilot::Connection->new($stack);

    ok $silent->closed, 'a connection without a request is closed in silence';
    like $stack->log('edge'), qr/"path":"\/projects".*"status":408,"code":"REQUEST_TIMEOUT"/, 'the log has them';
};

subtest "nginx's own errors in other places (ERR-01)" => sub {
    is $stack->get('/dressed/file/there')->code, 200, 'a file that is there';
    refused_ok $stack->get('/dressed/file/x'), 'ROUTE_NOT_FOUND', '404: a file that is not there';
    refused_ok $stack->get('/dressed/denied/'), 'AUTH_FORBIDDEN', '403: an address that is not allowed';
    refused_ok $stack->get('/dressed/loop/'), 'INTERNAL', '500: a loop of rewrites';
    refused_ok $stack->get('/dressed/dead/'), 'UPSTREAM_FAILED', '502: nobody listens';
    refused_ok $stack->get('/dressed/return/503'), 'SERVICE_UNAVAILABLE', '503: by the configuration';
    refused_ok $stack->get('/dressed/silent/'), 'UPSTREAM_TIMEOUT', '504: nobody answers';
    refused_ok $stack->get('/dressed/return/429'), 'RATE_LIMIT_CONFIGURED', '429: by the configuration';
    refused_ok $stack->request('POST', '/dressed/file/there', body => '{}'), 'METHOD_NOT_ALLOWED', '405: files are not posted to';
    refused_ok $stack->request('POST', '/dressed/large/', body => '{}'), 'REQUEST_TOO_LARGE', '413: larger than the place takes';
};

subtest "a limit of nginx's own is not a worker that is away (ERR-01)" => sub {
    for my $row (['/dressed/limited/', 503], ['/dressed/limited/429/', 429]) {
        my ($path, $status) = @$row;

        refused_ok $stack->get($path), 'ROUTE_NOT_FOUND', "$path: within the limit";
        refused_ok $stack->get($path), 'RATE_LIMIT_CONFIGURED', "$path: limit_req beyond it", status => $status;
    }

    my ($beyond, $within) = sort { $a->code <=> $b->code }
        Test::DevPilot::Connection::together($stack, map { ['GET', '/dressed/crowded/'] } 1 .. 2);

    refused_ok $beyond, 'RATE_LIMIT_CONFIGURED', 'limit_conn: one too many', status => 503;
    refused_ok $within, 'UPSTREAM_TIMEOUT', 'while another is there';
};

$stack->expect(qr/limiting (?:requests|connections)/);
$stack->expect(qr/rewrite or internal redirection cycle/);

subtest 'what comes from elsewhere is left as it is' => sub {
    is $stack->get('/dressed/return/text')->body, "a text\n", 'a text of the configuration';
    is $stack->get('/dressed/return/302')->headers->location, '/elsewhere', 'a redirect';
    is $stack->get('/dressed/page/x')->body, "a page of the site\n", 'a page that error_page names';
    is $stack->get('/dressed/upstream/')->body, "<html>an upstream's own page</html>", "an upstream's page";
    is $stack->get('/dressed/upstream/json')->body, '{"mine":1}', "an upstream's JSON";
    ok $stack->get('/dressed/return/text')->headers->header('X-Request-Id'), 'it has an id all the same';

    my $plain = $stack->get('/plain/x');

    is $plain->code, 404, 'without the envelope';
    like $plain->body, qr/<html>/, "nginx's own page";
    is $plain->headers->header('X-Request-Id'), undef, 'and no id';
};

subtest 'HEAD gets the same headers, and no body (ERR-01)' => sub {
    my $bearer = 'Authorization: Bearer ' . $stack->api_key . "\r\n";

    for my $row (['/nowhere', ''], ['/projects', ''], ['/projects/x', $bearer], ['/dressed/file/x', '']) {
        my ($path, $headers) = @$row;
        my $head = raw("HEAD $path HTTP/1.1\r\n$host$headers\r\n");
        my $get = raw("GET $path HTTP/1.1\r\n$host$headers\r\n");

        is $head->code, $get->code, "$path: " . $get->code;
        is $head->headers->header($_), $get->headers->header($_), "$path: $_"
            for qw(Content-Type Content-Length Cache-Control WWW-Authenticate);
        ok $head->headers->header('X-Request-Id'), "$path: X-Request-Id";
    }

    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->send_request('HEAD', '/nowhere');
    is $connection->response->code, 404, 'HEAD';
    $connection->send_request('GET', '/health/live', key => undef);
    is $connection->response->json->{status}, 'ok', 'and what follows on the connection is the next answer';
};

subtest 'every request has an id of its own, also those that succeed (ERR-05)' => sub {
    my %seen;

    for my $path ('/health/live', '/health/ready', '/metrics', '/projects', '/nowhere', '/projects/x') {
        for (1 .. 5) {
            my $id = $stack->get($path)->headers->header('X-Request-Id');

            like $id, qr/\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z/, $path if !$seen{$path}++;
            $seen{$id}++;
        }
    }

    is scalar(grep { /-4/ && $seen{$_} > 1 } keys %seen), 0, 'no two are the same';

    my $mine = '11111111-1111-4111-8111-111111111111';

    isnt $stack->get('/nowhere', headers => {'X-Request-Id' => $mine})->headers->header('X-Request-Id'), $mine,
        'a client does not choose it';
};

subtest "a client's own id is in its errors (ERR-05)" => sub {
    my $of = sub { $stack->get('/nowhere', headers => {'X-Request-Id' => $_[0]})->json->{error}{context} };

    is_deeply $of->($_), {clientRequestId => $_}, $_ for 'a', 'job-7_b.2', 'x' x 64;
    is_deeply $of->($_), {}, 'not ' . (ref $_ ? 'two' : $_) for 'x' x 65, 'a b', 'a"b', '', '{}', [qw(a b)];
};

sub trace_of {
    my ($traceparent) = @_;

    return $stack->get('/nowhere', headers => {traceparent => $traceparent})->json->{error}{traceId};
}

subtest "a client's trace goes on (ERR-05)" => sub {
    my $trace = '0af7651916cd43dd8448eb211c80319c';
    my $span = 'b7ad6b7169203331';

    is trace_of("00-$trace-$span-01"), $trace, 'the one that it sends';
    is trace_of("00-$trace-$span-00"), $trace, 'sampled or not';
    is trace_of("cc-$trace-$span-01-later"), $trace, 'of a later version';

    my %fresh;

    for my $bad ("00-$trace-$span", "00-${\uc $trace}-$span-01", "00-${\('0' x 32)}-$span-01", "00-$trace-${\('0' x 16)}-01",
                 "ff-$trace-$span-01", "00-$trace-$span-01-more", 'nonsense', ["00-$trace-$span-01", "00-$trace-$span-01"]) {
        my $made = trace_of($bad);

        like $made, qr/\A(?!$trace)(?!0+\z)[0-9a-f]{32}\z/, 'a new one instead of ' . (ref $bad ? 'two' : $bad);
        $fresh{$made}++;
    }

    is scalar keys %fresh, 8, 'each of its own';

    my $error = $stack->get('/nowhere')->json->{error};

    isnt $error->{traceId}, $error->{requestId} =~ s/-//gr, 'it is not the request id';
};

$stack->finish;

done_testing;
