# What HTTP expects of every operation: HEAD beside GET, OPTIONS and Allow, media
# types asked for and sent, preconditions that can be read.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start;
my $project = $stack->create_project({name => 'Conventions'})->json->{id};

subtest 'HEAD is GET without the body' => sub {
    for my $path ('/health/live', '/projects', "/projects/$project") {
        my $get = $stack->get($path);
        my $head = $stack->request('HEAD', $path);

        is $head->code, 200, $path;
        is $head->body, '', 'no body';
        is $head->headers->$_, $get->headers->$_, $_ for qw(content_type content_length cache_control etag);
    }

    is $stack->request('HEAD', '/projects', key => undef)->code, 401, 'and needs the same credential';
    is $stack->request('HEAD', '/nowhere')->code, 404, 'and fails alike';
};

# path => methods
my %methods = (
    '/health/live'       => 'GET, HEAD, OPTIONS',
    '/projects'          => 'GET, HEAD, POST, OPTIONS',
    "/projects/$project" => qr/\AGET, HEAD(?:, \w+)*, OPTIONS\z/,
);

subtest 'OPTIONS says what a path takes' => sub {
    for my $path (sort keys %methods) {
        my $response = $stack->request('OPTIONS', $path, key => undef);

        is $response->code, 204, "$path, without a credential";
        like $response->headers->allow, ref $methods{$path} ? $methods{$path} : qr/\A\Q$methods{$path}\E\z/, 'Allow';
        is $response->body, '', 'no body';
        ok $response->headers->header('X-Request-Id'), 'X-Request-Id';
        is $response->headers->content_type, undef, 'no media type';
    }

    refused_ok($stack->request('OPTIONS', '/nowhere', key => undef), 'ROUTE_NOT_FOUND', 'an unknown path has none');
    is $stack->request('OPTIONS', '/projects', key => undef, body => 'x' x 100_000)->code, 204, 'a body is of no use';
};

sub accepting {
    my ($accept, $path) = @_;

    return $stack->request('GET', $path, headers => {Accept => $accept});
}

subtest 'what nobody can be served is refused (ERR-01)' => sub {
    refused_ok(accepting($_, '/projects'), 'NOT_ACCEPTABLE', "Accept: $_")
        for 'text/html', 'application/xml', 'text/*, application/json;q=0', 'application/json;q=0, application/problem+json;q=0';

    is accepting($_, '/projects')->code, 200, "Accept: $_"
        for '*/*', 'application/*', 'application/json', 'text/html, */*;q=0.1', 'application/json;charset=utf-8',
            'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'nonsense';

    refused_ok(accepting('application/json', '/metrics'), 'NOT_ACCEPTABLE', 'text that is wanted as JSON');
    is accepting('application/json', '/metrics')->json->{error}{hint}, 'Accept text/plain.', 'says what there is';
    is accepting('text/plain;version=0.0.4;q=0.5, */*;q=0.1', '/metrics')->code, 200, 'as Prometheus asks';
    refused_ok($stack->request('GET', '/projects', key => undef, headers => {Accept => 'text/html'}), 'AUTH_REQUIRED',
               'who is not let in does not learn it');

    my $before = $stack->query('select count(*) from dp.project');
    refused_ok($stack->create_project({name => 'Not wanted'}, headers => {Accept => 'text/html'}), 'NOT_ACCEPTABLE', 'a change');
    is $stack->query('select count(*) from dp.project'), $before, 'is not made';
};

sub create_as {
    my ($type) = @_;

    return $stack->request('POST', '/projects', body => '{"name": "Typed"}', idempotency_key => "conventions-$$-" . rand,
                           headers => {'Content-Type' => $type});
}

subtest 'a body is JSON by name (ERR-10)' => sub {
    is create_as($_)->code, 201, $_ for 'application/json', 'application/json; charset=utf-8', 'Application/JSON;charset="UTF-8"';

    refused_ok(create_as($_), 'MEDIA_TYPE_UNSUPPORTED', $_)
        for 'text/plain', 'application/jsonx', 'application/json; charset=latin1', 'application/json, text/plain',
            'application/merge-patch+json', 'application/json; x=y', 'json';
};

subtest 'preconditions are read once, before anything is done' => sub {
    for my $name (qw(If-Match If-None-Match)) {
        for my $value ('1', '"1', 'w/"1"', '"a" "b"', '*, "a"', '"a b"', ',') {
            refused_ok($stack->get("/projects/$project", headers => {$name => $value}), 'REQUEST_MALFORMED', "$name: $value");
        }
    }

    is $stack->get("/projects/$project", headers => {'If-None-Match' => $_})->code, 200, "If-None-Match: $_"
        for '"none"', 'W/"none", "of-these"', ', "none",,';
    is $stack->get('/health/live', headers => {'If-Match' => '*'})->code, 200, 'If-Match: *';
};

# How many requests have reached the worker.
sub forwarded {
    return $stack->get('/metrics', key => undef)->body =~ /^devpilot_worker_messages_total\{.*kind="request"\} (\d+)$/m ? $1 : -1;
}

subtest 'a change that must name what it changes' => sub {
    my $path = "/projects/$project";
    my $before = forwarded();

    refused_ok($stack->request('PATCH', $path, json => {name => 'Blind'}), 'PRECONDITION_REQUIRED', 'is refused without If-Match');
    is forwarded(), $before, 'by the edge';

    my $etag = $stack->get($path)->headers->etag;

    is $stack->request('PATCH', $path, json => {name => 'Seen'}, headers => {'If-Match' => $etag})->code, 200, 'taken with it';
    is forwarded(), $before + 2, 'by the worker';
};

# What is read has a strong tag, whether it is a row with a version or not.
my @read = ('/errors', '/openapi.json', '/openapi.yaml', '/me', map { ($_, "$_?limit=1") } '/projects',
            "/projects/$project/members", '/orgs/' . $stack->org_id . '/api-keys');

subtest 'what has not changed is not sent again' => sub {
    for my $path (@read, "/projects/$project", '/orgs/' . $stack->org_id) {
        my $etag = $stack->get($path)->headers->etag;

        like $etag, qr/\A"[!#-~]+"\z/, "$path has a strong tag" or next;
        is $stack->get($path, headers => {'If-Match' => $etag})->code, 200, 'If-Match';
        is $stack->get($path, headers => {'If-None-Match' => '"other"'})->code, 200, 'If-None-Match of another tag';
        refused_ok $stack->get($path, headers => {'If-Match' => '"other"'}), 'PRECONDITION_FAILED', 'If-Match of another tag';
        unchanged_ok($path, $etag);
    }
};

sub unchanged_ok {
    my ($path, $etag) = @_;
    my $unchanged = $stack->get($path, headers => {'If-None-Match' => $etag});

    is $unchanged->code, 304, 'If-None-Match';
    is $unchanged->body, '', 'no body';
    is $unchanged->headers->etag, $etag, 'the tag';
}

subtest 'what has changed has another tag' => sub {
    my %before = map { $_ => $stack->get($_)->headers->etag } '/projects', "/projects/$project";

    $stack->request('PATCH', "/projects/$project", json => {name => 'Changed'}, headers => {'If-Match' => '*'});
    isnt $stack->get($_)->headers->etag, $before{$_}, $_ for sort keys %before;
};

$stack->finish;
done_testing;
