# Operations end to end: HTTP through nginx, worker and PostgreSQL, against
# pgbench running the same statements one by one in the same database.

package Bench::Projects;

use strict;
use warnings;
use DevPilot::Files;
use Bench::Load;
use Bench::Place;
use Bench::Statements;
use Bench::Tenants;

use constant CLIENTS => 16;

sub cells {
    my ($place) = @_;
    my $stack = stack_start($place);
    my @tenants = Bench::Tenants::make($stack->{DEVPILOT_PG_DSN}, CLIENTS);
    my $project_id = a_project($place, $stack, $tenants[0]);

    return (
        create_cell($place, $stack, '1 organisation', $tenants[0]),
        create_cell($place, $stack, CLIENTS . ' organisations', @tenants),
        get_cell($place, $stack, $tenants[0], $project_id),
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

sub a_project {
    my ($place, $stack, $tenant) = @_;

    create($place, $stack, [$tenant], 1);

    chomp(my $id = Bench::Place::output('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-c',
        "select id from dp.project where org_id = '$tenant->{org_id}' limit 1", $stack->{DEVPILOT_PG_DSN}));

    return $id;
}

# As long as those of createProject: what it tells of a project, and its answer.
my $project = sprintf '{"id":"%1$s","name":"bench %1$s","slug":"bench-%1$s","template":"platform",'
    . '"templateVersion":1,"previewTtlHours":72,"createdAt":"2025-01-01T00:00:00.000000Z"}', 'x' x 36;
my $response = substr($project, 0, -1) . ',"environments":['
    . join(',', map { qq({"id":"@{['x' x 36]}","name":"$_","kind":"core","state":"pending"}) } qw(dev staging prod))
    . '],"integrations":[]}';

# What the worker would bind, for pgbench; a tenant's ids by his number.
sub variables {
    my (@tenants) = @_;

    return {
        switches    => 1,
        fingerprint => '\x' . '5a' x 32,
        trace_id    => '\x' . '7b' x 16,
        project     => $project,
        location    => '/projects/00000000-0000-4000-8000-000000000000',
        response    => '\x' . unpack('H*', $response),
        map {
            my $number = $_;
            map { $_ . $number => $tenants[$number]{$_} } qw(org_id user_id key_id)
        } 0 .. $#tenants,
    };
}

sub create_cell {
    my ($place, $stack, $whose, @tenants) = @_;

    return {
        name    => sprintf('createProject, %d connections, %s', CLIENTS, $whose),
        against => 'pgbench',
        reach   => 1.2,
        ours    => sub { create($place, $stack, \@tenants, $_[0]) },
        theirs  => statements($place, $stack, 'create_project', variables(@tenants), scalar @tenants),
    };
}

sub get_cell {
    my ($place, $stack, $tenant, $project_id) = @_;

    return {
        name    => sprintf('getProject, %d connections', CLIENTS),
        against => 'pgbench',
        reach   => 0.4,
        ours    => sub { get($place, $stack, $tenant, $project_id, $_[0]) },
        theirs  => statements($place, $stack, 'get_project',
                              {%{variables($tenant)}, project_id => $project_id}, 1),
    };
}

sub create {
    my ($place, $stack, $tenants, $seconds) = @_;
    my $run = sprintf('bench-%x-%x', time, ++$place->{runs});

    return Bench::Load::wrk($seconds, connections => CLIENTS, url => "$stack->{DEVPILOT_URL}/projects",
                            script => "$place->{root}/bench/wrk/create_project.lua",
                            arguments => [$run, map { $_->{key} } @$tenants]);
}

sub get {
    my ($place, $stack, $tenant, $project_id, $seconds) = @_;

    return Bench::Load::wrk($seconds, connections => CLIENTS,
                            url => "$stack->{DEVPILOT_URL}/projects/$project_id",
                            script => "$place->{root}/bench/wrk/get_project.lua",
                            arguments => [$tenant->{key}]);
}

# The load of pgbench: a script per tenant, picked at random for each transaction.
sub statements {
    my ($place, $stack, $name, $variables, $count) = @_;
    my $text = Bench::Statements::expand(Bench::Statements::all($place),
        DevPilot::Files::slurp("$place->{root}/bench/pgbench/$name.script"));
    my @scripts = map { tenant_script($place, "$name-$_", $text, $_) } 0 .. $count - 1;

    return sub {
        return Bench::Load::pgbench($_[0], clients => CLIENTS, scripts => \@scripts, variables => $variables,
                                    database => "$stack->{DEVPILOT_PG_DSN} user=dp_worker");
    };
}

sub tenant_script {
    my ($place, $name, $text, $number) = @_;
    my $path = "$place->{scratch}/$name.sql";

    DevPilot::Files::spew($path, 0644, $text =~ s/:(org_id|user_id|key_id)\b/:$1$number/gr);

    return $path;
}

1;
