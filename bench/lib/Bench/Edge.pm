# What the edge decides in shared memory, and what one would use otherwise: one
# process each, a tiny answer from memory behind it.

package Bench::Edge;

use strict;
use warnings;
use Bench::Load;
use Bench::Nginx;
use Bench::Token;
use Bench::Place;
use Digest::SHA ();
use DevPilot::Files;
use DevPilot::Secrets;

use constant CONNECTIONS => 64;
use constant ADDRESSES => 1_000_000;

# Many more than the smallest zone of principals has room for.
use constant TOKENS => 20_000;

# Where Debian puts modules.
my $installed = '/usr/lib/nginx/modules';

my $plenty = 'rate=1000000/s burst=100000000';
my @buckets = qw(address user project global);

# All that the sides have in common: whose request it is.
my $realip = 'set_real_ip_from 127.0.0.1; real_ip_header X-Forwarded-For;';

sub cells {
    my ($place) = @_;
    my $folder = $place->folder('edge');
    my $key = DevPilot::Secrets::api_key();

    Bench::Nginx::build($place);
    Bench::Nginx::responder_start($place, $folder);

    my %url = (nginx_starts($place, $folder), haproxy => haproxy_start($place, $folder, $key),
               fastify => fastify_start($place, $key));

    return (limiter_cells($place, \%url), caller_cells($place, \%url, $key), token_cells($place, \%url, $folder));
}

sub limiter_cells {
    my ($place, $url) = @_;
    my $live = sub { load($place, "$url->{$_[0]}/health/live", refused => scalar($_[0] =~ /refuse/), arguments => [@_[1 .. $#_]]) };
    my $many = 'addresses=' . ADDRESSES;

    return (
        cell('limiter passes, 1 address', 'content handler', 0.97, $live->('address'), $live->('hello')),
        cell('limiter passes, 1 address', 'limit_req', undef, $live->('address'), $live->('limit_req')),
        cell('limiter passes, 1M addresses', 'content handler', 0.97, $live->('address', $many), $live->('hello', $many)),
        cell('limiter passes, 1M addresses', 'limit_req', 1.2, $live->('address', $many), $live->('limit_req', $many)),
        cell('limiter refuses', 'content handler', 0.95, $live->('refuse'), $live->('hello')),
        cell('limiter refuses, 16 pipelined', 'limit_req', 1.3,
             $live->('refuse', 'pipelined=16'), $live->('limit_req_refuse', 'pipelined=16')),
    );
}

sub caller_cells {
    my ($place, $url, $key) = @_;
    my $me = sub { load($place, "$url->{$_[0]}/me", arguments => ["key=$key"]) };

    return (
        cell('cached API key', 'content handler', 0.95, $me->('key'), $me->('hello')),
        cell('tiers and log line', 'whole pipeline without both', 0.95, $me->('whole'), $me->('quiet')),
        cell('whole pipeline, with its log', 'content handler', 0.85, $me->('whole'), $me->('hello')),
        cell('whole pipeline, with its log', 'Lua token bucket', undef, $me->('whole'), $me->('lua')),
        cell('whole pipeline, with its log', 'HAProxy', 1.5, $me->('whole'), $me->('haproxy')),
        cell('whole pipeline, with its log', 'Fastify', 3.5, $me->('whole'), $me->('fastify')),
    );
}

# Both sides get the same requests; limits are included.
sub token_cells {
    my ($place, $url, $folder) = @_;
    my $path = "$folder/tokens";
    my $cookie = '__Host-devpilot_session=dps_' . 'A' x 43;

    # A token lives for less long than all benches run.
    my $with = sub {
        my ($side, $arguments) = @_;

        return sub { load($place, "$url->{$side}/me", arguments => [$arguments->()])->(@_) };
    };
    my $one = sub { 'key=' . Bench::Token::access(1) };
    my $many = sub {
        DevPilot::Files::spew($path, 0644, join('', map { Bench::Token::access($_) . "\n" } 1 .. TOKENS));
        return "keys=$path";
    };
    my $session = sub { "cookie=$cookie" };

    return (
        cell('JWT HS256 verified each time', 'content handler', 0.80, $with->('verify', $many), $with->('hello', $many)),
        cell('JWT HS256 cached', 'content handler', 0.95, $with->('quiet', $one), $with->('hello', $one)),
        cell('session cookie cached', 'content handler', 0.95, $with->('quiet', $session), $with->('hello', $session)),
    );
}

sub cell {
    my ($name, $against, $reach, $ours, $theirs) = @_;

    return {name => $name, against => $against, reach => $reach, ours => $ours, theirs => $theirs};
}

sub load {
    my ($place, $url, %load) = @_;

    return sub {
        return Bench::Load::wrk($_[0], connections => CONNECTIONS, url => $url,
                                script => "$place->{root}/bench/wrk/edge.lua", %load);
    };
}

# --- the sides ---------------------------------------------------------------------

# name => URL, ...
sub nginx_starts {
    my ($place, $folder) = @_;
    my %ours = ours_configs($folder);
    my %theirs = (hello => server(), limit_req_configs(), lua => lua_config());
    my $modules = "load_module $place->{builddir}/bench/hello_module.so;";
    my $ours = "load_module $place->{builddir}/ngx_http_devpilot_module.so;\n$modules";
    my $lua = join("\n", $modules, map { "load_module $installed/${_}_module.so;" } qw(ndk_http ngx_http_lua));

    return (
        nginxes($place, $folder, $ours, %ours),
        nginxes($place, $folder, $lua, lua => delete $theirs{lua}),
        nginxes($place, $folder, $modules, %theirs),
    );
}

sub nginxes {
    my ($place, $folder, $main, %config) = @_;

    return map {
        $_ => Bench::Nginx::start($place, $folder, name => $_, main => $main, http => "$realip\n$config{$_}")
    } sort keys %config;
}

# What answers at once, behind what a side checks before.
sub server {
    my ($location) = @_;

    return 'server { listen 127.0.0.1:PORT; location / { ' . ($location // '') . ' bench_hello; } }';
}

# Each with the buckets it measures, and the stages before the answer.
sub ours_configs {
    my ($folder) = @_;
    my $worker = "devpilot_worker ipc://$folder/responder.ipc;";
    my $format = 'log_format devpilot escape=none $devpilot_log_line;';
    # in the location: http {} has it off, which a second directive there does not undo
    my $log = "access_log $folder/edge.log devpilot buffer=64k flush=1s;";
    my $limits = sub {
        my (%rate) = @_;

        return join("\n", map { "devpilot_limit $_ " . ($rate{$_} // 'off') . ';' } @buckets);
    };
    my $server = server('devpilot on;');
    my @whole = ($worker, $limits->(map { $_ => $plenty } @buckets));

    return (
        address => join("\n", $worker, $limits->(address => $plenty), $server),
        refuse  => join("\n", $worker, $limits->(address => 'rate=1/m burst=1'), $server),
        key     => join("\n", $worker, $limits->(), $server),
        quiet   => join("\n", @whole, 'devpilot_abuse off;', $server),
        verify  => join("\n", @whole, 'devpilot_abuse off; devpilot_principal_zone 64k;', $server),
        whole   => join("\n", @whole, 'devpilot_abuse on;', $format, server("devpilot on; $log")),
    );
}

sub limit_req_configs {
    my $zone = sub { "limit_req_zone \$binary_remote_addr zone=address:256m rate=$_[0];" };

    return (
        limit_req        => $zone->('1000000r/s') . server('limit_req zone=address burst=1000000 nodelay;'),
        limit_req_refuse => $zone->('1r/m') . server('limit_req zone=address nodelay; limit_req_status 429; limit_req_log_level info;'),
    );
}

# A token bucket per API key in a shared dictionary: the time at which it is full.
sub lua_config {
    my $location = <<'END';
    access_by_lua_block {
        local key = ngx.var.http_authorization
        local buckets = ngx.shared.buckets
        local now = ngx.now()
        local full = tonumber(buckets:get(key) or 0)

        if full - now > 600 then
            return ngx.exit(429)
        end

        buckets:set(key, math.max(full, now) + 0.0000001, 600)
    }
END

    return 'lua_shared_dict buckets 64m; ' . server($location);
}

sub haproxy_start {
    my ($place, $folder, $key) = @_;
    my $port = Bench::Place::free_port();
    my $path = "$folder/haproxy.cfg";

    DevPilot::Files::spew("$folder/keys.map", 0600, uc(Digest::SHA::sha256_hex("Bearer $key")) . " bench\n");

    DevPilot::Files::spew($path, 0644, <<"END");
global
    nbthread 1
    maxconn 4096
defaults
    mode http
    timeout client 30s
    timeout connect 5s
    timeout server 30s
frontend edge
    bind 127.0.0.1:$port
    stick-table type string len 80 size 1m expire 60s store http_req_rate(60s)
    http-request deny deny_status 401 unless { req.hdr(authorization),sha2(256),hex,map_str($folder/keys.map) -m found }
    http-request track-sc0 req.hdr(authorization)
    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 4000000000 }
    http-request return status 200 content-type application/json file $folder/answer.json
END
    DevPilot::Files::spew("$folder/answer.json", 0644, '{"id":"' . 'x' x 170 . '"}');

    return listener($place, $port, name => 'haproxy', command => ['haproxy', '-db', '-f', $path]);
}

sub fastify_start {
    my ($place, $key) = @_;
    my $port = Bench::Place::free_port();

    return listener($place, $port,
        name        => 'fastify',
        command     => ['node', "$place->{root}/bench/peers/fastify.js", $port],
        environment => {BENCH_API_KEY => $key, NODE_PATH => "$place->{builddir}/bench/node_modules",
                        NODE_ENV => 'production'},
    );
}

sub listener {
    my ($place, $port, %spec) = @_;
    my $child = $place->start(%spec);

    $place->await($child, sub { Bench::Place::listens($port) });

    return "http://127.0.0.1:$port";
}

1;
