# Abuse tiers over HTTP: who is held what against, who is slowed down or refused,
# and what is said of it.  The numbers themselves are in t/unit/abuse_test.c.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;
use Time::HiRes qw(time);

my $stack = Test::DevPilot->start;
my $org_id = $stack->org_id;

# Directives for what follows, instead of those of before.
sub abuse {
    my @directives = @_;

    $stack->edit_config(sub {
        s/^ *devpilot_(?:abuse(?:_threshold|_tiers|_exempt)?|limit address|limit user) .*\n//mg;
        s/(?=^ *devpilot_abuse_probes )/join('', map { "    devpilot_$_;\n" } @directives)/me;
        s/^(?=events )/error_log "@{[$stack->folder]}\/log\/nginx.log" notice;\n/m if !/^error_log/m;
    });
}

my @roomy = ('limit address rate=1000000/s burst=1000000000', 'limit user rate=1000000/s burst=1000000000');
my $next = 0;

sub fresh_address { sprintf('198.51.%d.%d', $next / 250, $next++ % 250 + 1) }

# As somebody at that address: a path, with a key or without.
sub from {
    my ($address, $path, $key) = @_;

    return $stack->get($path, key => $key, headers => {'X-Forwarded-For' => $address});
}

sub someone { Test::DevPilot::Tenant::member($stack, $_[0] // $org_id, 'developer')->{key} }

sub samples { Test::DevPilot::Prometheus::samples($stack) }

sub moves_ok {
    my ($happens, $wanted, $name) = @_;
    my $before = samples();

    $happens->();

    my $after = samples();

    is $after->{$_} - $before->{$_}, $wanted->{$_}, "$name: $_" for sort keys %$wanted;
}

my $count = 0;

sub missing { '/missing-' . ++$count }

sub blocked_ok {
    my ($address, $name) = @_;
    my $response = from($address, '/health/live');

    return refused_ok($response, 'ABUSE_BLOCKED', $name, retry_after => $response->headers->header('Retry-After') // 'none');
}

my $bad_key = 'dp_' . 'A' x 8 . '_' . 'A' x 43;

subtest 'ABU-01 ABU-04: forty failed authentications block the address, and nobody else' => sub {
    abuse('abuse on', @roomy);

    my $address = fresh_address();

    moves_ok(sub { refused_ok(from($address, '/me', $bad_key), 'AUTH_KEY_INVALID', "failure $_") for 1 .. 40 }, {
        'devpilot_abuse_signals_total{signal="auth"}' => 40,
        'devpilot_abuse_transitions_total{subject="address",to="WARN"}' => 1,
        'devpilot_abuse_transitions_total{subject="address",to="THROTTLE"}' => 1,
        'devpilot_abuse_transitions_total{subject="address",to="BLOCK"}' => 1,
        'devpilot_abuse_refused_total{code="ABUSE_BLOCKED"}' => 0,
    }, 'forty');

    my $refused = from($address, '/me', $stack->api_key);

    refused_ok $refused, 'ABUSE_BLOCKED', 'a good key does not help', retry_after => $refused->headers->header('Retry-After');
    cmp_ok $refused->headers->header('Retry-After'), '>', 890, 'for a quarter of an hour';
    cmp_ok $refused->headers->header('Retry-After'), '<=', 900, 'and no longer';
    blocked_ok($address, 'not even what is public');
    is from(fresh_address(), '/me', $stack->api_key)->code, 200, 'the key is none of it: another address passes';
    like $stack->log('nginx'), qr/abuse: address \Q$address\E escalated: THROTTLE -> BLOCK, auth 40/, 'the error log tells';
    ok wait_until(sub { $stack->log('edge') =~ /"code":"ABUSE_BLOCKED"[^\n]*"rule":"auth","reason":"tier"/ }, 5), 'so does the log line';
};

subtest 'ABU-04: what we refuse ourselves is held against nobody' => sub {
    abuse('abuse on', 'abuse_tiers block=2s hold=1s', @roomy);

    my $address = fresh_address();

    from($address, '/me', $bad_key) for 1 .. 40;
    blocked_ok($address, 'blocked');
    from($address, missing()) for 1 .. 60;
    ok wait_until(sub { from($address, '/health/live')->code == 200 }, 10), 'being refused makes no block longer';
    ok wait_until(sub { from($address, '/health/live')->code == 200 && samples()->{'devpilot_abuse_tier_subjects{tier="BLOCK"}'} <= 1 }, 5),
        'the block is over';
};

subtest 'ABU-03: forty paths that are not there' => sub {
    abuse('abuse on', @roomy);

    my $address = fresh_address();

    refused_ok(from($address, '/nowhere'), 'ROUTE_NOT_FOUND', 'one path again and again') for 1 .. 50;
    is from($address, '/health/live')->code, 200, 'is one path';
    from($address, missing()) for 1 .. 38;
    is from($address, '/health/live')->code, 200, '39 are not 40';
    from($address, missing());
    blocked_ok($address, '40 are');
};

subtest 'ABU-03: patterns and honeypots count for more' => sub {
    abuse('abuse on', @roomy);

    my $address = fresh_address();

    moves_ok(sub { from($address, "/$_.php") for 1 .. 7 },
             {devpilot_abuse_patterns_total => 7, 'devpilot_abuse_signals_total{signal="probe"}' => 7}, 'patterns');
    is from($address, '/health/live')->code, 200, 'seven patterns do not block';
    from($address, '/8.php');
    blocked_ok($address, 'eight do');

    $address = fresh_address();
    moves_ok(sub { from($address, $_) for '/.env', '/.GIT/config', '/wp-login.php' },
             {'devpilot_abuse_signals_total{signal="honeypot"}' => 3}, 'honeypots');
    is from($address, '/health/live')->code, 200, 'three honeypots do not block';
    from($address, '/%2eenv');
    blocked_ok($address, 'the fourth does, however it is written');
};

subtest 'ABU-03: every list of the scanners gets its client blocked' => sub {
    abuse('abuse on', @roomy);

    for my $list (glob(Test::DevPilot::Folder::root() . '/t/vectors/paths/*.data')) {
        my $address = fresh_address();
        my @paths = map { m{\A/} ? $_ : "/$_" } grep { length && !/\A#/ } split(/\n/, Test::DevPilot::Folder::slurp($list));
        my $asked = 0;

        for my $path (@paths) {
            my $response = from($address, $path =~ s/([^\w.\/~-])/sprintf('%%%02X', ord $1)/ger);

            last if $response->code == 403;
            $asked++;
        }

        cmp_ok $asked, '<=', 40, "$list: after $asked paths";
        cmp_ok $asked, '<', @paths, 'of ' . @paths;
    }
};

subtest 'ABU-06: a credential is judged by itself, and so is the address it comes from' => sub {
    abuse('abuse on', @roomy);

    my $address = fresh_address();
    my $other_org = Test::DevPilot::Tenant::organization($stack);
    my ($prober, $neighbour) = (someone(), someone($other_org));
    my $project = sub { sprintf('/projects/%08x-0000-4000-8000-%012x', ++$count, $count) };

    refused_ok(from($address, $project->(), $prober), 'RESOURCE_NOT_FOUND', 'somebody tries ids') for 1 .. 40;

    my $refused = from($address, '/me', $prober);

    refused_ok $refused, 'ABUSE_BLOCKED', 'and is blocked', retry_after => $refused->headers->header('Retry-After');
    refused_ok from(fresh_address(), '/me', $prober), 'ABUSE_BLOCKED', 'wherever it comes from',
        retry_after => $refused->headers->header('Retry-After');
    is from($address, '/me', $neighbour)->code, 200, 'another tenant at the same address is none of it';
    is from($address, '/health/live')->code, 200, 'nor is the address';
};

subtest 'ABU-03: a known caller with a faulty client is no scanner' => sub {
    abuse('abuse on', @roomy);

    my $address = fresh_address();
    my $key = someone();
    my $bad = sub {
        my ($type, $body) = @_;

        return $stack->request(PATCH => sprintf('/projects/%08x-0000-4000-8000-%012x', ++$count, $count), key => $key, body => $body,
                             headers => {'X-Forwarded-For' => $address, 'Content-Type' => $type, 'If-Match' => '"1"'});
    };

    is $bad->('application/json', '{"name": 1}')->code, 422, 'a body that the schema refuses' for 1 .. 45;
    is $bad->('text/plain', 'x')->code, 415, 'or of another type' for 1 .. 45;
    is from($address, '/projects?limit=nonsense', $key)->code, 422, 'or a mistake in the query';
    is from($address, '/me', $key)->code, 200, 'is held against nobody';
};

subtest 'ABU-04: whose tier is THROTTLE pays four times as much' => sub {
    abuse('abuse on', 'limit address rate=1/m burst=120', $roomy[1]);

    my $address = fresh_address();

    from($address, '/me', $bad_key) for 1 .. 20;

    my $passed = 0;
    my $refused;

    until ($refused) {
        my $response = from($address, '/health/live');

        $response->code == 200 ? $passed++ : ($refused = $response);
    }

    # 20 failures, one of which a worker was asked about: 99 are left.
    cmp_ok $passed, '>=', 24, "a quarter of what was left passes: $passed";
    cmp_ok $passed, '<=', 25, 'and no more';
    refused_ok $refused, 'ABUSE_THROTTLED', 'then it is told so';
    is_deeply $refused->json->{error}{details}, {rule => 'address'}, 'and by which rule';
    cmp_ok $refused->headers->header('Retry-After'), '>', 50, 'and that it takes long';
    cmp_ok samples()->{'devpilot_abuse_refused_total{code="ABUSE_THROTTLED"}'}, '>=', 1, 'it is counted';
};

subtest 'ABU-02: a long burst is seen, a short one is not' => sub {
    abuse('abuse on', 'abuse_threshold burst for=1s warn=1 throttle=2 block=3 window=1m',
          'limit address rate=20/s burst=2000', $roomy[1]);

    my $address = fresh_address();

    from($address, '/health/live') for 1 .. 40;
    is samples()->{'devpilot_abuse_signals_total{signal="burst"}'}, 0, 'forty at once are none';

    my $until = time + 8;

    while (time < $until && !samples()->{'devpilot_abuse_signals_total{signal="burst"}'}) {
        from($address, '/health/live') for 1 .. 60;
    }

    cmp_ok samples()->{'devpilot_abuse_signals_total{signal="burst"}'}, '>=', 1, 'three times the refill and more is one';
};

subtest 'shadow: it decides, counts and logs, and refuses nobody' => sub {
    abuse('abuse shadow', @roomy);

    my $address = fresh_address();

    from($address, '/me', $bad_key) for 1 .. 40;
    moves_ok(sub { is from($address, '/health/live')->code, 200, 'a blocked address passes' },
             {devpilot_abuse_would_refuse_total => 1, 'devpilot_abuse_refused_total{code="ABUSE_BLOCKED"}' => 0}, 'shadow');
    like $stack->log('nginx'), qr/address \Q$address\E escalated \(shadow\): THROTTLE -> BLOCK/, 'the error log says shadow';

    abuse('abuse shadow', 'abuse_threshold auth warn=1 throttle=2 block=1000', 'limit address rate=1/m burst=20');
    $address = fresh_address();
    moves_ok(sub { from($address, '/me', $bad_key) for 1 .. 7 }, {devpilot_abuse_would_refuse_total => 0},
             'a throttled one has as many tokens as it had,');
    moves_ok(sub { is from($address, '/health/live')->code, 200, 'and passes' },
             {devpilot_abuse_would_refuse_total => 1, 'devpilot_abuse_refused_total{code="ABUSE_THROTTLED"}' => 0},
             'where they would be spent');

    abuse('abuse off', @roomy);
    moves_ok(sub { from($address, '/me', $bad_key) for 1 .. 3 }, {'devpilot_abuse_signals_total{signal="auth"}' => 0}, 'off');
};

subtest 'who is exempt' => sub {
    abuse('abuse on', 'abuse_exempt 203.0.113.0/24', @roomy);
    from('203.0.113.7', '/me', $bad_key) for 1 .. 45;
    is from('203.0.113.7', '/health/live')->code, 200, 'is never blocked';
};

subtest 'ABU-04: tiers outlive a reload and a zone of another size' => sub {
    abuse('abuse on', @roomy);

    my $address = fresh_address();

    from($address, '/me', $bad_key) for 1 .. 40;
    $stack->reload;
    blocked_ok($address, 'a reload');
    abuse('abuse on', 'abuse_zone 2m', @roomy);
    blocked_ok($address, 'another size');
    $stack->edit_config(sub { s/^ *devpilot_abuse_zone .*\n//m });
};

subtest 'ABU-04 C40: a block runs out tier by tier, and the next one is twice as long' => sub {
    abuse('abuse on', 'abuse_tiers block=1s hold=1s', 'abuse_threshold auth warn=1 throttle=2 block=3 window=1m', @roomy);

    my $address = fresh_address();
    my $lasted = sub {
        from($address, '/me', $bad_key) for 1 .. 3;
        blocked_ok($address, 'blocked');

        my $began = time;

        ok wait_until(sub { from($address, '/health/live')->code == 200 }, 10), 'it runs out';
        return time - $began;
    };
    my ($first, $second) = ($lasted->(), $lasted->());

    cmp_ok $first, '<', 1.6, "the first block: $first s";
    cmp_ok $second, '>', 1.4, "the second: $second s";
    ok wait_until(sub { $stack->log('nginx') =~ /address \Q$address\E expired: WARN -> NORMAL/ }, 10), 'NORMAL in the end';

    my @steps = $stack->log('nginx') =~ /address \Q$address\E expired: (\w+ -> \w+)/g;

    is_deeply [@steps[-3 .. -1]], ['BLOCK -> THROTTLE', 'THROTTLE -> WARN', 'WARN -> NORMAL'], 'step by step';
    ok wait_until(sub { $stack->log('nginx') =~ /\Q$address\E enforced/ }, 5), 'enforcement was told';
};

subtest 'ABU-03: an ordinary client\'s day raises no tier' => sub {
    abuse('abuse on', @roomy);

    my $address = fresh_address();
    my $key = someone();
    my $before = samples();
    my $id = $stack->create_project({name => 'A day'})->json->{id};

    from($address, $_) for qw(/favicon.ico /robots.txt /apple-touch-icon.png /.well-known/security.txt);
    from($address, '/me', $bad_key) for 1 .. 5;   # an old key, until somebody finds out
    from($address, '/projects') for 1 .. 3;       # no key at all

    for my $hour (1 .. 10) {
        from($address, $_, $key) for ('/projects', '/me', "/projects/$id", '/health/live') x 20;
        from($address, '/projekte', $key);                       # a mistyped path
        from($address, '/projects?limit=nonsense', $key);        # a mistake in a query
        from($address, "/projects/00000000-0000-4000-8000-00000000000$_", $key) for 1 .. 4; # what was deleted
    }

    from($address, '/projects', $key) for 1 .. 300; # a CI job

    my $after = samples();

    is $after->{$_}, $before->{$_}, $_ for grep { /transitions_total.*to="(?!NORMAL)/ } sort keys %$after;
    is from($address, '/me', $key)->code, 200, 'and passes in the end';
};

$stack->finish;
done_testing;
