# The same answers over TLS and HTTP/2, by curl.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Curl;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start(processes => 1);

sub curl {
    my ($path, @arguments) = @_;

    return Test::DevPilot::Curl::curl($stack->tls_url . $path, '--http2', @arguments);
}

my @key = ('-H', 'Authorization: Bearer ' . $stack->api_key);

sub post {
    my ($body, @arguments) = @_;

    return curl('/projects', @key, '-H', 'Idempotency-Key: ' . $stack->fresh_key, '-H', 'Content-Type: application/json',
                '--data-binary', $body, @arguments);
}

subtest 'operations' => sub {
    my $created = post('{"name": "Over HTTP/2"}');

    is $created->headers->header('X-Version'), 2, 'it is HTTP/2';
    is $created->code, 201, 'createProject';
    is curl($created->headers->location, @key)->json->{name}, 'Over HTTP/2', 'getProject';
    is scalar @{curl('/projects', @key)->json->{items}}, 1, 'listProjects';
    is curl('/health/live')->json->{status}, 'ok', 'getLiveness';
    is post('{"name": "Over HTTP/1.1"}', '--http1.1')->headers->header('X-Version'), '1.1', 'over HTTP/1.1 and TLS';
};

subtest 'errors wear the envelope (ERR-01)' => sub {
    for my $version ('--http2', '--http1.1') {
        refused_ok curl('/nowhere', $version), 'ROUTE_NOT_FOUND', "$version: 404";
        refused_ok curl('/projects', $version), 'AUTH_REQUIRED', "$version: 401";
        refused_ok curl('/projects', @key, '-X', 'DELETE', $version), 'METHOD_NOT_ALLOWED', "$version: 405";
        refused_ok post('{', $version), 'REQUEST_MALFORMED', "$version: 400";
        refused_ok post('{"name": 1}', $version), 'VALIDATION_FAILED', "$version: 422";
        refused_ok curl('/projects', '-H', 'Large: ' . 'x' x 9000, $version), 'REQUEST_HEADERS_TOO_LARGE', "$version: 431"
            if $version eq '--http1.1';
    }
};

subtest 'HEAD' => sub {
    my $head = curl('/nowhere', '-I');

    is $head->code, 404, 'status';
    is $head->headers->content_type, 'application/json', 'type';
    is $head->headers->content_length, length curl('/nowhere')->body, 'length';
};

subtest 'bodies' => sub {
    my $folder = $stack->folder;
    my $at_limit = '{"name": "Large"}' . ' ' x (1048576 - 17);

    Test::DevPilot::Folder::spew("$folder/at-limit", $at_limit);
    Test::DevPilot::Folder::spew("$folder/above", "$at_limit ");

    is post("\@$folder/at-limit")->code, 201, 'at the limit';
    refused_ok post("\@$folder/above"), 'REQUEST_TOO_LARGE', 'above it';

    # HTTP/2 needs no Content-Length.
    is post("\@$folder/at-limit", '-H', 'Content-Length:')->code, 201, 'at the limit, without its length';
    refused_ok post("\@$folder/above", '-H', 'Content-Length:'), 'REQUEST_TOO_LARGE', 'above it, without its length';
};

subtest 'many requests on one connection' => sub {
    my $url = $stack->tls_url;
    my @urls = map { ("$url/projects", '-o', '/dev/null') } 1 .. 50;

    open(my $out, '-|', 'curl', '-s', '-k', '--http2', '-Z', '--no-progress-meter', '--parallel-max', 50, '-w', "%{http_code} %{num_connects}\n", @key, @urls)
        or die "curl: $!\n";

    my @lines = <$out>;

    close($out);
    is scalar(grep { /\A200 / } @lines), 50, 'all are served';
};

$stack->finish;

done_testing;
