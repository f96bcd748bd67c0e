# A peer of a stack's worker that is no edge, and says what no edge would.
#
#     my $dealer = Test::DevPilot::Dealer->new($stack);
#     $dealer->send_request(operation => 'getMe');
#     is $dealer->reply->{code}, 'AUTH_REQUIRED';
#
# Nothing is sent or read but by the calls below.

package Test::DevPilot::Dealer;

use strict;
use warnings;
use IO::Socket::UNIX;
use Test::DevPilot::Folder;
use Test::DevPilot::Zmtp qw(greeting ready part message fields_of write_all read_handshake read_frame);
use Time::HiRes qw(time);

use constant {REQUEST => 1, STATUS => 1, CODE => 4, BODY => 13};

# Tags of a request's fields that tests use.
my %tag = (operation => 1, request_id => 2, deadline => 6, kind => 8, auth_level => 9, credential => 10, user => 11,
           org => 12, param => 13, idempotency_key => 18, address => 20, body => 21);

sub new {
    my ($class, $stack) = @_;
    my ($path) = Test::DevPilot::Folder::slurp($stack->worker_conf) =~ m{^endpoint = ipc://(.*)$}m;
    my $socket = IO::Socket::UNIX->new(Peer => $path) // die "$path: $!\n";

    write_all($socket, greeting() . ready('DEALER'));
    read_handshake($socket);

    return bless {socket => $socket, correlation => 0}, $class;
}

# Fields by the names above, as the wire has them.  Whether the worker took it.
sub send_request {
    my ($self, %field) = @_;

    $field{request_id} //= pack('N4', map { rand(2 ** 32) } 1 .. 4);
    $field{deadline} //= pack('Q>', (time + 5) * 1e6);

    my @fields = map { ($tag{$_}, $field{$_}) } sort { $tag{$a} <=> $tag{$b} } keys %field;

    return write_all($self->{socket}, part(message(REQUEST, pack('Q>', ++$self->{correlation}), @fields)));
}

# The next reply as {status, code, body}.
sub reply {
    my ($self) = @_;
    my (undef, undef, $said) = fields_of(read_frame($self->{socket}));

    return {status => unpack('n', $said->{+STATUS} // "\0\0"), code => $said->{+CODE} // '',
            body => $said->{+BODY} // ''};
}

1;
