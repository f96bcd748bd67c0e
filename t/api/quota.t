# What a plan and a subscription allow: projects up to the limit, exactly, and none
# for a subscription that is not paid.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Connection;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;

subtest 'the plan limits projects, exactly, also under concurrency (RBAC-02)' => sub {
    my $small_id = Test::DevPilot::Tenant::organization($stack);
    my $small = Test::DevPilot::Tenant::member($stack, $small_id, 'developer')->{key};
    my @responses = Test::DevPilot::Connection::together($stack, map {
        ['POST', '/projects', json => {name => "Quota $_"}, key => $small, idempotency_key => $stack->fresh_key]
    } 1 .. 10);
    my @refused = grep { $_->code != 201 } @responses;

    is scalar @responses - @refused, 3, 'a free plan takes three';
    refused_ok $_, 'QUOTA_EXCEEDED' for @refused;
    is $stack->query("select count(*) from dp.project where org_id = '$small_id'"), 3, 'three are there';
    is $stack->query("select used from dp.quota_usage where org_id = '$small_id'"), 3, 'and counted';

    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $next = $stack->create_project({name => 'Fourth'}, key => $small);

    refused_ok $next, 'QUOTA_EXCEEDED', 'the next one';
    is_deeply $next->json->{error}{details}, {metric => 'projects', used => 3, limit => 3}, 'says how many';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'and nothing is created';
    is $stack->get('/projects', key => $small)->code, 200, 'reading goes on';
};

subtest 'a subscription that is not paid takes no more projects (RBAC-02)' => sub {
    my $id = Test::DevPilot::Tenant::organization($stack);
    my $member = Test::DevPilot::Tenant::member($stack, $id, 'developer')->{key};
    my $move = sub {
        my ($event, $state) = @_;

        $stack->query("begin; select set_config('app.fsm_event', '$event', true);"
                      . " update dp.subscription set state = '$state' where org_id = '$id'; commit");
    };

    $move->(checkout => 'active');
    is $stack->create_project({name => 'Paid'}, key => $member)->code, 201, 'active';

    $move->(dunning_exhausted => 'unpaid');
    refused_ok $stack->create_project({name => 'Unpaid'}, key => $member), 'SUBSCRIPTION_INACTIVE', 'unpaid';
    is $stack->get('/projects', key => $member)->code, 200, 'reading goes on';

    $move->(paid => 'active');
    is $stack->create_project({name => 'Paid'}, key => $member)->code, 201, 'active again';
};

$stack->finish;

done_testing;
