# Signing keys in a running installation: an empty database gets them at once, they
# are rotated and purged by schedule, an operator rotates and revokes; nobody sees a
# secret.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Ctl;
use Test::DevPilot::Prometheus;
use Test::More;

my $stack = Test::DevPilot->start;

sub ctl { Test::DevPilot::Ctl::run($stack, @_) }

sub manifest { $stack->get('/.well-known/devpilot-keys.json')->json->{keys} }

sub states { join(' ', map { $_->{status} } @{manifest()}) }

sub events {
    return $stack->query("select string_agg(action, ' ' order by seq) from dp.audit_event"
        . " where action like 'signing_key.%' and seq > $_[0]");
}

sub newest { $stack->query('select coalesce(max(seq), 0) from dp.audit_event') }

# Time passes for all keys, and the job that looks at them is due.
sub days_pass {
    my ($days, $kind) = @_;

    $stack->query("update dp.signing_key set not_before = not_before - interval '$days days',"
        . " rotate_due = rotate_due - interval '$days days', grace_until = grace_until - interval '$days days',"
        . " purge_after = purge_after - interval '$days days'");
    my $before = done($kind);
    ok wait_until(sub { $stack->query("update dp.schedule set next_at = now() where kind = '$kind' returning 1") }),
        "$kind is due";
    ok wait_until(sub { done($kind) > $before }), 'and done';
}

sub done { $stack->query("select count(*) from dp.job where kind = '$_[0]' and state = 'done'") }

sub metric {
    my ($name) = @_;

    return Test::DevPilot::Prometheus::samples($stack)->{$name} // 0;
}

subtest 'SEC-04: an empty database gets keys from its first worker' => sub {
    is $stack->query("select string_agg(purpose || ' ' || state, ', ' order by purpose) from dp.signing_key"),
        'csrf active, jwt active', 'one for each purpose';
    is events(-1), 'signing_key.activated signing_key.activated', 'on record';
};

subtest 'SEC-03: the manifest names keys and shows no secret' => sub {
    my $response = $stack->get('/.well-known/devpilot-keys.json');
    my ($key, @others) = @{$response->json->{keys}};

    is $response->code, 200, 'for everybody';
    is_deeply \@others, [], 'one key, of access tokens';
    is_deeply [sort keys %$key], [qw(alg kid notAfter notBefore status use)], 'that and no more is said';
    is join(' ', @$key{qw(alg use status)}), 'HS256 sig active', 'of a key that signs';
    is $key->{notAfter}, undef, 'without an end';
    is $stack->query("select count(*) from dp.signing_key where kid = '$key->{kid}' and purpose = 'jwt'"), 1,
        'the one of the database';
    is $stack->request('GET', '/.well-known/devpilot-keys.json',
                       headers => {'If-None-Match' => $response->headers->etag})->code, 304, 'and its ETag holds';
};

subtest 'SEC-06: secrets are sealed in the database' => sub {
    is $stack->query("select count(*) from dp.signing_key where octet_length(sealed) = 70 and get_byte(sealed, 0) = 1"),
        2, 'each in the form of seal.h';
};

subtest 'SEC-01: after 90 days there is another, after 98 the old one is purged' => sub {
    my $seq = newest();
    my $old = manifest()->[0]{kid};

    days_pass(89, 'key.rotate');
    is states(), 'active', 'day 89: nothing happens';
    days_pass(1, 'key.rotate');
    is states(), 'active expiring', 'day 90: the old one verifies on';
    is manifest()->[1]{kid}, $old, 'under its id';
    is events($seq), join(' ', ('signing_key.superseded signing_key.activated') x 2), 'SEC-04: all of it on record';
    ok wait_until(sub { metric('key_rotation_total') >= 4 }), 'SEC-04: and counted';

    days_pass(7, 'key.purge');
    is $stack->query("select state || ' ' || (sealed is not null) from dp.signing_key where kid = '$old'"),
        'grace true', 'day 97: its grace is over, its secret still there';
    is states(), 'active', 'day 97: it does not verify any more';
    days_pass(1, 'key.purge');
    is $stack->query("select state || ' ' || (sealed is not null) from dp.signing_key where kid = '$old'"),
        'retired false', 'day 98: it is purged';
};

subtest 'an operator rotates a key' => sub {
    my $seq = newest();
    my $old = manifest()->[0]{kid};
    my $said = ctl(qw(keys rotate jwt --reason drill));

    is "$said->{status} $said->{out}", "0 every nginx process knows of it\n", 'and waits until it is known';
    is states(), 'active expiring', 'there is another';
    is events($seq), 'signing_key.superseded signing_key.activated', 'on record';
    is $stack->query("select distinct detail ->> 'reason' from dp.audit_detail d join dp.audit_event e using (seq)"
        . " where e.seq > $seq"), 'drill', 'with the reason';

    my $list = Test::DevPilot::Ctl::json($stack, qw(keys list))->{keys};

    is join(' ', map { "$_->{purpose}=$_->{state}" } grep { $_->{purpose} eq 'jwt' } @$list),
        'jwt=active jwt=grace jwt=retired', 'and listed';
    like ctl(qw(keys list))->{out}, qr/^$old  jwt  grace  \S+Z  \S+Z$/m, 'for people, too';
};

subtest 'SEC-12: an operator revokes a key that leaked' => sub {
    my $seq = newest();
    my $floor = $stack->query('select floor from dp.control_state');
    my $leaked = manifest()->[0]{kid};
    my $said = ctl(qw(keys revoke), $leaked, '--reason', 'it leaked');

    is "$said->{status} $said->{out}", "0 every nginx process knows of it\n", 'and waits until it is known';
    is_deeply [map { $_->{status} } grep { $_->{kid} eq $leaked } @{manifest()}], ['revoked'], 'it is revoked';
    is manifest()->[0]{status}, 'active', 'and has a successor';
    is events($seq), 'signing_key.revoked signing_key.activated', 'on record';
    ok $stack->query('select floor from dp.control_state') > $floor, 'principals are asked for anew';
    is metric('emergency_key_invalidations_total'), 1, 'and counted';
    is ctl(qw(keys revoke), $leaked, qw(--reason again))->{status}, 1, 'once';
};

subtest 'what is not done' => sub {
    my %mistakes = (
        'no reason'          => [qw(keys rotate jwt)],
        'no purpose'         => [qw(keys rotate --reason x)],
        'an unknown purpose' => [qw(keys rotate audit --reason x)],
        'a reason of two lines' => ['keys', 'revoke', 'x', '--reason', "a\nb"],
    );
    my $seq = newest();

    is ctl(@{$mistakes{$_}})->{status}, 64, $_ for sort keys %mistakes;
    is ctl(qw(keys revoke 0123456789abcdef --reason x))->{status}, 1, 'a key that is none';
    is ctl(qw(keys rotate jwt --reason x --dry-run))->{status}, 0, 'a dry run';
    is ctl(qw(keys rotate csrf --reason x))->{status}, 0, 'and what is done' for 1 .. 6;
    my $full = ctl(qw(keys rotate csrf --reason x));

    is $full->{status}, 1, 'not more keys than edges hold';
    like $full->{out}, qr/too many keys/, 'which is said';
};

$stack->finish;
done_testing;
