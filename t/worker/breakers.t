# Breakers as an operator sees them: devpilotctl breakers list and reset.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Ctl;
use Test::More;

my $stack = Test::DevPilot->start;
my $id = '11111111-2222-4333-8444-555555555555';

sub ctl { Test::DevPilot::Ctl::run($stack, 'breakers', @_) }

subtest 'none' => sub {
    my $said = ctl('list');

    is $said->{status}, 0, 'the list is there';
    is $said->{out}, "no call has failed yet\n", 'and empty';
    is_deeply Test::DevPilot::Ctl::json($stack, qw(breakers list)), {breakers => []}, 'as JSON, too';
};

subtest 'INT-12: an open one is shown with its time' => sub {
    $stack->query('insert into dp.circuit_breaker (provider, scope_id, org_id, failures)'
                  . " values ('neon', '00000000-0000-0000-0000-000000000000', null, array[1, 2]),"
                  . " ('github', '$id', '${\$stack->org_id}', array[(extract(epoch from now()) * 1000000)::bigint])");
    $stack->query("update dp.circuit_breaker set state = 'open',"
                  . " opened_at = (extract(epoch from now()) * 1000000)::bigint where provider = 'neon'");

    my @rows = @{Test::DevPilot::Ctl::json($stack, qw(breakers list))->{breakers}};

    is join(' ', map { $_->{breaker} } @rows), "neon github/$id", 'what is open comes first';
    is join(' ', map { $_->{failures} } @rows), '0 1', 'with the failures of the last minute';
    cmp_ok $rows[0]{waitSeconds}, '>', 20, 'and how long until it is tried';
    is $rows[1]{waitSeconds}, 0, 'if it is open';
    is $rows[1]{orgId}, $stack->org_id, 'and whose it is';
    like ctl('list')->{out}, qr{^neon  open, failures in a minute: 0, tried again in s: \d+\ngithub/$id  closed, failures in a minute: 1\n\z},
        'in words';
};

subtest 'reset, with a reason, audited' => sub {
    my $said = ctl(qw(reset neon));

    is $said->{status}, 64, 'a reason is required';
    like $said->{err}, qr/say why: --reason TEXT/, 'which is said';
    is ctl('reset', 'neon/x', '--reason', 'y')->{status}, 64, 'a name is as list shows it';

    $said = ctl(qw(reset neon --reason mended));
    is $said->{status}, 0, 'it is done';
    is $said->{out}, "neon is closed, and was open\n", 'and said';
    is $stack->query("select state, cardinality(failures) from dp.circuit_breaker where provider = 'neon'"), 'closed|0',
        'it is closed and has forgotten';
    like $stack->query("select d.detail ->> 'reason', d.detail ->> 'actor' from dp.audit_event join dp.audit_detail d using (seq)"
                       . " where action = 'breaker.reset'"), qr/\Amended\|\S/, 'with reason and operator in the trail';
    is ctl('reset', "github/$id", '--reason', 'mended')->{status}, 0, "an integration's, too";
    is ctl(qw(reset stripe --reason mended))->{status}, 1, 'what never failed has none';
};

$stack->finish;
done_testing;
