# What a client says of itself in headers is not heard: neither by a server behind
# nginx, nor by anybody who looks at the request's headers.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use POSIX ();
use Test::DevPilot;
use Test::DevPilot::Connection;
use Test::More;

my @claims = qw(X-User-Id X-User x-uSeR-nAmE X-Users X-Org-Id X-Organization-Id X-Tenant-Id X-Role X-Roles X-Scopes
    X-Principal X-Credential-Id X-DevPilot-User X-DevPilot-Anything X-Auth-User X-Authenticated-Userid
    X-Forwarded-User X-Forwarded-Email X-Forwarded-Groups X-Forwarded-Preferred-Username X-Remote-User Remote-User
    X_User_Id X-Org_Id X_DevPilot_User);
my @others = qw(X-Forwarded-For X-Request-Source X-Usage Accept-Language X-Client X-Original-Url User-Agent);

my $stack = Test::DevPilot->start(processes => 1, impostor => 1);
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16) // die "listen: $!\n";
my $server = serve($listener);
my $port = $listener->sockport;

$stack->edit_config(sub {
    s/^(\s*devpilot on;)/$1
        underscores_in_headers on;
        large_client_header_buffers 4 16k;

        location = \/me {
            proxy_pass http:\/\/127.0.0.1:$port;
        }/m;
});

# The names of the headers that the server behind was sent, as it wrote them.
sub passed_on {
    my @headers = @_;
    my $connection = Test::DevPilot::Connection->new($stack);
    my $key = $stack->api_key;

    $connection->send_bytes(join("\r\n", 'GET /me HTTP/1.1', 'Host: localhost', "Authorization: Bearer $key",
                                 'Connection: close', (map {"$_: mallory"} @headers), '', ''));

    my $response = $connection->response;

    return {map { lc($_) => 1 } $response->body =~ /^([\w-]+):/mg};
}

subtest 'each claim by itself' => sub {
    is passed_on($_)->{lc $_}, undef, $_ for @claims;
};

subtest 'what is no claim is passed on' => sub {
    my $passed = passed_on(@others);

    ok $passed->{lc $_}, $_ for @others;
};

subtest 'among others, in any place' => sub {
    for my $headers ([@claims, @others], [@others, @claims],
                     [map { ($claims[$_ % @claims], $others[$_ % @others]) } 0 .. 79])
    {
        my $passed = passed_on(@$headers);

        is join(' ', grep { $passed->{lc $_} } @claims), '', 'no claim of ' . @$headers . ' headers';
        is join(' ', grep { !$passed->{lc $_} } grep { my $name = $_; grep { $_ eq $name } @$headers } @others), '',
            'and every other';
    }
};

subtest 'a variable does not see them either' => sub {
    $stack->edit_config(sub { s/proxy_pass .*/add_header X-Seen "\$http_x_user_id-\$http_x_client";\n$&/ });

    my $response = $stack->get('/me', headers => {'X-User-Id' => 'mallory', 'X-Client' => 'curl'});

    is $response->headers->header('X-Seen'), '-curl', 'nothing is left';
};

kill('KILL', $server);
waitpid($server, 0);
$stack->finish;
done_testing;

# Answers each request with what it was.
sub serve {
    my ($socket) = @_;
    my $pid = fork() // die "fork: $!\n";

    return $pid if $pid;

    while (my $connection = $socket->accept) {
        my $request = '';

        $request .= <$connection> // last until $request =~ /\r\n\r\n\z/;
        $request =~ s/\r//g;
        print $connection "HTTP/1.0 200 OK\r\nContent-Length: " . length($request) . "\r\n\r\n$request";
        close($connection);
    }
    POSIX::_exit(1);
}
