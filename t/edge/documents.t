# What the API says about itself: the contract as JSON and YAML, the list of error
# codes; each with an entity tag, for anybody, with and without a worker.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON qw(decode_json true false);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start;
my $root = Test::DevPilot::Folder::root();

# path => [file, media type]
my %documents = (
    '/errors'       => ['api/errors.json', 'application/json'],
    '/openapi.json' => ['api/openapi.json', 'application/json'],
    '/openapi.yaml' => ['api/openapi.yaml', 'application/yaml'],
);

sub shown {
    my ($method, $path, %headers) = @_;

    return $stack->request($method, $path, key => undef, headers => \%headers);
}

for my $path (sort keys %documents) {
    my ($file, $type) = @{$documents{$path}};

    subtest "$path (DOC-01)" => sub {
        my $response = shown('GET', $path);
        my $headers = $response->headers;
        my $etag = $headers->etag;

        is $response->code, 200, 'for anybody';
        is $headers->content_type, $type, 'media type';
        is $headers->cache_control, 'public, max-age=300', 'may be kept';
        like $etag, qr/\A"[0-9a-f]{32}"\z/, 'a strong entity tag';
        ok $response->body eq Test::DevPilot::Folder::slurp("$root/$file"), "the bytes of $file";
        is shown('GET', $path)->headers->etag, $etag, 'always the same';

        for my $match ($etag, "W/$etag", qq("other", $etag), '*') {
            my $unchanged = shown('GET', $path, 'If-None-Match' => $match);

            is $unchanged->code, 304, "If-None-Match: $match";
            is $unchanged->body, '', 'no body';
            is $unchanged->headers->etag, $etag, 'the tag';
        }

        is shown('GET', $path, 'If-None-Match' => '"other"')->code, 200, 'another tag';
        is shown('GET', $path, 'If-Match' => $etag)->code, 200, 'If-Match of the same tag';

        my $refused = shown('GET', $path, 'If-Match' => '"other"');

        refused_ok $refused, 'PRECONDITION_FAILED', 'If-Match of another one';
        is $refused->headers->connection, 'close', 'nginx ends the connection after it, and says so';
        is shown('HEAD', $path)->headers->content_length, length $response->body, 'HEAD knows its length';
        refused_ok shown('GET', $path, Accept => 'text/html'), 'NOT_ACCEPTABLE', 'not as HTML';
        refused_ok shown('POST', $path), 'METHOD_NOT_ALLOWED', 'not to be written';
    };
}

is scalar(keys %{{map { shown('GET', $_)->headers->etag => 1 } keys %documents}}), 3, 'each document has a tag of its own';

my $contract = shown('GET', '/openapi.json')->json;

subtest 'the contract names what is served (DOC-01)' => sub {
    like $contract->{openapi}, qr/\A3\.1\./, 'OpenAPI 3.1';

    my ($yaml_version) = shown('GET', '/openapi.yaml')->body =~ /^  version: (\S+)$/m;

    is $contract->{info}{version}, $yaml_version, 'JSON and YAML are of one version';

    for my $path (sort grep { !/\{/ } keys %{$contract->{paths}}) {
        my %allowed = map { lc $_ => 1 } split(/, /, shown('OPTIONS', $path)->headers->allow // '');

        is join(' ', grep { !$allowed{$_} } sort keys %{$contract->{paths}{$path}}), '', "$path takes what it says";
    }

    is $contract->{components}{schemas}{ProjectCreate}{additionalProperties}, false, 'false is false';
    is $contract->{components}{schemas}{ProjectCreate}{properties}{name}{maxLength}, 100, 'a number is one';
    is $contract->{components}{schemas}{Contract}{properties}{openapi}{enum}[0], '3.1.0', 'text is text';
};

subtest 'the error codes are those of the table (ERR-02)' => sub {
    my $list = shown('GET', '/errors')->json;
    my %listed = map { $_->{code} => $_ } @{$list->{items}};
    my $table = Test::DevPilot::Folder::slurp("$root/shared/dp_errors.def");

    is $list->{hasMore}, false, 'all of them';
    is $list->{nextCursor}, undef, 'on one page';

    while ($table =~ /^DP_ERROR\((\w+), (\d+), (\w+), (\w+), (\d+),/mg) {
        my $row = delete $listed{$1} // {};

        is_deeply [@$row{qw(status severity retryPolicy retryAfter)}], [$2, $3, $4, $5 || undef], $1;
        ok length $row->{message}, 'its message';
        ok !$row->{detailsSchema} || $contract->{components}{schemas}{$row->{detailsSchema}}, 'its details are in the contract';
    }

    is join(' ', keys %listed), '', 'no others';
    is((grep { $_->{code} eq 'VALIDATION_FAILED' } @{$list->{items}})[0]{detailsSchema}, 'ValidationDetails', 'details');
};

subtest 'what nobody knows is told where to look' => sub {
    my $response = $stack->get('/nowhere');

    refused_ok $response, 'ROUTE_NOT_FOUND', 'an unknown path';
    like $response->json->{error}{hint}, qr{/openapi\.json}, 'hints at the contract';
};

subtest 'no worker is needed' => sub {
    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    ok wait_until(sub { $stack->get('/projects')->code == 503 }), 'it is gone';
    is shown('GET', $_)->code, 200, $_ for sort keys %documents;
    $stack->release('worker');
    ok wait_until(sub { $stack->get('/projects')->code == 200 }), 'and back';
};

$stack->finish;
done_testing;
