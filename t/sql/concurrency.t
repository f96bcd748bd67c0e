# What needs two transactions: claims, the gate of writes, slugs, quota.

use strict;
use warnings;
use FindBin;
use POSIX ();
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../lib";
use Scratch;
use Test::More;

use constant {
    ORG  => 'a0000000-0000-4000-8000-000000000001',
    USER => 'a0000000-0000-4000-8000-00000000000a',
};

my ($stack, $dsn);

if (!($dsn = $ENV{DEVPILOT_PG_DSN})) {
    require Test::DevPilot;
    $stack = Test::DevPilot->start(parts => 'postgres');
    $dsn = $stack->dsn;
}

my $db = Scratch->new(Scratch::cluster($dsn));
$db->sqitch('deploy', '--no-verify') or BAIL_OUT($db->{said});
my $admin = $db->superuser;

$admin->do('insert into dp.app_user (id, email) values (?, ?)', undef, USER, 'alice@tap.invalid');
$admin->do('insert into dp.org (id, slug, name) values (?, ?, ?)', undef, ORG, 'tap', 'Tap');
$admin->do('insert into dp.org_member (org_id, user_id, role) values (?, ?, ?)', undef,
           ORG, USER, 'developer');
$admin->do('insert into dp.subscription (org_id) values (?)', undef, ORG);

subtest 'IDM-01: one key, two requests' => sub {
    my ($first, $second) = ($db->connect, $db->connect);
    my $claim = claim('tap-0123456789abcdef');

    begin($first);
    begin($second);
    is value($first, $claim), 'execute', 'the first executes';
    is value($second, $claim), 'in_progress', 'the second is told so, and does not wait';

    $first->do("select app.idempotency_finish('tap-0123456789abcdef', 'createProject', sha256('one'),"
               . " 201, 'application/json', null, null, 'body', false)");
    $first->commit;
    is value($second, $claim), 'replay', 'and may replay once the first has committed';
    $second->rollback;

    begin($first);
    is value($first, claim('tap-crash-0123456789')), 'execute', 'a request that crashes';
    $first->disconnect;
    begin($second);
    ok wait_for(sub { value($second, claim('tap-crash-0123456789')) eq 'execute' }), 'leaves no claim behind';
    $second->disconnect;
};

subtest 'KS-02: a switch that drains' => sub {
    my ($before, $after) = ($db->connect, $db->connect);
    my $drained = 'select pg_try_advisory_lock(1146113875, 0)';

    begin($before);
    begin($after);
    is value($before, 'select app.enter_write(1)'), 0, 'a write that began before';

    $admin->do("update dp.kill_switch set enabled = true, reason = 'drill' where name = 'GLOBAL_WRITE'");
    is value($after, 'select app.enter_write(1)'), 1,
        'one that enters after is stopped, though its transaction is older';
    $after->rollback;

    ok !value($admin, $drained), 'the first is still being waited for';
    $before->commit;
    ok value($admin, $drained), 'none is left';

    $admin->do('select pg_advisory_unlock_all()');
    $admin->do("update dp.kill_switch set enabled = false where name = 'GLOBAL_WRITE'");
    $_->disconnect for $before, $after;
};

subtest 'projects of one name at once' => sub {
    my @at_once = map { $db->connect } 1 .. 3;
    my @slugs;

    for my $each (@at_once) {
        begin($each);
        push @slugs, value($each, "select app.project_slug_free('shop')");
    }

    is_deeply \@slugs, ['shop', 'shop-2', 'shop-3'], 'each gets its own slug, none waits';

    $at_once[0]->rollback;
    begin($at_once[0]);
    is value($at_once[0], "select app.project_slug_free('shop')"), 'shop',
        'what was not used is free again';
    $_->rollback, $_->disconnect for @at_once;
};

subtest 'BIL-02: twelve at once, three are allowed' => sub {
    my $taken = 0;

    for my $child (map { take_in_child() } 1 .. 12) {
        waitpid $child, 0;
        $taken += $? == 0;
    }

    is $taken, 3, 'three take';
    is value($admin, 'select used from dp.quota_usage where org_id = ?', ORG), 3, 'three are counted';
};

subtest 'INT-11: jobs claimed at once' => sub {
    my @at_once = map { $db->connect } 1 .. 4;
    my $enqueue = 'select app.job_enqueue(?, 1::smallint, ?, 9, 1::smallint, 3, null, ?, null, null)';

    $admin->do($enqueue, undef, 'serial', '{}', 'one') for 1 .. 2;
    $admin->do($enqueue, undef, 'free', '{}', undef) for 1 .. 2;
    begin($_, 'dp_system') for @at_once;
    is_deeply [map { scalar job_claim($_) } @at_once], ['serial', 'free', 'free', undef],
        'each gets another one, and none waits: of a serial key only one runs';

    $_->commit for @at_once;
    begin($at_once[3], 'dp_system');
    is job_claim($at_once[3]), undef, 'also when it has begun long ago';
    value($at_once[3], "select app.job_done(id, fence) from dp.job where kind = 'serial' and state = 'running'");
    is job_claim($at_once[3]), 'serial', 'until it ends';
    $at_once[3]->commit;
    $_->disconnect for @at_once;
};

$admin->disconnect;
$db->drop;
$stack->finish if $stack;
done_testing;

# The worker's beginning of a transaction.
sub begin {
    my ($connection, $role) = @_;

    $connection->begin_work;
    $connection->do("select set_config('role', ?, true), set_config('app.org_id', ?, true),"
                    . " set_config('app.actor_id', ?, true)", undef, $role // 'dp_api', ORG, USER);
}

sub job_claim {
    my ($connection) = @_;

    return scalar value($connection, q(select kind from app.job_claim('{"serial": 1, "free": 1}', 0, 'me', 30)));
}

sub claim {
    my ($key) = @_;

    return "select verdict from app.idempotency_claim('$key', 'createProject', sha256('one'))";
}

sub value {
    my ($connection, $statement, @parameters) = @_;

    return ($connection->selectrow_array($statement, undef, @parameters))[0];
}

# Exits with 0 when it took one.
sub take_in_child {
    my $pid = fork // die "fork: $!";

    return $pid if $pid;

    my $connection = $db->connect;
    begin($connection);
    my $taken = value($connection, "select taken from app.quota_take('projects', 1)");
    $taken ? $connection->commit : $connection->rollback;
    $connection->disconnect;
    POSIX::_exit(!$taken);
}

# Until it is true, for at most ten seconds.
sub wait_for {
    my ($done) = @_;

    for (1 .. 200) {
        return 1 if $done->();
        select undef, undef, undef, 0.05;
    }

    return 0;
}
