# /metrics with several workers: one text, each family once, each worker's samples
# with its instance.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Prometheus;
use Test::DevPilot::SecondWorker;
use Test::More;

my $stack = Test::DevPilot->start(processes => 1);
my $second = Test::DevPilot::SecondWorker->start($stack);

Test::DevPilot::SecondWorker::use_both($stack);

sub parsed { Test::DevPilot::Prometheus::parse($stack->get('/metrics', key => undef)->body) }

# {worker => value} of a metric without other labels.
sub by_worker {
    my ($parsed, $metric) = @_;

    return {map { m{\A\Q$metric\E\{instance="unix:.*/(\w+)\.ipc"\}\z} ? ($1 => $parsed->{samples}{$_}) : () }
            keys %{$parsed->{samples}}};
}

sub up { by_worker(parsed(), 'devpilot_worker_up') }

ok wait_until(sub { my $up = up(); $up->{worker} && $up->{second} }), 'OBS-09 both workers are up';

my $parsed = parsed();

is_deeply $parsed->{faults}, [], 'OBS-09 one text without faults';
is_deeply by_worker($parsed, 'devpilot_worker_database_up'), {worker => 1, second => 1}, 'OBS-09 with the metrics of both';

my $worker = qr/\A(?:devpilot_worker_|retry_attempts|circuit_breaker_|integration_|key_rotation_total|emergency_key_invalidations_total)/;
my @unnamed = grep { /$worker/ && !/\{instance="/ } keys %{$parsed->{samples}};
my @named = grep { !/$worker/ && /instance=/ } keys %{$parsed->{samples}};

is join(' ', @unnamed, @named), '', 'each sample of a worker says whose it is, and no other';

$second->stop('KILL');
ok wait_until(sub { my $up = up(); $up->{worker} && !$up->{second} }), 'OBS-09 one is down';
is_deeply by_worker(parsed(), 'devpilot_worker_database_up'), {worker => 1}, 'and the other one tells on';

$stack->finish;
done_testing;
