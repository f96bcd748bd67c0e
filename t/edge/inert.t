# Loaded without a directive of ours the module does nothing at all; a reload can
# bring it to life and put it to sleep again.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::UserAgent;
use Test::DevPilot::Folder;
use Test::DevPilot::Nginx;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $nginx = Test::DevPilot::Nginx->new;
my $ua = Mojo::UserAgent->new(max_connections => 0);

$ua->proxy->http(undef);

sub get {
    my ($path, %headers) = @_;

    return $ua->get($nginx->url . $path, \%headers)->res;
}

Test::DevPilot::Folder::spew("$nginx->{folder}/html/index.html", "a page\n");

# What nginx serves by itself.
sub nginx_alone_ok {
    my ($name) = @_;

    subtest $name => sub {
        my $page = get('/');
        my $missing = get('/projects');

        is $page->body, "a page\n", 'a file is served';
        is $page->headers->header('X-Request-Id'), undef, 'without an id';
        is $missing->code, 404, 'what is not there is a 404';
        like $missing->body, qr{<html>.*<center>nginx}s, "with nginx's own page";
        is $missing->headers->header('X-Request-Id'), undef, 'without an id';
        is get('/', 'X-Large' => 'x' x 40000)->code, 400, 'large headers are a 400';
        is $ua->post($nginx->url . '/', {} => 'x')->res->code, 405, 'and files are not posted to';
    };
}

$nginx->start;
nginx_alone_ok('without a directive nginx is as ever');
my $own_zones = zones();

# How many shared zones the nginx process has.
sub zones {
    my ($process) = Test::DevPilot::children_of($nginx->{pid});

    return scalar(() = Test::DevPilot::Folder::slurp("/proc/$process/maps") =~ m{ rw-s .*/dev/zero}g);
}

ok $nginx->reload(server => 'location /api/ { devpilot on; }'), 'a reload that brings it to life';

subtest 'only where it is switched on' => sub {
    refused_ok get('/api/projects'), 'ROUTE_NOT_FOUND', 'there';
    nginx_alone_ok('and nowhere else');
    is zones(), $own_zones + 7,
        'it has its shared memory now: control, metrics, buckets, principals, keys, abuse and events';
};

ok $nginx->reload(http => 'devpilot_kill_switch GLOBAL_WRITE on;', server => 'devpilot on;'), 'a reload with a switch';

subtest 'without a worker' => sub {
    is get('/health/live')->json->{status}, 'ok', 'it is alive';
    refused_ok get('/health/ready'), 'OPS_NOT_READY', 'but not ready';
    refused_ok get('/projects', Authorization => 'Bearer dp_abcdefgh_' . 'x' x 43), 'WORKER_UNAVAILABLE', 'and serves nothing';
    refused_ok $ua->post($nginx->url . '/projects')->res, 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'switches bind';
    like get('/metrics')->body, qr/^devpilot_edge_processes 1$/m, 'metrics are there';
};

ok $nginx->reload, 'a reload that takes every directive away';
nginx_alone_ok('and nginx is as ever');
is zones(), $own_zones, 'the shared memory is gone';

my $log = $nginx->log;

is $nginx->stop, 0, 'nginx ends well';
unlike $log, qr/\[(?:emerg|alert|crit)\]/, 'its log has no alert';

done_testing;
