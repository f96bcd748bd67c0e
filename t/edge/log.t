# The logs: one line of JSON per request with the documented members, lines of
# edge and worker that can be put together, and no secret in any of them.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON qw(decode_json);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Folder;
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start(environment => {APP_ENV => 'local', DEVPILOT_LOG_LEVEL => 'debug'});

# Each line is written at once.
$stack->edit_config(sub { s/ buffer=64k flush=1s;/;/ or die "no buffer in nginx.conf\n" });

# PostgreSQL may be asked to log every statement.
$stack->query('alter system set log_statement = $$all$$');
$stack->query('alter system set log_min_duration_statement = 0');
$stack->query('select pg_reload_conf()');

my $uuid = qr/\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\z/;

# The line of a request; nginx writes it when the client has its answer already.
sub line_of {
    my ($request_id) = @_;
    my $line;

    wait_until(sub { ($line) = $stack->log('edge') =~ /^(.*"requestId":"$request_id".*)\n/m });

    return $line ? decode_json($line) : {};
}

sub line_for {
    my ($response) = @_;

    return line_of($response->headers->header('X-Request-Id'));
}

# The members as docs/variables.md has them.
sub documented {
    my $text = Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/docs/variables.md');

    return map { split(/, /) } map { /^\| ([a-zA-Z, ]+) \|/ && $1 ne 'Since' ? $1 : () }
        split(/\n/, $text =~ s/.*\| member \|//sr);
}

sub members { join(' ', sort keys %{$_[0]}) }

my @always = qw(timestamp level service requestId traceId spanId method path status durationMs workerMs bytesSent
                clientAddress);
my @caller = qw(userId organizationId);
my @error = qw(code severity);

subtest 'a request that succeeds' => sub {
    my $created = $stack->create_project({name => 'Logged'});
    my $line = line_for($created);

    is members($line), join(' ', sort @always, @caller, 'route'), 'its members';
    is $line->{level}, 'info', 'level';
    is $line->{service}, 'edge', 'service';
    is $line->{route}, 'createProject', 'route';
    is "$line->{method} $line->{path} $line->{status}", 'POST /projects 201', 'what happened';
    is $line->{organizationId}, $stack->org_id, 'whose';
    like $line->{userId}, $uuid, 'who';
    like $line->{timestamp}, qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z\z/, 'when';
    like $line->{traceId} . $line->{spanId}, qr/\A[0-9a-f]{48}\z/, 'trace and span';
    cmp_ok $line->{workerMs}, '<=', $line->{durationMs} + 1, 'the worker took a part of the time';
    cmp_ok $line->{bytesSent}, '>', length $created->body, 'bytes';
    is $line->{clientAddress}, '127.0.0.1', 'from where';

    my $read = line_for($stack->get("/projects/" . $created->json->{id}));

    is members($read), join(' ', sort @always, @caller, 'route', 'projectId'), 'a request for a project';
    is $read->{projectId}, $created->json->{id}, 'names it';
};

subtest 'a request that fails' => sub {
    my $refused = $stack->get('/projects/none');
    my $line = line_for($refused);

    is members($line), join(' ', sort @always, @caller, @error, 'route'), 'its members';
    is "$line->{code} $line->{severity} $line->{level} $line->{status}", 'RESOURCE_NOT_FOUND info info 404', 'the error';
    is $line->{traceId}, $refused->json->{error}{traceId}, 'the trace that the client was told';

    $line = line_for($stack->get('/projects', key => undef));
    is members($line), join(' ', sort @always, @error, 'route'), 'nobody is named before he is known';
    is $line->{level}, 'warn', 'the level is the severity';

    $line = line_for($stack->get('/nowhere'));
    is members($line), join(' ', sort @always, @error), 'without an operation there is no route';

    $line = line_for($stack->get('/nowhere', headers => {'X-Request-Id' => 'job-7'}));
    is members($line), join(' ', sort @always, @error, 'clientRequestId'), "a client's own id";
    is $line->{clientRequestId}, 'job-7', 'is there as it came';

    $line = line_for($stack->get('/nowhere', headers => {'X-Request-Id' => 'job 7","level":"info'}));
    is members($line), join(' ', sort @always, @error), 'unless it could be anything else';
};

subtest 'a trace that is not continued is named' => sub {
    my %sent = (headers => {traceparent => '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'});

    $stack->edit_config(sub { s/^http \{/$&\n    devpilot_trace_trust none;/m or die "no http in nginx.conf\n" });

    my $line = line_for($stack->get('/nowhere', %sent));

    is members($line), join(' ', sort @always, @error, 'clientTraceId'), 'its members';
    is $line->{clientTraceId}, '0af7651916cd43dd8448eb211c80319c', "the client's";
    isnt $line->{traceId}, $line->{clientTraceId}, 'is not ours';

    $stack->edit_config(sub { s/\n    devpilot_trace_trust none;// });
};

subtest 'a rule that refuses, or would, is named' => sub {
    my $rule = qr/devpilot_limit user .*;/;
    my ($configured) = Test::DevPilot::Folder::slurp($stack->nginx_conf) =~ /($rule)/;

    $stack->edit_config(sub { s/$rule/devpilot_limit user rate=1\/d burst=5;/ });
    $stack->get('/me') for 1 .. 5;

    my $line = line_for($stack->get('/me'));

    is members($line), join(' ', sort @always, @caller, @error, 'route', 'limit'), 'refused';
    is $line->{limit}, 'user', 'by which rule';

    $stack->edit_config(sub { s/$rule/devpilot_limit user rate=1\/d burst=5 shadow;/ });
    $stack->get('/me') for 1 .. 5;
    $line = line_for($stack->get('/me'));

    is members($line), join(' ', sort @always, @caller, 'route', 'shadowLimit'), 'in its shadow';
    is $line->{shadowLimit}, 'user', 'by which rule';

    $stack->edit_config(sub { s/$rule/$configured/ });

    # what is owed as five days of waiting is all that another rate allows
    $stack->edit_config(sub { s/$rule/devpilot_limit user off;/ });
};

subtest 'every documented member was seen, and no other' => sub {
    is join(' ', sort(documented())), join(' ', sort @always, @caller, @error,
                                           qw(route projectId clientRequestId clientTraceId limit shadowLimit));
};

# what: [bytes, status]
my %unreadable = (
    'a request line of nonsense' => ["nonsense\r\n\r\n", 400],
    'no Host'                    => ["GET /projects HTTP/1.1\r\n\r\n", 400],
    'a long header'              => ["GET /projects HTTP/1.1\r\nHost: a\r\nX: " . 'x' x 9000 . "\r\n\r\n", 431],
    'a long path'                => ['GET /' . 'x' x 9000 . " HTTP/1.1\r\nHost: a\r\n\r\n", 414],
    'quotes and bytes'           => ["GET /\"quoted\\\xff\" HTTP/1.1\r\nHost: a\r\n\r\n", 404],
);

subtest 'requests that could not be read have their line, too' => sub {
    for my $what (sort keys %unreadable) {
        my ($bytes, $status) = @{$unreadable{$what}};
        my $connection = Test::DevPilot::Connection->new($stack);

        $connection->send_bytes($bytes);

        # nginx lingers until the client is gone.
        my $response = $connection->response;

        undef $connection;
        is line_for($response)->{status}, $status, $what;
    }
};

subtest 'a client that goes away has its line' => sub {
    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->send_bytes("POST /projects HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nAuthorization: Bearer "
                            . $stack->api_key . "\r\nIdempotency-Key: the client goes away\r\nX-Gone: 1\r\n"
                            . "traceparent: 00-11112222333344445555666677778888-1111222233334444-01\r\nContent-Length: 100\r\n\r\n{");
    close($connection->{socket});
    ok wait_until(sub { $stack->log('edge') =~ /"traceId":"11112222333344445555666677778888".*"status":(?:400|422|499)/ }),
        'it is found by its trace';
};

subtest 'the path has no query, and is cut' => sub {
    is line_for($stack->get('/projects?limit=1&token=secret'))->{path}, '/projects', 'no query';
    is line_for($stack->get('/' . 'y' x 3000))->{path}, '/' . 'y' x 1023, 'at most 1024 bytes';
    is line_for($stack->get('/a%20b%3Fc'))->{path}, '/a%20b%3Fc', 'as the client sent it';
};

subtest 'the address is the one that realip leaves' => sub {
    is line_for($stack->get('/health/live', headers => {'X-Forwarded-For' => '192.0.2.7'}))->{clientAddress}, '192.0.2.7';
};

subtest 'lines of edge and worker belong together' => sub {
    my $trace = '0af7651916cd43dd8448eb211c80319c';

    $stack->query('alter table dp.project rename to project_away');

    my $failed = $stack->get('/projects', headers => {traceparent => "00-$trace-b7ad6b7169203331-01"});

    $stack->query('alter table dp.project_away rename to project');
    $stack->expect(qr/"code":"INTERNAL"/);
    is $failed->code, 500, 'a mistake of ours';

    my $request_id = $failed->headers->header('X-Request-Id');
    my $line = line_for($failed);
    my @worker = map { decode_json($_) } $stack->log('worker') =~ /^(.*"requestId":"$request_id".*)\n/mg;

    cmp_ok scalar @worker, '>', 0, 'the worker has lines about it';
    is join(' ', map { members($_) =~ /\bcode\b/ ? $_->{code} : 'none' } @worker), join(' ', ('INTERNAL') x @worker), 'with its code';
    is $_->{$worker[0]{traceId} ? 'traceId' : 'none'}, $trace, 'and its trace' for $line, @worker;
    is $worker[-1]{organizationId}, $line->{organizationId}, 'and whose it was';
    is $stack->get('/projects')->code, 200, 'the next one is served';
};

# --- nothing that is nobody's business -----------------------------------------------

my %canary = (
    'the key'            => $stack->api_key,
    'its secret part'    => substr($stack->api_key, 12),
    'another valid key'  => Test::DevPilot::Tenant::member($stack, $stack->org_id, 'developer')->{key},
    'an unknown key'     => 'dp_canary00_' . 'C' x 43,
    'a malformed key'    => 'dp_canary_malformed_key',
    'a password'         => 'canary-basic-password',
    'a query'            => 'canary-query',
    'a body'             => 'canary-body',
    'an invalid body'    => 'canary-broken-body',
    'an Idempotency-Key' => 'canary-idempotency-key',
    'a header'           => 'canary-header',
    'a cookie'           => 'canary-cookie',
    'what breaks a constraint' => 'canary-constraint',
);

sub plant {
    my $create = sub { $stack->request('POST', '/projects', idempotency_key => "$canary{'an Idempotency-Key'}-$_[0]", @_[1 .. $#_]) };

    is $create->(1, json => {name => $canary{'a body'}}, key => $canary{'another valid key'})->code, 201, 'created';
    is $create->(2, body => qq({"name": "$canary{'an invalid body'}"))->code, 400, 'malformed';
    is $create->(3, json => {name => $canary{'an invalid body'} x 20, $canary{'an invalid body'} => 1})->code, 422, 'invalid';
    is $create->(1, json => {name => "$canary{'a body'}2"}, key => $canary{'another valid key'})->code, 422, 'reused';
    is $stack->get('/projects', key => $canary{'an unknown key'})->code, 401, 'unknown';
    is $stack->get('/projects', key => $canary{'a malformed key'})->code, 401, 'malformed';
    is $stack->get('/projects', headers => {Authorization => "Basic $canary{'a password'}"})->code, 401, 'Basic';
    is $stack->get("/projects?token=$canary{'a query'}")->code, 422, 'a query';
    is $stack->get("/nowhere?token=$canary{'a query'}")->code, 404, 'a query for nothing';
    is $stack->get('/projects', headers => {'X-Secret' => $canary{'a header'}, Cookie => $canary{'a cookie'}})->code, 200, 'headers';
    is $stack->get('/projects', headers => {'X-Secret' => $canary{'a header'} . 'x' x 9000})->code, 431, 'a long header';

    $stack->query("alter table dp.project add constraint canary check (slug not like 'canary-constr%')");
    is $create->(5, json => {name => $canary{'what breaks a constraint'}})->code, 500, 'a constraint that nobody expects';
}

# Of PostgreSQL's log, what the worker caused; the rest is this test's own.
sub runtime_lines { join('', grep { / dp_worker / } split(/^(?=\d{4}-)/m, $_[0])) }

subtest 'no log has a credential, a query or a body (SEC-10)' => sub {
    plant();

    # The last line of each log is behind all of them.
    line_for($stack->get('/health/live'));
    $stack->query("select 'the end of the postgres log'");
    ok wait_until(sub { $stack->log('postgres') =~ /the end of the postgres log/ }), 'all is written';

    for my $log (qw(edge nginx worker postgres)) {
        my $text = $log eq 'postgres' ? runtime_lines($stack->log($log)) : $stack->log($log);

        for my $what (sort keys %canary) {
            ok index($text, $canary{$what}) < 0, "$log: $what" or diag grep { index($_, $canary{$what}) >= 0 } split(/^/, $text);
        }
    }
};

subtest 'every line of edge and worker is JSON' => sub {
    for my $log (qw(edge worker)) {
        my @lines = split(/\n/, $stack->log($log));

        is scalar(grep { !eval { decode_json($_) } } @lines), 0, "$log: " . @lines . ' lines';
    }
};

$stack->finish;

done_testing;
