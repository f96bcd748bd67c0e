# The worker as a program, without nginx and without a database: its command
# line, bad settings, signals, what it tells systemd, and two of them on one
# endpoint.

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use IO::Select;
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use lib "$FindBin::Bin/lib";
use Test::DevPilot::Folder;
use Test::More;
use Time::HiRes qw(sleep time);

my $worker = Test::DevPilot::Folder::build() . '/devpilot-worker';
my $folder = tempdir('devpilot-worker.XXXXXX', TMPDIR => 1, CLEANUP => 1);
my $conf = "$folder/worker.conf";
my $log = "$folder/worker.log";

delete $ENV{$_} for grep { /^(?:DEVPILOT_|CM_ENC_|APP_ENV|DETERMINISTIC_)/ } keys %ENV;
Test::DevPilot::Folder::spew("$folder/master.key", 'k' x 32);

# The settings all tests begin with, and what they add; an own log_file wins.
sub configure {
    my (@lines) = @_;

    Test::DevPilot::Folder::spew($conf, join("\n",
        "endpoint = ipc://$folder/sock/worker.ipc",
        "database = host=$folder/nowhere connect_timeout=1",
        "master_key_file = $folder/master.key",
        (grep { /^log_file/ } @lines) ? () : "log_file = $log",
        @lines, ''));
}

# Runs the worker to its end; returns its exit code and what it printed.
sub run {
    my (@arguments) = @_;

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', $worker, @arguments)
        or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    close($out);

    return ($? >> 8, $said);
}

sub wait_until {
    my ($what, $condition) = @_;
    my $until = time() + 10;

    until ($condition->()) {
        time() < $until or return fail "$what: not within 10 s";
        sleep(0.02);
    }

    return pass $what;
}

sub wait_for_line {
    my ($line) = @_;

    return wait_until("the log says: $line",
        sub { index(Test::DevPilot::Folder::slurp($log), $line) >= 0 });
}

# Options: prefix, a command that executes the worker.
sub start {
    my (%option) = @_;

    unlink $log;

    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        exec(@{$option{prefix} // []}, $worker, '-c', $conf) or die "$worker: $!\n";
    }

    wait_for_line("serving ipc://$folder/sock/worker.ipc");

    return $pid;
}

sub stop {
    my ($pid) = @_;

    kill('TERM', $pid);
    waitpid($pid, 0);

    return is $?, 0, 'TERM ends it with 0';
}

subtest 'command line' => sub {
    my ($status, $said) = run('--help');

    is $status, 0, '--help';
    like $said, qr/\bqueue_depth \(DEVPILOT_QUEUE_DEPTH\)/, 'names settings and their variables';

    ($status, $said) = run('--version');
    is $status, 0, '--version';
    like $said, qr/^devpilot-worker \d+\.\d+/, 'names program and version';

    for my $arguments (['--everything'], ['extra'], ['-c']) {
        ($status, $said) = run(@$arguments);
        is $status, 64, "@$arguments is refused";
        like $said, qr/^usage: /m, 'with the usage';
    }
};

subtest 'settings' => sub {
    configure();

    my ($status, $said) = run('-c', $conf, '--check-config');

    is $status, 0, 'good ones are valid';

    configure('queue_depth = many');
    ($status, $said) = run('-c', $conf, '--check-config');
    is $status, 78, 'a bad value is refused';
    like $said, qr/\Q$conf\E:5: setting queue_depth cannot be "many"; allowed: a number from 1 to 65536/,
        'with file, line, name, value and what is allowed';

    ($status, $said) = run('-c', $conf);
    is $status, 78, 'also without --check-config';

    configure();
    {
        local $ENV{DEVPILOT_DRAIN_TIMEOUT} = 'soon';
        ($status, $said) = run('-c', $conf, '--check-config');
    }
    is $status, 78, 'a bad variable is refused';
    like $said, qr/environment DEVPILOT_DRAIN_TIMEOUT: /, 'by its name';

    configure();
    Test::DevPilot::Folder::spew("$folder/master.key", 'sesame');
    ($status, $said) = run('-c', $conf, '--check-config');
    is $status, 78, 'a bad master key is refused';
    unlike $said, qr/sesame/, 'and not shown';
    Test::DevPilot::Folder::spew("$folder/master.key", 'k' x 32);
};

subtest 'signals' => sub {
    configure();

    my $pid = start();

    configure('queue_depth = 5', 'drain_timeout = 1s');
    kill('HUP', $pid);
    wait_for_line('settings read again; these need a restart: queue_depth');

    configure('queue_depth = none');
    kill('HUP', $pid);
    wait_for_line('settings stay as they are: ');

    rename($log, "$log.1") or die "$log: $!\n";
    kill('USR1', $pid);
    wait_until('USR1 makes the log again', sub { -e $log });

    stop($pid);
    like Test::DevPilot::Folder::slurp($log), qr/"message":"stopped"/, 'and the log says so';
};

subtest 'two on one endpoint' => sub {
    configure();

    my $pid = start();

    configure('log_file = stderr');

    my ($status, $said) = run('-c', $conf);

    is $status, 75, 'the second is refused';
    like $said, qr/another worker serves ipc:/, 'and says why';

    kill('STOP', $pid);
    ($status, $said) = run('-c', $conf);
    is $status, 75, 'also while the first is stopped';
    kill('CONT', $pid);
    stop($pid);

    configure();
    $pid = start();
    kill('KILL', $pid);
    waitpid($pid, 0);
    $pid = start();
    pass 'what a killed worker leaves is taken over';
    stop($pid);
};

# libzmq ends the process when it cannot accept for want of descriptors.
subtest 'more connections than the soft limit of open files' => sub {
    configure();

    my $pid = start(prefix => ['sh', '-c', 'ulimit -Sn 128; exec "$@"', 'sh']);
    my @connections = map { IO::Socket::UNIX->new(Peer => "$folder/sock/worker.ipc") // () } 1 .. 200;

    is @connections, 200, 'are made';
    wait_until('and accepted', sub {
        my @open = glob("/proc/$pid/fd/*");

        return @open > @connections;
    });
    stop($pid);
};

# A service manager's socket at `path`: what is said to it, one state at a time.
sub listener {
    my ($path) = @_;
    my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $path) or die "$path: $!\n";
    my $select = IO::Select->new($socket);

    return sub {
        $select->can_read(10) or return 'nothing';
        recv($socket, my $state, 100, 0);
        return $state;
    };
}

subtest 'systemd' => sub {
    my $path = "$folder/notify";
    my $receive = listener($path);

    local $ENV{NOTIFY_SOCKET} = $path;
    local $ENV{WATCHDOG_USEC} = 200_000;
    configure();

    my $pid = start();

    is $receive->(), 'READY=1', 'it says when it serves';
    is $receive->(), 'WATCHDOG=1', 'it feeds the watchdog';
    is $receive->(), 'WATCHDOG=1', 'again and again';
    kill('TERM', $pid);

    my $state;

    do { $state = $receive->() } while ($state eq 'WATCHDOG=1');
    is $state, 'STOPPING=1', 'it says when it stops';
    waitpid($pid, 0);
    is $?, 0, 'with 0';
};

subtest 'what happens meanwhile does not put the watchdog off' => sub {
    my $path = "$folder/notify-late";
    my $receive = listener($path);

    local $ENV{NOTIFY_SOCKET} = $path;
    local $ENV{WATCHDOG_USEC} = 2_000_000;
    configure();

    my $pid = start();
    my $began = time();

    is $receive->(), 'READY=1', 'it serves';
    sleep(0.8);
    kill('USR1', $pid);
    is $receive->(), 'WATCHDOG=1', 'the watchdog is fed';
    cmp_ok time() - $began, '<', 1.6, 'after half of what is tolerated';
    stop($pid);
};

done_testing();
