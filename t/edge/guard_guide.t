# docs/guard.md is true: its transcript, played with conf/guard.conf in front of an
# upstream that answers with what it was told.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::DevPilot::Nginx;
use Test::More;

my $root = Test::DevPilot::Folder::root();
my $stack = Test::DevPilot->start;
my $nginx = Test::DevPilot::Nginx->new;
my $upstream = Test::DevPilot::free_port();
my $switches = "$nginx->{folder}/kill-switches";
my ($worker) = Test::DevPilot::Folder::slurp($stack->nginx_conf) =~ /devpilot_worker "(.*?)";/;
my ($user) = Test::DevPilot::Folder::slurp($stack->nginx_conf) =~ /^(user .*;)/m;

my %places = (
    'ipc:///run/devpilot/sock/worker.ipc' => $worker,
    '/etc/devpilot/kill-switches'         => $switches,
    '/var/log/nginx'                      => $nginx->{folder},
    '127.0.0.1:3000'                      => "127.0.0.1:$upstream",
    'listen 80;'                          => "listen 127.0.0.1:$nginx->{port};",
    'http://localhost/'                   => $nginx->url . '/',
);

sub in_place {
    my ($text) = @_;

    $text =~ s/\Q$_\E/$places{$_}/g for keys %places;
    return $text;
}

my $conf = in_place(Test::DevPilot::Folder::slurp("$root/conf/guard.conf"));

$nginx->start(main => $user // '', http => <<"END");
devpilot_instance guide;
$conf
server {
    listen 127.0.0.1:$upstream;
    location / { return 200 "user=\$http_x_user_id org=\$http_x_org_id\\n"; }
}
END

# What is another one each time.
sub plain {
    my ($text) = @_;

    $text =~ s/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/ID/g;
    $text =~ s/"[0-9a-f]{32}"/"TRACE"/g;
    $text =~ s/"\d{4}-\d\d-\d\dT[\d:.]+Z"/"TIME"/g;
    $text =~ s/(Remaining-User: )\d+\r?/$1N/g;

    return $text;
}

sub output {
    my ($command) = @_;

    return do { local $ENV{KEY} = $stack->api_key; scalar `$command` };
}

ok wait_until(sub { output("curl -s -o /dev/null -w '%{http_code}' -X POST " . $nginx->url) eq '200' }),
    'the edge has heard of the worker and of the switches';

my @blocks = Test::DevPilot::Folder::slurp("$root/docs/guard.md") =~ /^```console\n(.*?)^```/msg;

for my $block (@blocks) {
    for my $step (split(/^(?=\$ )/m, $block)) {
        my ($command, $wanted) = $step =~ /\A\$ (.*?)\n(.*)\z/s;
        my $run = in_place($command);

        # The guide waits for a while, a test for the thing.
        wait_until(sub { plain(output($run)) eq plain($wanted) }) if $wanted =~ /503|KILL_SWITCH/;
        is plain(output($run =~ s/\Asleep .*/true/r)), plain($wanted), $command;
    }
}

cmp_ok scalar @blocks, '>=', 3, 'the transcript was found';
is $nginx->stop, 0, 'nginx ends well';
$stack->finish;
done_testing;
