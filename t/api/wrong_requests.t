# Every parameter and every field of every operation, wrong in each way that the
# contract refuses: missing, of another type, too long, unknown, badly encoded.  The
# cases follow from the contract, so that a new operation has its own by being there.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Contract qw(operations);
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::DevPilot::Wrong qw(request send_request cases);
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high');

# How many requests have reached the worker.
sub seen { Test::DevPilot::Prometheus::sample($stack, 'devpilot_worker_messages_total{kind="request"}') }

# What a request that keeps to the contract may be answered with: none of these.
my %by_contract = map { $_ => 1 } 400, 406, 413, 415, 422, 428;

sub refuse {
    my ($operation, $case) = @_;
    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $response = send_request($stack, $operation, $case);

    refused_ok $response, $case->{code}, $case->{what};
    is_deeply issues($response), [$case->{issue}], "$case->{what}: $case->{issue}" if defined $case->{issue};
    is Test::DevPilot::Tenant::snapshot($stack), $before, "$case->{what}: nothing changes";
}

for my $operation (operations()) {
    subtest "$operation->{id} (ERR-09)" => sub {
        my $response = send_request($stack, $operation, request($operation));

        ok !$by_contract{$response->code}, 'a valid request is taken' or diag $response->to_string;

        my $before = seen();

        refuse($operation, $_) for cases($operation);
        is seen(), $before, 'the worker sees nothing of what is refused';
    };
}

$stack->finish;

done_testing;
