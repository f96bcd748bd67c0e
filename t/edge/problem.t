# Errors as problem details (RFC 9457) for clients that prefer them: with the
# envelope's object inside, wherever the error comes from.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start;
my $host = "Host: localhost\r\n";

# Asserts that a response is the error `code` as problem details.
sub problem_ok {
    my ($response, $code, $name, %option) = @_;

    subtest $name => sub {
        my $problem = $response->json // {};
        my $error = $problem->{error} // {};

        is $response->headers->content_type, 'application/problem+json', 'media type';
        is join(' ', sort keys %$problem), 'detail error instance status title type', 'members';
        is $problem->{type}, "/errors#$code", 'type';
        is $problem->{status}, $response->code, 'status is that of the response';
        is $problem->{status}, $option{status}, 'and the expected one';
        is $problem->{instance}, 'urn:uuid:' . $response->headers->header('X-Request-Id'), 'instance';
        ok length $problem->{$_}, $_ for qw(title detail);
        is $error->{code}, $code, 'the envelope is inside';
        is join(' ', grep { !exists $error->{$_} } qw(message severity retryPolicy requestId traceId timestamp context causeChain)),
            '', 'with all its members';
        is $response->headers->cache_control, 'no-store', 'is not cached';
    };
}

sub accepting {
    my ($accept, $method, $path, %option) = @_;

    return $stack->request($method, $path, %option, headers => {Accept => $accept, %{$option{headers} // {}}});
}

my $problem = 'application/problem+json';

subtest 'who gets them (ERR-01)' => sub {
    for my $accept ($problem, "$problem, application/json;q=0.9", 'APPLICATION/Problem+JSON;q=0.5, text/html', "*/*;q=0.1, $problem") {
        problem_ok(accepting($accept, 'GET', '/nowhere'), 'ROUTE_NOT_FOUND', $accept, status => 404);
    }

    for my $accept ('*/*', 'application/*', 'application/json', "application/json, $problem", "$problem;q=0.5, application/json",
                    'text/html', 'application/problem', '') {
        refused_ok(accepting($accept, 'GET', '/nowhere'), 'ROUTE_NOT_FOUND', "not with Accept: $accept");
    }
};

subtest 'wherever the error comes from (ERR-01)' => sub {
    problem_ok(accepting($problem, 'GET', '/projects', key => undef), 'AUTH_REQUIRED', "the edge", status => 401);
    problem_ok(accepting($problem, 'DELETE', '/projects'), 'METHOD_NOT_ALLOWED', 'the edge, 405', status => 405);
    problem_ok(accepting($problem, 'GET', '/projects/00000000-0000-4000-8000-000000000000'), 'RESOURCE_NOT_FOUND', 'the worker',
               status => 404);

    my $faulty = accepting($problem, 'POST', '/projects', json => {name => ''}, idempotency_key => 'problem-details-1');

    problem_ok($faulty, 'VALIDATION_FAILED', 'the contract', status => 422);
    is $faulty->json->{error}{details}{issues}[0]{pointer}, '/name', 'details and all';
};

sub raw {
    my ($bytes) = @_;
    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->send_bytes($bytes);

    return $connection->response;
}

subtest "nginx's own errors (ERR-01)" => sub {
    my $accept = "Accept: $problem\r\n";

    problem_ok(raw("GET /projects HTTP/1.1\r\n$accept$host$host\r\n"), 'REQUEST_MALFORMED', 'two Hosts', status => 400);
    problem_ok(raw("POST /projects HTTP/1.1\r\n$host${accept}Transfer-Encoding: rot13\r\n\r\n"), 'REQUEST_MALFORMED',
               'an unknown encoding, where nginx has a status of its own', status => 501);
    refused_ok(raw("GET /../x HTTP/1.1\r\n$host$accept\r\n"), 'REQUEST_MALFORMED',
               'not where the request line is refused, before Accept is read');
};

subtest 'HEAD has the header only' => sub {
    my $response = accepting($problem, 'HEAD', '/nowhere');

    is $response->code, 404, 'status';
    is $response->headers->content_type, $problem, 'media type';
    is $response->body, '', 'no body';
};

subtest 'a success is what it was' => sub {
    my $response = accepting($problem, 'GET', '/projects');

    is $response->code, 200, 'accepted';
    is $response->headers->content_type, 'application/json', 'as JSON';
};

$stack->finish;
done_testing;
