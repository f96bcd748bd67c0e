# Limits: who is charged what, what is said of it, and who is refused.  What
# outlives which change is in rate_limit_zone.t.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;
use Time::HiRes qw(time sleep);

my $stack = Test::DevPilot->start(limits => 'normal');
my $org_id = $stack->org_id;

my @five = qw(Retry-After X-RateLimit-Limit-User X-RateLimit-Remaining-User
              X-RateLimit-Limit-Project X-RateLimit-Remaining-Project);

# Sets rules for what follows; the others are as without a directive.
sub rules {
    my @rules = @_;

    $stack->edit_config(sub {
        s/^ *devpilot_limit .*\n//mg;
        s/(?=^ *devpilot_worker )/join('', map { "    devpilot_limit $_;\n" } @rules)/me;
    });
}

sub someone { Test::DevPilot::Tenant::member($stack, $org_id, $_[0] // 'developer')->{key} }

sub header { $_[0]->headers->header($_[1]) }

sub remaining { header($_[0], 'X-RateLimit-Remaining-User') }

sub samples { Test::DevPilot::Prometheus::samples($stack) }

# What happens moves these counters by that much.
sub moves_ok {
    my ($happens, $wanted, $name) = @_;
    my $before = samples();

    $happens->();

    my $after = samples();

    is $after->{$_} - $before->{$_}, $wanted->{$_}, "$name: $_" for sort keys %$wanted;
}

subtest 'RL-01 RL-05 RL-06 C28: a user has 120, and then 60 a minute' => sub {
    my $key = someone();
    my $first = $stack->get('/projects', key => $key);

    is $first->code, 200, 'the first passes';
    is header($first, 'X-RateLimit-Limit-User'), 120, 'of 120';
    is remaining($first), 119, '119 are left';
    is header($first, 'X-RateLimit-Limit-Project'), 120, 'without a project the pair repeats the user\'s';
    is header($first, 'X-RateLimit-Remaining-Project'), 119, 'both of it';
    is header($first, 'RateLimit-Policy'), '"user";q=120;w=120', 'the policy';
    is header($first, 'RateLimit'), '"user";r=119;t=1', 'what is left of it';
    is header($first, 'Retry-After'), undef, 'nothing to wait for';

    my $began = time;
    my $passed = 1;
    my $refused;

    until ($refused) {
        my $response = $stack->get('/projects', key => $key);

        $response->code == 200 ? $passed++ : ($refused = $response);
    }

    cmp_ok $passed, '>=', 120, '120 pass';
    cmp_ok $passed, '<=', 121 + (time - $began), 'and what came back meanwhile';
    refused_ok $refused, 'RATE_LIMIT_USER', 'the next one';
    like header($refused, $_), qr/\A[0-9]+\z/, "$_ is a number" for @five;
    is remaining($refused), 0, 'none is left';
    is header($refused, 'Retry-After'), 1, 'one is back within a second';
    is_deeply $refused->json->{error}{details}, {rule => 'user'}, 'the rule';
    is $stack->get('/projects')->code, 200, 'another user is none of that';

    sleep header($refused, 'Retry-After');
    is $stack->get('/projects', key => $key)->code, 200, 'waiting as long as told passes';
};

my $project = $stack->create_project({name => 'Limited'})->json->{id};

subtest 'RL-02: users of one project share its bucket, strangers do not empty it' => sub {
    rules('project rate=1/d burst=7', 'user rate=60/m burst=120');

    my @keys = (someone('organization_admin'), someone('organization_admin'));
    my $stranger_org = Test::DevPilot::Tenant::organization($stack);
    my $stranger = Test::DevPilot::Tenant::member($stack, $stranger_org, 'developer')->{key};

    $stack->get("/projects/$project", key => $stranger) for 1 .. 7;
    refused_ok $stack->get("/projects/$project", key => $stranger), 'RATE_LIMIT_PROJECT', 'the strangers\' own';

    my $answer = $stack->get("/projects/$project", key => $keys[0]);

    is $answer->code, 200, 'a member passes';
    is header($answer, 'X-RateLimit-Limit-Project'), 7, 'of seven';
    is header($answer, 'X-RateLimit-Remaining-Project'), 6, 'six are left';
    like header($answer, 'RateLimit'), qr/\A"user";r=119;t=1, "project";r=6;t=86400\z/, 'both buckets';
    is $stack->get("/projects/$project", key => $keys[$_ % 2])->code, 200, "request $_" for 2 .. 7;

    my $refused = $stack->get("/projects/$project", key => $keys[0]);

    refused_ok $refused, 'RATE_LIMIT_PROJECT', 'the eighth';
    is header($refused, 'X-RateLimit-Remaining-Project'), 0, 'no token of the project';
    is remaining($refused), 115 + 1, 'and none is taken from the user: all or nothing';
    is $stack->get('/projects', key => $keys[0])->code, 200, 'other operations pass';
    isnt $stack->get('/projects/nonsense', key => $keys[0])->code, 429, 'what is no id has no bucket';
};

subtest 'RL-04: what operations cost' => sub {
    rules();

    my $key = someone();

    moves_ok(sub { is remaining($stack->get('/projects', key => $key)), 119, 'reading 1' },
             {'rate_limit_consumed_total{scope="user",endpointClass="read"}' => 1}, 'reading');
    moves_ok(sub { is remaining($stack->create_project({name => 'Five'}, key => $key)), 114, 'creating a project 5' },
             {'rate_limit_consumed_total{scope="user",endpointClass="create_project"}' => 5,
              'rate_limit_consumed_total{scope="project_creation",endpointClass="create_project"}' => 1}, 'creating');
};

subtest 'RL-07 C02: by the minute' => sub {
    rules('user rate=60/m burst=5 refill=minute');

    my $key = someone();

    # The minute may end in between: then the bucket is full once more.
    my $refused;

    for (1 .. 11) {
        $refused = $stack->get('/me', key => $key);
        last if $refused->code == 429;
    }

    refused_ok $refused, 'RATE_LIMIT_USER', 'no more';

    my $left = 60 - time % 60;

    cmp_ok abs(header($refused, 'Retry-After') - $left), '<=', 2, 'until the full minute';
};

subtest 'RL-08: it takes no time' => sub {
    my $samples = samples();
    my $count = $samples->{'rate_limit_check_seconds_count'};

    cmp_ok $count, '>', 0, 'it is measured';
    cmp_ok $samples->{'rate_limit_check_seconds_bucket{le="0.005"}'}, '>=', 0.95 * $count, 'p95 is below 5 ms';
};

subtest 'RL-10: new projects have a limit of their own' => sub {
    rules('project_creation rate=10/h burst=2');

    my $key = someone();

    is $stack->create_project({name => 'One'}, key => $key)->code, 201, 'the first';
    is $stack->create_project({name => 'Two'}, key => $key)->code, 201, 'the second';

    my $refused = $stack->create_project({name => 'Three'}, key => $key);

    refused_ok $refused, 'RATE_LIMIT_PROJECT_CREATION', 'the third';
    is_deeply $refused->json->{error}{details}, {rule => 'project_creation'}, 'by which rule';
    is remaining($refused), 110, 'the user pays nothing for it';
    cmp_ok header($refused, 'Retry-After'), '>', 300, 'for how long';
    is $stack->get('/projects', key => $key)->code, 200, 'reading goes on';
};

subtest 'RL-11: who is refused asks no worker for anything' => sub {
    rules('user rate=1/d burst=5', 'project_creation rate=1/d burst=1');

    my $key = someone();

    is $stack->create_project({name => 'One'}, key => $key)->code, 201, 'five are taken';
    moves_ok(sub { refused_ok $stack->create_project({name => 'x'}, key => $key), 'RATE_LIMIT_USER', 'no more' }, {
        'devpilot_worker_messages_total{kind="request"}' => 0,
        'rate_limit_refused_total{scope="user"}' => 1,
        'rate_limit_consumed_total{scope="user",endpointClass="create_project"}' => 0,
    }, 'a refusal');
    is $stack->query('select count(*) from dp.project where name = \'x\''), 0, 'nothing is made';
};

subtest 'RL-11: addresses' => sub {
    rules('address rate=1/d burst=3');

    my $from = sub { $stack->get($_[1] // '/health/live', key => undef, headers => {'X-Forwarded-For' => $_[0]}) };

    is $from->('192.0.2.1')->code, 200, 'a public operation';
    is $from->('192.0.2.1', '/nowhere')->code, 404, 'a path that is none';
    is $from->('192.0.2.1', '/projects')->code, 401, 'a caller who is nobody';

    my $refused = $from->('192.0.2.1');

    refused_ok $refused, 'RATE_LIMIT_IP', 'have the address charged';
    like header($refused, $_), qr/\A[0-9]+\z/, "$_ is a number" for @five;
    is header($refused, 'X-RateLimit-Limit-User'), 3, 'and tells of the address';
    like header($refused, 'RateLimit'), qr/\A"address";r=0;t=\d+\z/, 'here too';
    is $from->('192.0.2.2')->code, 200, 'another address has its own';

    $from->("2001:db8:0:1::$_") for 1 .. 3;
    refused_ok $from->('2001:db8:0:1:ffff::1'), 'RATE_LIMIT_IP', 'of IPv6 the network counts';
    is $from->('2001:db8:0:2::1')->code, 200, 'another network has its own';

    $from->('192.0.2.3') for 1 .. 3;
    refused_ok $from->('::ffff:192.0.2.3'), 'RATE_LIMIT_IP', 'IPv4 in IPv6 is IPv4';
    is $from->('::ffff:192.0.2.4')->code, 200, 'address by address';
};

subtest 'a rule in shadow mode refuses nothing and counts what it would' => sub {
    rules('user rate=1/d burst=5 shadow', 'user rate=1/d burst=8');

    my $key = someone();

    moves_ok(sub { is $stack->get('/me', key => $key)->code, 200, "request $_" for 1 .. 8 },
             {'rate_limit_would_refuse_total{scope="user"}' => 3, 'rate_limit_refused_total{scope="user"}' => 0},
             'within the rule in force');
    moves_ok(sub { refused_ok $stack->get('/me', key => $key), 'RATE_LIMIT_USER', 'beyond' },
             {'rate_limit_would_refuse_total{scope="user"}' => 0}, 'what is refused is no matter of the shadow');

    rules('user rate=1/d burst=5 shadow');

    my $alone = $stack->get('/me', key => $key);

    is $alone->code, 200, 'alone it refuses nothing';
    is remaining($alone), undef, 'and nobody is told of it';

    rules('user rate=1/d burst=5');
    is remaining($stack->get('/me', key => someone())), 4, 'in force its buckets are others';
};

subtest 'RL-03: the service as a whole' => sub {
    rules('global rate=1/d burst=6');
    $stack->get('/me') for 1 .. 6;

    my $refused = $stack->get('/me', key => someone());

    refused_ok $refused, 'RATE_LIMIT_GLOBAL', 'whoever asks';
    like header($refused, 'RateLimit'), qr/"global";r=0;t=\d+\z/, 'is told';
    cmp_ok header($refused, 'Retry-After'), '>', 80000, 'for how long';
    is $stack->get('/health/live', key => undef)->code, 200, 'what is public costs nothing';
    is $stack->get('/metrics', key => undef)->code, 200, 'nor do metrics';
    is samples()->{'rate_limit_remaining{scope="global"}'}, 0, 'which say so';
};

subtest 'RL-01 RL-02: the rates of a plan are in force within a second' => sub {
    rules('user rate=60/m burst=120', 'project rate=300/m burst=600', 'global off');

    my $plan = sub { $stack->query("update dp.plan set $_[0] where name = 'enterprise'"); time };
    my $key = someone('organization_admin');
    my $shows = sub {
        my ($which, $count) = @_;

        return header($stack->get("/projects/$project", key => $key), "X-RateLimit-Limit-$which") == $count;
    };
    my $changed = $plan->('user_burst = 240, user_per_minute = 6000, project_burst = 900, project_per_minute = 6000');

    ok wait_until(sub { $shows->(User => 240) }, 5), 'another burst of users';
    cmp_ok time - $changed, '<', 1 + 0.5, 'within a second, and the time of asking';
    ok $shows->(Project => 900), 'and of projects';

    $plan->('user_burst = 2, user_per_minute = 6000');
    ok wait_until(sub { $shows->(User => 5) }, 5), 'at least what the dearest operation costs';

    $plan->('user_burst = 0, user_per_minute = 0, project_burst = 0, project_per_minute = 0');
    ok wait_until(sub { $shows->(User => 120) && $shows->(Project => 600) }, 5), 'without them the directive decides';
};

subtest 'a rule that is off' => sub {
    rules('user off', 'project off', 'global off', 'project_creation off');

    my $answer = $stack->get('/me');

    is $answer->code, 200, 'refuses nobody';
    is remaining($answer), undef, 'and says nothing';
};

$stack->finish;
done_testing;
