# Three hundred slow clients over HTTP/1.1, and as many slow requests over HTTP/2:
# they keep nobody else from being served, and are dismissed when their time is up.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use IO::Socket::SSL;
use Socket qw(SOL_SOCKET SO_RCVBUF);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Curl qw(curl);
use Test::More;
use Time::HiRes qw(time);

use constant {
    PLAIN       => 75, # connections of each kind
    HTTP2       => 15,
    STREAMS     => 7,
    LIMIT_S     => 6,
    AT_ONCE_S   => 3,
    DISMISSED_S => 20,
    LEFT        => 5, # connections kept alive by those who are served
};

my $stack = Test::DevPilot->start;

# Long enough for all of them to be there at once, on a slow machine too; what is
# not read is to stay with nginx.
$stack->edit_config(sub {
    s/(client_header_timeout|client_body_timeout|send_timeout|keepalive_timeout) \S+;/"$1 " . LIMIT_S . 's;'/ge;
    s/(listen 127.0.0.1:\d+)/$1 sndbuf=16k/g;
});

my ($tls_port) = $stack->tls_url =~ /:(\d+)/;
my $key = $stack->api_key;

my $head = "Host: localhost\r\nAuthorization: Bearer $key\r\nIdempotency-Key: slow-slow-slow-slow\r\n"
    . "Content-Type: application/json\r\n";

# name => what it sends before it falls silent
my %plain = (
    'that send nothing'  => '',
    'whose headers stop' => "POST /projects HTTP/1.1\r\n$head",
    'whose body stops'   => "POST /projects HTTP/1.1\r\n${head}Content-Length: 100\r\n\r\n{",
    'that do not read'   => "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" x 4,
);

# A frame of HTTP/2 (RFC 9113, 4.1).
sub frame {
    my ($type, $flags, $stream, $payload) = @_;

    return substr(pack('N', length $payload), 1) . pack('C C N a*', $type, $flags, $stream, $payload);
}

# A header by its index in HPACK's static table, or one with a value of its own.
sub indexed { pack('C', 0x80 | $_[0]) }

sub literal {
    my ($index, $value) = @_;

    return ($index < 15 ? pack('C', $index) : pack('C C', 15, $index - 15)) . pack('C/a*', $value);
}

use constant {HEADERS => 1, SETTINGS => 4, END_STREAM => 1, END_HEADERS => 4};

my $hello = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(SETTINGS, 0, 0, '');
my $no_window = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame(SETTINGS, 0, 0, pack('n N', 4, 0));
my $post = indexed(3) . indexed(7) . literal(4, '/projects') . literal(1, 'localhost')
    . literal(23, "Bearer $key") . literal(31, 'application/json') . "\0" . pack('C/a* C/a*', 'idempotency-key', 'slow-slow-slow-slow');
my $get = indexed(2) . indexed(7) . literal(4, '/openapi.json') . literal(1, 'localhost');

my %http2 = (
    'that send nothing'  => '',
    'whose headers stop' => $hello . frame(HEADERS, 0, 1, substr($post, 0, 20)),
    'whose bodies stop'  => $hello . join('', map { frame(HEADERS, END_HEADERS, 2 * $_ - 1, $post) } 1 .. STREAMS),
    'that do not read'   => $no_window . join('', map { frame(HEADERS, END_HEADERS | END_STREAM, 2 * $_ - 1, $get) } 1 .. STREAMS),
);

# Answers that are not read are to fill nginx's side.
sub open_plain {
    my $socket = IO::Socket::INET->new(Proto => 'tcp') // die "socket: $!\n";

    setsockopt($socket, SOL_SOCKET, SO_RCVBUF, pack('i', 4096));
    connect($socket, Socket::pack_sockaddr_in($stack->port, Socket::inet_aton('127.0.0.1'))) or die "connect: $!\n";

    return $socket;
}

sub open_tls {
    return IO::Socket::SSL->new(PeerAddr => '127.0.0.1', PeerPort => $tls_port, SSL_alpn_protocols => ['h2'],
                                SSL_verify_mode => SSL_VERIFY_NONE) // die "TLS: $SSL_ERROR\n";
}

sub ordinary_ok {
    my $began = time;

    is $stack->get('/projects')->code, 200, 'an ordinary one is served';
    is $stack->create_project({name => 'Ordinary'})->code, 201, 'its change as well';
    is curl($stack->tls_url . '/projects', '--http2', '-H', "Authorization: Bearer $key")->code, 200, 'and over HTTP/2';
    cmp_ok time - $began, '<', AT_ONCE_S, 'at once';
}

# The connections to nginx's ports that nginx still has.
sub established {
    my %port = map { sprintf('%04X', $_) => 1 } $stack->port, $tls_port;
    my @lines = split(/\n/, Test::DevPilot::Folder::slurp('/proc/net/tcp'));

    return scalar grep { my @field = split; ($field[3] // '') eq '01' && $port{$field[1] =~ s/.*://r} } @lines;
}

# `count` connections of each kind, which say what theirs says and fall silent.
sub slow_ok {
    my ($open, $count, %kinds) = @_;
    my @slow;

    for my $kind (sort keys %kinds) {
        for (1 .. $count) {
            push @slow, $open->();
            syswrite($slow[-1], $kinds{$kind}) if length $kinds{$kind};
        }
    }

    ordinary_ok();
    cmp_ok established(), '>=', @slow, 'while they are all there';
    ok wait_until(sub { established() <= LEFT }, DISMISSED_S), 'they are dismissed: ' . join(', ', sort keys %kinds);
}

subtest 'HTTP/1.1' => sub { slow_ok(\&open_plain, PLAIN, %plain) };
subtest 'HTTP/2' => sub { slow_ok(\&open_tls, HTTP2, %http2) };

$stack->finish;

done_testing;
