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

my @always = qw(timestamp level service message requestId traceId spanId method path status durationMs workerMs
                bytesSent clientAddress);
my @caller = qw(userId organizationId);
my @error = qw(code severity reason);

subtest 'a request that succeeds' => sub {
    my $created = $stack->create_project({name => 'Logged'});
    my $line = line_for($created);

    is members($line), join(' ', sort @always, @caller, 'action'), 'its members';
    is $line->{level}, 'info', 'level';
    is $line->{service}, 'edge', 'service';
    is $line->{action}, 'createProject', 'action';
    is "$line->{method} $line->{path} $line->{status}", 'POST /projects 201', 'what happened';
    is $line->{organizationId}, $stack->org_id, 'whose';
    like $line->{userId}, $uuid, 'who';
    like $line->{timestamp}, qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z\z/, 'when';
    like $line->{traceId} . $line->{spanId}, qr/\A[0-9a-f]{48}\z/, 'trace and span';
    cmp_ok $line->{workerMs}, '<=', $line->{durationMs} + 1, 'the worker took a part of the time';
    cmp_ok $line->{bytesSent}, '>', length $created->body, 'bytes';
    is $line->{clientAddress}, '127.0.0.1', 'from where';

    my $read = line_for($stack->get("/projects/" . $created->json->{id}));

    is members($read), join(' ', sort @always, @caller, 'action', 'projectId'), 'a request for a project';
    is $read->{projectId}, $created->json->{id}, 'names it';
};

subtest 'a request that fails' => sub {
    my $refused = $stack->get('/projects/none');
    my $line = line_for($refused);

    is members($line), join(' ', sort @always, @caller, @error, 'action'), 'its members';
    is "$line->{code} $line->{severity} $line->{level} $line->{status}", 'RESOURCE_NOT_FOUND info info 404', 'the error';
    is $line->{traceId}, $refused->json->{error}{traceId}, 'the trace that the client was told';

    $line = line_for($stack->get('/projects', key => undef));
    is members($line), join(' ', sort @always, @error, 'action'), 'nobody is named before he is known';
    is $line->{level}, 'warn', 'the level is the severity';

    $line = line_for($stack->get('/nowhere'));
    is members($line), join(' ', sort @always, @error), 'without an operation there is no action';

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

    is members($line), join(' ', sort @always, @caller, @error, 'action', 'rule'), 'refused';
    is $line->{rule}, 'user', 'by which rule';

    $stack->edit_config(sub { s/$rule/devpilot_limit user rate=1\/d burst=5 shadow;/ });
    $stack->get('/me') for 1 .. 5;
    $line = line_for($stack->get('/me'));

    is members($line), join(' ', sort @always, @caller, 'action', 'shadowRule'), 'in its shadow';
    is $line->{shadowRule}, 'user', 'by which rule';

    $stack->edit_config(sub { s/$rule/$configured/ });

    # what is owed as five days of waiting is all that another rate allows
    $stack->edit_config(sub { s/$rule/devpilot_limit user off;/ });
};

# what: [who decided, which rule, the request]
my $none = '00000000-0000-4000-8000-000000000000';
my $create = sub { $stack->create_project({name => 'Decided'}) };
my %decision = (
    'no such path'          => ['route', undef, sub { $stack->get('/nowhere') }],
    'no credential'         => ['authenticate', undef, sub { $stack->get('/me', key => undef) }],
    'nothing acceptable'    => ['accept', undef, sub { $stack->get('/me', headers => {Accept => 'text/html'}) }],
    'no key of idempotency' => ['idempotency_key', undef, sub { $stack->request('POST', '/projects', json => {name => 'x'}) }],
    'another media type'    => ['body', undef, sub {
        $stack->request('POST', '/projects', body => 'x', idempotency_key => 'another-media-type',
                        headers => {'Content-Type' => 'text/plain'});
    }],
    'not as the contract'   => ['validate', undef, sub { $stack->create_project({name => 7}) }],
    'no such project'       => ['worker', undef, sub { $stack->get("/projects/$none") }],
    'a switch'              => ['kill_switch', 'GLOBAL_WRITE', $create],
    'too many of a kind'    => ['limits', 'project_creation', sub { $create->(); $create->() }],
    'an upstream'           => ['upstream', undef, sub { $stack->get('/away/x') }],
    'limit_req'             => ['limit_req', undef, sub { $stack->get('/limited/x'); $stack->get('/limited/x') }],
    'nginx'                 => ['nginx', undef, sub { $stack->get('/denied/x') }],
);
my $in_http = qr/(?=devpilot_worker )/;
my %configured = (
    'a switch' => sub { s/GLOBAL_WRITE off/GLOBAL_WRITE on/ },
    'too many of a kind' => sub { s/(devpilot_limit project_creation) .*;/$1 rate=1\/m burst=1;/ },
);
my $locations = join(' ', map { "location $_ devpilot off; devpilot_error_envelope on; }" }
    '/away { proxy_pass http://127.0.0.1:1;', '/limited { limit_req zone=one; proxy_pass http://127.0.0.1:1;',
    '/denied { deny all;');

subtest 'each refusal names who decided, and by which rule (OBS-01)' => sub {
    $stack->edit_config(sub {
        s/(devpilot on;)/$1 $locations/;
        s/$in_http/limit_req_zone \$server_name zone=one:1m rate=1r\/m; /;
    });

    for my $what (sort keys %decision) {
        my ($reason, $rule, $ask) = @{$decision{$what}};
        my $before = Test::DevPilot::Folder::slurp($stack->nginx_conf);

        $stack->edit_config($configured{$what}) if $configured{$what};

        my $line = line_for($ask->());

        is_deeply [@$line{qw(reason rule)}], [$reason, $rule], "$what: $reason" or diag explain $line;
        $stack->edit_config(sub { $_ = $before }) if $configured{$what};
    }

    # what is owed is more than its usual rate allows
    $stack->edit_config(sub { s/(devpilot_limit project_creation) .*;/$1 off;/ });
};

subtest 'who is slowed down or blocked for abuse, and for which signal (OBS-01)' => sub {
    my %from = (key => undef, headers => {'X-Forwarded-For' => '198.51.100.77'});

    $stack->get("/missing-$_", %from) for 1 .. 40;
    is_deeply [@{line_for($stack->get('/health/live', %from))}{qw(code shadowRule abuseTier)}], [undef, 'probe', 'BLOCK'],
        'in the shadow';
    $stack->edit_config(sub { s/devpilot_abuse shadow;/devpilot_abuse on;/ });
    is_deeply [@{line_for($stack->get('/health/live', %from))}{qw(code reason rule abuseTier)}],
        ['ABUSE_BLOCKED', 'tier', 'probe', 'BLOCK'], 'refused';
    is line_for($stack->get('/health/live'))->{abuseTier}, undef, 'nobody else';
    $stack->edit_config(sub { s/devpilot_abuse on;/devpilot_abuse shadow;/ });
};

subtest "nginx's own log has neither query nor secret, and the request's id (SEC-10)" => sub {
    my $refused = $stack->get('/away/AKIAIOSFODNN7EXAMPLE?token=canary-of-query&x=' . 'y' x 50,
                              headers => {Referer => 'http://a.example/?secret=canary-of-referrer'});
    my $request_id = $refused->headers->header('X-Request-Id');
    my ($line) = $stack->log('nginx') =~ /^(.*requestId: "$request_id".*)$/m;
    my $path = quotemeta '/away/***?***';

    like $line, qr{request: "GET $path HTTP/1\.1", upstream: "http://127\.0\.0\.1:1$path"}, 'redacted';
    like $line, qr{referrer: "http://a\.example/\?\*\*\*"}, 'the referrer, too';
    unlike $stack->log('nginx'), qr/canary-of/, 'nothing of it elsewhere';
};

subtest 'users can be masked (OBS-05)' => sub {
    like line_for($stack->get('/me'))->{userId}, $uuid, 'they are not by themselves';
    $stack->edit_config(sub { s/$in_http/devpilot_log_mask_user on; / });

    my $line = line_for($stack->get('/me'));

    is $line->{userId}, '***', 'the edge says nothing of them';
    is $line->{organizationId}, $stack->org_id, 'organisations stay';
    $stack->edit_config(sub { s/devpilot_log_mask_user on;// });
};

subtest 'every documented member was seen, and no other' => sub {
    is join(' ', sort(documented())), join(' ', sort @always, @caller, @error,
                                           qw(action projectId clientRequestId clientTraceId rule shadowRule abuseTier));
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

# Lines of PostgreSQL's log about a request; the last one is behind them.
sub postgres_lines {
    my ($request_id) = @_;

    $stack->query("select 'behind $request_id'");
    wait_until(sub { $stack->log('postgres') =~ /behind $request_id/ });

    return grep { /$request_id/ && !/behind/ } split(/^(?=\d{4}-)/m, $stack->log('postgres'));
}

subtest 'a refused operation has a line of the worker, with its span below that of the edge (OBS-01, OBS-02)' => sub {
    my $refused = $stack->get("/projects/$none");
    my $edge = line_for($refused);
    my $worker = worker_line_of($edge->{requestId});

    is join(' ', @$worker{qw(level service action code severity)}), 'info worker getProject RESOURCE_NOT_FOUND info', 'what';
    is_deeply [@$worker{qw(traceId organizationId userId)}], [@$edge{qw(traceId organizationId userId)}], 'whose';
    is $worker->{parentSpanId}, $edge->{spanId}, 'a child of the span of the edge';
    isnt $worker->{spanId}, $edge->{spanId}, 'with an id of its own';
    like $worker->{durationMs}, qr/\A\d+\z/, 'how long';

    $refused = $stack->get('/me', key => 'dp_canary99_' . 'C' x 43);
    $worker = worker_line_of($refused->headers->header('X-Request-Id'));
    is join(' ', @$worker{qw(level action code)}), 'warn authenticate AUTH_KEY_INVALID', 'a credential that is refused';
};

sub worker_line_of {
    my ($request_id) = @_;
    my $line;

    wait_until(sub { ($line) = $stack->log('worker') =~ /^(.*"requestId":"$request_id".*)\n/m });

    return $line ? decode_json($line) : {};
}

subtest 'a request can be followed into the database (OBS-01)' => sub {
    my $trace = '1bf7651916cd43dd8448eb211c80319c';
    my %with = (headers => {traceparent => "00-$trace-b7ad6b7169203331-01"});

    $stack->query("alter table dp.project add constraint canary_trail check (slug <> 'trail')");

    my $failed = $stack->create_project({name => 'Trail'}, %with);
    my $request_id = $failed->headers->header('X-Request-Id');
    my $edge = line_for($failed);
    my @lines = postgres_lines($request_id);

    $stack->query('alter table dp.project drop constraint canary_trail');
    $stack->expect(qr/"code":"INTERNAL"/);

    my ($begin) = grep { /begin/ } @lines;
    my ($error) = grep { /ERROR/ } @lines;

    like $begin, qr{/\*action='createProject',requestid='$request_id',traceparent='00-$trace-[0-9a-f]{16}-01'\*/},
        'the comment on its first statement';
    like $error, qr/ devpilot $request_id @{[substr($trace, 16)]} /, 'the failing statement has both ids in front';

    my $unsampled = $stack->get('/me', headers => {traceparent => "00-$trace-b7ad6b7169203331-00"});

    @lines = postgres_lines($unsampled->headers->header('X-Request-Id'));
    ok @lines > 1, 'without sampling the ids are there as well';
    is scalar(grep { m{/\*action} } @lines), 0, 'without the comment';
};

subtest 'a slow statement has a line' => sub {
    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        exec('psql', '-Xqd', $stack->dsn, '-o', '/dev/null', '-c',
             'begin; lock table dp.project in access exclusive mode; select pg_sleep(1); commit') or exit 127;
    }

    wait_until(sub {
        $stack->query("select count(*) from pg_locks where relation = 'dp.project'::regclass and granted"
                      . " and mode = 'AccessExclusiveLock'") == 1;
    });

    my $request_id = $stack->get('/projects')->headers->header('X-Request-Id');
    my $line;

    waitpid($pid, 0);
    wait_until(sub { ($line) = $stack->log('worker') =~ /^(.*slow statements.*"requestId":"$request_id".*)\n/m });
    $line = decode_json($line // '{}');
    is "$line->{level} $line->{action}", 'warn listProjects', 'of which request';
    cmp_ok $line->{durationMs}, '>=', 500, 'as long as it took';
    like $line->{message}, qr/\Aslow statements: context\.begin_read_only, context\.set, .*list_projects\.page, context\.commit\z/,
        'which statements';
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
    'an AWS key'         => 'AKIACANARY0000000000',
    'a card'             => '4000056655665556',
    'an address'         => 'canary.person@example.org',
    'a JWT'              => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJjYW5hcnkifQ.Y2FuYXJ5',
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

    for my $secret (@canary{'an AWS key', 'a card', 'an address', 'a JWT'}) {
        is $create->("of-$secret", json => {name => $secret})->code, 201, 'a name';
        is $create->("of-$secret-again", json => {name => $secret, template => $secret})->code, 422, 'another member';
        is $stack->get("/projects/$secret?cursor=$secret", headers => {'X-Request-Id' => $secret})->code, 404, 'a path';
        is $stack->get("/nowhere/$secret", headers => {'X-Request-Id' => $secret, Referer => "http://a/$secret"})->code, 404, 'nowhere';
        is $stack->get("/away/$secret?$secret")->code, 502, "nginx's own log";
    }

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

my %level = map { $_ => 1 } qw(debug info warn error critical);
my $time = qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z\z/;

# What a line lacks, or has in another form than it must.
sub faults {
    my ($line) = @_;
    my $error = $line->{level} =~ /\A(?:error|critical)\z/ || exists $line->{code};

    return (
        (grep { !length($line->{$_} // '') } qw(timestamp level service message)),
        ($line->{timestamp} =~ $time ? () : 'timestamp'),
        ($level{$line->{level}} ? () : 'level'),
        ($error ? grep { !exists $line->{$_} } qw(requestId code severity) : ()),
    );
}

subtest 'every line is JSON and of a known level; an error has its code (OBS-01, OBS-02, OBS-03)' => sub {
    for my $log (qw(edge worker)) {
        my @lines = split(/\n/, $stack->log($log));
        my @faulty = grep { my $line = eval { decode_json($_) }; !$line || faults($line) } @lines;

        is join("\n", @faulty), '', "$log: " . @lines . ' lines';
        is scalar(grep { length($_) >= 10_000 } @lines), 0, 'each below 10 KB (OBS-21)';
    }
};

$stack->finish;

done_testing;
