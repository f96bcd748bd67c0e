# Clients that are slow, gone, or still sending when they are refused: none costs
# another one anything, and whoever waits for an answer can read it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Socket qw(SO_LINGER SOL_SOCKET);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Creation qw(create create_once creation whole_ok);
use Test::DevPilot::Hold;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;
use Time::HiRes qw(time);

use constant {
    AT_ONCE_S => 5,
    PIECE     => 64 * 1024,
    PIECES    => 32,
};

my $stack = Test::DevPilot->start;

$stack->edit_config(sub {
    s/(devpilot_deadline) \S+;/$1 30s;/;
    s/(client_(?:header|body)_timeout) \S+;/$1 2s;/g;
});

my @created = create($stack)->{id};

subtest 'a body that stops, and one that is only slow' => sub {
    my ($stops, $slow) = map { half_sent() } 1 .. 2;
    my @rest = split(//, second_half());

    # Longer than the limit in all, but never between two pieces.
    while (@rest) {
        select(undef, undef, undef, 0.3);
        $slow->send_bytes(join('', splice(@rest, 0, 2)));
    }

    my $response = $slow->response;
    is $response && $response->code, 201, 'the slow one is served';
    push @created, $response->json->{id};

    refused_ok($stops->response, 'REQUEST_TIMEOUT', 'the other is told');
    ok $stops->closed, 'and dismissed';
};

subtest 'headers that stop' => sub {
    my $connection = Test::DevPilot::Connection->new($stack);

    $connection->send_bytes("GET /projects HTTP/1.1\r\nHost: localhost\r\n");
    refused_ok($connection->response, 'REQUEST_TIMEOUT', 'the client is told');
    ok $connection->closed, 'and dismissed';
};

for my $how (qw(closed reset)) {
    subtest "IDM-01: a client that is gone, its connection $how" => sub {
        my $hold = Test::DevPilot::Hold->new($stack, 'insert');
        my $key = Test::DevPilot::fresh_key();
        my $trace = fresh_trace();
        my ($connection) = send_creations($trace, {}, $key);

        ok $hold->has(1), 'its request is in flight';
        leave($connection, $how);
        ok wait_until(sub { gone($trace) == 1 }), 'the edge notices';
        is $stack->get('/projects')->code, 200, 'others are served';

        $hold->release;
        ok wait_until(sub { $stack->query('select count(*) from dp.project') == @created + 1 }),
            'the worker finishes it';

        my $outcome = create($stack, key => $key);
        ok $outcome->{replayed}, 'and has the answer, should the client come back';
        push @created, $outcome->{id};
        whole_ok($stack, 'executed once', @created);
    };
}

subtest 'clients that are gone before their credential was looked up' => sub {
    my $trace = fresh_trace();
    my $unseen = Test::DevPilot::Tenant::member($stack, $stack->org_id, 'organization_admin')->{key};
    my %headers = (Authorization => "Bearer $unseen");

    $stack->freeze('worker');
    leave($_, 'closed') for send_creations($trace, \%headers, map { Test::DevPilot::fresh_key() } 1 .. 20);
    ok wait_until(sub { gone($trace) == 20 }), 'the edge notices';
    $stack->thaw('worker');
    is $stack->get('/projects')->code, 200, 'others are served';
    whole_ok($stack, 'nothing was executed', @created);
};

my %length = ('Content-Length' => PIECE * PIECES);
my %chunked = ('Transfer-Encoding' => 'chunked');

for my $case (
    ['POST', '/projects', {%length}, 'REQUEST_TOO_LARGE', 'announced too large'],
    ['POST', '/projects', {%chunked}, 'REQUEST_TOO_LARGE', 'turning out too large', 'all'],
    ['POST', '/projects', {%length, Authorization => undef}, 'AUTH_REQUIRED', 'without a credential'],
    ['POST', '/projects', {%length, Authorization => 'Bearer dp_12345678_' . 'x' x 43}, 'AUTH_KEY_INVALID',
     'with a wrong key'],
    ['POST', '/projects', {%length, 'Idempotency-Key' => 'short'}, 'VALIDATION_FAILED', 'with a malformed key'],
    ['POST', '/projects', {%chunked, 'Content-Type' => 'text/plain'}, 'MEDIA_TYPE_UNSUPPORTED', 'of another type'],
    ['POST', '/nowhere', {%length}, 'ROUTE_NOT_FOUND', 'for no operation'],
    ['PUT', '/projects', {%chunked}, 'METHOD_NOT_ALLOWED', 'for another method'],
) {
    my ($method, $path, $headers, $code, $what, $all) = @$case;

    subtest "a body of 2 MB $what" => sub {
        my $deaf = begun($method, $path, $headers);

        is send_pieces($deaf, $headers, PIECES), PIECES, 'a client that sends before it reads can send it all';
        refused_ok($deaf->response, $code, 'and then reads the answer');

        my $attentive = begun($method, $path, $headers);
        my $before = $all ? PIECES * 3 / 4 : 1;

        send_pieces($attentive, $headers, $before);
        refused_ok($attentive->response, $code, 'one that reads meanwhile has the answer early');
        is send_pieces($attentive, $headers, PIECES - $before), PIECES - $before, 'and may go on sending';
    };
}

$stack->finish;
done_testing;

# --- slow ones ---------------------------------------------------------------------

sub body { '{"name": "Half sent"}' }

sub second_half { substr(body(), 8) }

# A connection that a request's headers and half its body went over.
sub half_sent {
    my $connection = begun('POST', '/projects', {'Content-Length' => length body()});

    $connection->send_bytes(substr(body(), 0, 8));

    return $connection;
}

# A connection that only a request's headers went over.
sub begun {
    my ($method, $path, $headers) = @_;
    my $connection = Test::DevPilot::Connection->new($stack);
    my %header = (
        'Host'            => 'localhost',
        'Authorization'   => 'Bearer ' . $stack->api_key,
        'Content-Type'    => 'application/json',
        'Idempotency-Key' => Test::DevPilot::fresh_key(),
        %$headers,
    );

    $connection->send_bytes("$method $path HTTP/1.1\r\n"
                            . join('', map { "$_: $header{$_}\r\n" } grep { defined $header{$_} } sort keys %header) . "\r\n");

    return $connection;
}

# --- those who leave ---------------------------------------------------------------

my $traces = 0;

sub fresh_trace { sprintf('%032x', ++$traces) }

# Sends a creation for each key, all in one trace; returns the connections.
sub send_creations {
    my ($trace, $more, @keys) = @_;
    my %headers = (traceparent => "00-$trace-0000000000000001-01", %$more);

    return Test::DevPilot::Connection::send_all($stack, map {
        creation(key => $_, headers => \%headers)
    } @keys);
}

# How many of a trace's clients left before they were answered, as nginx logs it.
sub gone {
    my ($trace) = @_;

    return scalar grep { /"traceId":"$trace"/ && /"status":499\b/ } split(/\n/, $stack->log('edge'));
}

sub leave {
    my ($connection, $how) = @_;
    my $socket = delete $connection->{socket};

    setsockopt($socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) if $how eq 'reset';
    close($socket);
}

# --- those who are refused ---------------------------------------------------------

# Sends pieces of a body, a little slower than it could; returns how many went.
sub send_pieces {
    my ($connection, $headers, $count) = @_;
    my $piece = 'x' x PIECE;

    $piece = sprintf("%x\r\n%s\r\n", PIECE, $piece) if $headers->{'Transfer-Encoding'};

    for my $sent (0 .. $count - 1) {
        return $sent unless $connection->send_bytes($piece);
        select(undef, undef, undef, 0.01);
    }

    return $count;
}
