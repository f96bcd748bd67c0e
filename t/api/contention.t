# Transactions that collide in the database: run again by themselves, three times at
# most, and then refused with nothing half done.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Creation qw(create_once whole_ok);
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $stack = Test::DevPilot->start;
my @created;

# The next `times` attempts to create a project collide.  A sequence counts them: it
# remembers what was rolled back.
$stack->query(<<'END');
create schema test;
create sequence test.attempts;
create table test.collision (times bigint, state text, at_commit boolean);
insert into test.collision values (0, '', false);

create function test.collide() returns trigger language plpgsql security definer as $$
begin
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

my %cause = (40001 => 'DATABASE_SERIALIZATION', '40P01' => 'DATABASE_DEADLOCK');

for my $place (sort keys %place) {
    $stack->query("create $place{$place}");

    for my $state (qw(40001 40P01)) {
        subtest "$state $place, three times" => sub {
            my $before = retries();

            collide($state, 3);
            push @created, attempt_ok(201, '', 4)->{id};
            is retries() - $before, 3, 'the metrics count them';
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

sub retries {
    return Test::DevPilot::Prometheus::sample($stack, 'devpilot_worker_retries_total{cause="collision"}');
}
