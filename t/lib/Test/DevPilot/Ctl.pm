# devpilotctl, run against a stack's worker.
#
#     my $said = Test::DevPilot::Ctl::run($stack, qw(kill-switch list));
#     is $said->{status}, 0;              # also out and err
#     my $ctl = Test::DevPilot::Ctl->begin($stack, qw(kill-switch set AI on --reason drill));
#     ...                                 # while it waits
#     my $said = $ctl->end;

package Test::DevPilot::Ctl;

use strict;
use warnings;
use File::Temp ();
use Mojo::JSON qw(decode_json);
use POSIX ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

sub begin {
    my ($class, $stack, @arguments) = @_;
    my $self = bless {folder => File::Temp->newdir}, $class;
    my $socket = $stack->variable('DEVPILOT_CONTROL_SOCKET');

    $self->{pid} = fork() // die "fork: $!\n";
    return $self if $self->{pid};

    open(STDOUT, '>', "$self->{folder}/out") or POSIX::_exit(126);
    open(STDERR, '>', "$self->{folder}/err") or POSIX::_exit(126);
    $ENV{DEVPILOT_CONTROL_SOCKET} = $socket;
    { exec(Test::DevPilot::Folder::build() . '/devpilotctl', @arguments) }
    POSIX::_exit(127);
}

# What it has said on stderr so far: the states on the way.
sub err { Test::DevPilot::Folder::slurp("$_[0]{folder}/err") }

sub running {
    my ($self) = @_;

    $self->{status} //= $? if waitpid($self->{pid}, POSIX::WNOHANG) == $self->{pid};

    return !defined $self->{status};
}

# Waits for its end; {status, out, err}.
sub end {
    my ($self) = @_;

    Test::DevPilot::wait_until(sub { !$self->running }, 60) or kill('KILL', $self->{pid});

    return {
        status => ($self->{status} // 0xff00) >> 8,
        out    => Test::DevPilot::Folder::slurp("$self->{folder}/out"),
        err    => $self->err,
    };
}

sub run { Test::DevPilot::Ctl->begin(@_)->end }

# The document that --json prints.
sub json {
    my ($stack, @arguments) = @_;

    return decode_json(run($stack, '--json', @arguments)->{out});
}

1;
