# nginx processes of a bench, and the responder that stands in for the worker.

package Bench::Nginx;

use strict;
use warnings;
use Bench::Place;
use DevPilot::Files;

# Compiles bench/peers.
sub build {
    my ($place) = @_;

    Bench::Place::output('make', '--no-print-directory', '-C', $place->{root},
                         '-f', 'bench/build.mk', "BUILDDIR=$place->{builddir}");
}

# A libzmq ROUTER that answers at once, at ipc://FOLDER/responder.ipc.
sub responder_start {
    my ($place, $folder) = @_;
    my $responder = $place->start(
        name    => 'zmq_responder',
        command => ["$place->{builddir}/bench/zmq_responder", "ipc://$folder/responder.ipc"],
    );

    $place->await($responder, sub { -S "$folder/responder.ipc" });
}

# Starts nginx and returns its URL.  Options: name; main and http, what comes
# before and inside http {}, in which PORT becomes a free port; processes (1);
# ready, when not that the port listens.
sub start {
    my ($place, $folder, %option) = @_;
    my $port = Bench::Place::free_port();
    my $http = $option{http} =~ s/PORT/$port/gr;
    my $path = config($folder, %option, http => $http);
    my $child = $place->start(
        name    => $option{name},
        command => [$place->{build}{NGINX}, '-p', "$place->{scratch}", '-e', 'stderr', '-c', $path],
    );

    $place->await($child, $option{ready} // sub { Bench::Place::listens($port) });

    return "http://127.0.0.1:$port";
}

sub config {
    my ($folder, %option) = @_;
    my $name = $option{name};
    my $path = "$folder/$name.conf";
    my $main = $option{main} // '';
    my $processes = $option{processes} // 1;
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
$option{http}
}
END

    return $path;
}

1;
