# A worker that speaks the wire well but says what it should not: it costs its own
# answers, never a response that is split, an nginx process, or another's request.

use strict;
use warnings;
use File::Basename qw(dirname);
use FindBin;
use IO::Socket::UNIX;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Zmtp qw(greeting ready part message fields_of write_all read_handshake read_frame);
use Test::More;

# Tags of a reply's fields.
use constant {STATUS => 1, CODE => 4, DETAILS => 7, CONTEXT => 8, CONTENT_TYPE => 9, LOCATION => 10, ETAG => 11, LINK => 12, BODY => 13};

# No objects, or not to be told from the text around them.
my @bad = ('{', '"x"', '[]', '{}', '{"a":1}}', '{"a":1},"hint":"evil"', '{"a":1,"a":2}', "{\"a\":\"\xff\"}", 'x' x 100_000,
           '{"a":' x 100 . '1' . '}' x 100, ' ', '{"a":1}x');

# What it answers to GET /projects?cursor=NAME; to a name that is not here, nothing.
my %reply = (
    plain        => [STATUS, pack('n', 200), BODY, '{}'],
    empty        => [STATUS, pack('n', 200)],
    created      => [STATUS, pack('n', 201), LOCATION, '/projects/1'],
    location     => [STATUS, pack('n', 201), LOCATION, "/x\r\nSet-Cookie: a=b", BODY, '{}'],
    etag         => [STATUS, pack('n', 200), ETAG, qq("x"\r\nX-Evil: 1), BODY, '{}'],
    link         => [STATUS, pack('n', 200), LINK, "<x>\nX-Evil: 1", BODY, '{}'],
    content_type => [STATUS, pack('n', 200), CONTENT_TYPE, "text/html\r\n\r\n<p>", BODY, '{}'],
    well         => [STATUS, pack('n', 409), CODE, 'STATE_CONFLICT', DETAILS, '{"a": 1}', CONTEXT, '{"b":"2"}'],
    (map { ("bad$_" => [STATUS, pack('n', 409), CODE, 'STATE_CONFLICT', DETAILS, $bad[$_], CONTEXT, $bad[$_]]) } 0 .. $#bad),
    nul          => [STATUS, pack('n', 200), LINK, "<x>\0", BODY, '{}'],
);

my $owner = $$;
my $stack = Test::DevPilot->start(processes => 1, impostor => 1);
my ($own) = Test::DevPilot::Folder::slurp($stack->worker_conf) =~ m{^endpoint = ipc://(.*)$}m;
my $path = dirname($own) . '/hostile.ipc';
my $worker = start_worker();

# Also of a test that dies: who waits for its output waits for all that have it.
END { kill('KILL', $worker) if $worker && $owner == $$ }

$stack->edit_config(sub {
    s/devpilot_worker "[^"]*";/devpilot_worker "ipc:\/\/$path";/;
    s/(devpilot_deadline) \S+;/$1 30s;/;
});

my $process = ($stack->nginx_processes)[-1];

ok wait_until(sub { $stack->get('/projects?cursor=plain')->body eq '{}' }), 'an answer as it should be';

subtest 'a body without bytes' => sub {
    my $response = $stack->get('/projects?cursor=empty');

    is $response->code, 200, 'is sent';
    is $response->body, '', 'as one';
    is $stack->get('/projects?cursor=created')->code, 201, 'a 201 likewise';
};

subtest 'bytes that no header has' => sub {
    for my $name (qw(location etag link content_type nul)) {
        my $response = $stack->get("/projects?cursor=$name");

        refused_ok $response, 'INTERNAL', "in $name";
        is $response->headers->header($_), undef, "$_ is not smuggled in" for qw(Set-Cookie X-Evil);
    }
};

subtest 'details and context that are none (ERR-03)' => sub {
    my $error = $stack->get('/projects?cursor=well')->json->{error};

    is_deeply [@$error{qw(details context)}], [{a => 1}, {b => 2}], 'those that are one are passed on';

    my $before = measured('devpilot_edge_replies_malformed_total');

    for my $i (0 .. $#bad) {
        my $response = $stack->get("/projects?cursor=bad$i", headers => {'X-Request-Id' => "job-$i"});
        my $said = ($response->json // {})->{error};

        refused_ok $response, 'STATE_CONFLICT', substr($bad[$i], 0, 40);
        ok !exists $said->{details}, 'details are left out';
        is_deeply $said->{context}, {clientRequestId => "job-$i"}, 'and so is the context';
    }

    is measured('devpilot_edge_replies_malformed_total'), $before + 2 * @bad, 'each is counted';
};

subtest 'a client that is gone when its request is read' => sub {
    my $key = $stack->api_key;

    for (1 .. 20) {
        my $connection = Test::DevPilot::Connection->new($stack);

        $connection->send_bytes("GET /projects?cursor=silence HTTP/1.1\r\nHost: localhost\r\n"
            . "Authorization: Bearer $key\r\n\r\n");
        close($connection->{socket});
    }

    ok wait_until(sub { measured('devpilot_edge_in_flight') == 1 }), 'is not kept until the deadline';
};

is(($stack->nginx_processes)[-1], $process, 'it is the nginx process of the beginning');

$stack->edit_config(sub { s/devpilot_worker "[^"]*";/devpilot_worker "ipc:\/\/$own";/ });
kill('KILL', $worker);
waitpid($worker, 0);
$worker = undef;
$stack->finish;
done_testing;

sub measured {
    my ($name) = @_;
    my ($value) = $stack->get('/metrics', key => undef)->body =~ /^$name (\d+)$/m;

    return $value;
}

# --- the worker ------------------------------------------------------------------

sub start_worker {
    my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 16) // die "$path: $!\n";

    chmod(0777, $path) or die "$path: $!\n";

    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        serve($_) while defined($_ = $listener->accept);
        POSIX::_exit(1);
    }

    return $pid;
}

# One connection, to its end; a child for each, as a reload has two at a time.
sub serve {
    my ($connection) = @_;

    return if fork();

    eval {
        write_all($connection, greeting() . ready('ROUTER'));
        read_handshake($connection);
        answer($connection, read_frame($connection)) while 1;
    };
    POSIX::_exit(0);
}

sub answer {
    my ($connection, $body) = @_;
    my ($kind, $correlation, $asked) = fields_of($body);

    # Of a credential: valid.  Of metrics: none.
    my $said = $kind == 3 ? [2, pack('n', 1), (map { ($_, 'x' x 16) } 4 .. 6), map { ($_, "\xff" x 8) } 8, 10]
             : $kind == 5 ? [1, "\n"]
             :              $reply{($asked->{17} // q()) =~ s/\Acursor=//r};

    write_all($connection, part(message($kind + 1, $correlation, @$said))) if $said;
}
