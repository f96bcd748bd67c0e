# Cross-origin requests: scripts of listed origins may read every answer, others
# none; a preflight needs no credential.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Curl qw(curl);
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start;

my @origins = ('https://app.example.org', 'http://localhost:5173');

$stack->edit_config(sub {
    s{(devpilot on;\n)    \}}{$1
        devpilot_cors_origin $origins[0];
        devpilot_cors_origin $origins[1];

        location = /health/live {
            devpilot_cors_origin https://status.example.org;
        }

        location /elsewhere/ {
            devpilot off;
            devpilot_error_envelope on;
            return 200 "a text\\n";
        }
    \}} or die "no server in nginx.conf\n";
});

sub asked {
    my ($method, $path, $origin, %option) = @_;

    return $stack->request($method, $path, %option,
        headers => {defined $origin ? (Origin => $origin) : (), %{$option{headers} // {}}});
}

sub preflight {
    my ($path, $origin, $method) = @_;

    return asked('OPTIONS', $path, $origin, key => undef, headers => {
        'Access-Control-Request-Method'  => $method,
        'Access-Control-Request-Headers' => 'authorization,idempotency-key',
    });
}

# Names of the headers of CORS that a response has.
sub granted {
    my ($response) = @_;

    return join(' ', sort grep { /\AAccess-Control-/ } @{$response->headers->names});
}

subtest 'a listed origin may read what it is answered (ERR-11)' => sub {
    for my $origin (@origins) {
        for my $row (['GET', '/projects', 200], ['GET', '/nowhere', 404], ['DELETE', '/projects', 405],
                     ['GET', '/openapi.json', 200], ['GET', '/health/ready', 200], ['POST', '/projects', 400]) {
            my ($method, $path, $status) = @$row;
            my $response = asked($method, $path, $origin);
            my $headers = $response->headers;

            is $response->code, $status, "$method $path: $status";
            is $headers->access_control_allow_origin, $origin, 'names the origin';
            is $headers->header('Access-Control-Allow-Credentials'), 'true', 'and lets it send credentials';
            is $headers->vary, 'Origin', 'Vary';
        }
    }

    my $exposed = asked('GET', '/projects', $origins[0])->headers->header('Access-Control-Expose-Headers');

    like $exposed, qr/(?:\A|, )\Q$_\E(?:,|\z)/, "a script may read $_"
        for qw(ETag Location Link Retry-After X-Request-Id Idempotency-Replayed X-RateLimit-Remaining-User RateLimit);
};

subtest 'others may not (ERR-11)' => sub {
    for my $origin ('https://evil.example.org', 'null', '*', 'https://app.example.org.evil.com', 'http://app.example.org',
                    'https://app.example.org:8443', 'https://APP.example.org', '', undef, "$origins[0], $origins[1]",
                    'https://status.example.org', [@origins]) {
        my $name = ref $origin ? 'two headers' : $origin // 'no Origin';
        my $response = asked('GET', '/projects', $origin);

        is $response->code, 200, "$name: is served";
        is granted($response), '', 'without a word about origins';
        is $response->headers->vary, 'Origin', 'Vary all the same';
        is granted(preflight('/projects', $origin, 'POST')), '', 'nor in a preflight' if !ref $origin;
    }
};

subtest 'a preflight needs no credential (ERR-11)' => sub {
    my $response = preflight('/projects', $origins[0], 'POST');
    my $headers = $response->headers;

    is $response->code, 204, 'answered by the edge';
    is $response->body, '', 'without a body';
    is $headers->access_control_allow_origin, $origins[0], 'Access-Control-Allow-Origin';
    is $headers->header('Access-Control-Allow-Methods'), 'GET, HEAD, POST, OPTIONS', 'the methods of the path';
    is $headers->header('Access-Control-Max-Age'), 600, 'how long it holds';

    my $allowed = $headers->header('Access-Control-Allow-Headers');

    like $allowed, qr/(?:\A|, )\Q$_\E(?:,|\z)/, "a script may send $_"
        for qw(Authorization Content-Type Idempotency-Key If-Match If-None-Match traceparent X-Request-Id);

    is asked('OPTIONS', '/projects', $origins[0], key => undef)->headers->header('Access-Control-Allow-Methods'), undef,
        'an OPTIONS that is no preflight is not one';
    is asked('GET', '/projects', $origins[0], headers => {'Access-Control-Request-Method' => 'POST'})
        ->headers->header('Access-Control-Allow-Methods'), undef, 'nor is a GET';
    refused_ok preflight('/nowhere', $origins[0], 'POST'), 'ROUTE_NOT_FOUND', 'an unknown path has none';
};

# The same over HTTP/2.
sub asked_h2 {
    my ($method, $path, $origin, @headers) = @_;
    my $response = curl($stack->tls_url . $path, '--http2', '-X', $method, map { ('-H', $_) } "Origin: $origin", @headers);

    is $response->headers->header('X-Version'), 2, "$method $path from $origin: over HTTP/2";

    return $response;
}

subtest 'over HTTP/2 as well (ERR-11)' => sub {
    my @key = ('Authorization: Bearer ' . $stack->api_key);
    my @preflight = ('Access-Control-Request-Method: POST', 'Access-Control-Request-Headers: authorization');

    for my $row (['GET', '/projects', 200], ['GET', '/nowhere', 404], ['DELETE', '/projects', 405], ['POST', '/projects', 400]) {
        my ($method, $path, $status) = @$row;
        my $listed = asked_h2($method, $path, $origins[0], @key);
        my $other = asked_h2($method, $path, 'https://evil.example.org', @key);

        is $listed->code, $status, "$status to a listed origin";
        is $listed->headers->access_control_allow_origin, $origins[0], 'a listed origin is named';
        is $listed->headers->header('Access-Control-Allow-Credentials'), 'true', 'and may send credentials';
        is $other->code, $status, "and to another one";
        is granted($other), '', 'without a word about origins';
        is $_->headers->vary, 'Origin', 'Vary' for $listed, $other;
    }

    my $granted = asked_h2('OPTIONS', '/projects', $origins[1], @preflight);

    is $granted->code, 204, 'a preflight needs no credential';
    is $granted->headers->access_control_allow_origin, $origins[1], 'and is granted';
    is $granted->headers->header('Access-Control-Allow-Methods'), 'GET, HEAD, POST, OPTIONS', 'for the methods of the path';
    is granted(asked_h2('OPTIONS', '/projects', 'https://evil.example.org', @preflight)), '', 'but not to others';
};

subtest 'a level has its own list, or that of the level around it' => sub {
    is asked('GET', '/health/live', 'https://status.example.org')->headers->access_control_allow_origin,
        'https://status.example.org', 'its own';
    is granted(asked('GET', '/health/live', $origins[0])), '', 'instead of the outer one';
};

subtest 'what is passed on is left as it is' => sub {
    my $response = asked('GET', '/elsewhere/', $origins[0]);

    is granted($response), '', 'no word about origins';
    is $response->headers->vary, undef, 'no Vary';
};

$stack->edit_config(sub { s/^\s*devpilot_cors_origin .*\n//mg });

subtest 'without a list there is no word about origins (ERR-11)' => sub {
    my $response = asked('GET', '/projects', $origins[0]);

    is granted($response), '', 'in an answer';
    is $response->headers->vary, undef, 'no Vary';
    is granted(preflight('/projects', $origins[0], 'POST')), '', 'in a preflight';
};

$stack->finish;

done_testing;
