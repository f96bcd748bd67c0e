# Two workers for one edge: each request goes to the one with the fewest in flight,
# and when one dies the other serves on.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Creation qw(creation whole_ok);
use Test::DevPilot::Hold;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::SecondWorker;
use Test::More;

# In flight is counted by each process of nginx.
my $stack = Test::DevPilot->start(processes => 1);
my $second = Test::DevPilot::SecondWorker->start($stack);

Test::DevPilot::SecondWorker::use_both($stack);
ok wait_until(sub { reaches_both() }), 'the edge is connected to both';

my $hold = Test::DevPilot::Hold->new($stack, 'insert');
my @writes;

for my $count (1 .. 6) {
    push @writes, Test::DevPilot::Connection::send_all($stack, creation());
    $hold->has($count) or die "request $count is not there\n";
}

is_deeply in_flight(), {first => 3, second => 3}, 'six requests, three each';

$second->stop('KILL');
ok wait_until(sub { in_flight()->{second} == 0 }), 'of the one that dies three are rolled back';
is $stack->get('/projects')->code, 200, 'and the other one serves';

push @writes, Test::DevPilot::Connection::send_all($stack, creation());
$hold->has(4);
is_deeply in_flight(), {first => 4, second => 0}, 'alone';
$hold->release;

my @responses = map { $_->response } @writes;
my @created = map { $_->json->{id} } grep { $_->code == 201 } @responses;

refused_ok($_, 'WORKER_RESTARTED') for grep { $_->code != 201 } @responses;
is scalar @created, 4, 'its four are created';
whole_ok($stack, 'and nothing else is', @created);

$stack->finish;
done_testing;

# How many transactions of each worker are held.
sub in_flight {
    my $rows = $stack->query(
        "select a.application_name like 'second%', count(*) from pg_locks l join pg_stat_activity a using (pid)"
        . " where l.locktype = 'advisory' and l.objid = ${\Test::DevPilot::Hold::LOCK} and not l.granted group by 1");
    my %count = $rows =~ /^([ft])\|(\d+)$/mg;

    return {first => $count{f} // 0, second => $count{t} // 0};
}

# Handshakes completed, by this configuration's only process.
sub reaches_both {
    return $stack->get('/metrics', key => undef)->body =~ /^devpilot_edge_channel_connects_total [2-9]/m
        && $stack->log('nginx') !~ /second\.ipc failed/;
}
