# nginx without a master, as in a debugger: it serves; a reload is refused and
# changes nothing, as nginx prepares no process for the new configuration.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::UserAgent;
use Test::DevPilot;
use Test::DevPilot::Nginx;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $nginx = Test::DevPilot::Nginx->new;
my $ua = Mojo::UserAgent->new(max_connections => 0);
my $ours = 'location /api/ { devpilot on; }';

$ua->proxy->http(undef);

sub get { $ua->get($nginx->url . $_[0])->res }

# Asks for a reload to a configuration; true when nginx says that it is refused.
sub refuses {
    my (%config) = @_;
    my $before = () = $nginx->log =~ /takes a restart, not a reload/g;

    $nginx->configure(main => 'master_process off;', %config);
    kill('HUP', $nginx->{pid});

    return Test::DevPilot::wait_until(sub { $before < (() = $nginx->log =~ /takes a restart, not a reload/g) });
}

$nginx->start(main => 'master_process off;', server => $ours);
refused_ok get('/api/projects'), 'ROUTE_NOT_FOUND', 'it serves';

for my $row (['the same again' => $ours], ['another one' => "$ours location /more/ { devpilot on; }"], ['none of ours' => '']) {
    my ($name, $server) = @$row;

    ok refuses(server => $server), "a reload is refused: $name";
    refused_ok get('/api/projects'), 'ROUTE_NOT_FOUND', 'it goes on as before';
}

is $nginx->stop, 0, 'it ends well';

$nginx->start(main => 'master_process off;');
is get('/api/projects')->code, 404, 'an nginx that has nothing of ours';
ok refuses(server => $ours), 'cannot be brought to life by a reload';
is get('/api/projects')->code, 404, 'and goes on';
unlike $nginx->log, qr/signal 11|AddressSanitizer/, 'nothing crashed';

done_testing;
