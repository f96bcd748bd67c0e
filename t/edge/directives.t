# The directives: values that are allowed, and what nginx -t says to the others.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Nginx;
use Test::More;

my $nginx = Test::DevPilot::Nginx->new;

# Asserts that nginx -t takes a configuration.
sub allowed_ok {
    my ($name, %config) = @_;
    my ($status, $said) = $nginx->test(%config);

    is $status, 0, "allowed: $name" or diag $said;
}

# Asserts that it does not, and says all of `parts`.
sub refused_like {
    my ($parts, $name, %config) = @_;
    my ($status, $said) = $nginx->test(%config);

    is $status, 1, "refused: $name";
    like $said, qr/\[emerg\].*\Q$_\E/, "and says $_" for @$parts;
    like $said, qr/nginx\.conf:\d+/, 'and where';
}

my $unix = 'unix:/path or ipc:///path of at most 107 characters';
my $switches = 'GLOBAL_WRITE, BILLING, WEBHOOKS, BACKGROUND_JOBS, EXTERNAL_INTEGRATIONS, AI, SIGNUP';

# directive => {allowed => [...], refused => [[value, what is allowed], ...]}
my %values = (
    devpilot_deadline => {
        allowed => [qw(10ms 5s 5m 300s 1m30s)],
        refused => [map { [$_ => 'a time from 10ms to 5m'] } qw(0 9ms 301s 6m -1s never 5x 1.5s 99999999999999999999s)],
    },
    devpilot_feed_timeout => {
        allowed => [qw(1s 5s 1h 1500ms)],
        refused => [map { [$_ => 'a time from 1s to 1h'] } qw(0 999ms 61m -1s never)],
    },
    devpilot_max_in_flight => {
        allowed => [qw(1 1024 65535)],
        refused => [map { [$_ => 'a number from 1 to 65535'] } qw(0 65536 -1 1k many 1.5 0x10 99999999999999999999)],
    },
    devpilot_max_reply => {
        allowed => [qw(4k 4096 8m 64m 65536k)],
        refused => [map { [$_ => 'a size from 4k to 64m'] } qw(0 4095 3k 65m 1g -1 all 99999999999999999999)],
    },
    devpilot_bucket_zone => {
        allowed => [qw(64k 16m 1024m)],
        refused => [map { [$_ => 'a size from 64k to 1024m'] } qw(0 63k 1025m 1g -1 all)],
    },
    devpilot_abuse_zone => {
        allowed => [qw(64k 16m 1024m)],
        refused => [map { [$_ => 'a size from 64k to 1024m'] } qw(0 63k 1025m 1g -1 all)],
    },
    devpilot_principal_zone => {
        allowed => [qw(64k 16m 256m)],
        refused => [map { [$_ => 'a size from 64k to 256m'] } qw(0 63k 257m 1g -1 all)],
    },
    devpilot_principal_ttl => {
        allowed => [qw(100ms 60s 1h)],
        refused => [map { [$_ => 'a time from 100ms to 1h'] } qw(0 99ms 61m -1s never)],
    },
    devpilot_principal_refused_ttl => {
        allowed => [qw(100ms 5s 1h)],
        refused => [map { [$_ => 'a time from 100ms to 1h'] } qw(0 99ms 61m -1s never)],
    },
    devpilot_instance => {
        allowed => ['a', 'eu-1.edge_2:8080', 'x' x 64],
        refused => [map { [$_ => '1 to 64 letters, digits and .-_:'] } '""', '"a b"', 'a/b', 'x' x 65],
    },
    devpilot_worker => {
        allowed => ['ipc:///tmp/a.ipc', 'unix:/tmp/a.ipc', 'ipc:///' . 'x' x 106],
        refused => [map { [$_ => $unix] } 'tcp://127.0.0.1:5555', '127.0.0.1:5555', '/tmp/a.ipc', 'ipc://tmp/a.ipc',
                    'ipc:///', 'unix:', 'unix:a', 'localhost', 'http://localhost', 'ipc:///' . 'x' x 107],
    },
);

for my $directive (sort keys %values) {
    subtest $directive => sub {
        for my $value (@{$values{$directive}{allowed}}) {
            allowed_ok("$directive $value", http => "$directive $value;");
        }

        for my $row (@{$values{$directive}{refused}}) {
            my ($value, $allowed) = @$row;

            refused_like(['"' . $value =~ s/"//gr . '"', "\"$directive\"", $allowed], "$directive $value", http => "$directive $value;");
        }
    };
}

subtest 'devpilot_trace_trust' => sub {
    allowed_ok($_, http => "devpilot_trace_trust $_;")
        for qw(all none 192.0.2.1 192.0.2.0/24 2001:db8::/32 unix:), '10.0.0.0/8 fd00::/8 unix:';
    refused_like(['"' . (split / /)[-1] . '"', '"devpilot_trace_trust"', 'all, none, or addresses'], $_,
                 http => "devpilot_trace_trust $_;") for qw(some 192.0.2.0/33 192.0.2 unix:/a), '10.0.0.0/8 all', '10.0.0.0/8 none';
    refused_like(['is duplicate'], 'twice', http => 'devpilot_trace_trust all; devpilot_trace_trust none;');
};

subtest 'devpilot_kill_switch' => sub {
    for my $name (split(/, /, $switches)) {
        allowed_ok("$name $_", http => "devpilot_kill_switch $name $_;") for qw(on off);
    }

    for my $name (qw(GLOBAL global_write WRITE ALL), '""') {
        refused_like(['"' . $name =~ s/"//gr . '"', '"devpilot_kill_switch"', $switches], "$name",
                     http => "devpilot_kill_switch $name on;");
    }

    for my $value (qw(yes 1 true enabled)) {
        refused_like(["\"$value\"", '"devpilot_kill_switch"', '"on" or "off"'], "GLOBAL_WRITE $value",
                     http => "devpilot_kill_switch GLOBAL_WRITE $value;");
    }
};

subtest 'devpilot_abuse' => sub {
    allowed_ok("devpilot_abuse $_", http => "devpilot_abuse $_;") for qw(on off shadow);
    allowed_ok('in all contexts', http => 'devpilot_abuse on; server { devpilot_abuse shadow; location / { devpilot_abuse off; } }');
    refused_like(['"yes"'], 'yes', http => 'devpilot_abuse yes;');

    allowed_ok("devpilot_abuse_threshold $_", http => "devpilot_abuse_threshold $_;")
        for 'auth warn=1 throttle=2 block=3 window=1s', 'probe window=5m', 'probe window=239m', 'auth window=4h', 'burst ratio=10 for=1m', 'auth block=40';
    refused_like(["\"$_->[1]\"", '"devpilot_abuse_threshold"', $_->[2]], $_->[0], http => "devpilot_abuse_threshold $_->[0];")
        for ['login warn=1', 'login', 'one of auth, burst, probe'], ['auth warn=0', 'warn=0', 'a number up to 10000'],
            ['auth warn=', 'warn=', 'a number up to 10000'], ['auth window=1ms', 'window=1ms', 'a time from 100ms to 31d'],
            ['probe window=4h', 'window=4h', 'a time from 100ms to less than 4h'], ['auth ratio=3', 'ratio=3', 'warn=, throttle=, block= or window='], ['burst ratio=1', 'ratio=1', 'a number from 2 to 1000'];

    my ($status, $said) = $nginx->test(http => 'devpilot_abuse_threshold auth block=5;');

    is $status, 1, 'refused: thresholds that go down';
    like $said, qr/\[emerg\].*warn=10 throttle=20 block=5, which must not go down/, 'and says so';

    allowed_ok("devpilot_abuse_tiers $_", http => "devpilot_abuse_tiers $_;")
        for 'hold=5m block=15m block_max=24h forget=24h refill=25%', 'refill=100%', 'block=31d';
    refused_like(["\"$_->[0]\"", '"devpilot_abuse_tiers"', $_->[1]], $_->[0], http => "devpilot_abuse_tiers $_->[0];")
        for ['hold=1ms', 'a time from 100ms to 31d'], ['refill=25', 'a part from 1% to 100%'], ['refill=0%', 'a part from 1% to 100%'],
            ['block=32d', 'a time from 100ms to 31d'], ['wait=1s', 'hold=, block=, block_max=, forget= or refill='];

    allowed_ok("devpilot_abuse_exempt $_", http => "devpilot_abuse_exempt $_;") for '192.0.2.1', '192.0.2.0/24 2001:db8::/32',
        'unix:';
    refused_like(['"somewhere"', 'an address, a network'], 'no network', http => 'devpilot_abuse_exempt somewhere;');

    allowed_ok("devpilot_abuse_honeypot $_", http => "devpilot_abuse_honeypot $_;") for '/.env', '/.git/ /old score=20';
    refused_like(["\"$_\"", 'score=N or a path that begins with /'], "honeypot $_", http => "devpilot_abuse_honeypot $_;") for qw(env / a/b);
    refused_like(['"score=0"', 'a number up to 10000'], 'a honeypot for nothing', http => 'devpilot_abuse_honeypot /x score=0;');

    my $file = "$nginx->{folder}/patterns";

    Test::DevPilot::Folder::spew($file, "# two\n/a\n/b\n");
    allowed_ok("devpilot_abuse_probes $_", http => "devpilot_abuse_probes $_;") for $file, "$file score=7";
    Test::DevPilot::Folder::spew($file, "/a\n(\n");
    refused_like(["\"$file\", line 2: "], 'a pattern that is none', http => "devpilot_abuse_probes $file;");
    refused_like(['No such file'], 'a file that is not there', http => "devpilot_abuse_probes $file.not;");
};

subtest 'devpilot_limit' => sub {
    my $names = 'address, user, project, global, auth, auth_hour, signup, signup_day, ai, restart, project_creation, webhook';

    for my $name (split(/, /, $names)) {
        allowed_ok("$name $_", http => "devpilot_limit $name $_;")
            for 'off', 'rate=60/m burst=120', 'burst=10 rate=1000000/s refill=minute shadow', 'rate=5/h burst=5 refill=continuous';
    }

    allowed_ok('both kinds', http => 'devpilot_limit user rate=1/s burst=5 shadow; devpilot_limit user rate=2/s burst=9;');
    refused_like(['"users"', $names], 'a name', http => 'devpilot_limit users off;');
    refused_like(["\"$_\"", 'rate=N/s, N/m, N/h or N/d'], $_, http => "devpilot_limit user burst=5 $_;")
        for qw(rate=0/m rate=1 rate=/m rate=1/w rate=-1/s rate=1.5/s rate=1000001/s rate= shadows refill=hour off);
    refused_like(["\"$_\"", 'burst=N up to 1000000000'], $_, http => "devpilot_limit user rate=1/s $_;")
        for qw(burst=0 burst=1000000001 burst=-1 burst= burst=many);
    refused_like(['needs both rate= and burst='], "$_ alone", http => "devpilot_limit user $_;") for qw(rate=1/s burst=5 shadow);
    refused_like(['longer than a year'], 'a burst of 367 days', http => 'devpilot_limit user rate=1/d burst=367;');
    refused_like(['"devpilot_limit user" has burst=4', 'createProject costs 5'], 'RL-04: a burst below a cost',
                 http => 'devpilot_limit user rate=1/s burst=4;');
    refused_like(['"devpilot_limit global" has burst=4'], 'also in its shadow',
                 http => 'devpilot_limit global rate=1/s burst=4 shadow;');
    allowed_ok('operations of projects cost 1', http => 'devpilot_limit project rate=1/s burst=1;');

    for my $lines (['off', 'off'], ['off', 'rate=1/s burst=5'], ['rate=1/s burst=5', 'rate=2/s burst=5'],
                   ['off', 'rate=1/s burst=5 shadow'], ['rate=1/s burst=5 shadow', 'rate=1/s burst=5 shadow']) {
        refused_like(['"devpilot_limit" directive is duplicate'], join(', ', @$_),
                     http => join(' ', map { "devpilot_limit user $_;" } @$_)) for $lines, [reverse @$lines];
    }
};

subtest 'devpilot_kill_switch_file' => sub {
    my $file = "$nginx->{folder}/switches";
    my @names = (http => "devpilot_kill_switch_file $file;");

    allowed_ok('a file that is missing', @names);
    Test::DevPilot::Folder::spew($file, "# so\nAI too dear\n");
    allowed_ok('a file', @names);
    allowed_ok('a path from the prefix on', http => 'devpilot_kill_switch_file conf/switches;');

    for my $row (["AI\nBILING\n", 2], ["AI,BILLING\n", 1]) {
        my ($text, $line) = @$row;

        Test::DevPilot::Folder::spew($file, $text);
        refused_like(['"devpilot_kill_switch_file"', "line $line", $switches], "wrong in line $line", @names);
    }

    refused_like(['not a regular file'], 'a folder', http => "devpilot_kill_switch_file $nginx->{folder};");
};

subtest 'OPS_KILL_SWITCH (KS-03)' => sub {
    for my $list ('', 'GLOBAL_WRITE', 'GLOBAL_WRITE,BILLING', ' AI , SIGNUP ') {
        local $ENV{OPS_KILL_SWITCH} = $list;
        allowed_ok("\"$list\"", server => 'devpilot on;');
    }

    for my $row (['BILING', 'BILING'], ['AI,global_write', 'global_write'], ['AI,', '']) {
        local $ENV{OPS_KILL_SWITCH} = $row->[0];
        refused_like(["\"$row->[1]\" in the environment's OPS_KILL_SWITCH", $switches], $row->[0], server => 'devpilot on;');
        allowed_ok('nobody asks without a directive of ours', http => '');
    }
};

subtest 'devpilot_deterministic_ids (AUD-11)' => sub {
    for my $environment (qw(local development staging)) {
        local $ENV{APP_ENV} = $environment;
        allowed_ok("on, $environment", http => 'devpilot_deterministic_ids on;');
    }

    for my $environment ('production', 'Local', '', undef) {
        local $ENV{APP_ENV} = $environment;
        delete $ENV{APP_ENV} if !defined $environment;
        refused_like(['"devpilot_deterministic_ids" is refused in production'], 'on, ' . ($environment // 'without APP_ENV'),
                     http => 'devpilot_deterministic_ids on;');
        allowed_ok('off', http => 'devpilot_deterministic_ids off;');
    }
};

subtest 'flags' => sub {
    for my $directive (qw(devpilot devpilot_error_envelope)) {
        allowed_ok("$directive $_", server => "$directive $_;") for qw(on off);
        allowed_ok("$directive in a location", server => "location /a/ { $directive on; }");
        refused_like(['"yes"', "\"$directive\"", '"on" or "off"'], "$directive yes", server => "$directive yes;");
    }
};

# directive => two of them
my %twice = (
    devpilot                => [server => 'devpilot on; devpilot off;'],
    devpilot_error_envelope => [server => 'devpilot_error_envelope on; devpilot_error_envelope on;'],
    devpilot_deadline       => [http => 'devpilot_deadline 1s; devpilot_deadline 2s;'],
    devpilot_feed_timeout   => [http => 'devpilot_feed_timeout 1s; devpilot_feed_timeout 2s;'],
    devpilot_max_in_flight  => [http => 'devpilot_max_in_flight 1; devpilot_max_in_flight 2;'],
    devpilot_max_reply      => [http => 'devpilot_max_reply 4k; devpilot_max_reply 8k;'],
    devpilot_kill_switch    => [http => 'devpilot_kill_switch AI on; devpilot_kill_switch AI off;'],
    devpilot_kill_switch_file => [http => 'devpilot_kill_switch_file a; devpilot_kill_switch_file a;'],
    devpilot_instance       => [http => 'devpilot_instance a; devpilot_instance b;'],
    devpilot_deterministic_ids => [http => 'devpilot_deterministic_ids off; devpilot_deterministic_ids off;'],
    devpilot_worker         => [http => 'devpilot_worker ipc:///tmp/a; devpilot_worker unix:/tmp/a;'],
);

subtest 'nothing is said twice' => sub {
    for my $directive (sort keys %twice) {
        refused_like(["\"$directive\" directive is duplicate"], $directive, @{$twice{$directive}});
    }

    allowed_ok('two switches', http => 'devpilot_kill_switch AI on; devpilot_kill_switch SIGNUP on;');
    allowed_ok('two workers', http => 'devpilot_worker ipc:///tmp/a; devpilot_worker ipc:///tmp/b;');
    allowed_ok('a level of its own', server => 'devpilot on; location /a/ { devpilot off; }');
};

subtest 'everything has its place and its number of values' => sub {
    for my $directive (qw(devpilot_deadline devpilot_max_in_flight devpilot_max_reply devpilot_worker)) {
        refused_like(["\"$directive\" directive is not allowed here"], "$directive in a server", server => "$directive 5;");
        refused_like(["invalid number of arguments in \"$directive\""], "$directive alone", http => "$directive;");
    }

    refused_like(['"devpilot_kill_switch" directive is not allowed here'], 'devpilot_kill_switch in a server',
                 server => 'devpilot_kill_switch AI on;');
    refused_like(['invalid number of arguments in "devpilot_kill_switch"'], 'devpilot_kill_switch AI',
                 http => 'devpilot_kill_switch AI;');
    refused_like(["\"$_\" directive is not allowed here"], "$_ in http", http => "$_ on;")
        for qw(devpilot devpilot_error_envelope);
};

subtest 'the shipped configuration' => sub {
    my $conf = Test::DevPilot::Folder::root() . '/conf/devpilot.conf';
    my $text = Test::DevPilot::Folder::slurp($conf) =~ s{/var/log/nginx}{$nginx->{folder}}gr
        =~ s{(?=devpilot-probes)}{Test::DevPilot::Folder::root() . '/conf/'}er;

    allowed_ok('conf/devpilot.conf', http => $text =~ s/listen 80;/listen 127.0.0.1:18080;/r);

    # What keeps slow clients from starving others, and hosts out of redirects.
    my $run = Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/conf/nginx.conf.in');
    my @shared = $run =~ /^ *((?:client_\w+_timeout|send_timeout|keepalive_timeout|lingering_\w+|reset_timedout_connection|absolute_redirect|client_max_body_size) .*?;)/mg;

    cmp_ok scalar @shared, '>=', 8, 'what make run sets';
    like $text, qr/^ *\Q$_\E/m, "is shipped: $_" for @shared;
};

done_testing;
