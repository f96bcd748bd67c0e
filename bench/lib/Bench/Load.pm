# The load generators: wrk for HTTP, pgbench for SQL.  Each returns operations
# per second and dies when any of them failed: a refusal is faster than work.

package Bench::Load;

use strict;
use warnings;
use Bench::Place;

# connections, url, script (Lua), arguments of the script; refused: refusals are
# what is measured.
sub wrk {
    my ($seconds, %load) = @_;
    my $said = Bench::Place::output(
        'wrk', '-t1', "-c$load{connections}", "-d${seconds}s", '--timeout', '10s',
        '-s', $load{script}, $load{url}, '--', @{$load{arguments} // []},
    );

    die "bench: $load{url}:\n" . Bench::Place::head($said) if $said =~ /Socket errors/ || ($said =~ /Non-2xx/ xor $load{refused});
    my ($rate) = $said =~ m{^Requests/sec:\s+([\d.]+)}m or die "bench: wrk said:\n$said";

    return $rate;
}

# The worker's session (worker/db/connection.c), but for the role: pgbench prepares
# all statements before it runs the first, which would set it.
my $session = join(' ', map { "-c $_" } 'search_path=pg_catalog', 'TimeZone=UTC',
                   'plan_cache_mode=force_generic_plan', 'jit=off', 'role=dp_api');

# clients, database (a conninfo string), scripts, variables.
sub pgbench {
    my ($seconds, %load) = @_;
    my $variables = $load{variables};

    local $ENV{PGOPTIONS} = $session;

    my $said = Bench::Place::output(
        'pgbench', '-n', '-M', 'prepared', '-c', $load{clients}, '-j', 1, '-T', $seconds,
        (map { ('-D', "$_=$variables->{$_}") } sort keys %$variables),
        (map { ('-f', $_) } @{$load{scripts}}), $load{database},
    );

    die "bench: $load{scripts}[0]:\n" . Bench::Place::head($said) if $said =~ /\berror\b|aborted/i;
    my ($rate) = $said =~ /^tps = ([\d.]+)/m or die "bench: pgbench said:\n$said";

    return $rate;
}

1;
