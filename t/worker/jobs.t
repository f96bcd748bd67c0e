# Jobs in real workers: what comes by schedule is done, a killed worker's job is done by
# another, nothing is begun under a switch, and what fails for good is kept.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Hold;
use Test::DevPilot::Prometheus;
use Test::DevPilot::SecondWorker;
use Test::More;

my $stack = Test::DevPilot->start(environment => {
    DEVPILOT_JOB_LEASE         => '3s',
    DEVPILOT_JOB_POLL_INTERVAL => '100ms',
});

$stack->query("alter system set track_functions = 'pl'");
$stack->query('select pg_reload_conf()');

subtest 'IDM-07: stored responses whose time is over are deleted by schedule' => sub {
    remember(2500, 'now() - interval \'1 second\'', 'expired');
    remember(2, 'now() + interval \'1 day\'', 'living');
    due('idempotency.reap');

    ok wait_until(sub { responses('expired') == 0 }), 'all of them, portion by portion';
    is responses('living'), 2, 'and no others';
    ok wait_until(sub { state_of('idempotency.reap') eq 'done' }), 'and the job is done';
    ok metric('devpilot_worker_jobs_total{outcome="done"}') >= 1, 'which is counted';
    is metric('devpilot_worker_keeps_schedules'), 1, 'this worker keeps the schedules';
};

subtest 'AUD-09: the audit trail has room for ten million events more' => sub {
    $stack->query("select setval('dp.audit_seq', 15000000)");
    due('audit.partition');
    ok wait_until(sub { $stack->query("select to_regclass('dp.audit_event_2') is not null") eq 't' }),
        'the next partition is made before it is needed';
};

subtest 'jobs that ended a month ago are deleted' => sub {
    $stack->query("update dp.job set finished_at = now() - interval '31 days'"
                  . " where kind = 'audit.partition' and state = 'done'");
    due('job.prune');
    ok wait_until(sub { jobs("kind = 'audit.partition' and finished_at < now() - interval '30 days'") == 0 }),
        'by schedule';
};

subtest 'KS-02: under a switch no job is begun' => sub {
    for my $name (qw(GLOBAL_WRITE BACKGROUND_JOBS)) {
        $stack->query("update dp.kill_switch set enabled = true, reason = 'drill' where name = '$name'");
        remember(1, 'now()', 'expired');
        due('idempotency.reap');
        ok wait_until(sub { jobs("kind = 'idempotency.reap' and state = 'available'") == 1 }), "$name: it is queued";
        ok !appears(sub { state_of('idempotency.reap') ne 'available' }), "$name: and waits";
        $stack->query("update dp.kill_switch set enabled = false where name = '$name'");
        ok wait_until(sub { state_of('idempotency.reap') eq 'done' }), "$name: until the switch is off";
    }
};

subtest 'KS-02: a switch of nginx stops jobs, too' => sub {
    $stack->edit_config(sub { s/(devpilot_kill_switch BACKGROUND_JOBS) off;/$1 on;/ });
    ok wait_until(sub { metric('devpilot_kill_switch{name="BACKGROUND_JOBS"}') == 1 }), 'it is on';
    ok wait_until(sub { $stack->query("select enabled from dp.kill_switch_source where source = 'directive'"
                                      . " and name = 'BACKGROUND_JOBS'") eq 't' }), 'and the worker knows';
    remember(1, 'now()', 'expired');
    due('idempotency.reap');
    ok !appears(sub { (state_of('idempotency.reap') // '') eq 'done' && responses('expired') == 0 }), 'no job is begun';
    $stack->edit_config(sub { s/(devpilot_kill_switch BACKGROUND_JOBS) on;/$1 off;/ });
    ok wait_until(sub { responses('expired') == 0 }), 'until it is off';
};

subtest 'INT-11: a worker is killed in the middle of a job' => sub {
    my $hold = Test::DevPilot::Hold->new($stack, 'reap');

    remember(1, 'now()', 'expired');
    due('idempotency.reap');
    ok $hold->has(1), 'it is being done';
    my $fence = $stack->query("select fence from dp.job where kind = 'idempotency.reap' and state = 'running'");

    $stack->signal(worker => 'KILL');
    $stack->expect(worker => qr/jobs were left by their worker/);
    ok $hold->has(0), 'the dead worker keeps no lock';
    $hold->release;

    ok wait_until(sub { responses('expired') == 0 }, 20), 'the job is done by the next one';
    ok wait_until(sub { state_of('idempotency.reap') eq 'done' }), 'and ends';
    is $stack->query("select fence > $fence, attempt > 1, code from dp.job where kind = 'idempotency.reap'"
                     . ' order by finished_at desc limit 1'), 't|t|JOB_LEASE_EXPIRED', 'under a fence of its own';
};

subtest 'INT-11: a job that always fails is kept' => sub {
    $stack->query("create function public.test_fail() returns trigger language plpgsql"
                  . " as \$\$ begin raise exception 'broken' using errcode = 'DP403'; end \$\$");
    $stack->query('create trigger test_fail before delete on dp.idempotency_key'
                  . ' for each row execute function public.test_fail()');
    $stack->expect(worker => qr/idempotency\.reap failed|broken/);
    $stack->expect(postgres => qr/broken/);

    remember(1, 'now()', 'expired');
    due('idempotency.reap');
    ok wait_until(sub { state_of('idempotency.reap') eq 'dead' }, 30), 'it is dead after its last attempt';
    is $stack->query("select attempt, max_attempts, code from dp.job where kind = 'idempotency.reap' and state = 'dead'"),
        '3|3|INTERNAL', 'which was the third, and says why';
    is metric('devpilot_worker_jobs_total{outcome="died"}'), 1, 'which is counted';
    ok wait_until(sub { metric('devpilot_worker_jobs{state="dead"}') == 1 }), 'and shown';

    $stack->query('drop trigger test_fail on dp.idempotency_key');
    $stack->query("select app.job_requeue(id, 'root', 'mended') from dp.job where state = 'dead'");
    ok wait_until(sub { responses('expired') == 0 }), 'and done when it is queued again';
};

subtest 'one worker keeps the schedules' => sub {
    my $second = Test::DevPilot::SecondWorker->start($stack,
        DEVPILOT_JOB_LEASE => '3s', DEVPILOT_JOB_POLL_INTERVAL => '100ms');

    ok wait_until(sub { connections('second') > 0 }), 'of two';
    is leader(), 'devpilot', 'the first one';
    $stack->hold('worker');
    $stack->signal(worker => 'KILL');
    ok wait_until(sub { leader() eq 'second' }), 'when it dies, the other does';
    remember(1, 'now()', 'expired');
    due('idempotency.reap');
    ok wait_until(sub { responses('expired') == 0 }), 'and its jobs are done';
    $stack->release('worker');
    $second->stop('TERM');
    ok wait_until(sub { leader() ne 'second' && metric('devpilot_worker_keeps_schedules') == 1 }), 'and it hands over when it stops';
};

$stack->finish;
done_testing;

# Stores `count` responses under keys that begin with `prefix`.
sub remember {
    my ($count, $until, $prefix) = @_;

    $stack->query(<<"END");
insert into dp.idempotency_key (org_id, principal_id, key, operation_id, fingerprint, status, content_type, body, expires_at)
select '${\$stack->org_id}', gen_random_uuid(), '$prefix-0123456789-' || n, 'createProject', sha256('x'), 201,
       'application/json', '{}', $until
  from generate_series(1, $count) n
END
}

sub responses { $stack->query("select count(*) from dp.idempotency_key where key like '$_[0]-%'") }
sub jobs      { $stack->query("select count(*) from dp.job where $_[0]") }

# Of the newest job of a kind.
sub state_of { $stack->query("select state from dp.job where kind = '$_[0]' order by seq desc limit 1") }

# Makes a schedule due, once its kind is not at work.
sub due {
    my ($kind) = @_;

    wait_until(sub { jobs("kind = '$kind' and state in ('available', 'running')") == 0
                     && $stack->query("select count(*) from dp.schedule where kind = '$kind'") == 1 })
        or die "$kind does not end\n";
    $stack->query("update dp.schedule set next_at = now() where kind = '$kind'");
}

# Whether something that must not happen does, while three turns of the keeper pass.
sub appears {
    my ($happens) = @_;
    my $turns = turns();
    my $seen;

    wait_until(sub { ($seen = $happens->()) || turns() >= $turns + 3 }) or die "the keeper stands still\n";

    return $seen;
}

# How often the schedules were looked at.
sub turns {
    return $stack->query("select calls from pg_stat_user_functions where funcname = 'schedules_fire'") || 0;
}

sub metric {
    my ($name) = @_;

    return Test::DevPilot::Prometheus::samples($stack)->{$name} // 0;
}

# The application_name of the connection that keeps the schedules.
sub leader {
    return $stack->query('select a.application_name from pg_locks l join pg_stat_activity a using (pid)'
                         . " where l.locktype = 'advisory' and l.classid = 1146113876 and l.granted");
}

sub connections { $stack->query("select count(*) from pg_stat_activity where application_name = '$_[0]'") }
