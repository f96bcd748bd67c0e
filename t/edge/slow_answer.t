# Answers that were read before a revocation and arrive behind it, by a worker that
# says what the test wants: none is believed.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Peer;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Puppet;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;
use Time::HiRes qw(clock_gettime time CLOCK_MONOTONIC);

# What the puppet knows is of one connection.
my $stack = Test::DevPilot->start(processes => 1, impostor => 1);

sub sample { Test::DevPilot::Prometheus::sample($stack, $_[0]) }

sub me { $stack->get('/me', key => $_[0]) }

use constant {AUTHENTICATE => 3, PRINCIPAL => 4, MEASURE => 5, CONTROL => 7, REQUEST => 1, REPLY => 2};

my $generation = int(time * 1e6) + 3_600_000_000;    # in an hour: newer than what is known

# Read at a generation; another one for each prefix.
sub principal {
    my ($prefix, $read_at) = @_;

    return [PRINCIPAL, 2 => pack('n', 1), 4 => $prefix x 2, 5 => 'u' x 16, 6 => 'o' x 16, 8 => pack('Q>', $read_at),
            10 => "\xff" x 8];
}

sub revocation {
    my ($prefix, $revoked_at) = @_;

    return [CONTROL, 1 => pack('Q>', $revoked_at), 2 => pack('Q>', int(clock_gettime(CLOCK_MONOTONIC) * 1e6)),
            6 => $prefix x 2 . pack('Q>', $revoked_at)];
}

# What is said of a credential, by its prefix: the first time, the second time ...
my %said = (
    slowVali => [sub { (revocation($_, ++$generation), principal($_, $generation - 1)) },
                 sub { [PRINCIPAL, 1 => 'AUTH_KEY_INVALID'] }],
    slowRole => [sub { (revocation($_, ++$generation), principal($_, $generation - 1)) },
                 sub { principal($_, $generation) }],
    everSlow => [map { sub { (revocation($_, ++$generation), principal($_, $generation - 1)) } } 1 .. 9],
    inOrder0 => [sub { (principal($_, $generation), revocation($_, ++$generation)) },
                 sub { [PRINCIPAL, 1 => 'AUTH_KEY_INVALID'] }],
);

my $puppet = Test::DevPilot::Puppet->start($stack, sub {
    my ($kind, $asked) = @_;

    return [REPLY, 1 => pack('n', 200), 13 => '{}'] if $kind == REQUEST;
    return [MEASURE + 1, 1 => "\n"] if $kind == MEASURE;
    return if $kind != AUTHENTICATE;

    my $next = shift(@{$said{$asked->{3}}}) // sub { [PRINCIPAL, 1 => 'INTERNAL'] };

    return map { $next->() } $asked->{3};
});

Test::DevPilot::Peer::put_in_place($stack, '5s', $puppet->path);
wait_until(sub { sample('devpilot_worker_up') == 1 });

sub again { sample('devpilot_edge_principals_asked_again_total') }

sub key { "dp_$_[0]_" . 'x' x 43 }

subtest 'an answer that is older than a revocation is not believed (KEY-02)' => sub {
    my $before = again();

    refused_ok me(key('slowVali')), 'AUTH_KEY_INVALID', 'the next one counts';
    is again(), $before + 1, 'it was asked for';
    refused_ok me(key('slowVali')), 'AUTH_KEY_INVALID', 'and is remembered';
    is again(), $before + 1, 'not asked for again';
};

subtest 'nor is one about a principal that goes on as another (RBAC-13)' => sub {
    is me(key('slowRole'))->code, 200, 'the next one counts';
    is me(key('slowRole'))->code, 200, 'and is remembered';
};

subtest 'a worker that stays behind is not asked for ever (KEY-02)' => sub {
    my $before = again();

    refused_ok me(key('everSlow')), 'WORKER_UNAVAILABLE', 'but three times';
    is again(), $before + 3, 'in all';
};

subtest 'a revocation behind the answer ends it (KEY-02)' => sub {
    is me(key('inOrder0'))->code, 200, 'valid, when it was said';
    refused_ok me(key('inOrder0')), 'AUTH_KEY_INVALID', 'not any more';
};

$stack->finish;
$puppet->stop;
done_testing;
