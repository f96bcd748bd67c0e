# The tests in SQL, t/sql/*.sql, each a pgTAP script in a transaction that it
# rolls back, against a schema that was deployed afresh.

use strict;
use warnings;
use File::Basename qw(basename);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::DevPilot;
use Test::DevPilot::Tap qw(tap_ok);
use Test::More;

my $stack = Test::DevPilot->start(parts => 'postgres');

for my $script (glob("$FindBin::Bin/sql/*.sql")) {
    tap_ok(basename($script), 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $stack->dsn, '-f', $script);
}

$stack->finish;
done_testing;
