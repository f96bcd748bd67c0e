# Requests that nginx redirects inside: the operation that it ends at is run, with
# the request's ids, and what another one answered before is not its answer.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Connection;
use Test::DevPilot::Refusal qw(refused_ok);
use IO::Socket::INET;
use Test::More;

my $stack = Test::DevPilot->start(processes => 1);
my $again_port = Test::DevPilot::free_port();
my $later_port = Test::DevPilot::free_port();
my $unknown = '/projects/00000000-0000-4000-8000-000000000000';

# "=" leaves the status to where the redirect leads.
$stack->edit_config(sub {
    s/(    server \{)/    limit_req_zone \$server_port zone=later:64k rate=4r\/s;\n\n$1/;
    s{\}\s*\z}{<<"END"}e;

    server {
        listen 127.0.0.1:$again_port;
        devpilot on;
        error_page 404 = /projects;

        location /written { rewrite ^ /projects last; }
    }

    server {
        listen 127.0.0.1:$later_port;
        devpilot on;
        error_page 404 = /projects;

        location = /projects { limit_req zone=later burst=20; }
    }
}
END
});

my $created = $stack->create_project({name => 'the only one'})->json->{id};

sub ids {
    my ($response) = @_;

    return [map { $_->{id} } @{$response->json->{items} // []}];
}

subtest 'rewritten before we see it' => sub {
    my $response = $stack->get("http://127.0.0.1:$again_port/written");

    is $response->code, 200, 'served';
    is_deeply ids($response), [$created], 'by the operation that it became';
    refused_ok $stack->get("http://127.0.0.1:$again_port/written", key => undef), 'AUTH_REQUIRED', 'to those who may';
};

subtest 'redirected after a worker answered' => sub {
    my $response = $stack->get("http://127.0.0.1:$again_port$unknown");

    is $response->code, 200, 'the other operation is run';
    is_deeply ids($response), [$created], 'and its answer is sent';
};

# What the worker said first is gone from memory by then.
subtest 'redirected, and held up on the way' => sub {
    my @held = map { Test::DevPilot::Connection->new($stack) } 1 .. 4;
    my $key = $stack->api_key;

    for my $connection (@held) {
        $connection->{socket} = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $later_port);
        $connection->send_bytes("GET $unknown HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer $key\r\n\r\n");
    }

    $stack->get('/projects') for 1 .. 5;

    for my $connection (@held) {
        my $response = $connection->response;

        is $response && $response->code, 200, 'served';
        is_deeply $response && ids($response), [$created], 'with its own answer';
    }
};

$stack->finish;
done_testing;
