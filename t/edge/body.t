# Bodies: their limit, however they arrive, and that what arrives is what was sent.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Connection;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

use constant LIMIT => 1048576;

my $stack = Test::DevPilot->start(processes => 1);

# A body of exactly that many bytes; blanks do not count for JSON.
sub body_of {
    my ($bytes, $name) = @_;
    my $body = qq({"name": "$name"});

    return $body . ' ' x ($bytes - length $body);
}

sub head {
    my (@headers) = @_;

    return join("\r\n", 'POST /projects HTTP/1.1', 'Host: localhost', 'Content-Type: application/json',
                'Authorization: Bearer ' . $stack->api_key, 'Idempotency-Key: ' . $stack->fresh_key, @headers, '', '');
}

# In chunks of so many bytes, without Content-Length.
sub post_chunked {
    my ($body, $size) = @_;
    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->send_bytes(head('Transfer-Encoding: chunked'));
    $connection->send_bytes(join('', map { sprintf("%x\r\n%s\r\n", length, $_) } unpack("(a$size)*", $body)) . "0\r\n\r\n");

    return $connection->response(20);
}

sub post {
    my ($body) = @_;

    return $stack->request('POST', '/projects', body => $body, idempotency_key => $stack->fresh_key);
}

subtest 'the limit is exact, with Content-Length' => sub {
    is post(body_of(LIMIT, 'At the limit'))->code, 201, 'at the limit';
    refused_ok post(body_of(LIMIT + 1, 'Above')), 'REQUEST_TOO_LARGE', 'above it';
};

subtest 'the limit is exact, without Content-Length' => sub {
    is post_chunked(body_of(LIMIT, 'Chunked'), 65536)->code, 201, 'at the limit';
    refused_ok post_chunked(body_of(LIMIT + 1, 'Above'), 65536), 'REQUEST_TOO_LARGE', 'above it';
};

subtest 'an announced size is refused before it is sent' => sub {
    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->send_bytes(head('Content-Length: ' . (1 << 40), 'Expect: 100-continue'));
    refused_ok $connection->response, 'REQUEST_TOO_LARGE', 'at once';
};

subtest 'what arrives is what was sent, in memory or by a file' => sub {
    for my $size (100, 8191, 8192, 16384, 16385, 100_000) {
        my $name = "Of $size bytes";

        is post(body_of($size, $name))->json->{name}, $name, $name;
        is post_chunked(body_of($size, $name), 1000)->json->{name}, $name, "$name, in chunks";
    }

    is post_chunked(body_of(50, 'Byte by byte'), 1)->json->{name}, 'Byte by byte', 'in chunks of one byte';
};

subtest 'a client that waits for 100 Continue gets it' => sub {
    my $connection = Test::DevPilot::Connection->new($stack);
    my $body = body_of(40, 'Continued');

    $connection->send_bytes(head('Content-Length: 40', 'Expect: 100-continue'));
    like $connection->read_some(time + 10), qr{\AHTTP/1\.1 100 Continue\r\n\r\n\z}, 'to continue';
    $connection->send_bytes($body);
    is $connection->response->code, 201, 'and is served';
};

subtest 'a body that an operation does not take is discarded' => sub {
    my $connection = Test::DevPilot::Connection->new($stack);

    for my $length (0, 10, 100_000) {
        $connection->send_bytes("GET /health/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: $length\r\n\r\n" . 'x' x $length);
        is $connection->response->code, 200, "$length bytes, and the connection goes on";
    }
};

subtest 'a limit of the configuration holds as well' => sub {
    $stack->edit_config(sub { s/client_max_body_size \S+;/client_max_body_size 1k;/ or die "no limit in nginx.conf\n" });
    is post(body_of(1024, 'Within'))->code, 201, 'within it';
    refused_ok post(body_of(1025, 'Beyond')), 'REQUEST_TOO_LARGE', 'beyond it';
};

$stack->finish;

done_testing;
