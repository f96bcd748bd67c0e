# The forward hop: a POST of 200 bytes to nginx and on to another process over a
# unix socket, a JSON answer back.  Ours is the release module and a libzmq
# ROUTER; theirs is proxy_pass with keepalive and a second nginx.

package Bench::Forward;

use strict;
use warnings;
use Bench::Load;
use Bench::Place;
use DevPilot::Files;

my @process_counts = (1, 2);
my @connections = (1, 16, 64, 256);

# Ratios to reach, by the number of connections.
my %reach = (1 => 1.0, 16 => 1.0, 64 => 1.15, 256 => 1.15);

sub cells {
    my ($place) = @_;
    my $folder = $place->folder('forward');
    my @cells;

    peers_build($place);
    peers_start($place, $folder);

    for my $processes (@process_counts) {
        my $ours = edge_start($place, $folder, $processes, 'ours', ours_config($place, $folder));
        my $theirs = edge_start($place, $folder, $processes, 'theirs', theirs_config($folder));

        push @cells, map { cell($place, $processes, $_, $ours, $theirs) } @connections;
    }

    return @cells;
}

sub peers_build {
    my ($place) = @_;

    Bench::Place::output('make', '--no-print-directory', '-C', $place->{root},
                         '-f', 'bench/build.mk', "BUILDDIR=$place->{builddir}");
}

sub peers_start {
    my ($place, $folder) = @_;
    my $responder = $place->start(
        name    => 'zmq_responder',
        command => ["$place->{builddir}/bench/zmq_responder", "ipc://$folder/responder.ipc"],
    );

    $place->await($responder, sub { -S "$folder/responder.ipc" });
    hello_start($place, $folder);
}

sub hello_start {
    my ($place, $folder) = @_;
    my $child = nginx_start($place, 'hello', config($folder, 'hello', 1,
        "load_module $place->{builddir}/bench/hello_module.so;",
        "server { listen unix:$folder/hello.sock; location / { bench_hello; } }"));

    $place->await($child, sub { -S "$folder/hello.sock" });
}

# What comes before and inside http {} of the two edges.
sub ours_config {
    my ($place, $folder) = @_;

    return ("load_module $place->{builddir}/bench/open_module.so;", <<"END");
    devpilot_worker ipc://$folder/responder.ipc;
    server { listen 127.0.0.1:PORT; devpilot on; }
END
}

sub theirs_config {
    my ($folder) = @_;

    return ('', <<"END");
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

# Returns its URL.
sub edge_start {
    my ($place, $folder, $processes, $side, $main, $http) = @_;
    my $port = Bench::Place::free_port();
    my $name = "$side$processes";

    $http =~ s/PORT/$port/;

    my $child = nginx_start($place, $name, config($folder, $name, $processes, $main, $http));

    $place->await($child, sub { Bench::Place::listens($port) });

    return "http://127.0.0.1:$port/projects";
}

sub config {
    my ($folder, $name, $processes, $main, $http) = @_;
    my $path = "$folder/$name.conf";
    my $user = $> == 0 ? 'user root;' : '';

    DevPilot::Files::spew($path, 0644, <<"END");
$main
$user
daemon off;
worker_processes $processes;
worker_rlimit_nofile 8192;
pid $folder/$name.pid;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path $folder/$name-body;
    proxy_temp_path $folder/$name-proxy;
    fastcgi_temp_path $folder/$name-fastcgi;
    uwsgi_temp_path $folder/$name-uwsgi;
    scgi_temp_path $folder/$name-scgi;
$http
}
END

    return $path;
}

sub nginx_start {
    my ($place, $name, $config) = @_;

    return $place->start(
        name    => $name,
        command => [$place->{build}{NGINX}, '-p', "$place->{scratch}", '-e', 'stderr', '-c', $config],
    );
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
