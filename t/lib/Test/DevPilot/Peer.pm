# Others in the worker's place: t/edge/peer's program, which is a plain libzmq
# ROUTER, and impostors that send bytes of the test's choice to whoever connects.
#
#     my $peer = Test::DevPilot::Peer->start($stack, 'delay', 500);
#     Test::DevPilot::Peer::put_in_place($stack, '5s', $peer->path);
#     ...
#     $peer->stop;
#
# A peer ends with its object, at the latest.

package Test::DevPilot::Peer;

use strict;
use warnings;
use File::Basename qw(dirname);
use IO::Socket::UNIX;
use POSIX ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

my $peers = 0;

# In one of the program's modes; returns when it listens.
sub start {
    my ($class, $stack, @mode) = @_;
    my $path = path_for($stack);

    return $class->start_at($path, @mode);
}

# At the path of one that is gone.
sub start_at {
    my ($class, $path, @mode) = @_;
    my $program = Test::DevPilot::Folder::build() . '/t/zmq-echo-peer';
    my $pid = open(my $out, '-|', $program, "ipc://$path", @mode) // die "$program: $!\n";

    <$out> // die "zmq-echo-peer did not start\n";
    chmod(0777, $path) or die "$path: $!\n";

    return bless {pid => $pid, path => $path, out => $out}, $class;
}

# Sends `bytes` to whoever connects, and closes the connection or keeps it.
sub impostor {
    my ($class, $stack, $bytes, $closes) = @_;
    my $path = path_for($stack);
    my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 16) // die "$path: $!\n";

    chmod(0777, $path) or die "$path: $!\n";

    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        serve($listener, $bytes, $closes);
        POSIX::_exit(1);
    }

    return bless {pid => $pid, path => $path}, $class;
}

# Until it is killed.
sub serve {
    my ($listener, $bytes, $closes) = @_;
    my @kept;

    local $SIG{PIPE} = 'IGNORE';

    while (my $connection = $listener->accept) {
        syswrite($connection, $bytes);
        push @kept, $connection unless $closes;
    }
}

sub path { $_[0]{path} }

# Beside the worker's socket, where nginx's user gets through.
sub path_for {
    my ($stack) = @_;
    my ($own) = Test::DevPilot::Folder::slurp($stack->worker_conf) =~ m{^endpoint = ipc://(.*)$}m;

    return sprintf('%s/peer-%d', dirname($own), ++$peers);
}

# Makes nginx use the sockets at these paths, and no others, with a deadline.
sub put_in_place {
    my ($stack, $deadline, @paths) = @_;
    my $lines = join(' ', map { "devpilot_worker \"ipc://$_\";" } @paths);

    $stack->edit_config(sub {
        s/(?:devpilot_worker "[^"]*";\s*)+/$lines\n/;
        s/(devpilot_deadline) \S+;/$1 $deadline;/;
    });
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    local ($?, $!);

    kill('KILL', $pid);
    close($self->{out}) if $self->{out};
    waitpid($pid, 0);
}

sub DESTROY { $_[0]->stop }

1;
