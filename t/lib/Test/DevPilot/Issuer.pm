# A stand-in for an identity provider: discovery and a key set, over HTTP on
# loopback, from a process of its own.
#
#     my $issuer = Test::DevPilot::Issuer->start;
#     $issuer->says('503');             # 200, or a status for everything
#     my @asked = $issuer->asked;       # paths, since the last call
#     my $file = $issuer->provider_file(name => 'corp', ...);
#
# It ends with its object, at the latest.

package Test::DevPilot::Issuer;

use strict;
use warnings;
use File::Temp ();
use Mojo::JSON qw(encode_json);
use Mojo::Server::Daemon;
use Mojolicious;
use POSIX ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

# RFC 7517, appendix A.1
my %KEY = (
    kty => 'EC', crv => 'P-256', use => 'sig', kid => '1',
    x => 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
    y => '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
);

sub start {
    my ($class) = @_;
    my $port = Test::DevPilot::free_port();
    my $self = bless {owner => $$, port => $port, folder => File::Temp->newdir, seen => 0}, $class;

    $self->says('200');
    $self->{pid} = fork() // die "fork: $!\n";
    $self->serve if !$self->{pid};

    Test::DevPilot::wait_until(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) })
        or die "the issuer does not come up\n";

    return $self;
}

sub place { "127.0.0.1:$_[0]{port}" }
sub url   { 'http://' . $_[0]->place }

# A status for all that is asked from now on.
sub says {
    my ($self, $status) = @_;

    write_file("$self->{folder}/status.new", $status);
    rename("$self->{folder}/status.new", "$self->{folder}/status") or die "rename: $!\n";
}

sub asked {
    my ($self) = @_;
    my @all = -e "$self->{folder}/asked" ? split(/\n/, Test::DevPilot::Folder::slurp("$self->{folder}/asked")) : ();
    my @new = @all[$self->{seen} .. $#all];

    $self->{seen} = @all;

    return @new;
}

# A file for the setting identity_providers, with this issuer.
sub provider_file {
    my ($self, %members) = @_;
    my $path = "$self->{folder}/providers.json";

    write_file($path, encode_json({providers => [{issuer => $self->url, clientId => 'devpilot', %members}]}));
    chmod(0755, $self->{folder}) or die "chmod: $!\n";

    return $path;
}

sub write_file {
    my ($path, $text) = @_;

    open(my $out, '>', $path) or die "$path: $!\n";
    print $out $text;
    close $out or die "$path: $!\n";
}

sub serve {
    my ($self) = @_;
    my $app = Mojolicious->new;
    my $url = $self->url;
    my %documents = (
        '/.well-known/openid-configuration' => {
            issuer                 => $url,
            authorization_endpoint => "$url/authorize",
            token_endpoint         => "$url/token",
            jwks_uri               => "$url/jwks",
        },
        '/jwks' => {keys => [\%KEY]},
    );

    $app->log->level('fatal');
    $app->routes->any('/*rest' => sub {
        my ($c) = @_;
        my $path = $c->req->url->path->to_string;
        my $status = Test::DevPilot::Folder::slurp("$self->{folder}/status");

        open(my $asked, '>>', "$self->{folder}/asked") or die "$!\n";
        print $asked "$path\n";
        close $asked;

        return $c->render(json => $documents{$path}) if $status == 200 && $documents{$path};
        return $c->render(status => $status == 200 ? 404 : $status, text => 'no');
    });

    Mojo::Server::Daemon->new(app => $app, listen => [$self->url], silent => 1)->run;
    POSIX::_exit(0);
}

sub DESTROY {
    my ($self) = @_;

    return if $$ != $self->{owner};
    local ($?, $!);
    kill('KILL', $self->{pid});
    waitpid($self->{pid}, 0);
}

1;
