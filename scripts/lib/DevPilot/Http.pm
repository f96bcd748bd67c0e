# Just enough HTTP to ask whether the stack is ready, with nothing installed.

package DevPilot::Http;

use strict;
use warnings;
use IO::Socket::INET;

# The status of GET path, and the whole answer; 0 when nobody answers.
sub get {
    my ($port, $path) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 1)
        or return (0, '');

    local $SIG{ALRM} = sub { close $socket };
    alarm 2;
    print $socket "GET $path HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    my $answer = do { local $/; <$socket> } // '';
    alarm 0;

    return ($answer =~ m{\AHTTP/1\.1 (\d+)} ? $1 : 0, $answer);
}

# Whether nginx could listen there.
sub port_is_free {
    my ($port) = @_;

    return !!IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 1, ReuseAddr => 1);
}

1;
