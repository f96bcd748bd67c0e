# DETERMINISTIC_TEST_IDS=true: the same requests get the same ids in every run, and
# no run repeats one; without it ids are random.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::More;

my $uuid = qr/\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z/;

sub started {
    my ($deterministic, %option) = @_;

    return Test::DevPilot->start(%option, environment => {DETERMINISTIC_TEST_IDS => $deterministic});
}

# Two projects and two refusals; returns all ids that a client sees.
sub ids {
    my ($stack, $name) = @_;
    my @created = map { $stack->create_project({name => "$name $_"}) } 1, 2;
    my $invalid = $stack->create_project({name => ''});
    my $lost = $stack->request('DELETE', '/nowhere');

    is join(' ', map { $_->code } @created, $invalid, $lost), '201 201 422 404', "$name: as expected";

    return [
        (map { $_->headers->header('X-Request-Id') } @created, $invalid, $lost),
        (map { my $json = $_->json; ($json->{id}, map { $_->{id} } @{$json->{environments}}) } @created),
        (map { $_->json->{error}{traceId} } $invalid, $lost),
    ];
}

sub distinct_ok {
    my ($ids, $name) = @_;
    my %seen;

    is join(' ', grep { $seen{$_}++ } @$ids), '', "$name: no id comes twice";
}

my $first = started('true');
my $one = ids($first, 'One');

subtest 'they are ids like any other (AUD-11, ERR-08)' => sub {
    distinct_ok($one, 'the first run');
    like $_, $uuid, 'version 4' for grep {/-/} @$one;
};

# Polling, and another number of processes, change nothing.
my $second = started('true', processes => 1);

$second->get('/projects') for 1 .. 3;

is_deeply ids($second, 'One'), $one, 'another run gets the same ones (AUD-11)';

my $random = started('false');

subtest 'without it they are random' => sub {
    my %first = map { $_ => 1 } @$one;

    is join(' ', grep { $first{$_} } @{ids($random, 'One')}), '', 'none is the same';
};

subtest 'neither a reload nor a new worker repeats any (AUD-11)' => sub {
    my $pid = $first->pid('worker');

    $first->expect(qr/terminated by signal/);
    $first->reload;
    $first->signal('worker', 'KILL');
    ok wait_until(sub { $first->pid('worker') != $pid && $first->get('/projects')->code == 200 }), 'both are new';
    distinct_ok([@$one, @{ids($first, 'Two')}], 'afterwards');
};

$_->finish for $first, $second, $random;
done_testing;
