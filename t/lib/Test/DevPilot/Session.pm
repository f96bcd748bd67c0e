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

    CORE::close($self->{in});
    CORE::close($self->{out});
    waitpid($pid, 0);
}

sub DESTROY { $_[0]->close }

1;
