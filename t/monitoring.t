# conf/prometheus and conf/grafana: rules that promtool takes, alerts that fire when
# they should and only then, and no name in them that is not documented.

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Mojo::JSON qw(decode_json);
use Test::DevPilot::Folder;
use Test::DevPilot::Source qw(text);
use Test::More;
use YAML::XS ();

my $folder = Test::DevPilot::Folder::root() . '/conf/prometheus';
my $scratch = tempdir(CLEANUP => 1);

# What promtool says, and whether it is content.
sub promtool {
    my (@arguments) = @_;

    open(my $out, '-|', 'sh', '-c', 'cd "$0" && exec promtool "$@" 2>&1', $folder, @arguments) or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    return close($out) ? '' : $said;
}

sub rules {
    my ($name, $kind) = @_;

    return grep { $_->{$kind} } map { @{$_->{rules}} } @{YAML::XS::LoadFile("$folder/$name")->{groups}};
}

my @recorded = rules('devpilot-recording.yml', 'record');
my @alerts = rules('devpilot-alerts.yml', 'alert');
my @tests = map { @{YAML::XS::LoadFile("$folder/$_")->{tests}} } qw(devpilot-tests.yml devpilot-tests-long.yml);

is promtool('check', 'config', 'prometheus.yml'), '', 'OBS-09 promtool takes prometheus.yml and its rules';
is promtool('test', 'rules', $_), '', "OBS-11 OBS-12 OBS-13 $_" for qw(devpilot-tests.yml devpilot-tests-long.yml);

subtest 'OBS-11 every alert was seen firing, and seen silent' => sub {
    my %seen;

    for my $test (map { @{$_->{alert_rule_test}} } @tests) {
        $seen{$test->{alertname}}{@{$test->{exp_alerts}} ? 'firing' : 'silent'} = 1;
    }

    is join(' ', sort keys %{$seen{$_->{alert}} // {}}), 'firing silent', $_->{alert} for @alerts;
};

subtest 'every alert says how bad it is and where to read on' => sub {
    my %heading = map { $_ => 1 } text('docs/monitoring.md') =~ /^### (\w+)$/mg;

    for my $alert (@alerts) {
        my $name = $alert->{alert};

        like $alert->{labels}{severity}, qr/\A(?:page|ticket)\z/, "$name: severity";
        ok delete $heading{$name}, "$name: a part of docs/monitoring.md";
        is $alert->{annotations}{runbook_url}, 'docs/monitoring.md#' . lc $name, "$name: the way there";
    }

    is join(' ', sort keys %heading), '', 'and there is no other part';
};

subtest 'OBS-14 who is told: pages and tickets go different ways' => sub {
    my $config = YAML::XS::LoadFile("$folder/alertmanager.yml");
    my %receiver = map { $_->{name} => $_ } @{$config->{receivers}};
    my ($page) = grep { $_->{matchers}[0] eq 'severity="page"' } @{$config->{route}{routes}};

    ok $receiver{$page->{receiver}}{pagerduty_configs}, 'a page wakes somebody';
    ok $receiver{$config->{route}{receiver}}{email_configs}, 'all else is mail';
};

# --- the dashboard -----------------------------------------------------------------

my $dashboard = decode_json(text('conf/grafana/devpilot.json'));
my @panels = map { $_->{expr} =~ s/\$__rate_interval/5m/gr =~ s/\$instance/.+/gr }
    map { @{$_->{targets} // []} } @{$dashboard->{panels}};

subtest 'OBS-09 the expressions of the dashboard are expressions' => sub {
    my $number = 0;
    my $path = "$scratch/dashboard.yml";

    Test::DevPilot::Folder::spew($path, YAML::XS::Dump(
        {groups => [{name => 'dashboard', rules => [map { {record => 'panel' . $number++, expr => $_} } @panels]}]}));
    cmp_ok scalar @panels, '>=', 20, 'there are some';
    is promtool('check', 'rules', $path), '', 'promtool takes them';
};

# --- names -------------------------------------------------------------------------

my %function = map { $_ => 1 } qw(absent and avg_over_time by histogram_quantile increase max min offset on or rate
                                  sum unless vector without);

# The metrics that an expression is of.
sub metrics {
    my ($expression) = @_;

    $expression =~ s/\{[^}]*\}|\[[^\]]*\]|\b(?:by|on|without) *\([^)]*\)|\boffset \d\w+//g;

    return grep { !$function{$_} } $expression =~ /([a-zA-Z_:][\w:]*)/g;
}

# {part => {metric => type}} of the tables of docs/metrics.md.
my %documented;

for my $part ('The edge', 'A worker', 'Coming') {
    my ($table) = text('docs/metrics.md') =~ /^## \Q$part\E\n(.*?)(?=^## |\z)/ms;

    $documented{$part} = {$table =~ /^\| `(\w+)` \| (\w+) \|/mg};
}

# `up` is Prometheus's own.
my %type = (up => 'gauge', map { %$_ } values %documented);

sub known {
    my ($metric) = @_;
    my $family = $metric =~ s/_(?:bucket|sum|count)\z//r;

    return exists $type{$metric} || ($type{$family} // '') eq 'histogram' || grep { $_->{record} eq $metric } @recorded;
}

subtest 'OBS-09 every metric that is used is one of docs/metrics.md, or recorded' => sub {
    my %used = map { $_ => 1 } map { metrics($_) } (map { $_->{expr} } @recorded, @alerts), @panels;

    cmp_ok scalar keys %used, '>=', 40, 'there are some';
    is join(' ', grep { !known($_) } sort keys %used), '', 'and none is unknown';
};

subtest 'OBS-06 the catalogue' => sub {
    my %catalogue = (
        provision_duration_seconds => 'histogram', deployment_duration_seconds => 'histogram',
        environment_state_transitions_total => 'counter', circuit_breaker_open_total => 'counter',
        circuit_breaker_half_open_total => 'counter', rate_limit_consumed_total => 'counter',
        rate_limit_remaining => 'gauge', retry_attempts => 'histogram', preview_env_active_total => 'gauge',
        errors_total => 'counter', chat_latency_seconds => 'histogram', spec_apply_duration_seconds => 'histogram',
    );

    is $type{$_}, $catalogue{$_}, $_ for sort keys %catalogue;

    my %there = (%{$documented{'The edge'}}, %{$documented{'A worker'}});

    ok $there{$_}, "$_ is there" for qw(rate_limit_consumed_total rate_limit_remaining retry_attempts errors_total);
    is join(' ', grep { $there{$_} } sort keys %{$documented{Coming}}), '', 'what is there is not said to be coming';
};

subtest 'OBS-20 each success criterion has its measure' => sub {
    for my $number (1 .. 11) {
        my $prefix = sprintf('devpilot:sc%03d_', $number);

        ok scalar(grep { index($_->{record}, $prefix) == 0 } @recorded), sprintf('SC-%03d', $number);
    }
};

done_testing;
