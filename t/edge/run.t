# scripts/run: what "make run" promises to whoever uses it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use IO::Socket::INET;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::More;
use Time::HiRes qw(time);

my $run = Test::DevPilot::Folder::root() . '/scripts/run';

# Runs scripts/run to its end; returns its status and what it printed.
sub run_to_end {
    my (%environment) = @_;

    local %ENV = (%ENV, BUILDDIR => Test::DevPilot::Folder::build(), %environment);

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', $run) or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    close($out);

    return ($? >> 8, $said);
}

my $stack = Test::DevPilot->start;

subtest 'run.env says how to reach it' => sub {
    is $stack->get('/health/ready', key => undef)->code, 200, 'DEVPILOT_URL';
    is $stack->request('GET', $stack->tls_url . '/health/live', key => undef)->code, 200, 'DEVPILOT_TLS_URL';
    is $stack->get('/projects')->code, 200, 'DEVPILOT_API_KEY';
    is $stack->get('/projects', key => $stack->viewer_api_key)->code, 200, 'DEVPILOT_VIEWER_API_KEY';
    is $stack->query('select id from dp.org'), $stack->org_id, 'DEVPILOT_PG_DSN and DEVPILOT_ORG_ID';
    ok kill(0, $stack->pid($_)), "the pid of $_" for qw(nginx worker postgres);
    like Test::DevPilot::Folder::slurp($stack->nginx_conf), qr/devpilot_kill_switch GLOBAL_WRITE off;/,
        'DEVPILOT_NGINX_CONF spells the switches out';
    is +(stat $stack->folder . '/run.env')[2] & 07777, 0600, 'nobody else reads the keys';
};

subtest 'a second one with the same VAR' => sub {
    my ($status, $said) = run_to_end(VAR => $stack->folder, PORT => 1);

    is $status, 1, 'refuses';
    like $said, qr/in use by "make run", pid $stack->{pid};/, 'and names the first';
};

subtest 'a port that is taken' => sub {
    my $folder = Test::DevPilot::Folder::new_stack();
    my ($status, $said) = run_to_end(VAR => $folder, PORT => $stack->port);

    is $status, 1, 'refuses';
    like $said, qr/port ${\$stack->port} is taken; choose another PORT/, 'and names the port';
    ok !-e "$folder/postgres/data/postmaster.pid", 'before anything is started';
};

for my $bad ([PORT => 'http'], [PORT => 70000], [LIMITS => 'higher'], [NGINX_PROCESSES => 0], [VAR => '/tmp/a"b']) {
    my ($name, $value) = @$bad;
    my ($status, $said) = run_to_end($name => $value);

    is $status, 64, "$name=$value is a usage error";
    like $said, qr/\Arun: $name is "?\Q$value\E"?, not /, 'and is named';
}

subtest 'what dies is started again within a second' => sub {
    $stack->expect(qr/worker process \d+ exited on signal|PANIC|terminated by signal/);

    for my $name (qw(worker nginx postgres)) {
        my $pid = $stack->pid($name);
        my $began = time;

        $stack->signal($name, 'KILL');
        ok wait_until(sub { $stack->pid($name) != $pid }), "$name is started";
        cmp_ok time - $began, '<', 1, 'within a second';
        ok wait_until(sub { $stack->get('/projects')->is_success }), 'and serves';
        note sprintf('%s serves again after %.2f s', $name, time - $began);
        cmp_ok time - $began, '<', 5, "$name serves again soon";
    }
};

subtest 'what is held back stays away' => sub {
    my $pid = $stack->pid('worker');

    $stack->hold('worker');
    $stack->signal('worker', 'TERM');
    ok wait_until(sub { !kill(0, $pid) }), 'gone';
    is $stack->get('/projects')->code, 503, 'and missed';

    $stack->release('worker');
    ok wait_until(sub { $stack->get('/projects')->code == 200 }), 'back';
};

$stack->finish;
ok !-e $stack->folder, 'its folder is removed';

subtest 'two stacks side by side, one of them in a folder with a blank' => sub {
    my $one = Test::DevPilot->start(processes => 1);
    my $two = Test::DevPilot->start(folder_suffix => ' with a blank', limits => 'high');

    is $one->create_project({name => 'One'})->code, 201, 'a project in the first';
    is scalar @{$one->get('/projects')->json->{items}}, 1, 'is in the first';
    is scalar @{$two->get('/projects')->json->{items}}, 0, 'and not in the second';

    $one->finish;
    is $two->get('/health/ready', key => undef)->code, 200, 'which goes on when the first ends';
    $two->finish;
};

done_testing;
