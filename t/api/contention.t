# Transactions that collide in the database: run again by themselves, three times at
# most, and then refused with nothing half done.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Creation qw(create_once whole_ok);
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;
use Time::HiRes qw(time);

use constant DEADLINE_S => 1;

my $stack = Test::DevPilot->start;
my @created;

# The next `times` attempts to create a project collide.  A sequence counts them: it
# remembers what was rolled back.
$stack->query(<<'END');
create schema test;
create sequence test.attempts;
create sequence test.last_attempt_us;
create view test.last_attempt as select last_value / 1e6 as began from test.last_attempt_us;
create table test.collision (times bigint, state text, pause float);
insert into test.collision values (0, '', 0);

create function test.collide() returns trigger language plpgsql security definer as $$
begin
    perform setval('test.last_attempt_us', (extract(epoch from clock_timestamp()) * 1000000)::bigint);
    perform pg_sleep((select c.pause from test.collision c));
    if (select nextval('test.attempts') <= c.times from test.collision c) then
        raise exception 'collision' using errcode = (select c.state from test.collision c);
    end if;
    return null;
end
$$;

grant usage on schema test to dp_api;
grant execute on function test.collide() to dp_api;
END

# Where a transaction meets another one: at a statement, or when it commits.
my %place = (
    'at a statement' => 'trigger collide after insert on dp.project for each row execute function test.collide()',
    'at COMMIT'      => 'constraint trigger collide after insert on dp.project deferrable initially deferred'
                        . ' for each row execute function test.collide()',
);

my $open_transactions = "select count(*) from pg_stat_activity where datname = 'devpilot'"
    . ' and pid <> pg_backend_pid() and xact_start is not null';

my %cause = (40001 => 'DATABASE_SERIALIZATION', '40P01' => 'DATABASE_DEADLOCK');

for my $place (sort keys %place) {
    $stack->query("create $place{$place}");

    for my $state (qw(40001 40P01)) {
        subtest "$state $place, three times" => sub {
            my ($before, $depth, $errors) = (retries(), depth(), errors());

            collide($state, 3);
            push @created, attempt_ok(201, '', 4)->{id};
            is retries() - $before, 3, 'the metrics count them';
            is depth() - $depth, 3, 'OBS-07 and how many it took';
            is errors() - $errors, 3, 'OBS-12 as errors of the database';
        };

        subtest "$state $place, again and again" => sub {
            collide($state, 1000);

            my $refused = attempt_ok(503, 'DATABASE_CONTENTION', 4);

            ok $refused->{repeatable}, 'and the client may repeat it';
            refused_ok $stack->create_project({name => 'None'}), 'DATABASE_CONTENTION', 'whose cause is named (ERR-04)',
                causes => [$cause{$state}];
        };
    }

    $stack->query('drop trigger collide on dp.project');
}

subtest 'retries stay inside the deadline' => sub {
    $stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 ${\DEADLINE_S}s;/ });
    $stack->query("create $place{'at a statement'}");
    $stack->query('update test.collision set pause = 0.4');
    collide(40001, 1000);

    my $began = time;

    is create_once($stack)->{code}, 'WORKER_TIMEOUT', 'a request that has no time for all of them';
    ok wait_until(sub { $stack->query($open_transactions) == 0 }, DEADLINE_S), 'and its transaction is over';
    cmp_ok $stack->query('select began from test.last_attempt'), '<', $began + DEADLINE_S, 'no attempt began later';
    cmp_ok $stack->query('select last_value from test.attempts'), '>', 1, 'though there was more than one';
};

whole_ok($stack, 'what was answered is there, and nothing else', @created);
$stack->finish;

done_testing();

sub collide {
    my ($state, $times) = @_;

    $stack->query("update test.collision set state = '$state', times = $times;"
                  . " alter sequence test.attempts restart");
}

sub attempt_ok {
    my ($status, $code, $attempts) = @_;
    my $outcome = create_once($stack);

    is $outcome->{status}, $status, "answered $status";
    is $outcome->{code} // '', $code, 'with its code';
    is $stack->query('select last_value from test.attempts'), $attempts, "after $attempts attempts";

    return $outcome;
}

sub depth {
    return Test::DevPilot::Prometheus::sample(
        $stack, 'retry_attempts_sum{provider="postgresql",operation="transaction",code="DATABASE_CONTENTION"}');
}

sub errors {
    return Test::DevPilot::Prometheus::sample($stack, 'devpilot_worker_database_errors_total{kind="collision"}');
}

sub retries {
    return Test::DevPilot::Prometheus::sample($stack, 'devpilot_worker_retries_total{cause="collision"}');
}
