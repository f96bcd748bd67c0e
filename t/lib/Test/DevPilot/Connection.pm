# One connection to a stack's nginx, driven by hand: for requests that are to be
# in flight together or held there, and for what no HTTP client would send.
#
#     my $connection = Test::DevPilot::Connection->new($stack);
#     $connection->send_request('GET', '/projects');
#     is $connection->response->code, 200;
#
# Nothing is sent or read but by the calls below, so a test decides the order.

package Test::DevPilot::Connection;

use strict;
use warnings;
use Errno ();
use IO::Select;
use Mojo::Message::Response;
use Test::DevPilot ();
use Time::HiRes qw(time);

sub new {
    my ($class, $stack) = @_;

    return bless {stack => $stack, socket => $stack->socket, head => 0}, $class;
}

# Options as those of Test::DevPilot's request().
sub send_request {
    my ($self, $method, $path, %option) = @_;
    my $tx = $self->{stack}->transaction($method, $path, %option);

    $self->{head} = $method eq 'HEAD';

    return $self->send_bytes($tx->req->to_string);
}

# Returns whether all of it could be written.
sub send_bytes {
    my ($self, $bytes) = @_;

    local $SIG{PIPE} = 'IGNORE';

    while (length $bytes) {
        my $written = syswrite($self->{socket}, $bytes);

        return 0 if !defined $written && !$!{EINTR};
        substr($bytes, 0, $written // 0, '');
    }

    return 1;
}

# Reads one response; undef when none was complete in `seconds` (10), or when
# the connection ended first.
sub response {
    my ($self, $seconds) = @_;
    my $response = Mojo::Message::Response->new;
    my $until = time + ($seconds // 10);

    $response->content->skip_body(1) if $self->{head};

    until ($response->is_finished) {
        my $bytes = $self->read_some($until) // return undef;

        if ($bytes eq '') {
            return undef if !$response->code;
            last;
        }

        $response->parse($bytes);
    }

    # A body of unknown length ends with the connection.
    return $response->is_finished ? $response : $response->finish;
}

# Whether nginx closes the connection within `seconds` (10), having said nothing
# more.
sub closed {
    my ($self, $seconds) = @_;
    my $bytes = $self->read_some(time + ($seconds // 10));

    return defined $bytes && $bytes eq '';
}

# Empty at the end of the connection, undef when there was nothing in time.  A
# signal (a child of the test that ends, say) interrupts the wait only.
sub read_some {
    my ($self, $until) = @_;
    my $ready = IO::Select->new($self->{socket});

    while ((my $left = $until - time) > 0) {
        next unless $ready->can_read($left);

        my $count = sysread($self->{socket}, my $bytes, 65536);

        return $bytes // '' if defined $count || !$!{EINTR};
    }

    return undef;
}

# Sends a request but for the last bytes of its body; returns the connection and
# the bytes.
sub begin {
    my ($stack, $method, $path, %option) = @_;
    my $self = __PACKAGE__->new($stack);
    my $text = $stack->transaction($method, $path, %option)->req->to_string;

    $self->send_bytes(substr($text, 0, -5));

    return ($self, substr($text, -5));
}

# Sends each [METHOD, PATH, %option] over a connection of its own before the
# first answer is read; returns the responses in the order of the requests.
sub together {
    my ($stack, @requests) = @_;
    my @connections = send_all($stack, @requests);

    return map { $_->response(20) } @connections;
}

# The same without reading: returns the connections.
sub send_all {
    my ($stack, @requests) = @_;
    my @connections = map { __PACKAGE__->new($stack) } @requests;

    $connections[$_]->send_request(@{$requests[$_]}) for 0 .. $#requests;

    return @connections;
}

# Whether all processes of nginx serve, all in all within `seconds` (10).
sub all_served {
    my ($stack, $seconds) = @_;
    my @requests = map { ['GET', '/projects', headers => {Connection => 'close'}] } 1 .. 16;

    return Test::DevPilot::wait_until(sub {
        !grep { !$_ || $_->code != 200 } together($stack, @requests);
    }, $seconds);
}

1;
