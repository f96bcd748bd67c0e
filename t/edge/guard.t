# Guard mode without a worker: switches, address limits and headers that claim to
# be somebody, in front of files and of an upstream.  Everything else stays as
# nginx has it.

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
my $ua = Mojo::UserAgent->new(max_connections => 0, max_redirects => 0);
my $html = "$nginx->{folder}/html";

$ua->proxy->http(undef);
Test::DevPilot::Folder::spew("$html/index.html", "a page\n");
Test::DevPilot::Folder::spew("$html/own.html", "a page for errors\n");

sub request {
    my ($method, $path, %headers) = @_;

    return $ua->start($ua->build_tx($method => $nginx->url . $path, \%headers))->res;
}

sub get { request('GET', @_) }

# A server of our own port, and what else http is to have.
sub reload {
    my ($http, $server) = @_;

    $nginx->reload(http => $http, server => $server) or die "nginx did not reload\n";
}

# Everything of a response but what changes by itself.
sub shape {
    my ($response) = @_;
    my $headers = $response->headers->to_hash(1);

    delete @$headers{qw(Date ETag)};

    return {code => $response->code, headers => $headers, body => $response->body};
}

my @ordinary = (['GET', '/'], ['GET', '/own.html'], ['HEAD', '/'], ['GET', '/none'], ['POST', '/'], ['OPTIONS', '/'],
                ['GET', '/', Range => 'bytes=2-3'], ['GET', '/', 'X-Large' => 'x' x 40000], ['GET', '/closed'],
                ['GET', '/', Authorization => 'Bearer dp_abcdefgh_' . 'x' x 43]);

$nginx->start(server => 'location = /closed { deny all; }');

my @alone = map { shape(request(@$_)) } @ordinary;

reload('devpilot_guard on;', 'location = /closed { deny all; }');

subtest 'what is not refused is as without a guard' => sub {
    is_deeply shape(request(@{$ordinary[$_]})), $alone[$_], join(' ', map { substr($_, 0, 40) } @{$ordinary[$_]})
        for 0 .. $#ordinary;
};

subtest 'KILL-01 switches close a location to changes' => sub {
    reload('devpilot_guard on; devpilot_kill_switch GLOBAL_WRITE on; devpilot_kill_switch AI on;', <<'END');
location /ai { devpilot_guard_switch AI methods=all; alias html/; }
location /both { devpilot_guard_switch AI methods=all; devpilot_guard_switch GLOBAL_WRITE; alias html/; }
location /billing { devpilot_guard_switch BILLING; alias html/; }
location /open { devpilot_guard_switch off; alias html/; }
location /off { devpilot_guard off; alias html/; }
END
    refused_ok request($_, '/'), 'OPS_KILL_SWITCH_GLOBAL_WRITE', $_ for qw(POST PUT PATCH DELETE);
    is request($_, '/')->code, 200, "$_ reads" for qw(GET HEAD);
    isnt request('OPTIONS', '/')->code, 503, 'OPTIONS reads';
    refused_ok get('/ai'), 'OPS_KILL_SWITCH_AI', 'another switch, for all methods';
    refused_ok request('POST', '/both/'), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'of several the first is told';
    isnt request('POST', "/$_/")->code, 503, "$_ is not closed" for qw(billing open off);
};

subtest 'IDN-01 who somebody claims to be is not passed on; the trace is' => sub {
    my $port = Test::DevPilot::free_port();

    $nginx->reload(http => <<"END") or die "nginx did not reload\n";
server { listen 127.0.0.1:$port; location / { return 200 "<\$http_x_user_id><\$http_x_other><\$http_traceparent>"; } }
server {
    listen 127.0.0.1:$nginx->{port};
    devpilot_guard on;
    location / {
        proxy_pass http://127.0.0.1:$port;
        proxy_set_header X-User-Id \$devpilot_user_id;
        proxy_set_header traceparent \$devpilot_traceparent;
    }
    location /as-it-is { proxy_pass http://127.0.0.1:$port; }
}
END
    my %claims = ('X-User-Id' => 'mallory', 'X-Other' => 'x', traceparent => '00-' . '1' x 32 . '-' . '2' x 16 . '-01');
    my $trace = '1' x 32;

    like get('/', %claims)->body, qr/\A<><x><00-$trace-(?!2{16})[0-9a-f]{16}-01>\z/, 'by variables';
    like get('/as-it-is', %claims)->body, qr/\A<><x><00-$trace-2{16}-01>\z/, 'and by itself';
};

subtest 'error pages are judged, too' => sub {
    reload('devpilot_guard on; devpilot_kill_switch GLOBAL_WRITE on; devpilot_kill_switch AI on;', <<'END');
location /closed/ { devpilot_guard_switch AI methods=all; alias html/; }
location /page { error_page 503 /own.html; alias html/; }
location /again { error_page 503 /closed/own.html; alias html/; }
location /named { error_page 503 = @closed; alias html/; }
location @closed { devpilot_guard_switch AI methods=all; root html; try_files /own.html =404; }
location /missing { devpilot_guard off; error_page 404 = @closed; alias none/; }
location /absent { devpilot_guard off; error_page 404 /closed/own.html; alias none/; }
location /enveloped { devpilot_error_envelope on; error_page 503 /own.html; error_page 404 /own.html; alias html/; }
location = /own.html { devpilot_error_envelope on; root html; }
END
    is request('POST', '/page/')->body, "a page for errors\n", 'a page that is not refused';
    is request('POST', '/page/')->code, 503, 'has the status of the refusal';
    refused_ok request('POST', "/$_/"), 'OPS_KILL_SWITCH_AI', "one that is: $_" for qw(again named);
    refused_ok get("/$_/x"), 'OPS_KILL_SWITCH_AI', "also for nginx's own errors: $_" for qw(missing absent);
    is request('POST', '/enveloped/')->body, "a page for errors\n", 'the page goes before the envelope';
    is get('/enveloped/none')->body, "a page for errors\n", 'in every case';
};

subtest 'operations of the contract are no business of a guard' => sub {
    reload('devpilot_guard on; devpilot_guard_switch AI;', 'location /api/ { devpilot on; }');
    refused_ok get('/api/nowhere'), 'ROUTE_NOT_FOUND', 'there the contract rules';
    is get('/none')->headers->content_type, 'text/html', 'elsewhere nginx does';
    reload('devpilot_guard on;', 'devpilot on; error_page 404 /own.html;');
    is get('/nowhere')->body, "a page for errors\n", 'and a page of its own goes before its envelope';
};

subtest 'RL-01 addresses are limited, redirects cost nothing' => sub {
    is $nginx->stop, 0, 'nginx begins anew, and so do its buckets';
    unlike $nginx->log, qr/\[(?:alert|crit)\]/, 'its log has no alert';
    $nginx->start(http => <<'HTTP', server => <<'END');
devpilot_guard on;
devpilot_limit address rate=1/d burst=6;
limit_req_zone $server_port zone=own:64k rate=1r/m;
HTTP
location /limited { error_page 429 = @limited; alias html/; }
location @limited { limit_req zone=own; limit_req_status 429; root html; try_files /own.html =500; }
location /try { try_files /none /index.html; }
location /sub { auth_request /allowed; alias html/; }
location = /allowed { devpilot_guard off; empty_gif; }
location /any { satisfy any; allow all; deny all; alias html/; }
location /off { devpilot_guard off; alias html/; }
location /mine { error_page 429 /own.html; alias html/; }
location /named { error_page 429 = @slow; alias html/; }
location @slow { root html; try_files /own.html =500; }
location /plain { devpilot_error_envelope off; alias html/; }
END
    is get('/')->code, 200, 'a directory, by its index' for 1 .. 3;
    is get('/try')->code, 200, 'try_files' for 1 .. 2;
    is get('/any/')->code, 200, 'satisfy any';

    my $refused = get('/');

    refused_ok $refused, 'RATE_LIMIT_IP', 'the seventh request';
    like $refused->headers->header('RateLimit'), qr/\A"address";r=0;t=\d+\z/, 'says what is left';
    refused_ok get($_), 'RATE_LIMIT_IP', $_ for qw(/try /any/ /none);
    is get('/off/')->body, "a page\n", 'elsewhere there is no limit';

    my $own = get('/mine/');

    is $own->code, 429, 'a page of ones own';
    is $own->body, "a page for errors\n", 'is served';
    is get('/named/')->body, "a page for errors\n", 'a named location, too';
    is get('/limited/')->body, "a page for errors\n", 'one with a limit of nginx';
    like get('/limited/')->body, qr/<html>.*429/s, 'which has a page of its own';
    like get('/plain/')->body, qr/<html>.*429/s, "or nginx's own page";
};

subtest 'what is refused, or warned of, with the configuration' => sub {
    my ($status, $said) = $nginx->test(server => 'location /x { devpilot_guard on; return 200; }');

    is $status, 0, 'a return is allowed';
    like $said, qr/\[warn\].*"devpilot_guard" does nothing where "return"/, 'but said';
    ($status, $said) = $nginx->test(http => 'devpilot_guard on;', server => 'location /x { return 200; }');
    unlike $said, qr/\[warn\]/, 'not where the guard is inherited';

    for my $row (['devpilot_guard_credential required;', qr/"devpilot_guard_credential required" needs a "devpilot_worker"/],
                 ['devpilot_guard_cost 121;', qr/"devpilot_guard_cost 121" is more than burst=120 of "devpilot_limit user"/],
                 ['devpilot_guard_credential maybe;', qr/"maybe".*off, optional or required/],
                 ['devpilot_guard_cost -1;', qr/"-1".*a number from 0 to 1000000/],
                 ['devpilot_guard_cost 1; devpilot_guard_cost 1;', qr/is duplicate/],
                 ['devpilot_guard_credential off; devpilot_guard_credential off;', qr/is duplicate/],
                 ['devpilot_guard_switch NONE;', qr/"NONE".*GLOBAL_WRITE, BILLING/],
                 ['devpilot_guard_switch AI methods=GET;', qr/"methods=GET".*methods=all/],
                 ['devpilot_guard_switch AI; devpilot_guard_switch off;', qr/cannot be off and on/],
                 ['devpilot_guard_switch off; devpilot_guard_switch AI;', qr/cannot be off and on/],
                 ['devpilot_guard_switch off AI;', qr/"off".*GLOBAL_WRITE/])
    {
        my ($directives, $message) = @$row;
        my ($status, $said) = $nginx->test(http => "devpilot_guard on; $directives");

        is $status, 1, $directives;
        like $said, qr/\[emerg\].*$message/, 'why';
    }

    ($status, $said) = $nginx->test(http => 'devpilot_guard_cost 121; devpilot_guard_credential required;');
    is $status, 0, 'without a guard they mean nothing' or diag $said;
};

is $nginx->stop, 0, 'nginx ends well';
unlike $nginx->log, qr/\[(?:alert|crit)\]/, 'its log has no alert';
done_testing;
