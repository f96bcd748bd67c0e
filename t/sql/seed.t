# The seeds of a local stack: what they make, and that running them again changes
# nothing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../lib";
use Scratch;
use Test::More;

my ($stack, $dsn);

if (!($dsn = $ENV{DEVPILOT_PG_DSN})) {
    require Test::DevPilot;
    $stack = Test::DevPilot->start(parts => 'postgres');
    $dsn = $stack->dsn;
}

my $db = Scratch->new(Scratch::cluster($dsn));
$db->sqitch('deploy', '--no-verify') or BAIL_OUT($db->{said});

ok seed('normal'), 'the seeds' or diag $db->{said};
my $first = data();
ok seed('normal'), 'again' or diag $db->{said};
is data(), $first, 'change nothing';

my $admin = $db->superuser;
is_deeply $admin->selectall_arrayref(
    'select k.prefix, k.max_role, k.auth_level, s.plan, s.state'
    . ' from dp.api_key k join dp.subscription s using (org_id) order by k.prefix'),
    [['ADMIN001', 'organization_admin', 2, 'enterprise', 'active'],
     ['VIEWER01', 'viewer', 2, 'enterprise', 'active']],
    'two keys of an organisation on the largest plan';
is limit(), 1000, 'whose limit is the plan\'s';
ok seed('high'), 'limits=high' or diag $db->{said};
cmp_ok limit(), '>', 1_000_000_000, 'raises it';
ok seed('high'), 'again' or diag $db->{said};
cmp_ok limit(), '<', 1_000_000_000_001, 'once';
ok seed('normal'), 'limits=normal' or diag $db->{said};
is data(), $first, 'is as it was';

$admin->disconnect;
$db->drop;
$stack->finish if $stack;
done_testing;

sub limit {
    return ($admin->selectrow_array(
        "select max_value from dp.plan_limit where plan = 'enterprise' and metric = 'projects'"))[0];
}

sub seed {
    my ($limits) = @_;
    my %variable = (
        org_id            => '11111111-1111-4111-8111-111111111111',
        user_id           => '22222222-2222-4222-8222-222222222222',
        user_email        => 'admin@localhost',
        user_password_hash => '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA',
        user_factor_id    => '55555555-5555-4555-8555-555555555555',
        user_factor_sealed => 'cc' x 58,
        admin_key_id      => '33333333-3333-4333-8333-333333333333',
        admin_key_prefix  => 'ADMIN001',
        admin_key_digest  => 'aa' x 32,
        viewer_key_id     => '44444444-4444-4444-8444-444444444444',
        viewer_key_prefix => 'VIEWER01',
        viewer_key_digest => 'bb' x 32,
        limits            => $limits,
    );

    return $db->run('psql', '-Xq', '-v', 'ON_ERROR_STOP=1',
                    (map { ('-v', "$_=$variable{$_}") } sort keys %variable),
                    '-f', Scratch::SQL . '/seed/local.sql');
}

# Every row but the one that counts changes; newer pg_dumps begin with a random word.
sub data {
    $db->run('pg_dump', '--data-only', '--schema=dp', '--exclude-table=dp.control_state') or die $db->{said};

    return $db->{said} =~ s/^\\(?:un)?restrict .*\n//mgr;
}
