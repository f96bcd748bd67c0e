# A psql session that stays open, as the superuser: what holds a lock while the
# stack goes on.  It ends, and rolls back, with close() or with the object.

package Test::DevPilot::Session;

use strict;
use warnings;
use IPC::Open2 qw(open2);

sub new {
    my ($class, $stack) = @_;
    my $pid = open2(my $out, my $in, 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $stack->dsn);

    return bless {pid => $pid, in => $in, out => $out}, $class;
}

# Makes every creation of a project wait just before its first insert, until
# close(); reading goes on.  Only the request's deadline limits the wait: the
# trigger takes the transaction's lock_timeout away.
sub hold_creations {
    my ($class, $stack) = @_;
    my $self = $class->new($stack);

    $self->query(<<'END');
create or replace function public.held() returns trigger language plpgsql as $$
begin
    perform set_config('lock_timeout', '0', true), pg_advisory_xact_lock_shared(4711);
    return null;
end
$$;
create or replace trigger held before insert on dp.project execute function public.held();
select pg_advisory_lock(4711)
END

    return $self;
}

# Runs a statement to its end; returns psql's unaligned output.
sub query {
    my ($self, $statement) = @_;
    my $said = '';

    print {$self->{in}} "$statement;\n\\echo --done--\n";
    $self->{in}->flush;

    while (defined(my $line = readline $self->{out})) {
        return $said =~ s/\n\z//r if $line eq "--done--\n";
        $said .= $line;
    }

    die "psql ended: $statement\n";
}

sub close {
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;

    local ($?, $!);

    close($self->{in});
    close($self->{out});
    waitpid($pid, 0);
}

sub DESTROY { $_[0]->close }

# How many of the worker's transactions wait for a lock.
sub waiting {
    my ($stack) = @_;

    return $stack->query("select count(*) from pg_stat_activity"
                         . " where usename = 'dp_worker' and wait_event_type = 'Lock'");
}

1;
