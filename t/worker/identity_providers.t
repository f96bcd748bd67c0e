# Identity providers are asked for their keys, by a job, behind a breaker that all
# workers share; and what they said does not last for ever.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Issuer;
use Test::DevPilot::Prometheus;
use Test::More;

my $issuer = Test::DevPilot::Issuer->start;
my $stack = Test::DevPilot->start(environment => {
    DEVPILOT_IDENTITY_PROVIDERS => $issuer->provider_file(name => 'corp', tokens => {audience => 'https://devpilot.test'}),
    DEVPILOT_OUTBOUND_LOOPBACK  => $issuer->place,
    DEVPILOT_JOB_POLL_INTERVAL  => '100ms',
});

$stack->expect(worker => qr/INTEGRATION_OIDC_UNAVAILABLE|oidc:corp/);

subtest 'KEY-01: discovery and keys are fetched, and are control state' => sub {
    ok wait_until(sub { known() eq 't' }), 'by themselves';
    is_deeply [$issuer->asked], ['/.well-known/openid-configuration', '/jwks'], 'with one call each';
    is $stack->query("select metadata ->> 'tokenEndpoint', octet_length(keys) > 90, entry is not null from dp.issuer"),
        $issuer->url . '/token|t|t', 'endpoints, keys, and what edges are told';

    my $generation = generation();

    again();
    is_deeply [$issuer->asked], ['/.well-known/openid-configuration', '/jwks'], 'they are fetched again';
    is generation(), $generation, 'and nothing is told to edges when nothing is new';
};

subtest 'INT-22: under EXTERNAL_INTEGRATIONS nobody is called' => sub {
    $stack->query("update dp.kill_switch set enabled = true, reason = 'drill' where name = 'EXTERNAL_INTEGRATIONS'");
    due();
    ok wait_until(sub { state_of() eq 'available' }), 'the job is queued';
    ok !wait_until(sub { state_of() ne 'available' }, 2), 'and parked';
    is_deeply [$issuer->asked], [], 'no call is made';
    $stack->query("update dp.kill_switch set enabled = false where name = 'EXTERNAL_INTEGRATIONS'");
    ok wait_until(sub { state_of() eq 'done' }), 'until the switch is off';
    is scalar(() = $issuer->asked), 2, 'then it is called';
};

subtest 'INT-11, INT-12: an issuer that fails is tried five times again, then spared' => sub {
    $issuer->says(503);
    again();
    is scalar(() = $issuer->asked), 6, 'six calls';
    is breaker(), 'closed|6', 'each is a failure';
    again();
    is scalar(() = $issuer->asked), 4, 'the breaker opens with the tenth';
    is breaker(), 'open|10', 'which is written down';
    again();
    is_deeply [$issuer->asked], [], 'then nobody is called';
    is known(), 't', 'and what was known is still known';
    is metric('circuit_breaker_open_total{provider="oidc"}'), 1, 'it is counted';
    cmp_ok metric('circuit_breaker_refused_total{provider="oidc"}'), '>=', 2, 'and what it spared';
    is metric('integration_calls_total{provider="oidc",operation="discovery",code="503",outcome="failed"}'), 10, 'and each call';
    is metric('retry_attempts_sum{provider="oidc",operation="discovery",code="INTEGRATION_OIDC_UNAVAILABLE"}') + 0, 8, 'and the retries';
};

subtest 'INT-13: after 30 s one call is let through' => sub {
    later(25);
    again();
    is_deeply [$issuer->asked], [], 'not before';
    later(6);
    again();
    is scalar(() = $issuer->asked), 1, 'one';
    is breaker() =~ s/\|.*//r, 'open', 'it failed';
    again();
    is_deeply [$issuer->asked], [], 'so nobody is called';
    $issuer->says(200);
    later(31);
    again();
    is_deeply [$issuer->asked], ['/.well-known/openid-configuration', '/jwks'], 'when it succeeds all are';
    is breaker(), 'closed|0', 'and it is closed';
    is $stack->query("select string_agg(action, ' ' order by seq) from dp.audit_event where target_type = 'breaker'"),
        'breaker.open breaker.half_open breaker.open breaker.half_open breaker.closed', 'all of it is in the trail';
    is metric('circuit_breaker_half_open_total{provider="oidc"}'), 2, 'and counted';
    is metric('circuit_breaker_open_seconds_count{provider="oidc"}'), 1, 'with the time that it was open';
};

subtest 'KEY-01: what could not be fetched for a day is forgotten' => sub {
    my $generation = generation();

    $stack->query("update dp.issuer set fetched_at = now() - interval '25 hours'");
    $stack->query("update dp.schedule set next_at = now() where kind = 'issuers.settle'");
    ok wait_until(sub { known() eq 'f' }), 'its keys are gone';
    cmp_ok generation(), '>', $generation, 'and edges are told';
    $issuer->asked;
};

$stack->finish;
done_testing;

sub known      { $stack->query("select coalesce((select entry is not null from dp.issuer where name = 'corp'), false)") }
sub generation { $stack->query('select generation from dp.control_state') }
sub breaker    { $stack->query("select state, cardinality(failures) from dp.circuit_breaker where provider = 'oidc:corp'") }
sub state_of   { $stack->query("select state from dp.job where kind = 'issuers.fetch' order by seq desc limit 1") // '' }

# As if so much more time had passed since the breaker opened.
sub later { $stack->query("update dp.circuit_breaker set opened_at = opened_at - 1000000 * $_[0]") }

# Makes the job due, once it is not at work, and the issuer too.
sub due {
    wait_until(sub { state_of() =~ /\A(?:done|)\z/ }) or die "the job does not end\n";
    $stack->query("update dp.issuer set tried_at = now() - interval '1 hour'");
    $stack->query("update dp.schedule set next_at = now() where kind = 'issuers.fetch'");
}

# Has it run once.
sub again {
    my $jobs = "select count(*) from dp.job where kind = 'issuers.fetch'";
    my $before = $stack->query($jobs);

    due();
    wait_until(sub { $stack->query($jobs) > $before && state_of() eq 'done' }, 20) or die "the job is not done\n";
}

sub metric { Test::DevPilot::Prometheus::samples($stack)->{$_[0]} // 0 }
