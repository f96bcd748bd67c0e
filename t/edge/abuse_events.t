# Events of abuse on their way to the audit trail, and blocks on their way back: each
# transition is recorded once, whoever is away or killed meanwhile.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Ctl;
use Test::DevPilot::Folder;
use Test::DevPilot::Prometheus;
use Test::More;
use Time::HiRes qw(time);

my $stack = Test::DevPilot->start(processes => 2);
my $bad_key = 'dp_' . 'A' x 8 . '_' . 'A' x 43;
my $spool = $stack->folder . '/nginx/events';
my $next = 0;

sub database { $stack->query($_[0]) }
sub metric { Test::DevPilot::Prometheus::sample($stack, $_[0]) }
sub waiting { metric('devpilot_audit_spool_events') }
sub fresh_address { sprintf('198.51.%d.%d', $next / 250 + 100, $next++ % 250 + 1) }

# Tiers in earnest, and room in the buckets.
sub abuse {
    my @directives = ('abuse on', @_, 'limit address rate=1000000/s burst=1000000000');

    $stack->edit_config(sub {
        s/^ *devpilot_(?:abuse(?:_threshold|_tiers|_exempt)?|limit address) .*\n//mg;
        s/(?=^ *devpilot_abuse_probes )/join('', map { "    devpilot_$_;\n" } @directives)/me;
    });
}

sub from {
    my ($address, $path, $key) = @_;

    return $stack->get($path, key => $key, headers => {'X-Forwarded-For' => $address});
}

# Failed authentications, until the address is blocked and refused once.
sub offend {
    my ($address) = @_;

    from($address, '/me', $bad_key) for 1 .. 40;

    return from($address, '/me', $bad_key)->code == 403;
}

# What the audit trail says of an address, the oldest first.
sub trail {
    my ($address) = @_;

    return database("select string_agg(concat_ws(' ', e.action, d.detail ->> 'from', d.detail ->> 'to', e.outcome), ', '
                                       order by e.at, e.seq)
                       from dp.audit_event e
                       join dp.audit_detail d using (seq)
                      where d.detail ->> 'subject' = '$address'");
}

my $offence = 'abuse.tier_escalated NORMAL WARN success, abuse.tier_escalated WARN THROTTLE success,'
    . ' abuse.tier_escalated THROTTLE BLOCK success, abuse.enforced BLOCK BLOCK denied';

sub trail_ok {
    my ($address, $name) = @_;

    wait_until(sub { trail($address) eq $offence }, 15);
    is trail($address), $offence, $name;
}

sub doubled { database('select count(*) - count(distinct id) from dp.audit_event') }

subtest 'ABU-05: each transition is recorded' => sub {
    abuse();

    my $address = fresh_address();

    ok offend($address), 'blocked';
    trail_ok($address, 'with each step');
    is database("select count(*) from dp.audit_event e join dp.audit_detail d using (seq)
                  where d.detail ->> 'subject' = '$address' and e.actor_type = 'edge' and e.org_id is null
                    and e.target_id is null and e.request_id is not null and e.leaf_hash = app.audit_leaf(e)"), 4,
        'as the edge\'s, without the address in its facts, with the request and a leaf hash';
    is database("select (d.detail ->> 'score') || ' ' || (d.detail -> 'signals' ->> 'auth') || ' ' || (d.detail ->> 'signal')
                   from dp.audit_event e join dp.audit_detail d using (seq)
                  where d.detail ->> 'subject' = '$address' and d.detail ->> 'to' = 'BLOCK' limit 1"), '40 40 auth',
        'and with the reason';
    ok wait_until(sub { waiting() == 0 }), 'nothing is left at the edge';
};

subtest 'ABU-05: in shadow mode, too' => sub {
    abuse('abuse_tiers block=1s hold=1s');
    $stack->edit_config(sub { s/devpilot_abuse on;/devpilot_abuse shadow;/ or die });

    my $address = fresh_address();

    is offend($address), '', 'nobody is refused';
    ok wait_until(sub { (trail($address) // '') =~ /THROTTLE BLOCK suppressed/ }), 'what would have been is recorded';
    is database("select count(*) from dp.abuse_block where name = '$address'"), 0, 'and no edge blocks for it';
    ok wait_until(sub { trail($address) =~ /abuse\.tier_expired WARN NORMAL/ }, 15), 'it ends';
    is database("select string_agg(distinct e.outcome || coalesce(e.request_id::text, ''), ',')
                   from dp.audit_event e join dp.audit_detail d using (seq)
                  where e.action like '%expired' and d.detail ->> 'subject' = '$address'"), 'suppressed',
        'in the shadow, and no request is the cause';
    abuse();
};

subtest 'ABU-05: a worker that is away' => sub {
    my @addresses = map { fresh_address() } 1 .. 5;

    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    ok wait_until(sub { from(fresh_address(), '/me', $bad_key)->code == 503 }), 'is gone';

    # Without a worker no credential is known to be bad; paths need none.
    for my $address (@addresses) {
        from($address, "/missing-$_") for 1 .. 40;
        is from($address, '/health/live')->code, 403, 'enforcement does not wait';
    }

    cmp_ok waiting(), '>=', 20, 'events wait';
    is database("select count(*) from dp.audit_detail where detail ->> 'subject' in ('" . join("','", @addresses) . "')"), 0,
        'nothing is recorded';
    $stack->release('worker');
    trail_ok($_, 'everything is, when it is back') for @addresses;
    is doubled(), 0, 'once';
};

subtest 'ABU-05: workers that are killed while they store' => sub {
    my @addresses;

    for my $round (1 .. 4) {
        my $pid = $stack->pid('worker');

        for (1 .. 3) {
            push @addresses, fresh_address();
            from($addresses[-1], "/missing-$_") for 1 .. 45;
        }

        kill('KILL', $pid);
        ok wait_until(sub { $stack->pid('worker') != $pid && $stack->get('/projects')->is_success }), "round $round";
    }

    trail_ok($_, 'nothing is lost') for @addresses;
    is doubled(), 0, 'nothing is doubled';
};

subtest 'ABU-05: nginx processes that are killed' => sub {
    my @addresses;

    $stack->expect(qr/worker process \d+ exited on signal 9/);

    for my $round (1 .. 4) {
        push @addresses, fresh_address();
        from($addresses[-1], "/missing-$_") for 1 .. 45;
        from($addresses[-1], '/health/live');
        kill('KILL', ($stack->nginx_processes)[$round % 2]);
        ok wait_until(sub { 2 == (() = $stack->nginx_processes) }), "round $round";
    }

    trail_ok($_, 'nothing is lost') for @addresses;
    is doubled(), 0, 'nothing is doubled';
};

# Kills all of nginx at once; it is started again unless it is held.
sub nginx_killed {
    my @pids = ($stack->pid('nginx'), $stack->nginx_processes);

    kill('STOP', $_) for @pids;
    kill('KILL', $_) for @pids;
}

sub nginx_is_back {
    my ($old) = @_;

    return wait_until(sub { $stack->pid('nginx') != $old && eval { $stack->get('/health/live')->is_success } }, 20);
}

subtest 'ABU-05: nginx is killed with events that no worker has' => sub {
    my $address = fresh_address();
    my $old = $stack->pid('nginx');

    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    from($address, "/missing-$_") for 1 .. 40;
    is from($address, '/health/live')->code, 403, 'blocked';
    ok wait_until(sub { file_has(4) }), 'the file has the events';
    nginx_killed();
    ok nginx_is_back($old), 'nginx is started again';
    cmp_ok waiting(), '>=', 4, 'and has them still';
    like $stack->log('nginx'), qr/\d+ events of "[^"]*" are to be stored/, 'as it says';
    $stack->release('worker');
    trail_ok($address, 'they are recorded');
    is doubled(), 0, 'once';
    ok wait_until(sub { !file_has(1) }), 'and gone from the file';
};

# Whether the spool has that many records: slots whose state says so.
sub file_has {
    my ($least) = @_;
    my $bytes = Test::DevPilot::Folder::slurp($spool);
    my $count = grep { (unpack('Q<', substr($bytes, $_ * 512, 8)) & 3) == 2 } 1 .. length($bytes) / 512 - 1;

    return $count >= $least;
}

subtest 'ABU-04: a block outlives nginx' => sub {
    my $address = fresh_address();
    my $old = $stack->pid('nginx');

    ok offend($address), 'blocked';
    trail_ok($address, 'recorded');
    ok wait_until(sub { database("select tier from dp.abuse_block where name = '$address'") eq 'BLOCK' }), 'and kept';
    nginx_killed();
    ok nginx_is_back($old), 'nginx is started again, with empty memory';

    my $begin = time();

    ok wait_until(sub { from($address, '/health/live')->code == 403 }), 'and blocks';
    cmp_ok time() - $begin, '<', 2, 'soon';
    is from(fresh_address(), '/health/live')->code, 200, 'nobody else';
};

subtest 'ABU-04: an operator lifts a block' => sub {
    my $address = fresh_address();

    ok offend($address), 'blocked';
    trail_ok($address, 'recorded');

    my $dry = Test::DevPilot::Ctl::run($stack, 'abuse', 'lift', $address, '--reason', 'drill', '--dry-run');

    is "$dry->{status} $dry->{out}", "0 it would be lifted\n", 'a dry run';
    is from($address, '/health/live')->code, 403, 'lifts nothing';

    my $begin = time();
    my $said = Test::DevPilot::Ctl::run($stack, 'abuse', 'lift', $address, '--reason', 'the office');

    is "$said->{status} $said->{out}", "0 $address is NORMAL at every nginx process\n", 'lifted';
    cmp_ok time() - $begin, '<', 2, 'within a second or so';
    is from($address, '/health/live')->code, 200, 'at once' for 1 .. 8;
    is database("select e.outcome || ' ' || (d.detail ->> 'reason') || ' ' || (d.detail ->> 'actor')
                   from dp.audit_event e join dp.audit_detail d using (seq)
                  where e.action = 'abuse.block_lifted' and d.detail ->> 'subject' = '$address'"),
        'success the office ' . getpwuid($<), 'and recorded, with who and why';
    ok offend($address), 'who goes on is blocked again';
    is Test::DevPilot::Ctl::json($stack, 'abuse', 'lift', $address, '--reason', 'again')->{lifted}, 1, 'as JSON';
    is from($address, '/health/live')->code, 200, 'lifted again';
};

subtest 'ABU-04: what cannot be lifted' => sub {
    my %mistakes = (
        'nobody'        => [[qw(lift --reason x)], 'lift takes an address, or the id of a credential'],
        'no subject'    => [[qw(lift everybody --reason x)], 'the subject must be an IPv4 or IPv6 address'],
        'no reason'     => [[qw(lift 192.0.2.1)], 'say why: --reason TEXT'],
        'an empty reason' => [['lift', '192.0.2.1', '--reason', ''], 'say why: --reason TEXT'],
        'another word'  => [[qw(raise 192.0.2.1 --reason x)], 'expected: kill-switch list, set or verify, abuse list, show or lift,'],
    );

    for my $what (sort keys %mistakes) {
        my $said = Test::DevPilot::Ctl::run($stack, 'abuse', @{$mistakes{$what}[0]});

        is $said->{status}, 64, $what;
        like $said->{err}, qr/\Q$mistakes{$what}[1]\E/, 'is said';
    }
};

subtest 'ABU-05: the end of a block is recorded once' => sub {
    abuse('abuse_tiers block=1s hold=1s');

    my $address = fresh_address();

    ok offend($address), 'blocked';
    ok wait_until(sub { (trail($address) // '') =~ /abuse\.block_expired BLOCK THROTTLE success/ }, 15), 'it ends';
    is database("select count(*) from dp.audit_event e join dp.audit_detail d using (seq)
                  where e.action = 'abuse.block_expired' and d.detail ->> 'subject' = '$address'"), 1, 'once';
    abuse();
};

subtest 'ABU-05 C41: no room' => sub {
    $stack->expect(qr/no room for events/);
    $stack->edit_config(sub { s/(devpilot_spool "[^"]*")/$1 size=64k/ or die });
    $stack->hold('worker');
    $stack->signal('worker', 'KILL');

    my @addresses;
    my $until = time() + 60;

    while (metric('devpilot_audit_spool_full') == 0 && time() < $until) {
        push @addresses, fresh_address();
        from($addresses[-1], "/missing-$_") for 1 .. 20;
    }

    is metric('devpilot_audit_spool_full'), 1, 'at some time there is none';
    cmp_ok metric('devpilot_audit_spool_dropped_total'), '>', 0, 'which is counted';
    like $stack->log('nginx'), qr/\[alert\].*no room for events/, 'and an alert';

    my $address = fresh_address();

    from($address, "/missing-$_") for 1 .. 39;
    is from($address, '/health/live')->code, 200, 'only blocks are decided';
    is metric('devpilot_abuse_transitions_total{subject="address",to="WARN"}'),
        do { from(fresh_address(), "/missing-$_") for 1 .. 12; metric('devpilot_abuse_transitions_total{subject="address",to="WARN"}') },
        'and no lower tier';
    from($address, '/missing-40');
    is from($address, '/health/live')->code, 403, 'but these';
    $stack->release('worker');
    ok wait_until(sub { (trail($address) // '') =~ /NORMAL BLOCK/ }, 20), 'for which there was room left';
    ok wait_until(sub { metric('devpilot_audit_spool_full') == 0 }, 20), 'there is room again';
    is doubled(), 0, 'nothing is doubled';
    $stack->edit_config(sub { s/ size=64k/ size=2m/ });
    is -s $spool, 2 * 1024 * 1024, 'a larger size is had at once';
    $stack->edit_config(sub { s/ size=2m// });
};

sub restarted_with {
    my ($change) = @_;
    my $old = $stack->pid('nginx');

    $stack->hold('nginx');
    $stack->signal('nginx', 'QUIT');
    wait_until(sub { !kill(0, $old) }) or die "nginx does not stop\n";
    $change->();
    $stack->release('nginx');

    return nginx_is_back($old);
}

subtest 'ABU-05: a file that is none of ours' => sub {
    for my $what (['another program\'s' => 'something else' x 100], ['of another layout' => "DPSPOOL0" . "\0" x 4088]) {
        ok restarted_with(sub { Test::DevPilot::Folder::spew($spool, $what->[1]) }), "$what->[0]";
        like $stack->log('nginx'), qr/is no file of events, or one of another layout/, 'is told of';
        is +(grep { Test::DevPilot::Folder::slurp($_) eq $what->[1] } glob("$spool.[0-9]*")), 1, 'and kept aside';
        is waiting(), 0, 'a new one begins empty';
    }
};

subtest 'ABU-05: slots that were torn' => sub {
    ok wait_until(sub { waiting() == 0 }), 'nothing waits';
    $stack->hold('worker');
    $stack->signal('worker', 'KILL');

    my $address = fresh_address();

    from($address, "/missing-$_") for 1 .. 40;
    from($address, '/health/live');
    ok wait_until(sub { file_has(4) }), 'four events are in the file';
    ok restarted_with(sub {
        my $bytes = Test::DevPilot::Folder::slurp($spool);
        my ($first) = grep { (unpack('Q<', substr($bytes, $_ * 512, 8)) & 3) == 2 } 1 .. length($bytes) / 512 - 1;

        substr($bytes, $first * 512 + 40, 4) ^= 'torn';
        Test::DevPilot::Folder::spew($spool, substr($bytes, 0, length($bytes) - 100));
    }), 'one of them is torn, and the file is cut off';
    is metric('devpilot_audit_spool_torn_total'), 1, 'which is counted';
    is waiting(), 3, 'the others are there';
    $stack->release('worker');
    ok wait_until(sub { waiting() == 0 }), 'and are recorded';
};

subtest 'ABU-05: a file that cannot be had' => sub {
    $stack->expect(qr/devpilot_spool: .* failed/);
    $stack->edit_config(sub { s/devpilot_spool "[^"]*"/devpilot_spool "\/nowhere\/events"/ or die });
    like $stack->log('nginx'), qr/\[alert\].*devpilot_spool: open\(\) "\/nowhere\/events" failed.*in memory only/, 'is an alert';

    my $address = fresh_address();

    ok offend($address), 'tiers go on';
    trail_ok($address, 'and are recorded');
    $stack->edit_config(sub { s/devpilot_spool "[^"]*"/devpilot_spool "$spool"/ or die });
    ok offend(fresh_address()), 'with a file again';
    ok wait_until(sub { waiting() == 0 }), 'too';
};

$stack->finish;
done_testing;
