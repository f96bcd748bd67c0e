# devpilotctl: kill switches listed, turned and verified over the local socket,
# and what the audit trail has of it.

use strict;
use warnings;
use File::Copy qw(copy);
use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Build qw(run);
use Test::DevPilot::Connection;
use Test::DevPilot::Ctl;
use Test::DevPilot::Folder;
use Test::DevPilot::Hold;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

use constant {USAGE => 64, UNAVAILABLE => 69, NO_PERMISSION => 77};

my $stack = Test::DevPilot->start(limits => 'high');
my ($file) = Test::DevPilot::Folder::slurp($stack->nginx_conf) =~ /devpilot_kill_switch_file "(.*)";/;

# What is held is not to meet its deadline, nor a slow client his.
$stack->edit_config(sub {
    s/(devpilot_deadline) \S+;/$1 30s;\n    devpilot_instance edge-1;/;
    s/(client_body_timeout) \S+;/$1 60s;/;
});

sub ctl { Test::DevPilot::Ctl::run($stack, 'kill-switch', @_) }

sub listed {
    my ($name) = @_;
    my ($switch) = grep { $_->{name} eq $name } @{Test::DevPilot::Ctl::json($stack, qw(kill-switch list))->{switches}};

    return $switch;
}

my @global = qw(--reason drill --confirm GLOBAL_WRITE);

sub create { $stack->create_project({name => 'A write'}) }

sub post { ['POST', '/projects', json => {name => $_[0]}, idempotency_key => $stack->fresh_key] }

# Events of a switch since the test last asked: action, source, instance and reason.
my $seq = -1;

sub events {
    my $rows = $stack->query("select e.seq, e.action, d.detail ->> 'source', d.detail ->> 'instance',"
        . " d.detail ->> 'actor', coalesce(d.detail ->> 'reason', d.detail ->> 'note')"
        . " from dp.audit_event e join dp.audit_detail d using (seq)"
        . " where e.action like 'kill_switch.%' and e.seq > $seq order by e.seq");
    my @events;

    for my $row (split(/\n/, $rows)) {
        ($seq, my @event) = split(/\|/, $row);
        push @events, join(' ', grep { length } @event);
    }

    return @events;
}

# Waits until there are `count` more of them.
sub events_are {
    my ($name, @expected) = @_;
    my @found;

    wait_until(sub { push @found, events(); @found >= @expected });
    is_deeply \@found, \@expected, $name;
}

subtest 'the command line (KS-07)' => sub {
    my %mistakes = (
        'no command'        => [[], 'expected: kill-switch list, set or verify,'],
        'an unknown one'    => [['flip'], 'expected: kill-switch list, set or verify,'],
        'no name'           => [['set'], 'set takes a name, and on or off'],
        'neither on nor off' => [[qw(set AI maybe --reason x)], 'neither on nor off: maybe'],
        'no reason'         => [[qw(set AI on)], 'say why: --reason TEXT'],
        'a strange option'  => [[qw(list --force)], 'that is no option'],
        'a strange time'    => [[qw(set AI on --reason x --expires soon)], 'not a time such as 30s, 10m, 2h or 1d: --expires'],
        'no time at all'    => [[qw(set AI on --reason x --expires 0s)], 'not a time such as 30s, 10m, 2h or 1d: --expires'],
        'an unknown switch' => [[qw(set BILING on --reason x)], 'there is no such kill switch; it is GLOBAL_WRITE, BILLING,'],
        'a reason of two lines' => [['set', 'AI', 'on', '--reason', "a\nb"], 'the reason must be one line'],
        'a reason too long' => [['set', 'AI', 'on', '--reason', 'x' x 201], 'the reason must be one line'],
        'no confirmation'   => [[qw(set GLOBAL_WRITE on --reason x)], '--confirm GLOBAL_WRITE'],
        'another confirmation' => [[qw(set GLOBAL_WRITE on --reason x --confirm AI)], '--confirm GLOBAL_WRITE'],
    );

    for my $what (sort keys %mistakes) {
        my ($arguments, $says) = @{$mistakes{$what}};
        my $said = ctl(@$arguments);

        is $said->{status}, USAGE, $what;
        like $said->{err}, qr/\Q$says\E/, 'is named';
        is $said->{out}, '', 'on stderr';
    }

    is scalar(events()), 0, 'and nothing is changed';

    my $dry = ctl(qw(set GLOBAL_WRITE on --dry-run), @global);

    is "$dry->{status} $dry->{out}", "0 it would be turned on\n", 'a dry run';
    is scalar(events()), 0, 'changes nothing';

    my $help = Test::DevPilot::Ctl::run($stack, '--help');

    is $help->{status}, 0, '--help';
    like $help->{out}, qr/kill-switch set NAME on\|off --reason TEXT/, 'says how';
    like Test::DevPilot::Ctl::run($stack, '--version')->{out}, qr/\Adevpilotctl \d+\.\d+\.\d+\n\z/, '--version';

    my $nobody = Test::DevPilot::Ctl::run($stack, '--socket', '/nonexistent', qw(kill-switch list));

    is $nobody->{status}, UNAVAILABLE, 'no worker';
    like $nobody->{err}, qr{no answer from /nonexistent: No such file}, 'is said';
};

subtest 'a list of switches that are off (KS-07)' => sub {
    my $list = Test::DevPilot::Ctl::json($stack, qw(kill-switch list));

    is $list->{database}, 'ok', 'the database answers';
    is join(' ', map { "$_->{name}=$_->{state}" } @{$list->{switches}}),
        'GLOBAL_WRITE=off BILLING=off WEBHOOKS=off BACKGROUND_JOBS=off EXTERNAL_INTEGRATIONS=off AI=off SIGNUP=off',
        'all seven';

    my @processes = $stack->nginx_processes;

    ok wait_until(sub {
        my $now = Test::DevPilot::Ctl::json($stack, qw(kill-switch list));

        return join(' ', sort { $a <=> $b } map { $_->{process} } grep { $_->{instance} eq 'edge-1' && $_->{current} }
                    @{$now->{processes}}) eq join(' ', @processes);
    }), 'every nginx process, and that it is current';

    my $said = ctl('list');

    like $said->{out}, qr/^generation \d+$/m, 'the generation';
    like $said->{out}, qr/^GLOBAL_WRITE +off +0$/m, 'a switch';
    like $said->{out}, qr/^edge-1 +$processes[0] +\d+ +0 +current$/m, 'a process';
    unlike $said->{out}, qr/\033/, 'no colours where nobody sees them';
};

subtest 'turned on and off (KS-01, KS-04, KS-07)' => sub {
    my $said = ctl(qw(set GLOBAL_WRITE on), @global);

    is $said->{status}, 0, 'on' or diag explain $said;
    like $said->{out}, qr/\AGLOBAL_WRITE effective: no write of its class is under way any more\n\z/, 'and effective';
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'every process refuses' for 1 .. 4;
    events_are('the event says who and why', 'kill_switch.turned_on database root drill');

    my $switch = listed('GLOBAL_WRITE');

    is $switch->{state}, 'effective', 'listed as such';
    is_deeply [map { "$_->{source} $_->{actor} $_->{reason}" } @{$switch->{sources}}], ['database root drill'],
        'with source, actor and reason';
    like $switch->{sources}[0]{since}, qr/\A\d{4}-\d\d-\d\dT/, 'and since when';
    like ctl('list')->{out}, qr/^GLOBAL_WRITE +effective +0\n    database since \S+ by root: drill$/m, 'also for people';

    is_deeply [@{Test::DevPilot::Ctl::json($stack, qw(kill-switch set GLOBAL_WRITE off), @global)}{qw(name on state)}],
        ['GLOBAL_WRITE', Mojo::JSON->false, 'off'], 'off, as JSON';
    is create()->code, 201, 'a write';
    events_are('recorded', 'kill_switch.turned_off database root drill');
};

subtest 'it goes off by itself (KS-07)' => sub {
    is ctl(qw(set AI on --reason dear --expires 2s))->{status}, 0, 'on for two seconds';
    like ctl('list')->{out}, qr/^    database since \S+ by root until \S+: dear$/m, 'until then';
    ok wait_until(sub { listed('AI')->{state} eq 'off' }), 'off';
    events_are('recorded', 'kill_switch.turned_on database root dear', 'kill_switch.expired database dp_worker dear');
};

# --- the drain ---------------------------------------------------------------------

# A snapshot of the database: what is committed is in it.
sub snapshot { $stack->query('select pg_current_snapshot()') }

sub committed_behind {
    my ($snapshot) = @_;

    return $stack->query('select count(*) from dp.project'
                         . " where not pg_visible_in_snapshot(xmin::text::xid8, '$snapshot')");
}

subtest 'writes in flight are waited for, none is committed afterwards (KS-01)' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @in_flight = Test::DevPilot::Connection::send_all($stack, map { post('In flight') } 1 .. 3);

    ok $hold->has(3), 'three writes are behind the gate';

    my $ctl = Test::DevPilot::Ctl->begin($stack, qw(kill-switch set GLOBAL_WRITE on), @global);

    ok wait_until(sub { $ctl->err =~ /^GLOBAL_WRITE draining: writes that began before are under way, with workers 3$/m }),
        'it is draining, and says so' or diag $ctl->err;
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'what comes now is refused';
    is listed('GLOBAL_WRITE')->{state}, 'draining', 'listed as draining';
    is listed('GLOBAL_WRITE')->{writes}, 3, 'with its writes';
    ok $ctl->running, 'it still waits';
    $hold->release;

    my $said = $ctl->end;
    my $effective = snapshot();

    is $said->{status}, 0, 'effective' or diag explain $said;
    like $said->{out}, qr/\AGLOBAL_WRITE effective/, 'and says so';
    is join(' ', map { $_->response->code } @in_flight), '201 201 201', 'the three were finished';
    is committed_behind($effective), 0, 'before it was effective';
    ctl(qw(set GLOBAL_WRITE off), @global);
};

subtest 'under load, nothing is committed behind an effective switch (KS-01)' => sub {
    my @clients = map { client() } 1 .. 4;

    ok wait_until(sub { $stack->query("select count(*) from dp.project where name = 'Load'") > 20 }), 'writes pour in';

    for my $round (1 .. 3) {
        is ctl(qw(set GLOBAL_WRITE on), @global)->{status}, 0, 'effective';

        my $effective = snapshot();

        refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'a write' for 1 .. 10;
        is committed_behind($effective), 0, 'nothing was committed afterwards';
        is ctl(qw(set GLOBAL_WRITE off), @global)->{status}, 0, 'off';
        ok wait_until(sub { committed_behind($effective) > 0 }), 'now something is';
    }

    kill('KILL', $_) for @clients;
    waitpid($_, 0) for @clients;
};

# A process that creates projects for ever.
sub client {
    my $pid = fork() // die "fork: $!\n";

    return $pid if $pid;

    delete $stack->{ua};
    $stack->create_project({name => 'Load'}) while 1;
}

# The directive and the file of this nginx: how each is turned on or off.
my %ways = (
    directive => sub {
        my ($on) = @_;

        $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/"$1 " . ($on ? 'on' : 'off') . ';'/e });
    },
    file => sub { file_says($_[0] ? "GLOBAL_WRITE drill\n" : "\n") },
);

for my $way (sort keys %ways) {
    subtest "under load, nothing is committed behind an effective switch: $way (KS-01, KS-05)" => sub {
        my @clients = map { client() } 1 .. 4;

        for my $round (1 .. 3) {
            ok wait_until(sub { create()->code == 201 }, 20), 'writes pour in';
            $ways{$way}->(1);
            ok wait_until(sub { listed('GLOBAL_WRITE')->{state} eq 'effective' }, 30), 'effective';

            my $effective = snapshot();

            refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'a write' for 1 .. 10;
            is committed_behind($effective), 0, 'nothing was committed afterwards';
            $ways{$way}->(0);
            ok wait_until(sub { committed_behind($effective) > 0 }, 20), 'off, something is';
            # What nginx reported last is still that it is effective, for a moment.
            ok wait_until(sub { listed('GLOBAL_WRITE')->{state} eq 'off' }, 20), 'and the list says so';
        }

        kill('KILL', $_) for @clients;
        waitpid($_, 0) for @clients;
    };
}

subtest 'several at once (KS-07)' => sub {
    my %name = map { $_ => 1 } qw(BILLING WEBHOOKS AI SIGNUP);
    my @together = map { Test::DevPilot::Ctl->begin($stack, qw(kill-switch set), $_, qw(on --reason together)) } sort keys %name;

    push @together, map { Test::DevPilot::Ctl->begin($stack, qw(kill-switch), $_) } qw(list verify list verify);
    is join(' ', map { $_->end->{status} } @together), join(' ', (0) x 8), 'each is answered';
    is join(' ', map { listed($_)->{state} } sort keys %name), join(' ', ('effective') x 4), 'all of them are on';

    # One switch, two who do not agree: the last one has it.
    my @rivals = map { Test::DevPilot::Ctl->begin($stack, qw(kill-switch set AI), $_, qw(--reason rivals)) } qw(on off) x 4;
    my @ends = map { $_->end->{status} } @rivals;

    is scalar(grep { $_ > 1 } @ends), 0, 'rivals are answered' or diag "@ends";
    is ctl('set', $_, qw(off --reason together))->{status}, 0, "$_ off" for sort keys %name;
    events();
};

subtest 'of another user (KS-07)' => sub {
    my $socket = $stack->variable('DEVPILOT_CONTROL_SOCKET');
    my ($mode, $folder_mode) = map { (stat $_)[2] & 07777 } $socket, $socket =~ s{/[^/]*\z}{}r;

    plan skip_all => 'only root can be another user' if $> != 0;

    # That the folder alone keeps him out would prove nothing of the socket.
    my $open = File::Temp->newdir(DIR => '/tmp');
    chmod(0755, $open);
    link($socket, "$open/socket") or plan skip_all => "link: $!";

    # The build folder may be closed to him, too.
    copy(Test::DevPilot::Folder::build() . '/devpilotctl', "$open/devpilotctl") or die "devpilotctl: $!\n";
    chmod(0755, "$open/devpilotctl");

    my ($status, $said) = run($open, qw(setpriv --reuid=65534 --regid=65534 --clear-groups), './devpilotctl',
                              '--socket', "$open/socket", qw(kill-switch list));

    is $status, NO_PERMISSION, 'is refused' or diag $said;
    like $said, qr/Permission denied\nThe socket is for root and the worker's user/, 'and told why';
    is $mode, 0600, 'by the mode of the socket';
    is $folder_mode & 07, 0, 'and nobody else enters its folder';
};

subtest 'the worker dies meanwhile (KS-04, KS-07)' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my ($write) = Test::DevPilot::Connection::send_all($stack, post('Lost'));

    ok $hold->has(1), 'a write is behind the gate';

    my $ctl = Test::DevPilot::Ctl->begin($stack, qw(kill-switch set GLOBAL_WRITE on), @global);

    ok wait_until(sub { $ctl->err =~ /draining/ }), 'the switch drains';

    my $pid = $stack->pid('worker');

    $stack->hold('worker');
    $stack->signal('worker', 'KILL');

    my $said = $ctl->end;

    is $said->{status}, UNAVAILABLE, 'who waits is told';
    like $said->{err}, qr/Is the worker running\?/, 'why';
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'the switch stays in force';
    refused_ok $write->response, 'WORKER_RESTARTED', 'the write is lost with it';
    $hold->release;
    $stack->release('worker');
    ok wait_until(sub { $stack->pid('worker') != $pid && ctl('list')->{status} == 0 }, 20), 'another worker comes';
    is ctl(qw(set GLOBAL_WRITE on), @global)->{status}, 0, 'asked again, it is effective';
    is $stack->query("select count(*) from dp.project where name = 'Lost'"), 0, 'and the write was not made';
    is ctl(qw(set GLOBAL_WRITE off), @global)->{status}, 0, 'off';
    events();
};

subtest 'nginx processes are killed with writes in flight (KS-01, KS-05)' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @writes = Test::DevPilot::Connection::send_all($stack, map { post('Orphan') } 1 .. 20);
    my %killed = map { $_ => 1 } $stack->nginx_processes;

    ok wait_until(sub { (listed('GLOBAL_WRITE')->{writes} // 0) == 20 }), 'twenty, and no more than sixteen transactions';
    $stack->expect(qr/\[alert\] .* exited on signal 9/);
    kill('KILL', keys %killed);
    ok wait_until(sub {
        !grep { $killed{$_->{process}} } @{Test::DevPilot::Ctl::json($stack, qw(kill-switch list))->{processes}};
    }, 3), 'dead processes are noticed at once';

    $ways{directive}->(1);
    ok wait_until(sub { listed('GLOBAL_WRITE')->{state} eq 'draining' }), 'what they sent is waited for';
    is listed('GLOBAL_WRITE')->{writes}, 20, 'also what is queued';
    $hold->release;
    ok wait_until(sub { listed('GLOBAL_WRITE')->{state} eq 'effective' }, 30), 'effective';

    my $effective = snapshot();

    is $stack->query("select count(*) from dp.project where name = 'Orphan'"), 20, 'all of them are made';
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'what comes now is refused' for 1 .. 5;
    is committed_behind($effective), 0, 'and nothing is committed afterwards';
    $ways{directive}->(0);
};

subtest 'patience ends (KS-07)' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my ($in_flight) = Test::DevPilot::Connection::send_all($stack, post('In flight'));

    ok $hold->has(1), 'a write is behind the gate';

    my $said = ctl(qw(set GLOBAL_WRITE on --timeout 1s), @global);

    is $said->{status}, 1, 'not effective in time';
    like $said->{out}, qr/^GLOBAL_WRITE draining/, 'and says so';
    $hold->release;
    is $in_flight->response->code, 201, 'finished';
    is ctl(qw(set GLOBAL_WRITE on), @global)->{status}, 0, 'asked again, it is';
    ctl(qw(set GLOBAL_WRITE off), @global);
};

# --- other sources -------------------------------------------------------------------

events();

sub file_says {
    my ($text) = @_;

    Test::DevPilot::Folder::spew("$file.new", $text);
    rename("$file.new", $file) or die "$file: $!\n";
}

subtest 'what others have on is not cleared, shown and recorded (KS-03, KS-07)' => sub {
    file_says("GLOBAL_WRITE disk is full\n");
    events_are('the file', "kill_switch.turned_on file edge-1 GLOBAL_WRITE disk is full");

    my ($source) = @{listed('GLOBAL_WRITE')->{sources}};

    is "@{$source}{qw(source instance reason)}", 'file edge-1 disk is full', 'listed with instance and reason';
    like $source->{since}, qr/\A\d{4}-/, 'and since when';
    like ctl('list')->{out}, qr/^    file of nginx edge-1 since \S+ by root: disk is full$/m, 'also for people';

    my $said = ctl(qw(set GLOBAL_WRITE off), @global);

    is $said->{status}, 1, 'the database has it off, but it is on';
    like $said->{out}, qr/Other sources have it on, which this cannot clear/, 'and says so';
    refused_ok create(), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'a write';
    events();

    unlink $file;
    events_are('the file is gone', 'kill_switch.turned_off file edge-1');
    $stack->edit_config(sub { s/(devpilot_kill_switch BILLING) \w+;/$1 on;/ });
    events_are('the directive', 'kill_switch.turned_on directive edge-1');
    $stack->edit_config(sub { s/(devpilot_kill_switch BILLING) \w+;/$1 off;/ });
    events_are('and off', 'kill_switch.turned_off directive edge-1');
};

subtest 'a change made while no worker ran is recorded (KS-07)' => sub {
    $stack->expect(qr/worker process \d+ exited|terminated by signal/);
    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    file_says("SIGNUP\n");
    ok wait_until(sub { create()->code == 503 }), 'there is no worker';
    $stack->release('worker');
    events_are('afterwards', 'kill_switch.turned_on file edge-1 SIGNUP');
    unlink $file;
    events_are('and off', 'kill_switch.turned_off file edge-1');

    my $socket = $stack->variable('DEVPILOT_CONTROL_SOCKET');

    is ctl('list')->{status}, 0, 'the control socket was taken over';
    is +(stat $socket)[2] & 07777, 0600, 'and is for its owner alone';
};

# --- verify -------------------------------------------------------------------------

subtest 'verify, also with a process that drains after a reload (KS-05)' => sub {
    my $said = ctl('verify');

    is $said->{status}, 0, 'all agree' or diag explain $said;
    like $said->{out}, qr/\Aall agree: \d nginx processes, generation \d+\n\z/, 'and says so';

    my %old = map { $_ => 1 } $stack->nginx_processes;
    my ($slow, $rest) = Test::DevPilot::Connection::begin($stack, @{post('Slowly written')});

    is $stack->get('/health/live', key => undef)->code, 200, 'its head has arrived';
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 on;/ });

    my $draining;

    ok wait_until(sub {
        ($draining, my @others) = grep { $old{$_} } $stack->nginx_processes;
        return $draining && !@others;
    }), 'a process drains';

    my $json = Test::DevPilot::Ctl::json($stack, qw(kill-switch verify));

    ok $json->{agree}, 'all agree' or diag explain $json;
    ok wait_until(sub {
        grep { $_->{process} == $draining && $_->{draining} } @{Test::DevPilot::Ctl::json($stack, qw(kill-switch list))->{processes}};
    }), 'it is listed as draining';
    is listed('GLOBAL_WRITE')->{state}, 'effective', 'the directive is in force';
    $slow->send_bytes($rest);
    refused_ok $slow->response, 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'for the process that drains, too';
    undef $slow;
    $stack->edit_config(sub { s/(devpilot_kill_switch GLOBAL_WRITE) \w+;/$1 off;/ });
};

subtest 'verify, with a process that stands still (KS-05)' => sub {
    ok wait_until(sub { 2 == (() = $stack->nginx_processes) }), 'those that drained have ended';
    ok wait_until(sub { ctl('verify')->{status} == 0 }), 'all agree at first';

    my ($frozen) = $stack->nginx_processes;

    kill('STOP', $frozen) or die "kill: $!\n";

    my $said = ctl('verify');

    kill('CONT', $frozen);
    is $said->{status}, 1, 'not all agree';
    like $said->{out}, qr/^nginx edge-1 process $frozen is silent$/m, 'and it is named';
    ok wait_until(sub { ctl('verify')->{status} == 0 }), 'it goes on';
};

subtest 'without the database (KS-01)' => sub {
    $stack->expect(qr/PANIC|terminated by signal|kill switches stay/);
    $stack->hold('postgres');
    $stack->signal('postgres', 'KILL');
    file_says("AI no database\n");

    my $list;

    ok wait_until(sub {
        $list = ctl('list');
        $list->{out} =~ /^The database does not answer/ && $list->{out} =~ /^    file of nginx edge-1 by root: no database$/m;
    }), 'a list has what can be known' or diag explain $list;

    my $said = ctl('verify');

    is $said->{status}, 1, 'verify does not vouch for it';
    like $said->{out}, qr/^the database does not answer/m, 'and says why';

    $said = ctl(qw(set AI on --reason x));
    is $said->{status}, UNAVAILABLE, 'nothing can be set';
    like $said->{err}, qr/use the directive or the file/, 'and it says what can be done';
    $stack->release('postgres');
    unlink $file;
    ok wait_until(sub { ctl('verify')->{status} == 0 }, 20), 'the database is back';
};

$stack->finish;

done_testing;
