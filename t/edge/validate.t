# Requests are judged by the contract at the edge: what is refused there never
# reaches the worker, and says all that is wrong (ERR-09).

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::More;

my $stack = Test::DevPilot->start;

sub seen { Test::DevPilot::Prometheus::sample($stack, 'devpilot_worker_messages_total{kind="request"}') }

sub create {
    my ($body) = @_;

    return $stack->request('POST', '/projects', body => $body, idempotency_key => $stack->fresh_key);
}

# Runs what must leave the worker alone.
sub unseen {
    my ($name, $run) = @_;

    subtest $name => sub {
        my $before = seen();

        $run->();
        is seen(), $before, 'the worker sees none of it';
    };
}

unseen 'bodies' => sub {
    my $response = create('{"previewTtlHours": 12, "templat\u0065": 1, "x~/y": [{}]}');

    refused_ok $response, 'VALIDATION_FAILED', 'several faults';
    is_deeply issues($response),
        ['/name required', '/previewTtlHours minimum', '/template type', '/x~0~1y additionalProperties'], 'all of them';
    is_deeply $response->json->{error}{details}{issues}[0],
        {in => 'body', pointer => '/name', keyword => 'required', message => 'is required'}, 'an issue';

    refused_ok my $broken = create('{"name": "x",'), 'REQUEST_MALFORMED', 'no JSON';
    is_deeply $broken->json->{error}{details}, {reason => 'This is not JSON.', offset => 13}, 'and where';
    refused_ok create('[' . join(',', (0) x 70000) . ']'), 'REQUEST_MALFORMED', 'too many values';
};

unseen 'queries, also of operations that the edge answers' => sub {
    for my $row (['/projects?limit=x', '/limit type'], ['/projects?limt=1', '/limt additionalProperties'],
                 ['/health/live?deep', '/deep additionalProperties'], ['/health/ready?scope=all', '/scope enum']) {
        my ($path, $issue) = @$row;
        my $response = $stack->get($path);

        refused_ok $response, 'VALIDATION_FAILED', $path;
        is_deeply issues($response), [$issue], $issue;
        is $response->json->{error}{details}{issues}[0]{in}, 'query', 'in the query';
    }

    refused_ok $stack->get('/projects?limit=%4'), 'REQUEST_MALFORMED', 'an escape that is none';
    is $stack->get('/health/live')->code, 200, 'nothing more';
};

unseen 'paths that no resource has' => sub {
    refused_ok $stack->get("/projects/$_"), 'RESOURCE_NOT_FOUND', $_ for 'mine', '%ff', '00000000-0000-4000-8000-00000000000';
};

subtest 'bodies that come in pieces, and through a file' => sub {
    my $name = 'x' x 100;
    my $padding = ' ' x 200_000;

    is create(qq($padding {"name": "$name"} $padding))->code, 201, 'with much space around';
    is create(qq({"name": "all"$padding}))->code, 201, 'and within';

    my $response = create(qq({"name": "$name$name"$padding}));

    refused_ok $response, 'VALIDATION_FAILED', 'judged like any other';
    is_deeply issues($response), ['/name maxLength'], 'by its content';
};

$stack->finish;

done_testing;
