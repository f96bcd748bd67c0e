# getHealth: always answered by the edge, with what it knows of the worker and its
# database, and never waiting for either.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::More;
use Time::HiRes qw(time);

use constant AT_ONCE_S => 2;

my $stack = Test::DevPilot->start;

sub health {
    return $stack->get('/health', key => undef);
}

# Waits until a check has that status; returns the document.
sub becomes {
    my ($check, $status, $name) = @_;
    my $json;

    ok wait_until(sub { $json = health()->json; $json->{checks}{$check}{status} eq $status }), $name
        or diag explain $json;

    return $json;
}

subtest 'all is well (HLT-01)' => sub {
    my $response = health();
    my $json = $response->json;
    my ($version) = Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/ChangeLog')
        =~ /^Changes with DevPilot ([\d.]+)/;

    is $response->code, 200, 'without a credential';
    is $response->headers->content_type, 'application/json', 'JSON';
    is $response->headers->cache_control, 'no-store', 'of the moment';
    is join(' ', sort keys %$json), 'checks service status uptime_seconds version', 'members';
    is $json->{status}, 'healthy', 'status';
    is $json->{service}, 'devpilot', 'service';
    is $json->{version}, $version, 'version';
    like $json->{uptime_seconds}, qr/\A\d{1,3}\z/, 'uptime';
    is $json->{checks}{$_}{status}, 'healthy', "$_, at the first question" for qw(worker database);

    ok wait_until(sub { my $checks = health()->json->{checks}; $checks->{database}{latency_ms} && $checks->{worker}{latency_ms} }),
        'how long both take';
    is join(' ', sort keys %{health()->json->{checks}{database}}), 'latency_ms status', 'there is nothing else to say';
};

subtest 'the database is away (HLT-01)' => sub {
    $stack->hold('postgres');
    $stack->signal('postgres', 'INT');
    my $json = becomes('database', 'unhealthy', 'it is seen');

    is health()->code, 200, 'by an edge that serves';
    is $json->{status}, 'degraded', 'the service is degraded';
    is $json->{checks}{worker}{status}, 'healthy', 'but not the worker';
    $stack->release('postgres');
    is becomes('database', 'healthy', 'it is back')->{status}, 'healthy', 'and all is well';
};

subtest 'the worker hangs (C29)' => sub {
    $stack->freeze('worker');
    my $began = time;

    is health()->code, 200, 'nobody waits';
    cmp_ok time - $began, '<', AT_ONCE_S, 'not for long, that is';
    is becomes('worker', 'degraded', 'it is seen to be slow')->{status}, 'degraded', 'so the service is degraded';
    $stack->thaw('worker');
    is becomes('worker', 'healthy', 'it goes on')->{status}, 'healthy', 'and all is well';
};

subtest 'the worker is away (HLT-01)' => sub {
    $stack->hold('worker');
    $stack->signal('worker', 'KILL');
    my $json = becomes('worker', 'unhealthy', 'it is seen at once');

    is health()->code, 200, 'the edge is not';
    is $json->{status}, 'degraded', 'the service is degraded';
    is $json->{checks}{database}{status}, 'unknown', 'and nobody knows how the database does';
    $stack->release('worker');
    is becomes('worker', 'healthy', 'it is back')->{status}, 'healthy', 'and all is well';
    becomes('database', 'healthy', 'with its database');
};

subtest 'a reload is no restart' => sub {
    my $uptime = health()->json->{uptime_seconds};

    ok $uptime > 0, 'some time has passed';
    $stack->reload;
    cmp_ok health()->json->{uptime_seconds}, '>=', $uptime, 'uptime goes on';
    is health()->json->{checks}{database}{status}, 'healthy', 'and what was known is still known';
};

$stack->finish;
done_testing;
