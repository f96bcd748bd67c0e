# A server on a unix socket that says of nginx whatever a test wants.
#
#     my $puppet = Test::DevPilot::StatusPuppet->start("$folder/status.sock");
#     $puppet->says('{"build":{}}');       # the answer from now on
#     $puppet->refuses(404);

package Test::DevPilot::StatusPuppet;

use strict;
use warnings;
use Mojo::Server::Daemon ();
use Mojo::Util qw(url_escape);
use POSIX ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

sub start {
    my ($class, $socket) = @_;
    my $self = bless {socket => $socket, parent => $$}, $class;

    $self->says('{}');
    $self->{pid} = fork() // die "fork: $!\n";

    if (!$self->{pid}) {
        eval { $self->serve };
        POSIX::_exit(0);
    }

    Test::DevPilot::wait_until(sub { -S $socket }) or die "no $socket\n";

    return $self;
}

sub serve {
    my ($self) = @_;
    my $daemon = Mojo::Server::Daemon->new(
        listen => ['http+unix://' . url_escape($self->{socket})],
        silent => 1,
    );

    $daemon->unsubscribe('request')->on(request => sub {
        my ($server, $tx) = @_;
        my ($code, $text) = split(/\n/, Test::DevPilot::Folder::slurp("$self->{socket}.says"), 2);

        $tx->res->code($code);
        $tx->res->headers->content_type('application/json');
        $tx->res->body($text);
        $tx->resume;
    });
    $daemon->run;
}

sub socket { $_[0]{socket} }

sub answer {
    my ($self, $code, $text) = @_;
    my $path = "$self->{socket}.says";

    open(my $file, '>', "$path.new") or die "$path: $!\n";
    print {$file} "$code\n$text";
    close($file) or die "$path: $!\n";
    rename("$path.new", $path) or die "$path: $!\n";
}

sub says { $_[0]->answer(200, $_[1]) }

sub refuses { $_[0]->answer($_[1], '{}') }

sub DESTROY {
    my ($self) = @_;

    return if !$self->{pid} || $self->{parent} != $$;
    local $?;
    kill('TERM', $self->{pid});
    waitpid($self->{pid}, 0);
}

1;
