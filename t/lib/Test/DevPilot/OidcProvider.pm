# npm's oidc-provider as a real identity provider, on loopback.
#
#     my $provider = Test::DevPilot::OidcProvider->start($redirect_uri);
#     $provider->account(sub => '1', email => 'a@b.example', email_verified => \1);
#
# The package is installed below the build folder.  It ends with its object, at the
# latest.

package Test::DevPilot::OidcProvider;

use strict;
use warnings;
use File::Temp ();
use IO::Socket::INET;
use Mojo::JSON qw(encode_json);
use POSIX ();
use Test::DevPilot ();
use Test::DevPilot::Folder;

use constant RELEASE => 'oidc-provider@7.14.3'; # runs on Node 18

sub installed {
    my $folder = Test::DevPilot::Folder::build() . '/oidc';
    my $modules = "$folder/node_modules";

    return $modules if -d "$modules/oidc-provider";

    system('sh', '-c', 'mkdir -p "$1" && npm install --prefix "$1" --silent --no-audit --no-fund "$2" >/dev/null 2>&1',
           'sh', $folder, RELEASE) == 0
        or die "npm did not install " . RELEASE . "\n";

    return $modules;
}

sub start {
    my ($class, $redirect_uri, $port) = @_;
    my $modules = installed();
    my $self = bless {owner => $$, port => $port, folder => File::Temp->newdir}, $class;

    chmod(0755, $self->{folder}) or die "chmod: $!\n";
    $self->account(sub => 'nobody');
    $self->{pid} = fork() // die "fork: $!\n";

    if (!$self->{pid}) {
        open(STDOUT, '>', "$self->{folder}/log") or POSIX::_exit(126);
        open(STDERR, '>&', \*STDOUT);
        $ENV{NODE_MODULES} = $modules;
        { exec('node', Test::DevPilot::Folder::root() . '/t/oidc/provider.js', $port, $self->{folder}, $redirect_uri) }
        POSIX::_exit(127);
    }

    Test::DevPilot::wait_until(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) }, 30)
        or die 'oidc-provider does not come up: ' . Test::DevPilot::Folder::slurp("$self->{folder}/log");

    return $self;
}

sub place { "127.0.0.1:$_[0]{port}" }
sub url   { 'http://' . $_[0]->place }

# Who logs in from now on.
sub account {
    my ($self, %claims) = @_;

    write_file("$self->{folder}/account.new", encode_json(\%claims));
    rename("$self->{folder}/account.new", "$self->{folder}/account") or die "rename: $!\n";
}

# A file for the setting identity_providers.
sub provider_file {
    my ($self, @providers) = @_;
    my $path = "$self->{folder}/providers.json";

    write_file("$self->{folder}/secret", "s3cret\n");
    write_file($path, encode_json({providers => [map {
        {issuer => $self->url, clientId => 'devpilot', clientSecretFile => "$self->{folder}/secret", %$_}
    } @providers]}));

    return $path;
}

sub write_file {
    my ($path, $text) = @_;

    open(my $out, '>', $path) or die "$path: $!\n";
    print $out $text;
    close $out or die "$path: $!\n";
}

sub DESTROY {
    my ($self) = @_;

    return if $$ != $self->{owner};
    local ($?, $!);
    kill('KILL', $self->{pid});
    waitpid($self->{pid}, 0);
}

1;
