# createProject and getProject over HTTP: what they answer, what they leave in the
# database, what they refuse.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON qw(encode_json);
use Mojo::Util qw(encode);
use Test::DevPilot;
use Test::DevPilot::Connection;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $uuid = qr/\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z/;
my $time = qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z\z/;
my $stack = Test::DevPilot->start;

# The members that are chosen for each project, checked and taken out.
sub without_ids {
    my ($project) = @_;
    my %rest = %$project;

    like delete $rest{id}, $uuid, 'id is a UUID';
    like delete $rest{createdAt}, $time, 'createdAt is a time';

    if ($rest{environments}) {
        $rest{environments} = [map { my %e = %$_; like delete $e{id}, $uuid, "id of $e{name}"; \%e } @{$rest{environments}}];
    }

    return \%rest;
}

my @environments = map { {name => $_, kind => 'core', state => 'pending'} } qw(dev staging prod);

subtest 'createProject answers 201 with the project (ERR-08)' => sub {
    my $created = $stack->create_project({name => 'First Project'});
    my $project = $created->json;

    is $created->code, 201;
    is $created->headers->content_type, 'application/json';
    is $created->headers->location, "/projects/$project->{id}", 'Location';
    is $created->headers->header('Idempotency-Replayed'), undef, 'not a replay';
    is_deeply without_ids($project), {
        name => 'First Project', slug => 'first-project', template => 'platform',
        templateVersion => 1, previewTtlHours => 72,
        environments => \@environments, integrations => [],
    };

    my $location = $stack->get($created->headers->location);

    is $location->code, 200, 'Location leads to it';
    is_deeply $location->json, {%$project, role => 'Owner'}, 'the same, and the role';
};

subtest 'all members can be given' => sub {
    my $project = $stack->create_project({name => 'Given', template => 'platform', previewTtlHours => 24})->json;

    is $project->{previewTtlHours}, 24;
    is $project->{template}, 'platform';
    is $stack->create_project({name => 'Longest', previewTtlHours => 168})->json->{previewTtlHours}, 168;
};

# Each row: what it is, the question, the answer.
my @rows = (
    ['the project' => q{select concat_ws(' ', name, slug, template, template_version, preview_ttl_hours, created_by = :user)
        from dp.project where id = :id}, 'Rows rows platform 1 72 t'],
    ['one revision, the first, active' => q{select concat_ws(' ', number, state, is_active)
        from dp.revision where project_id = :id}, '1 in_progress t'],
    ['eight pending steps' => q{select concat_ws(' ', min(ordinal), max(ordinal), count(*), string_agg(distinct state, ','))
        from dp.step where project_id = :id}, '1 8 8 pending'],
    ['three pending environments' => q{select string_agg(concat_ws(' ', name, kind, state), ', ' order by name)
        from dp.environment where project_id = :id}, 'dev core pending, prod core pending, staging core pending'],
    ['the caller is Owner' => q{select role || (user_id = :user) from dp.project_member where project_id = :id}, 'Ownertrue'],
    ['one audit event' => q{select concat_ws(' ', action, target_type, outcome, actor_type, actor_id = :user, org_id = :org, request_id = :request)
        from dp.audit_event where target_id = :'id'}, 'project.created project success api_key t t t'],
    ['its detail' => q{select detail->>'slug' from dp.audit_event natural join dp.audit_detail where target_id = :'id'}, 'rows'],
    ['one outbox event' => q{select concat_ws(' ', topic, payload->>'name') from dp.outbox where key = :'id'}, 'project.created Rows'],
    ['one stored answer' => q{select concat_ws(' ', operation_id, status, location) from dp.idempotency_key
        where location like '%' || :'id'}, 'createProject 201 /projects/:id'],
    ['in one transaction' => q{select count(distinct xmin::text) from (
        select xmin from dp.project where id = :id union all select xmin from dp.revision where project_id = :id
        union all select xmin from dp.step where project_id = :id union all select xmin from dp.environment where project_id = :id
        union all select xmin from dp.project_member where project_id = :id union all select xmin from dp.outbox where key = :'id'
        union all select xmin from dp.audit_event where target_id = :'id') t}, '1'],
);

subtest 'createProject leaves its rows, in one transaction' => sub {
    my $used = $stack->query(q{select used from dp.quota_usage where metric = 'projects'});
    my $created = $stack->create_project({name => 'Rows'});
    my $id = $created->json->{id};
    my $user_id = $stack->query(q{select created_by from dp.api_key limit 1});
    my %value = (
        ":'id'" => "'$id'", ':id' => "uuid '$id'", ':user' => "uuid '$user_id'", ':org' => "uuid '${\$stack->org_id}'",
        ':request' => "uuid '" . $created->headers->header('X-Request-Id') . "'",
    );

    for my $row (@rows) {
        my ($name, $question, $answer) = @$row;

        $question =~ s/(?<!:)(:'id'|:\w+)/$value{$1} \/\/ die $1/ge;
        is $stack->query($question), $answer =~ s/:id/$id/r, $name;
    }

    is $stack->query(q{select used from dp.quota_usage where metric = 'projects'}), $used + 1, 'the quota counts it';
};

subtest 'a slug is derived from the name, and suffixed when it is taken' => sub {
    my %slug = (
        'Über  Käse & Co.' => 'ber-k-se-co',
        '  --trim me-- '   => 'trim-me',
        '日本語'              => 'project',
        'MIXED case 42'    => 'mixed-case-42',
        'a' x 100          => 'a' x 60,
    );

    for my $name (sort keys %slug) {
        is $stack->create_project({name => $name})->json->{slug}, $slug{$name}, encode('UTF-8', $name);
    }

    is $stack->create_project({name => 'Same'})->json->{slug}, 'same', 'free';
    is $stack->create_project({name => 'same'})->json->{slug}, 'same-2', 'taken once';
    is $stack->create_project({name => 'Same!'})->json->{slug}, 'same-3', 'taken twice';
    is $stack->create_project({name => 'A' x 100})->json->{slug}, 'a' x 57 . '-2', 'a long one stays within its length';
};

subtest 'concurrent creations of one name get different slugs' => sub {
    my @created = Test::DevPilot::Connection::together($stack, map {
        ['POST', '/projects', json => {name => 'Crowd'}, idempotency_key => $stack->fresh_key]
    } 1 .. 12);
    my %slugs = map { ($_->json->{slug} // '') => 1 } @created;

    is join(' ', map { $_->code } @created), join(' ', (201) x 12), 'all are created';
    is scalar keys %slugs, 12, 'under different slugs';
    is scalar(grep { !/\Acrowd(?:-[2-9]|-[0-9a-f]{12})?\z/ } keys %slugs), 0, 'all derived from the name';
};

subtest 'names are counted in characters of Unicode' => sub {
    for my $name ('é' x 100, "\x{1F600}" x 100, "nul\\u is text", qq(quo"te \\ back/slash), "tab\tand\nline") {
        my $created = $stack->create_project({name => $name});

        is $created->code, 201, encode('UTF-8', substr($name, 0, 12)) or diag $created->to_string;
        is $stack->get($created->headers->location)->json->{name}, $name, 'comes back as it was';
    }

    my $surrogates = $stack->request('POST', '/projects', idempotency_key => $stack->fresh_key,
                                     body => '{"name": "\ud83d\ude00 \u00fC"}');

    is $surrogates->json->{name}, "\x{1F600} ü", 'escapes are read';
    is_deeply issues($stack->create_project({name => "\x{1F600}" x 101})), ['/name maxLength'], '101 are too many';
};

# body => issues
my @invalid = (
    [{}, '/name required'],
    [{name => ''}, '/name minLength'],
    [{name => 'x' x 101}, '/name maxLength'],
    [{name => 7}, '/name type'],
    [{name => undef}, '/name type'],
    [{name => ['x']}, '/name type'],
    [{name => 'x', template => ''}, '/template minLength'],
    [{name => 'x', template => 'x' x 101}, '/template maxLength'],
    [{name => 'x', template => 'nowhere'}, '/template enum'],
    [{name => 'x', previewTtlHours => 23}, '/previewTtlHours minimum'],
    [{name => 'x', previewTtlHours => 169}, '/previewTtlHours maximum'],
    [{name => 'x', previewTtlHours => '72'}, '/previewTtlHours type'],
    [{name => 'x', previewTtlHours => 72.5}, '/previewTtlHours type'],
    [{name => 'x', id => 'mine'}, '/id additionalProperties'],
    [{name => 'x', 'a/b~c' => 1}, '/a~1b~0c additionalProperties'],
    [{name => 1, template => 2, previewTtlHours => 3, more => 4},
     '/more additionalProperties', '/name type', '/previewTtlHours minimum', '/template type'],
    [[], ' type'],
    ['text', ' type'],
);

subtest 'what the contract does not allow is named, all of it (ERR-09)' => sub {
    my $before = Test::DevPilot::Tenant::snapshot($stack);

    for my $row (@invalid) {
        my ($body, @issues) = @$row;
        my $response = $stack->request('POST', '/projects', body => encode_json($body),
                                       idempotency_key => $stack->fresh_key);

        refused_ok $response, 'VALIDATION_FAILED', encode_json($body);
        is_deeply issues($response), \@issues, "@issues";
    }

    my $many = $stack->create_project({map { ("n$_" => 1) } 1 .. 40});

    is scalar @{issues($many)}, 32, 'but 32 at most';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'and nothing is created';
};

# what it is => bytes
my %malformed = (
    'no body'              => '',
    'no JSON'              => 'name=x',
    'an unfinished object' => '{"name": "x"',
    'a trailing comma'     => '{"name": "x",}',
    'bytes behind it'      => '{"name": "x"} x',
    'a second value'       => '{"name": "x"}{}',
    'a name twice'         => '{"name": "x", "name": "y"}',
    'a name twice, once escaped' => '{"name": "x", "n\u0061me": "y"}',
    'a NUL'                => "{\"name\": \"x\"}\0",
    'a NUL in a string'    => "{\"name\": \"x\0\"}",
    'an escaped NUL'       => '{"name": "x\u0000"}',
    'half a surrogate'     => '{"name": "\ud83d"}',
    'bytes that are no UTF-8'  => "{\"name\": \"\xff\"}",
    'an overlong sequence' => "{\"name\": \"\xc0\xaf\"}",
    'a byte order mark'    => "\xef\xbb\xbf{\"name\": \"x\"}",
    'too deep'             => '{"name": ' . '[' x 65 . ']' x 65 . '}',
    'a bare word'          => '{"name": NaN}',
    'a leading zero'       => '{"name": "x", "previewTtlHours": 072}',
);

subtest 'what is not JSON is refused as such (ERR-09)' => sub {
    my $before = Test::DevPilot::Tenant::snapshot($stack);

    for my $what (sort keys %malformed) {
        refused_ok $stack->request('POST', '/projects', body => $malformed{$what}, idempotency_key => $stack->fresh_key),
            'REQUEST_MALFORMED', $what;
    }

    is Test::DevPilot::Tenant::snapshot($stack), $before, 'and nothing is created';
    is $stack->request('POST', '/projects', body => " \r\n\t{\"name\": \"Blanks\"}\n ",
                       idempotency_key => $stack->fresh_key)->code, 201, 'blanks around it are allowed';
};

subtest 'the body is JSON by its type, too' => sub {
    for my $type ('text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'json') {
        refused_ok $stack->create_project({name => 'Type'}, headers => {'Content-Type' => $type}),
            'MEDIA_TYPE_UNSUPPORTED', $type;
    }

    for my $type ('application/json', 'application/json; charset=utf-8', 'Application/JSON') {
        is $stack->create_project({name => 'Type'}, headers => {'Content-Type' => $type})->code, 201, $type;
    }
};

subtest 'getProject wants a UUID of a project that exists' => sub {
    my $id = $stack->create_project({name => 'There'})->json->{id};

    is $stack->get("/projects/$id")->code, 200, 'there';
    refused_ok $stack->get("/projects/$_"), 'RESOURCE_NOT_FOUND', $_
        for '00000000-0000-4000-8000-000000000000', 'first-project', "$id-", substr($id, 1), '%27', '*';

    $stack->query("update dp.project set deleted_at = now() where id = '$id'");
    refused_ok $stack->get("/projects/$id"), 'RESOURCE_NOT_FOUND', 'deleted';
    ok !grep({ $_->{id} eq $id } @{$stack->get('/projects?limit=100')->json->{items}}), 'and not listed';
};

$stack->finish;

done_testing;
