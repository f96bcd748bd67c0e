# An nginx with the module and a configuration of the test's own; no worker and
# no database.  What it is for: nginx -t, and nginx where the module has nothing
# to do.

package Test::DevPilot::Nginx;

use strict;
use warnings;
use File::Temp ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

sub new {
    my ($class) = @_;
    my $folder = File::Temp::tempdir('devpilot-nginx.XXXXXX', TMPDIR => 1, CLEANUP => 1);
    my $config = Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::build() . '/config.mk');
    my %build = $config =~ /^(\w+) :?= (.*)$/mg;

    chmod(0755, $folder);
    mkdir("$folder/html");

    return bless {
        folder => $folder,
        port   => Test::DevPilot::free_port(),
        owner  => $$,
        # A sanitised module in a stock nginx; nginx's own leaks are not ours.
        command => [$build{ASAN_LIB} ? ('env', "LD_PRELOAD=$build{ASAN_LIB}", 'ASAN_OPTIONS=detect_leaks=0') : (),
                    $build{NGINX}, '-p', $folder, '-e', "$folder/error.log", '-c', "$folder/nginx.conf"],
    }, $class;
}

# A library that is loaded before all others, and its environment.
sub preload {
    my ($self, $library, %environment) = @_;
    my ($asan) = map { /\ALD_PRELOAD=(.*)/ } @{$self->{command}};

    unshift @{$self->{command}}, 'env' if !defined $asan;
    @{$self->{command}} = grep { !/\ALD_PRELOAD=/ } @{$self->{command}};
    splice(@{$self->{command}}, 1, 0, 'LD_PRELOAD=' . join(':', $asan // (), $library),
           map { "$_=$environment{$_}" } sort keys %environment);
}

# Writes the configuration; main, http and server are what is added to the blocks,
# instead of the server that is there by itself if `http` has one.  module is the
# path of another module than the one that was built.
sub configure {
    my ($self, %config) = @_;
    my $folder = $self->{folder};
    my $module = $config{module} // Test::DevPilot::Folder::build() . '/ngx_http_devpilot_module.so';
    my $http = $config{http} // '';
    my $server = $http =~ /^\s*server \{/m ? '' : <<"END";
    server {
        listen 127.0.0.1:$self->{port};
        root $folder/html;
        @{[$config{server} // '']}
    }
END

    Test::DevPilot::Folder::spew("$folder/nginx.conf", <<"END");
load_module "$module";
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
@{[$config{main} // '']}
events { }
http {
    access_log off;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    $http
$server}
END
}

# nginx -t; returns its exit status and what it said.
sub test {
    my ($self, %config) = @_;

    $self->configure(%config);
    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @{$self->{command}}, '-t') or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    close($out);

    return ($? >> 8, $said);
}

sub url { "http://127.0.0.1:$_[0]{port}" }

sub start {
    my ($self, %config) = @_;

    $self->configure(%config);
    $self->{pid} = fork() // die "fork: $!\n";
    if ($self->{pid} == 0) {
        { exec(@{$self->{command}}) }
        POSIX::_exit(127);
    }

    Test::DevPilot::wait_until(sub { $self->answers }) or die 'nginx: ' . $self->log . "\n";
}

# A process of nginx that listens.
sub answers {
    my ($self) = @_;

    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port});
}

# Reloads with another configuration; returns when new processes have taken over.
sub reload {
    my ($self, %config) = @_;
    my %old = map { $_ => 1 } Test::DevPilot::children_of($self->{pid});

    $self->configure(%config);
    kill('HUP', $self->{pid});

    return Test::DevPilot::wait_until(sub {
        my @running = Test::DevPilot::children_of($self->{pid});

        return @running && !grep { $old{$_} } @running;
    });
}

sub log { Test::DevPilot::Folder::slurp("$_[0]{folder}/error.log") }

# Returns nginx's exit status.
sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return 0;

    local ($?, $!);

    kill('QUIT', $pid);
    waitpid($pid, 0);

    return $?;
}

sub DESTROY {
    my ($self) = @_;

    $self->stop if $self->{owner} == $$;
}

1;
