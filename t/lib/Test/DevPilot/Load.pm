# Clients that go on until they are told to stop, each a process of its own, so
# that a test can disturb the stack meanwhile.
#
#     my $load = Test::DevPilot::Load->start($stack, 8, sub { return {...} });
#     $load->wait_for(20);          # outcomes, from now on
#     my @outcomes = $load->stop;   # each what the function returned
#
# The function is called again and again; stop() lets a call that is under way
# return.

package Test::DevPilot::Load;

use strict;
use warnings;
use Mojo::JSON qw(decode_json encode_json);
use POSIX ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

sub start {
    my ($class, $stack, $clients, $work) = @_;
    my $folder = $stack->folder . '/load-' . ++$stack->{loads};
    my $self = bless {folder => $folder}, $class;

    mkdir $folder or die "$folder: $!\n";
    $self->{pids} = [map { $self->client($_, $work) } 1 .. $clients];

    return $self;
}

# Leaves by _exit: what the parent has is not the client's to clean up.
sub client {
    my ($self, $number, $work) = @_;
    my $pid = fork() // die "fork: $!\n";

    return $pid if $pid;

    my $done = eval { $self->run("$self->{folder}/$number", $work); 1 };

    print STDERR "load: $@" unless $done;
    POSIX::_exit($done ? 0 : 1);
}

sub run {
    my ($self, $path, $work) = @_;

    open(my $out, '>', $path) or die "$path: $!\n";
    $out->autoflush(1);

    print $out encode_json($work->()), "\n" until -e "$self->{folder}/stop";
    close($out) or die "$path: $!\n";
}

# Lines that are complete.
sub lines {
    my ($self) = @_;

    return map { Test::DevPilot::Folder::slurp($_) =~ /^.*\n/mg } glob("\"$self->{folder}\"/[0-9]*");
}

# Whether `count` more outcomes are there within `seconds` (20).
sub wait_for {
    my ($self, $count, $seconds) = @_;
    my $wanted = $count + $self->lines;

    return Test::DevPilot::wait_until(sub { $self->lines >= $wanted }, $seconds // 20);
}

sub stop {
    my ($self) = @_;

    Test::DevPilot::Folder::spew("$self->{folder}/stop", '');

    for my $pid (@{$self->{pids}}) {
        waitpid($pid, 0);
        die "a client of the load failed\n" if $? != 0;
    }

    return map { decode_json($_) } $self->lines;
}

1;
