# A peer of a stack's worker that is no edge: it speaks ZMTP and the wire by hand,
# and says what no edge would.
#
#     my $dealer = Test::DevPilot::Dealer->new($stack);
#     $dealer->send_request(operation => 'getMe');
#     is $dealer->reply->{code}, 'AUTH_REQUIRED';
#
# Nothing is sent or read but by the calls below.

package Test::DevPilot::Dealer;

use strict;
use warnings;
use IO::Select;
use IO::Socket::UNIX;
use Test::DevPilot::Folder;
use Time::HiRes qw(time);

# Tags of a request's fields that tests use, and of a reply's.
my %tag = (operation => 1, request_id => 2, deadline => 6, kind => 8, credential => 10, user => 11, org => 12, idempotency_key => 18, body => 21);
my %said = (1 => 'status', 4 => 'code');

use constant {REQUEST => 1, MORE => 1, LONG => 2, COMMAND => 4};

sub new {
    my ($class, $stack) = @_;
    my ($path) = Test::DevPilot::Folder::slurp($stack->worker_conf) =~ m{^endpoint = ipc://(.*)$}m;
    my $socket = IO::Socket::UNIX->new(Peer => $path) // die "$path: $!\n";
    my $self = bless {socket => $socket, correlation => 0}, $class;

    $self->write_all("\xff\0\0\0\0\0\0\0\x01\x7f\x03\x00" . pack('a20', 'NULL') . "\0" x 32);
    $self->take(64);
    $self->write_all("\x04\x1c\x05READY\x0bSocket-Type" . pack('N/a*', 'DEALER'));
    $self->take(unpack('x C', $self->take(2)));

    return $self;
}

# Whether the worker still takes it.
sub write_all {
    my ($self, $bytes) = @_;

    local $SIG{PIPE} = 'IGNORE';

    while (length $bytes) {
        my $written = syswrite($self->{socket}, $bytes);

        return 0 if !defined $written && !$!{EINTR};
        substr($bytes, 0, $written // 0, '');
    }

    return 1;
}

# One part of a message; `more` of it follow.
sub send_part {
    my ($self, $bytes, $more) = @_;

    return $self->write_all(pack('C Q> a*', LONG | ($more ? MORE : 0), length $bytes, $bytes));
}

# Fields by the names above, as the wire has them.
sub send_request {
    my ($self, %field) = @_;

    $field{request_id} //= pack("N4", map { rand(2 ** 32) } 1 .. 4);
    $field{deadline} //= pack('Q>', (time + 5) * 1e6);

    my $fields = join('', map { pack('n N/a*', $tag{$_}, $field{$_}) } sort { $tag{$a} <=> $tag{$b} } keys %field);

    return $self->send_part('DP' . pack('C C N Q>', 1, REQUEST, 0, ++$self->{correlation}) . $fields, 0);
}

# The next reply as {status, code}.
sub reply {
    my ($self) = @_;
    my ($flags, $body);

    do { ($flags, $body) = $self->frame } while $flags & COMMAND;

    my (undef, $fields) = unpack('a16 a*', $body);
    my %reply = (status => 0, code => '');

    while (length $fields) {
        my ($number, $value) = unpack('n N/a*', $fields);

        $reply{$said{$number}} = $number == 1 ? unpack('n', $value) : $value if $said{$number};
        substr($fields, 0, 6 + length $value, '');
    }

    return \%reply;
}

sub frame {
    my ($self) = @_;
    my $flags = ord($self->take(1));
    my $length = $flags & LONG ? unpack('Q>', $self->take(8)) : ord($self->take(1));

    return ($flags, $self->take($length));
}

# Exactly so many bytes, within ten seconds.
sub take {
    my ($self, $length) = @_;
    my $until = time + 10;
    my $bytes = '';

    while (length $bytes < $length) {
        IO::Select->new($self->{socket})->can_read($until - time) or die "the worker says nothing\n";
        sysread($self->{socket}, $bytes, $length - length $bytes, length $bytes) or die "the worker went away\n";
    }

    return $bytes;
}

1;
