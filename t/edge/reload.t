# nginx reloaded under load: no request is lost, those in flight are answered by
# the processes that took them, and these then exit.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Connection;
use Test::DevPilot::Creation qw(create create_once creation whole_ok);
use Test::DevPilot::Hold;
use Test::DevPilot::Load;
use Test::More;

my $stack = Test::DevPilot->start;

# What is held is not to meet its deadline.
$stack->edit_config(sub { s/(devpilot_deadline) \S+;/$1 30s;/ });

my @created = create($stack)->{id};

subtest 'a connection for each request' => sub {
    my $load = Test::DevPilot::Load->start($stack, 6, sub { create_once($stack) });

    reload_under($load);

    my @outcomes = $load->stop;
    is join("\n", map { "$_->{status} $_->{code}" } grep { $_->{status} != 201 } @outcomes), '',
        'every request was served, at the first attempt';
    push @created, map { $_->{id} } @outcomes;
    whole_ok($stack, 'and executed once', @created);
};

# nginx closes an idle connection without a word; the client that was about to
# use it sees the end before the first byte, and opens another.
subtest 'connections that are kept' => sub {
    my $connection;
    my $load = Test::DevPilot::Load->start($stack, 6, sub { read_kept(\$connection) });

    reload_under($load);

    my @outcomes = $load->stop;
    is join("\n", map { $_->{status} } grep { $_->{status} != 200 } @outcomes), '', 'every request was served';
    cmp_ok scalar(grep { $_->{reopened} } @outcomes), '>', 0, 'on new connections where old ones were closed';
};

subtest 'requests in flight' => sub {
    my %old = map { $_ => 1 } $stack->nginx_processes;
    my $hold = Test::DevPilot::Hold->new($stack, 'insert');
    my @writes = Test::DevPilot::Connection::send_all($stack, map { creation() } 1 .. 4);

    ok $hold->has(4), 'four creations are in flight';
    $stack->reload;
    is $stack->get('/projects')->code, 200, 'new processes serve';
    ok scalar(grep { $old{$_} } $stack->nginx_processes), 'an old one stays';
    $hold->release;

    for my $response (map { $_->response } @writes) {
        is $response && $response->code, 201, 'each of the four is created';
        push @created, $response->json->{id};
    }

    ok exited(%old), 'the old ones exit';
    whole_ok($stack, 'executed once', @created);
};

subtest 'a process that is killed' => sub {
    my %old = map { $_ => 1 } $stack->nginx_processes;

    $stack->expect(qr/worker process \d+ exited on signal 9/);
    kill('KILL', $_) for keys %old;
    ok wait_until(sub { 2 == grep { !$old{$_} } $stack->nginx_processes }), 'is replaced';
    is $stack->get('/projects')->code, 200, 'and the new one serves';
};

$stack->finish;
done_testing;

# Four times, with requests served before, between and after.
sub reload_under {
    my ($load) = @_;

    for my $time (1 .. 4) {
        my %old = map { $_ => 1 } $stack->nginx_processes;

        ok $load->wait_for(12), "the load runs before reload $time";
        $stack->reload;
        ok exited(%old), 'the old processes exit';
    }

    ok $load->wait_for(12), 'and after the last one';
}

sub exited {
    my (%old) = @_;

    return wait_until(sub { !grep { $old{$_} } $stack->nginx_processes }, 20);
}

# Reads over the connection it is given, while there is one.
sub read_kept {
    my ($kept) = @_;
    my $reopened = 0;

    for (1 .. 2) {
        $$kept //= Test::DevPilot::Connection->new($stack);

        my $response = $$kept->send_request('GET', '/projects?limit=1') && $$kept->response;

        undef $$kept if !$response || ($response->headers->connection // '') eq 'close';
        return {status => $response->code, reopened => $reopened} if $response;
        $reopened = 1;
    }

    return {status => 0, reopened => 1};
}
