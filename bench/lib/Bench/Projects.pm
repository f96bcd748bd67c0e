# Operations end to end: HTTP through nginx, worker and PostgreSQL, against
# pgbench running the same statements one by one in the same database.
#
# While the edge asks for the principal of each request, authentication's
# statements belong to an operation's; a second line compares with the operation's
# alone.

package Bench::Projects;

use strict;
use warnings;
use DevPilot::Files;
use Bench::Load;
use Bench::Place;
use Bench::Statements;

use constant CLIENTS => 16;

sub cells {
    my ($place) = @_;
    my $stack = stack_start($place);
    my $variables = variables($stack);
    my $create = sub { create($place, $stack, $_[0]) };
    my $project_id = a_project($stack, $create);
    my $get = sub { get($place, $stack, $project_id, $_[0]) };

    $variables->{project_id} = $project_id;

    return (
        pair($place, $stack, $variables, 'createProject', 1.2, $create, 'create_project'),
        pair($place, $stack, $variables, 'getProject', 0.4, $get, 'get_project'),
    );
}

# A whole stack, as "make run" starts it, in the scratch folder.
sub stack_start {
    my ($place) = @_;
    my $var = $place->folder('stack');
    my $child = $place->start(
        name        => 'stack',
        command     => ["$place->{root}/scripts/run"],
        stop_s      => 40,
        environment => {
            VAR             => $var,
            PORT            => Bench::Place::free_port(),
            TLS_PORT        => Bench::Place::free_port(),
            BUILDDIR        => $place->{builddir},
            LIMITS          => 'high',
            NGINX_PROCESSES => 2,
            PG_FSYNC        => 'on',
        },
    );

    $place->await($child, sub { -s "$var/run.env" });

    return DevPilot::Files::read_shell("$var/run.env");
}

sub query {
    my ($stack, $statement) = @_;

    chomp(my $said = Bench::Place::output('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1',
                                          '-c', $statement, $stack->{DEVPILOT_PG_DSN}));

    return $said;
}

sub a_project {
    my ($stack, $create) = @_;

    $create->(1);

    return query($stack, 'select id from dp.project limit 1');
}

# As long as those of createProject: what it tells of a project, and its answer.
my $project = sprintf '{"id":"%1$s","name":"bench %1$s","slug":"bench-%1$s","template":"platform",'
    . '"templateVersion":1,"previewTtlHours":72,"createdAt":"2025-01-01T00:00:00.000000Z"}', 'x' x 36;
my $response = substr($project, 0, -1) . ',"environments":['
    . join(',', map { qq({"id":"@{['x' x 36]}","name":"$_","kind":"core","state":"pending"}) } qw(dev staging prod))
    . '],"integrations":[]}';

# What the worker would bind, for pgbench.
sub variables {
    my ($stack) = @_;
    my $prefix = substr($stack->{DEVPILOT_API_KEY}, 3, 8);
    my ($key_id, $user_id) = split /\|/, query($stack,
        "select id, created_by from dp.api_key where prefix = '$prefix'");

    return {
        org_id      => $stack->{DEVPILOT_ORG_ID},
        user_id     => $user_id,
        key_id      => $key_id,
        key_prefix  => $prefix,
        switches    => 1,
        fingerprint => '\x' . '5a' x 32,
        trace_id    => '\x' . '7b' x 16,
        project     => $project,
        location    => '/projects/00000000-0000-4000-8000-000000000000',
        response    => '\x' . unpack('H*', $response),
    };
}

sub create {
    my ($place, $stack, $seconds) = @_;
    my $run = sprintf('bench-%x-%x', time, ++$place->{runs});

    return Bench::Load::wrk($seconds, connections => CLIENTS, url => "$stack->{DEVPILOT_URL}/projects",
                            script => "$place->{root}/bench/wrk/create_project.lua",
                            arguments => [$stack->{DEVPILOT_API_KEY}, $run]);
}

sub get {
    my ($place, $stack, $project_id, $seconds) = @_;

    return Bench::Load::wrk($seconds, connections => CLIENTS,
                            url => "$stack->{DEVPILOT_URL}/projects/$project_id",
                            script => "$place->{root}/bench/wrk/get_project.lua",
                            arguments => [$stack->{DEVPILOT_API_KEY}]);
}

# Against all statements of the request, and against the operation's alone.
sub pair {
    my ($place, $stack, $variables, $name, $reach, $ours, $script) = @_;
    my $theirs = sub {
        my (@scripts) = @_;
        my $path = script_join($place, @scripts);

        return sub { statements($stack, $variables, $path, $_[0]) };
    };

    return (
        {
            name    => sprintf('%s, %d connections', $name, CLIENTS),
            against => 'pgbench, all its statements',
            reach   => $reach,
            ours    => $ours,
            theirs  => $theirs->('authenticate', $script),
        },
        {
            name    => sprintf('%s, %d connections', $name, CLIENTS),
            against => 'pgbench, without authentication',
            ours    => $ours,
            theirs  => $theirs->($script),
        },
    );
}

# One script for pgbench, of several run one after the other.
sub script_join {
    my ($place, @scripts) = @_;
    my $sql = Bench::Statements::all($place);
    my $path = "$place->{scratch}/" . join('+', @scripts) . '.sql';
    my @texts = map { DevPilot::Files::slurp("$place->{root}/bench/pgbench/$_.script") } @scripts;

    DevPilot::Files::spew($path, 0644, Bench::Statements::expand($sql, join("\n", @texts)));

    return $path;
}

sub statements {
    my ($stack, $variables, $script, $seconds) = @_;

    return Bench::Load::pgbench($seconds, clients => CLIENTS, script => $script,
                                variables => $variables,
                                database => "$stack->{DEVPILOT_PG_DSN} user=dp_worker");
}

1;
