# Migrations: each can be deployed, verified and reverted, and each verification
# fails without its change.

use strict;
use warnings;
use FindBin;
use POSIX ();
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../lib";
use lib "$FindBin::Bin/../../scripts/migrations";
use Database ();
use Drift ();
use Scratch;
use Test::More;

my ($stack, $dsn);

if (!($dsn = $ENV{DEVPILOT_PG_DSN})) {
    require Test::DevPilot;
    $stack = Test::DevPilot->start(parts => 'postgres');
    $dsn = $stack->dsn;
}

my $cluster = Scratch::cluster($dsn);
my @changes = changes();
my $here = "host='$cluster->{PGHOST}' port=$cluster->{PGPORT} user=$cluster->{PGUSER}";

subtest 'MIG-03: deploy, verify, revert, deploy again' => sub {
    my $db = Scratch->new($cluster);

    ok $db->sqitch('deploy', '--verify'), 'deploy' or diag $db->{said};
    my $first = dump_of($db);

    ok $db->sqitch('verify'), 'verify' or diag $db->{said};
    ok $db->sqitch('revert', '-y'), 'revert' or diag $db->{said};
    unlike dump_of($db), qr/ (?:SCHEMA|OWNER TO) (?:dp|app)\b/, 'nothing of ours is left';

    ok $db->sqitch('deploy', '--verify'), 'deploy again' or diag $db->{said};
    is dump_of($db), $first, 'the same schema as before';

    $db->drop;
};

subtest 'MIG-03: a revert takes its change back, and a verification misses it' => sub {
    my $db = Scratch->new($cluster);
    my %before;

    # What asks sqitch which changes are there is told all.
    ok $db->sqitch('deploy', '--log-only', '--no-verify'), 'begin' or diag $db->{said};

    for my $change (@changes) {
        $before{$change} = objects_of($db);
        ok $db->script("deploy/$change.sql"), "$change is deployed" or diag $db->{said};
    }

    # Roles are the cluster's: other databases keep them.
    for my $change (grep { $_ ne 'roles' } reverse @changes) {
        ok $db->script("verify/$change.sql"), "$change is verified" or diag $db->{said};
        ok $db->script("revert/$change.sql"), "$change is reverted" or diag $db->{said};
        is join("\n", Drift::differences($before{$change}, objects_of($db))), '', "$change is taken back, all of it";
        ok !$db->script("verify/$change.sql"), "$change is missed";
    }

    $db->drop;
};

subtest 'MIG-06: two migrators at once' => sub {
    my $db = Scratch->new($cluster);
    ok $db->sqitch('deploy', '--to', 'schemas'), 'begin' or diag $db->{said};

    my $other = fork // die "fork: $!";
    POSIX::_exit(!$db->sqitch('deploy')) if $other == 0;
    my $mine = $db->sqitch('deploy');
    my $said = $db->{said};
    waitpid $other, 0;

    ok $mine, 'one' or diag $said;
    is $?, 0, 'the other';
    ok $db->sqitch('verify'), 'each change was deployed once' or diag $db->{said};

    $db->drop;
};

subtest 'MIG-01: every file has its place in the plan' => sub {
    for my $folder (qw(deploy revert verify)) {
        my @files = map { m{([^/]+)\.sql$} } glob Scratch::SQL . "/$folder/*.sql";

        is_deeply [sort @files], [sort @changes], $folder;
    }
};

$stack->finish if $stack;
done_testing;

sub changes {
    return slurp('sqitch.plan') =~ /^([a-z]\w*) /mg;
}

sub slurp {
    my ($path) = @_;

    open(my $in, '<', Scratch::SQL . "/$path") or die "$path: $!";
    local $/;

    return scalar <$in>;
}

sub objects_of {
    my ($db) = @_;

    return Database->new("$here dbname=$db->{name}")->objects;
}

# Newer pg_dumps begin with a random word.
sub dump_of {
    my ($db) = @_;

    $db->run('pg_dump', '--schema-only') or die $db->{said};

    return $db->{said} =~ s/^\\(?:un)?restrict .*\n//mgr;
}
