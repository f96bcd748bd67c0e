# Sealing in real workers: what is settled gets a seal, each chain its own; what was
# changed is found by the scheduled verification; checkpoints are kept outside.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp ();
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::DevPilot::Prometheus;
use Test::DevPilot::SecondWorker;
use Test::DevPilot::Session;
use Test::More;

my $folder = File::Temp->newdir;
chmod 0777, "$folder";
my $stack = Test::DevPilot->start(environment => {
    DEVPILOT_JOB_POLL_INTERVAL     => '100ms',
    DEVPILOT_AUDIT_ORIGIN          => 'tap.invalid',
    DEVPILOT_AUDIT_CHECKPOINT_FILE => "$folder/checkpoints",
});
my $org_id = $stack->org_id;
my $platform = '00000000-0000-0000-0000-000000000000';

sub due { $stack->query("update dp.schedule set next_at = now() where kind = '$_[0]'") }

sub unsealed { $stack->query('select count(*) from dp.audit_unsealed') }

sub sealed { wait_until(sub { due('audit.seal'); unsealed() == 0 }) }

sub metric { Test::DevPilot::Prometheus::samples($stack)->{$_[0]} // 0 }

sub record {
    my ($org, $action) = @_;

    $stack->query("set role dp_owner; select set_config('app.org_id', '$org', false);"
                  . " select app.audit('$action', null, null, 'success', null, '{\"a\": 1}', 'system', null)");
}

# Past every guard, as a superuser could.
sub forge { $stack->query("set session_replication_role = replica; $_[0]") }

sub verified {
    my $before = $stack->query('select coalesce(max(at), now()) from dp.audit_verification');

    $stack->query("update dp.schedule set next_at = now() where kind = 'audit.verify'");
    ok wait_until(sub { $stack->query("select count(*) from dp.audit_verification where at > '$before'"
                                      . " and chain_id = '$org_id'") == 1 }), 'the chains are verified';

    return $stack->query("select concat_ws(' ', fault, fault_seal, fault_seq) from dp.audit_verification"
                         . " where chain_id = '$org_id'");
}

subtest 'AUD-01: every event gets a seal, each chain its own' => sub {
    $stack->create_project({name => 'Sealed'});
    record('', 'x.platform');
    ok sealed(), 'none is left';
    is $stack->query("select string_agg(distinct chain_id::text, ' ' order by chain_id::text) from dp.audit_seal"),
        "$platform $org_id", 'the platform has a chain, and the tenant';
    is $stack->query('select count(*) from dp.audit_event e where (select count(*) from dp.audit_seal s'
                     . ' where s.chain_id = e.chain_id and e.seq = any (s.seqs)) <> 1'), 0, 'each event has one seal';
    ok metric('devpilot_worker_audit_seals_total') >= 2, 'seals are counted';
    ok wait_until(sub { metric('devpilot_worker_audit_events_unsealed') == 0 }), 'so is what waits';
};

subtest 'AUD-01: who commits late is in a later seal' => sub {
    my $late = Test::DevPilot::Session->new($stack);

    $late->query("select set_config('app.org_id', '$org_id', false)");
    $late->query('begin');
    my $low = $late->query("select app.audit('x.late', null, null, 'success', null, null, 'system', null)");
    my $high = record($org_id, 'x.early') =~ s/.*\n//sr;

    ok $high > $low, 'an event behind one that is not committed';
    due('audit.seal');
    ok wait_until(sub { $stack->query("select state from dp.job where kind = 'audit.seal' order by seq desc limit 1")
                        eq 'done' }), 'when there is sealing';
    is $stack->query("select count(*) from dp.audit_seal where $high = any (seqs)"), 0, 'it waits, too';
    $late->query('commit');
    ok sealed(), 'until that has committed';
    is $stack->query("select count(*) from dp.audit_seal where $low = any (seqs)"), 1, 'both are sealed';
};

subtest 'AUD-01: several workers do no harm' => sub {
    my $second = Test::DevPilot::SecondWorker->start($stack);

    record($org_id, "x.many$_") for 1 .. 30;
    $stack->query("select app.job_enqueue('audit.seal', 1::smallint, '{}', 9, 1::smallint, 3, null, null, null, null)"
                  . ' from generate_series(1, 8)');
    ok sealed(), 'all is sealed';
    is $stack->query('select count(*) from dp.audit_event e where (select count(*) from dp.audit_seal s'
                     . ' where s.chain_id = e.chain_id and e.seq = any (s.seqs)) <> 1'), 0, 'once';
    $second->stop('TERM');
};

subtest 'AUD-13: each checkpoint is kept in a file, signed' => sub {
    my ($hash, $no) = split /\|/, $stack->query("select encode(hash, 'base64') || '|' || no from dp.audit_seal"
                                                . " where chain_id = '$org_id' order by no desc limit 1");

    ok wait_until(sub {
        Test::DevPilot::Folder::slurp("$folder/checkpoints")
            =~ m{^tap\.invalid/$org_id\n$no\n\Q$hash\E\n\n\x{e2}\x{80}\x{94} tap\.invalid \S{92}\n}m
    }), 'the newest seal' or diag Test::DevPilot::Folder::slurp("$folder/checkpoints");
    is metric('devpilot_worker_audit_anchors_failed_total'), 0, 'none was lost';
};

subtest 'AUD-01: a sound trail verifies, with its details and without' => sub {
    is verified(), '', 'nothing is wrong';
    is $stack->query("select events from dp.audit_verification where chain_id = '$org_id'"),
        $stack->query("select count(*) from dp.audit_event where chain_id = '$org_id'"), 'in any event';
    $stack->query("delete from dp.audit_detail where org_id = '$org_id'");
    is verified(), '', 'C32: erasing details breaks nothing';
    ok wait_until(sub { metric('devpilot_worker_audit_chains_broken') == 0 }), 'and the metric says so';
};

my ($seq, $second) = split / /, $stack->query("select min(seq) || ' ' || max(seq) from dp.audit_event"
                                              . " where chain_id = '$org_id'");
my $seal = sub { $stack->query("select no from dp.audit_seal where $_[0] = any (seqs)") };
my $kept = "create table public.kept as select * from";

for my $attack (
    ['an event is changed', 'audit_event', "update dp.audit_event set action = 'x.other' where seq = $seq",
        sub { "EVENT_CHANGED ${\$seal->($seq)} $seq" }],
    ['an event is changed with its leaf hash', 'audit_event',
        "update dp.audit_event e set action = 'x.other' where seq = $seq;"
        . " update dp.audit_event e set leaf_hash = app.audit_leaf(e) where seq = $seq",
        sub { "SEAL_ROOT ${\$seal->($seq)}" }],
    ['an event is deleted', 'audit_event', "delete from dp.audit_event where seq = $seq",
        sub { "EVENT_MISSING ${\$seal->($seq)} $seq" }],
    ['a seal is deleted', 'audit_seal', "delete from dp.audit_seal where chain_id = '$org_id' and no = 1",
        sub { 'SEAL_GAP 2' }],
    ['a seal is made without the key', 'audit_seal', 'update dp.audit_seal set mac = hash where no = 1',
        sub { 'SEAL_MAC 1' }],
    ['a seal is dated back', 'audit_seal', "update dp.audit_seal set at = at - interval '1 day' where no = 1",
        sub { 'SEAL_HASH 1' }],
) {
    my ($what, $table, $change, $expected) = @$attack;

    subtest "AUD-01: $what, and it is found" => sub {
        my $finding = $expected->();

        forge("set client_min_messages = warning; drop table if exists public.kept; $kept dp.$table; $change");
        is verified(), $finding, 'by the scheduled verification';
        ok wait_until(sub { metric('devpilot_worker_audit_chains_broken') > 0 }), 'and raises the metric';
        forge("delete from dp.$table; insert into dp.$table select * from public.kept");
        is verified(), '', 'and no more when it is put back';
    };
}

# What critical lines the verifications left is what they are for.
$stack->expect(worker => qr/the audit trail of \S+ is broken/);
$stack->finish;

done_testing;
