# One process that is kept running: started, watched, started again, stopped.
#
# Each child leads a process group, so that Ctrl-C in a terminal reaches only
# scripts/run, which stops its children in order; and each is told by the kernel
# when scripts/run dies without stopping it (setpriv --pdeathsig).

package DevPilot::Child;

use strict;
use warnings;
use Fcntl qw(F_SETFD O_APPEND O_CREAT O_WRONLY);
use POSIX ();
use Time::HiRes qw(time);

# A child that lived shorter than this died at once and waits before it is
# started again, each time twice as long.
use constant SHORT_LIFE_S => 1;
use constant FIRST_WAIT_S => 0.1;
use constant LONGEST_WAIT_S => 5;

# name, command => [...], log => path; optional: user => {uid, gid}, environment
# => {name => value or undef}, hold => path, sockets => [paths] that one which was
# killed leaves behind and the next one could not bind, inherit => a handle that it
# gets, too, and the signals that end it: orphaned, stop, force, with stop_s between
# the last two.
sub new {
    my ($class, %spec) = @_;

    return bless {orphaned => 'TERM', stop => 'TERM', force => 'KILL', stop_s => 15,
                  wait_s => 0, pid => 0, %spec}, $class;
}

sub start {
    my ($self) = @_;
    my $held = POSIX::SigSet->new(POSIX::SIGINT, POSIX::SIGTERM, POSIX::SIGHUP);
    my $before = POSIX::SigSet->new;

    # A signal between fork and exec would be lost in our own handler.
    POSIX::sigprocmask(POSIX::SIG_BLOCK, $held, $before);

    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        @SIG{qw(INT TERM HUP)} = ('DEFAULT') x 3;
        POSIX::sigprocmask(POSIX::SIG_SETMASK, $before);
        $self->become;
    }

    # Both sides do it: neither may go on before it is done.
    POSIX::setpgid($pid, $pid);

    $self->{pid} = $pid;
    $self->{started} = time;
    POSIX::sigprocmask(POSIX::SIG_SETMASK, $before);

    return $pid;
}

sub become {
    my ($self) = @_;

    POSIX::setpgid(0, 0);
    redirect($self->{log});
    set_environment($self->{environment} // {});
    unlink @{$self->{sockets} // []};
    fcntl($self->{inherit}, F_SETFD, 0) if $self->{inherit};
    exec(setpriv($self), @{$self->{command}}) or print STDERR "$self->{command}[0]: $!\n";
    POSIX::_exit(127);
}

sub setpriv {
    my ($self) = @_;

    return ('setpriv', "--pdeathsig=$self->{orphaned}", identity($self->{user}), '--');
}

# What makes setpriv become a user; nothing for ourselves.
sub identity {
    my ($user) = @_;

    return $user ? ("--reuid=$user->{uid}", "--regid=$user->{gid}", '--clear-groups') : ();
}

sub redirect {
    my ($log) = @_;

    open(STDIN, '<', '/dev/null') or die "/dev/null: $!\n";
    sysopen(STDOUT, $log, O_WRONLY | O_APPEND | O_CREAT, 0640) or die "$log: $!\n";
    open(STDERR, '>&', \*STDOUT) or die "$log: $!\n";
}

sub set_environment {
    my ($environment) = @_;

    while (my ($name, $value) = each %$environment) {
        if (defined $value) {
            $ENV{$name} = $value;
        } else {
            delete $ENV{$name};
        }
    }
}

# Whether it has died since it was last asked; reaps it and says how.
sub died {
    my ($self) = @_;

    return '' if !$self->{pid} || waitpid($self->{pid}, POSIX::WNOHANG) != $self->{pid};

    my $how = $? & 127 ? 'signal ' . ($? & 127) : 'exit ' . ($? >> 8);

    # What it leaves behind (nginx's processes hold the port) goes with it.
    kill('KILL', -$self->{pid});

    $self->{status} = $?;
    $self->{pid} = 0;
    $self->{due} = time + $self->next_wait;

    return $how;
}

sub next_wait {
    my ($self) = @_;
    my $lived = time - $self->{started};

    if ($lived >= SHORT_LIFE_S) {
        $self->{wait_s} = 0;
    } else {
        $self->{wait_s} = $self->{wait_s} * 2 || FIRST_WAIT_S;
        $self->{wait_s} = LONGEST_WAIT_S if $self->{wait_s} > LONGEST_WAIT_S;
    }

    return $self->{wait_s};
}

# Dead, its wait over, and nobody holds it back.
sub due {
    my ($self) = @_;

    return !$self->{pid} && time >= $self->{due} && !-e ($self->{hold} // '');
}

# Asks it to stop, forces it after stop_s; true when it exited with 0.
sub stop {
    my ($self) = @_;

    return 1 if !$self->{pid};

    for my $attempt ([$self->{stop}, $self->{stop_s}], [$self->{force}, 5], ['KILL', 5]) {
        my ($signal, $patience_s) = @$attempt;
        my $until = time + $patience_s;

        # First CONT: behind the other signal it would undo the stop by which the
        # leak sanitizer looks at a process that ends, and that waits for ever.
        kill('CONT', $self->{pid});
        kill($signal, $self->{pid});

        while (time < $until) {
            return $self->{status} == 0 if $self->died;
            select(undef, undef, undef, 0.02);
        }

        print STDERR "run: $self->{name} ignores SIG$signal\n";
    }

    return 0;
}

# Runs a command to its end and returns what it printed; $? is its status.  A
# signal handler that dies ends the command as well.
sub output {
    my (@command) = @_;
    my $pid = open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command) // die "fork: $!\n";
    my $said = eval { local $/; <$out> // '' };
    my $why = $@;

    kill('TERM', $pid) if !defined $said;
    close($out);
    die $why if !defined $said;

    return $said;
}

1;
