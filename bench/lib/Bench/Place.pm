# Where a run happens: settings, the built programs, a scratch folder, and the
# processes that were started, which are stopped when the run ends, however it
# does.

package Bench::Place;

use strict;
use warnings;
use Cwd ();
use File::Temp ();
use IO::Socket::INET ();
use DevPilot::Child;
use DevPilot::Files;
use DevPilot::Settings;

use constant PATIENCE_S => 60;

# {root, builddir, build, scratch, rounds, seconds}; `build` is what configure
# wrote, `scratch` is on a disk, as /tmp may not be.
sub new {
    my ($class, $root) = @_;
    my $builddir = Cwd::realpath($ENV{BUILDDIR} // "$root/objs") // die "make first\n";
    my $scratch = File::Temp->newdir('devpilot-bench-XXXXXX', DIR => '/var/tmp');

    chmod(0755, $scratch) or die "$scratch: $!\n";
    $SIG{$_} = sub { die "\nbench: stopped\n" } for qw(INT TERM HUP);

    return bless {
        root     => Cwd::realpath($root),
        builddir => $builddir,
        build    => DevPilot::Settings::read_config("$builddir/config.mk"),
        scratch  => $scratch,
        rounds   => number('BENCH_ROUNDS', 5),
        seconds  => number('BENCH_SECONDS', 4),
        children => [],
        owner    => $$,
    }, $class;
}

sub number {
    my ($name, $default) = @_;
    my $value = $ENV{$name} || $default;

    die "bench: $name is \"$value\", not a number from 1 to 999\n" unless $value =~ /\A[1-9]\d{0,2}\z/;

    return $value;
}

sub folder {
    my ($self, $name) = @_;
    my $path = "$self->{scratch}/$name";

    mkdir($path, 0755) or -d $path or die "$path: $!\n";

    return $path;
}

# Starts a process: name, command, and what else DevPilot::Child takes.
sub start {
    my ($self, %spec) = @_;
    my $child = DevPilot::Child->new(log => "$self->{scratch}/$spec{name}.log", %spec);

    $child->start;
    push @{$self->{children}}, $child;

    return $child;
}

# Waits until `test` is true; dies when the child does, showing its log.
sub await {
    my ($self, $child, $test) = @_;
    my $until = time + PATIENCE_S;

    until ($test->()) {
        my $end = $child->died || (time > $until && 'no answer in ' . PATIENCE_S . ' s') or do {
            select(undef, undef, undef, 0.02);
            next;
        };

        die "bench: $child->{name}: $end\n", DevPilot::Files::tail($child->{log}, 20);
    }
}

sub stop_all {
    my ($self) = @_;

    while (my $child = pop @{$self->{children}}) {
        $child->stop;
    }
}

sub DESTROY {
    my ($self) = @_;

    $self->stop_all if $$ == $self->{owner};
}

# Runs a command to its end and returns what it printed; dies when it fails.
sub output {
    my (@command) = @_;
    my $said = DevPilot::Child::output(@command);

    die "bench: $command[0] failed:\n", head($said) if $? != 0;

    return $said;
}

# The first lines of a text, for a message: one fault may repeat for each client.
sub head {
    my ($text) = @_;

    return join('', grep { defined } (split /^/, $text)[0 .. 19]);
}

sub free_port {
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1) or die "no port: $!\n";

    return $socket->sockport;
}

# Whether somebody listens on a port of 127.0.0.1.
sub listens {
    my ($port) = @_;

    return defined IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port);
}

1;
