# What is generated is up to date: the route table and its company from the
# contract, the example file and the reference from the worker's settings.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Folder;
use Test::More;

my $root = Test::DevPilot::Folder::root();
my $worker = Test::DevPilot::Folder::build() . '/devpilot-worker';

sub output {
    my (@command) = @_;

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command) or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    close($out);

    return $said;
}

my $difference = output("$root/scripts/generate-contract", '--check');

ok $? == 0, 'the contract' or diag($difference);

SKIP: {
    skip 'no worker was built', 2 unless -x $worker;

    local $ENV{ASAN_OPTIONS} = 'detect_leaks=0';

    is output($worker, '--print-example'), Test::DevPilot::Folder::slurp("$root/conf/devpilot-worker.conf"),
        'conf/devpilot-worker.conf';
    is output($worker, '--print-reference'), Test::DevPilot::Folder::slurp("$root/docs/settings.md"),
        'docs/settings.md';
}

done_testing;
