# What every stack is judged by at its end, whatever the test was about.

package Test::DevPilot::Verdict;

use strict;
use warnings;
use Test::DevPilot::Folder;
use Test::More;

sub judge {
    my ($stack) = @_;
    my $serves = ($stack->{option}{parts} // 'nginx') =~ /nginx/;

    nothing_pending($stack) if $serves;
    no_open_transaction($stack);
    is join("\n", @{$stack->{faults}}), '', 'every answer is as the contract says';

    my @processes = family($stack->{pid});

    is $stack->stop, 0, 'all stopped cleanly: PostgreSQL, worker and nginx exit with 0'
        or diag(Test::DevPilot::Folder::slurp("$stack->{folder}/run.log"));

    is join(' ', grep { kill(0, $_) } @processes), '', 'no process is left';
    is join("\n", alerts($stack)), '', 'no alert in a log';
    is join("\n", reports($stack)), '', 'no sanitizer report';
}

sub nothing_pending {
    my ($stack) = @_;
    my $pending;

    Test::DevPilot::wait_until(sub {
        my $text = $stack->get('/metrics', key => undef)->body;

        ($pending) = $text =~ /^devpilot_edge_in_flight(?:\{[^}]*\})? (\S+)$/m;
        defined $pending && $pending == 1;
    });

    is $pending, 1, 'nothing is pending at the edge but the question itself';
}

sub no_open_transaction {
    my ($stack) = @_;
    my $open = "select count(*) from pg_stat_activity where datname = 'devpilot'"
        . " and pid <> pg_backend_pid() and xact_start is not null";

    ok Test::DevPilot::wait_until(sub { $stack->query($open) eq '0' }), 'no transaction is open';
}

# A process and all that descend from it.
sub family {
    my ($pid) = @_;

    return ($pid, map { family($_) } Test::DevPilot::children_of($pid));
}

my $alert = qr{\[(?:alert|emerg|crit)\]|PANIC:|"code":"INTERNAL"};

sub alerts {
    my ($stack) = @_;
    my @lines = map { grep { $_ =~ $alert } split(/\n/, $stack->log($_)) } qw(nginx worker postgres);

    for my $expected (@{$stack->{allow}}) {
        @lines = grep { $_ !~ $expected } @lines;
    }

    return @lines;
}

my $report = qr{(?:Address|Leak|UndefinedBehavior)Sanitizer|runtime error:};

sub reports {
    my ($stack) = @_;
    my @found = map { split(/\n/, Test::DevPilot::Folder::slurp($_)) } glob("$stack->{folder}/sanitizer/*");

    push @found, grep { $_ =~ $report } split(/\n/, $stack->log($_)) for qw(nginx worker);

    return @found;
}

1;
