# ZMTP 3 and the wire's messages by hand, as their specifications have them and not
# as our code writes them: for tests that play an edge or a worker.
#
# Reading blocks, for ten seconds at most, and dies at the end of the connection.

package Test::DevPilot::Zmtp;

use strict;
use warnings;
use Exporter 'import';
use IO::Select;

our @EXPORT_OK = qw(greeting ready part message fields_of write_all read_handshake read_frame);

use constant {MORE => 1, LONG => 2, COMMAND => 4, GREETING_SIZE => 64};

sub greeting { "\xff\0\0\0\0\0\0\0\x01\x7f\x03\x00" . pack('a20', 'NULL') . "\0" x 32 }

# The command READY of a socket of that type.
sub ready {
    my ($type) = @_;
    my $body = "\x05READY\x0bSocket-Type" . pack('N/a*', $type);

    return pack('C C/a*', COMMAND, $body);
}

# One part of a message; `more` of it follow.
sub part {
    my ($bytes, $more) = @_;

    return pack('C Q> a*', LONG | ($more ? MORE : 0), length $bytes, $bytes);
}

# The bytes of a message of ours: its kind, 8 bytes of correlation, tags and values.
sub message {
    my ($kind, $correlation, @fields) = @_;

    return 'DP' . pack('C C N a8', 1, $kind, 0, $correlation) . pack('(n N/a*)*', @fields);
}

# The kind of a message, its correlation and {tag => value}.
sub fields_of {
    my ($kind, $correlation, $rest) = unpack('x3 C x4 a8 a*', $_[0]);

    return ($kind, $correlation, {unpack('(n N/a*)*', $rest)});
}

# Whether the other side took all of it.
sub write_all {
    my ($socket, $bytes) = @_;

    local $SIG{PIPE} = 'IGNORE';

    while (length $bytes) {
        my $written = syswrite($socket, $bytes);

        return 0 if !defined $written && !$!{EINTR};
        substr($bytes, 0, $written // 0, '');
    }

    return 1;
}

sub read_exactly {
    my ($socket, $length) = @_;
    my $bytes = '';

    while (length $bytes < $length) {
        IO::Select->new($socket)->can_read(10) or die "the peer says nothing\n";
        sysread($socket, $bytes, $length - length $bytes, length $bytes) or die "the peer went away\n";
    }

    return $bytes;
}

# The other side's greeting and READY.
sub read_handshake {
    my ($socket) = @_;

    read_exactly($socket, GREETING_SIZE);
    read_exactly($socket, unpack('x C', read_exactly($socket, 2)));
}

# The next part of a message; commands (heartbeats) are passed over.
sub read_frame {
    my ($socket) = @_;

    while (1) {
        my $flags = ord(read_exactly($socket, 1));
        my $length = $flags & LONG ? unpack('Q>', read_exactly($socket, 8)) : ord(read_exactly($socket, 1));
        my $bytes = read_exactly($socket, $length);

        return $bytes unless $flags & COMMAND;
    }
}

1;
