# Drift (MIG-01): a schema that is what the plan makes is passed in silence, also
# when it is behind or has partitions of its own; what was changed by hand is named.

use strict;
use warnings;
use FindBin;
use POSIX ();
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../lib";
use lib "$FindBin::Bin/../../scripts/migrations";
use Database ();
use Scratch;
use Test::DevPilot qw(wait_until);
use Test::More;

my ($stack, $dsn);

if (!($dsn = $ENV{DEVPILOT_PG_DSN})) {
    $stack = Test::DevPilot->start(parts => 'postgres');
    $dsn = $stack->dsn;
}

my $cluster = Scratch::cluster($dsn);
my $db = Scratch->new($cluster);
my $dsn_here = "host='$cluster->{PGHOST}' port=$cluster->{PGPORT} user=$cluster->{PGUSER} dbname=$db->{name}";

$db->sqitch('deploy', '--no-verify', '--to', '@HEAD^') or BAIL_OUT($db->{said});
my $admin = $db->superuser;

# Exit code and what was said.
sub drift {
    my (@arguments) = @_;

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', drift_command(@arguments)) or die "sh: $!\n";
    my $said = do { local $/; <$out> // '' };
    close($out);

    return [$? >> 8, $said];
}

sub drift_command { (Scratch::SQL . '/../scripts/schema-drift', @_) }

sub scratch_left {
    return $admin->selectrow_array("select count(*) from pg_database where datname like 'devpilot_drift%'");
}

subtest 'a schema that is behind, with a partition more and one less' => sub {
    $admin->do('select app.audit_partition_add()');
    $admin->do('drop table dp.audit_event_0');
    is_deeply drift($dsn_here), [0, ''], 'has not drifted';
};

$db->sqitch('deploy', '--no-verify') or BAIL_OUT($db->{said});

# What is done by hand, and what is said about it.
my @changes = (
    ['create extension pg_visibility', 'extension pg_visibility: is not in the plan'],
    ['alter table dp.project add column note text', 'column dp.project.note: is not in the plan'],
    ['alter table dp.project alter column template drop not null',
     "column dp.project.template: differs (- plan, + database)\n    - not null"],
    ['alter table dp.project alter column preview_ttl_hours set default 24',
     "column dp.project.preview_ttl_hours: differs (- plan, + database)\n    - default 72\n    + default 24"],
    ['alter table dp.project drop constraint project_name_length',
     'constraint dp.project.project_name_length: is missing'],
    ['drop index dp.project_page_idx', 'index dp.project_page_idx: is missing'],
    ['drop trigger audit_event_no_truncate on dp.audit_event',
     'trigger dp.audit_event.audit_event_no_truncate: is missing'],
    ['alter table dp.revision disable trigger revision_is_never_deleted',
     "trigger dp.revision.revision_is_never_deleted: differs (- plan, + database)\n"
     . "    - enabled: O\n    + enabled: D"],
    ['alter table dp.step disable row level security',
     "table dp.step: differs (- plan, + database)\n    - row security: on\n    + row security: off"],
    ['alter policy tenant on dp.environment using (true)',
     "policy dp.environment.tenant: differs (- plan, + database)\n"
     . "    - using (org_id = ( SELECT app.current_org() AS current_org))\n    + using true"],
    ['alter function app.schema_has(text) security invoker',
     "function app.schema_has(text): differs (- plan, + database)\n    -  STABLE SECURITY DEFINER\n    +  STABLE"],
    ['drop function app.kill_switches_on()', 'function app.kill_switches_on(): is missing'],
    ['grant execute on function app.audit_partition_add() to dp_api',
     "function app.audit_partition_add(): differs (- plan, + database)\n    + dp_api may execute"],
    ['grant insert on dp.audit_event to dp_api',
     "table dp.audit_event: differs (- plan, + database)\n    - dp_api may select\n    + dp_api may insert, select"],
    ['create table public.notes ()', 'table public.notes: is not in the plan'],
    ['create view app.people as select 1 as one', 'view app.people: is not in the plan'],
    ["create type dp.mood as enum ('good')", 'type dp.mood: is not in the plan'],
    ['alter sequence dp.audit_seq increment 2',
     "sequence dp.audit_seq: differs (- plan, + database)\n    - increment 1\n    + increment 2"],
    ['alter schema app owner to postgres', 'schema app: differs (- plan, + database)'],
    ["alter database $db->{name} set work_mem = '1MB'", "database: differs (- plan, + database)\n    + set work_mem=1MB"],
    ["update sqitch.changes set script_hash = repeat('0', 40) where change = 'outbox'",
     'change outbox: was edited after it was deployed'],
    ["update sqitch.changes set change = 'quote' where change = 'quota'", 'change quote: is not in the plan'],
    ['delete from dp.step_definition where ordinal = 8', 'change template_platform_1: its verification fails'],
);

subtest 'what was changed by hand is named' => sub {
    my $roles = roles();

    $admin->do($_->[0]) for @changes;

    my ($exit, $said) = @{drift($dsn_here)};

    is $exit, 1, 'exit status';
    like $said, qr/^\Q$_->[1]\E$/m, $_->[0] for @changes;
    is_deeply [subjects($said)], [sort map { subjects($_->[1]) } @changes], 'and nothing else is named';
    is_deeply roles(), $roles, 'and nothing is changed in roles';
};

# What a connection string comes to.
my @dsns = (
    ["host='/run/a b' dbname=x user=u", 'PGDATABASE=x PGHOST=/run/a b PGUSER=u'],
    ['postgresql://u:p%40ss@h1:5433,h2/x?sslmode=require',
     'PGDATABASE=x PGHOST=h1,h2 PGPASSWORD=p@ss PGPORT=5433, PGSSLMODE=require PGUSER=u'],
    ['postgres:///x?host=/run/a%20b&user=u', 'PGDATABASE=x PGHOST=/run/a b PGUSER=u'],
    ['postgresql://[::1]:5433/x', 'PGDATABASE=x PGHOST=::1 PGPORT=5433'],
);

subtest 'a DSN has two forms' => sub {
    for my $row (@dsns) {
        my $environment = Database->new($row->[0])->{environment};

        is join(' ', map {"$_=$environment->{$_}"} sort keys %$environment), $row->[1], $row->[0];
    }
};

subtest 'what cannot be compared' => sub {
    is drift('dbname')->[0], 2, 'no DSN';
    is drift("$dsn_here colour=red")->[0], 2, 'a DSN that libpq has not';
    is drift('postgresql://localhost')->[0], 2, 'a URI without a database';
    is drift('postgresql://localhost/x?colour=red')->[0], 2, 'a URI that libpq has not';
    like drift($dsn_here =~ s/dbname=\S+/dbname=postgres/r)->[1], qr/sqitch\.changes/, 'a database without a plan';
    is drift($dsn_here =~ s/dbname=\S+/dbname=postgres/r)->[0], 2, 'exit status';
};

subtest 'the scratch database goes' => sub {
    is scratch_left(), 0, 'at the end';

    my $pid = fork() // die "fork: $!\n";
    if ($pid == 0) {
        open(STDERR, '>', '/dev/null');
        { exec(drift_command($dsn_here)) }
        POSIX::_exit(127);
    }
    ok wait_until(sub { scratch_left() }, 60), 'it is there meanwhile';
    kill('TERM', $pid);
    waitpid($pid, 0);
    is $? >> 8, 2, 'TERM ends it';
    is scratch_left(), 0, 'and it is gone';
};

# Verifications may fail for several of them.
sub subjects {
    my ($said) = @_;

    return sort $said =~ /^(\S.*?): (?!its verification fails)/mg;
}

# Attributes and memberships of ours.
sub roles {
    return $admin->selectall_arrayref(
        "select r.*, array(select m.member::regrole::text from pg_auth_members m where m.roleid = r.oid) as members"
        . " from pg_roles r where r.rolname like 'dp\\_%' order by r.rolname");
}

$admin->disconnect;
$db->drop;
$stack->finish if $stack;
done_testing;
