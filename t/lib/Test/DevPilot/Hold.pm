# Holds transactions at one place, for as long as a test wants them in flight.
#
#     my $hold = Test::DevPilot::Hold->new($stack, 'insert');
#     ...                      # send three requests
#     ok $hold->has(3);        # all of them wait there
#     $hold->release;
#
# Places: insert, in the middle of createProject's change; commit, when all of it
# is written and COMMIT was sent; update, in that of updateProject and deleteProject;
# read, where a project is read; reap, where a job deletes a stored response.  What
# waits there is not bound by lock_timeout, only by its request's deadline.

package Test::DevPilot::Hold;

use strict;
use warnings;
use Test::DevPilot ();
use Test::DevPilot::Session;

use constant LOCK => 4711;

my %place = (
    insert => 'create trigger test_hold before insert on dp.project'
        . ' for each row execute function public.test_hold_row()',
    commit => 'create constraint trigger test_hold after insert on dp.project'
        . ' deferrable initially deferred for each row execute function public.test_hold_row()',
    update => 'create trigger test_hold before update on dp.project'
        . ' for each row execute function public.test_hold_row()',
    reap   => 'create trigger test_hold before delete on dp.idempotency_key'
        . ' for each row execute function public.test_hold_row()',
    read   => 'create policy test_hold on dp.project as restrictive for select using (public.test_hold())',
);

my $wait = "begin perform set_config('lock_timeout', '0', true);"
    . " perform pg_advisory_xact_lock_shared(${\LOCK});";

sub new {
    my ($class, $stack, @places) = @_;
    my $session = Test::DevPilot::Session->new($stack);

    $session->query("select pg_advisory_lock(${\LOCK})");
    $session->query("create function public.test_hold() returns boolean language plpgsql"
                    . " as \$\$ $wait return true; end \$\$");
    $session->query("create function public.test_hold_row() returns trigger language plpgsql"
                    . " as \$\$ $wait return coalesce(new, old); end \$\$");
    $session->query($place{$_}) for @places;

    return bless {session => $session}, $class;
}

# How many wait.
sub count {
    my ($self) = @_;

    return $self->{session}->query("select count(*) from pg_locks where locktype = 'advisory'"
                                   . " and objid = ${\LOCK} and not granted");
}

# Whether `count` of them wait within ten seconds.
sub has {
    my ($self, $count) = @_;

    return Test::DevPilot::wait_until(sub { $self->count == $count });
}

# Ends the server's side of all that wait.
sub terminate {
    my ($self) = @_;

    $self->{session}->query("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
                            . " and objid = ${\LOCK} and not granted");
}

# Lets all go on, and removes every trace.
sub release {
    my ($self) = @_;
    my $session = delete $self->{session};

    $session->query("select pg_advisory_unlock(${\LOCK})");
    $session->query("set client_min_messages = error; drop function public.test_hold(), public.test_hold_row() cascade");
    $session->close;
}

1;
