# The catcher of mails under scripts/run: scripts/mail-catcher, which writes each mail
# that the worker sends to $VAR/mail/.
#
# It is handed a listening socket, so that it has a port which nobody else took, and
# a mail that comes while it is started again waits.

package DevPilot::Mail;

use strict;
use warnings;
use DevPilot::Child;
use DevPilot::Place;
use IO::Socket::INET;

sub folder {
    my ($place) = @_;

    return "$place->{var}/mail";
}

# The child, and the URL that the worker sends to.
sub child {
    my ($settings, $place) = @_;
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16)
        // die "no port for mails: $!\n";

    DevPilot::Place::folder(folder($place), 0700);

    return DevPilot::Child->new(
        name    => 'mail',
        command => [$^X, "$settings->{root}/scripts/mail-catcher", fileno($listener), folder($place)],
        log     => "$place->{var}/log/mail.log",
        hold    => "$place->{var}/hold/mail",
        inherit => $listener,
    ), 'smtp://127.0.0.1:' . $listener->sockport;
}

1;
