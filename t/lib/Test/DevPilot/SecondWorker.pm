# A second worker beside the stack's, with the same settings but an endpoint of its
# own; what it runs in the database is known by its application_name.
#
#     my $second = Test::DevPilot::SecondWorker->start($stack);   # and nginx uses both
#     ...
#     $second->stop('TERM');
#
# It ends with its object, at the latest.

package Test::DevPilot::SecondWorker;

use strict;
use warnings;
use POSIX ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

sub start {
    my ($class, $stack, %environment) = @_;
    my $folder = $stack->folder;
    my $settings = Test::DevPilot::Folder::slurp($stack->worker_conf);

    $settings =~ s/^(endpoint = .*)worker\.ipc$/$1second.ipc/m or die "no endpoint\n";
    $settings =~ s/^(control_socket = .*)$/$1.second/m or die "no control socket\n";
    $settings =~ s/^(database = .*)$/$1 application_name=second/m or die "no database\n";
    Test::DevPilot::Folder::spew("$folder/second.conf", $settings);

    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        open(STDERR, '>', "$folder/log/second.log") or POSIX::_exit(126);
        @ENV{'APP_ENV', keys %environment} = ('local', values %environment);
        { exec(Test::DevPilot::Folder::build() . '/devpilot-worker', '-c', "$folder/second.conf") }
        POSIX::_exit(127);
    }

    return bless {pid => $pid}, $class;
}

# Makes nginx use both, with a deadline of 30 s.
sub use_both {
    my ($stack) = @_;

    $stack->edit_config(sub {
        s/(devpilot_deadline) \S+;/$1 30s;/;
        s/(devpilot_worker "[^"]*)worker\.ipc";/$1worker.ipc"; $1second.ipc";/;
    });
}

sub pid { $_[0]{pid} }

sub stop {
    my ($self, $signal) = @_;
    my $pid = delete $self->{pid} or return;

    local ($?, $!);

    kill($signal, $pid);
    waitpid($pid, 0);
}

sub DESTROY { $_[0]->stop('KILL') }

1;
