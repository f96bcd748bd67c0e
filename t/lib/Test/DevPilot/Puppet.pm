# A worker in Perl that says what the test wants, over the wire as it is specified:
# ZMTP 3 frames with messages of shared/dp_wire.h.
#
#     my $puppet = Test::DevPilot::Puppet->start($stack, sub {
#         my ($kind, $asked) = @_;      # a message's kind; its fields by tag
#         return [2, 1 => pack('n', 200)];
#     });
#
# The function returns messages: [KIND, TAG => BYTES, ...].  Those of kind 7 are
# sent as what nobody asked for, others as the reply.  It runs in a process for
# each connection.  A puppet ends with its object, at the latest.

package Test::DevPilot::Puppet;

use strict;
use warnings;
use File::Basename qw(dirname);
use IO::Socket::UNIX;
use POSIX ();
use Test::DevPilot::Folder;

use constant UNASKED => 7;

my $puppets = 0;

# Listens beside the worker's socket.
sub start {
    my ($class, $stack, $answers) = @_;
    my ($own) = Test::DevPilot::Folder::slurp($stack->worker_conf) =~ m{^endpoint = ipc://(.*)$}m;
    my $path = sprintf('%s/puppet-%d', dirname($own), ++$puppets);
    my $listener = IO::Socket::UNIX->new(Local => $path, Listen => 16) // die "$path: $!\n";

    chmod(0777, $path) or die "$path: $!\n";

    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        local $SIG{CHLD} = 'IGNORE';
        serve($_, $answers) while defined($_ = $listener->accept);
        POSIX::_exit(1);
    }

    return bless {pid => $pid, path => $path}, $class;
}

sub path { $_[0]{path} }

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    local ($?, $!);

    kill('KILL', $pid);
    waitpid($pid, 0);
}

sub DESTROY { $_[0]->stop }

# One connection, to its end; a child for each, as a reload has two at a time.
sub serve {
    my ($connection, $answers) = @_;

    return if fork();

    print $connection "\xff\0\0\0\0\0\0\0\x01\x7f\x03\x00", pack('a20', 'NULL'), "\0" x 32;
    print $connection "\x04\x1c\x05READY\x0bSocket-Type", pack('N/a*', 'ROUTER');
    $connection->flush;
    take($connection, 64);

    while (1) {
        my ($flags, $body) = frame($connection);

        next if $flags & 4;
        answer($connection, $body, $answers);
        $connection->flush;
    }
}

sub take {
    my ($connection, $length) = @_;

    (read($connection, my $bytes, $length) // 0) == $length or POSIX::_exit(0);

    return $bytes;
}

sub frame {
    my ($connection) = @_;
    my $flags = ord(take($connection, 1));
    my $length = $flags & 2 ? unpack('Q>', take($connection, 8)) : ord(take($connection, 1));

    return ($flags, $length ? take($connection, $length) : '');
}

sub answer {
    my ($connection, $body, $answers) = @_;
    my ($kind, $correlation, $fields) = unpack('x3 C x4 a8 a*', $body);
    my %asked;

    while (length $fields) {
        my ($tag, $value) = unpack('n N/a*', $fields);

        $asked{$tag} = $value;
        substr($fields, 0, 6 + length $value, '');
    }

    for my $said ($answers->($kind, \%asked)) {
        my ($told, @fields) = @$said;
        my $message = 'DP' . pack('C C N a8', 1, $told, 0, $told == UNASKED ? "\0" x 8 : $correlation)
            . pack('(n N/a*)*', @fields);

        print $connection "\x02", pack('Q>', length $message), $message;
    }
}

1;
