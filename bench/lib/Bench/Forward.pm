# The forward hop: a POST of 200 bytes to nginx and on to another process over a
# unix socket, a JSON answer back.  Ours is the release module and a libzmq
# ROUTER; theirs is proxy_pass with keepalive and a second nginx.

package Bench::Forward;

use strict;
use warnings;
use Bench::Load;
use Bench::Nginx;
use Bench::Place;

my @process_counts = (1, 2);
my @connections = (1, 16, 64, 256);

# Ratios to reach, by the number of connections.
my %reach = (1 => 1.0, 16 => 1.0, 64 => 1.15, 256 => 1.15);

sub cells {
    my ($place) = @_;
    my $folder = $place->folder('forward');
    my @cells;

    Bench::Nginx::build($place);
    peers_start($place, $folder);

    for my $processes (@process_counts) {
        my $ours = Bench::Nginx::start($place, $folder, name => "ours$processes", processes => $processes,
                                       ours_config($place, $folder));
        my $theirs = Bench::Nginx::start($place, $folder, name => "theirs$processes", processes => $processes,
                                         theirs_config($folder));

        push @cells, map { cell($place, $processes, $_, map { "$_/projects" } $ours, $theirs) } @connections;
    }

    return @cells;
}

sub peers_start {
    my ($place, $folder) = @_;
    Bench::Nginx::responder_start($place, $folder);
    Bench::Nginx::start($place, $folder,
        name  => 'hello',
        main  => "load_module $place->{builddir}/bench/hello_module.so;",
        http  => "server { listen unix:$folder/hello.sock; location / { bench_hello; } }",
        ready => sub { -S "$folder/hello.sock" });
}

# What comes before and inside http {} of the two edges.
sub ours_config {
    my ($place, $folder) = @_;

    return (main => "load_module $place->{builddir}/bench/open_module.so;", http => <<"END");
    devpilot_worker ipc://$folder/responder.ipc;
    devpilot_limit address rate=1000000/s burst=100000000;
    devpilot_limit global rate=1000000/s burst=100000000;
    server { listen 127.0.0.1:PORT; devpilot on; }
END
}

sub theirs_config {
    my ($folder) = @_;

    return (http => <<"END");
    upstream hello {
        server unix:$folder/hello.sock;
        keepalive 512;
        keepalive_requests 1000000000;
    }
    server {
        listen 127.0.0.1:PORT;
        location / {
            proxy_pass http://hello;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
END
}

sub cell {
    my ($place, $processes, $connections, $ours, $theirs) = @_;
    my $load = sub {
        my ($url) = @_;

        return sub {
            return Bench::Load::wrk($_[0], connections => $connections, url => $url,
                                    script => "$place->{root}/bench/wrk/forward.lua");
        };
    };

    return {
        name      => sprintf('forward hop, %d nginx, %3d connections', $processes, $connections),
        against   => 'proxy_pass',
        reach     => $reach{$connections},
        ours      => $load->($ours),
        theirs    => $load->($theirs),
    };
}

1;
