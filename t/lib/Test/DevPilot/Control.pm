# The control state: changing it in the database, and waiting until edges know.

package Test::DevPilot::Control;

use strict;
use warnings;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Prometheus;

# Turns a switch on or off ('true' or 'false') in the database, until `expires`
# (an expression), and waits until it has arrived.
sub switch {
    my ($stack, $name, $enabled, $expires) = @_;

    $expires //= 'null';
    $stack->query("update dp.kill_switch set enabled = $enabled, reason = 'a test', expires_at = $expires"
                  . " where name = '$name'");
    settled($stack) or die "the edge was not told of $name within 5 s\n";
}

# Waits until the edge has applied what the database says; false when it has not.
sub settled {
    my ($stack) = @_;

    return wait_until(sub { generation($stack) == $stack->query('select generation from dp.control_state') });
}

# What the edge has applied.
sub generation { Test::DevPilot::Prometheus::sample($_[0], 'devpilot_control_generation') }

1;
