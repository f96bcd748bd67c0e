# The worker's settings from outside: what it says about bad ones and how it
# exits, where they come from, and which of them HUP changes.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use File::Temp ();
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::More;

use constant {USAGE => 64, CONFIG => 78};

my $worker = Test::DevPilot::Folder::build() . '/devpilot-worker';
my $folder = File::Temp::tempdir(CLEANUP => 1);
my $file = "$folder/worker.conf";
my $key_file = "$folder/master.key";

Test::DevPilot::Folder::spew($key_file, 'k' x 32);

# Runs the worker with nothing in its environment but what is given; returns its
# exit status and what it printed.
sub run_worker {
    my ($environment, @arguments) = @_;
    my @variables = map { "$_=$environment->{$_}" } sort keys %$environment;

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', 'env', '-i', 'ASAN_OPTIONS=detect_leaks=0', @variables,
         $worker, @arguments) or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    close($out);

    return ($? >> 8, $said);
}

sub check_file {
    my ($text, %environment) = @_;

    Test::DevPilot::Folder::spew($file, $text);

    return run_worker({DEVPILOT_MASTER_KEY_FILE => $key_file, %environment}, '-c', $file, '--check-config');
}

# Each setting of the reference that the worker prints: {name => {allowed, variable, reload}}.
sub reference {
    my (undef, $text) = run_worker({}, '--print-reference');
    my %setting;

    while ($text =~ /^## (\w+)\n(.*?)(?=^## |\z)/msg) {
        my ($name, $section) = ($1, $2);

        $setting{$name} = {
            allowed  => $section =~ /^\| Allowed \| (.*) \|$/m,
            variable => $section =~ /^\| Environment \| `(\w+)` \|$/m,
            reload   => $section =~ /^\| Takes effect \| HUP \|$/m ? 1 : 0,
        };
    }

    return %setting;
}

my %setting = reference();

# setting => [[allowed values], [others]]
my %values = (
    endpoint            => [['ipc:///tmp/w.ipc', 'tcp://127.0.0.1:5555', 'tcp://[::1]:5555', 'ipc:///' . 'x' x 106],
                            ['tcp://0.0.0.0:5555', 'tcp://10.0.0.1:5555', 'tcp://*:5555', 'udp://127.0.0.1:1', '/tmp/w.ipc',
                             'ipc:///' . 'x' x 107, '']],
    control_socket      => [['auto', 'none', '/tmp/control'], ['control', './control', '']],
    database            => [['host=/tmp dbname=x', 'postgresql://u@/db', 'x' x 2048], ['', 'x' x 2049]],
    transaction_threads => [[qw(1 16 256)], [qw(0 257 -1 many 1.5 0x10 99999999999999999999), '']],
    queue_depth         => [[qw(1 65536)], [qw(0 65537 1k), '']],
    max_message_bytes   => [[qw(4k 4096 2m 64m)], [qw(4095 3k 65m 1g -1), '']],
    drain_timeout       => [[qw(0ms 10s 10m 600s)], [qw(10 601s 11m -1s soon 1.5s), '']],
    health_interval     => [[qw(100ms 1s 1m)], [qw(99ms 0s 61s 2m 1), '']],
    last_used_interval  => [[qw(100ms 10s 1h)], [qw(99ms 0s 61m 1), '']],
    job_threads         => [[qw(0 4 64)], [qw(65 -1 many), '']],
    job_lease           => [[qw(3s 30s 1h)], [qw(2999ms 61m 30), '']],
    job_poll_interval   => [[qw(10ms 1s 1m)], [qw(9ms 61s 1), '']],
    kill_switch         => [['', 'GLOBAL_WRITE', ' AI , SIGNUP'], ['global_write', 'ALL', 'BILING', 'AI,', 'AI;SIGNUP']],
    log_file            => [['stderr', "$folder/log"], ['stdout', 'log', './log', '']],
    log_mask_user       => [[qw(false true)], [qw(yes 1), '']],
    slow_statement      => [[qw(0ms 500ms 10m)], [qw(-1ms 601s 500), '']],
    sql_comments        => [[qw(none sampled all)], [qw(some 1), '']],
    log_level           => [[qw(info warn error critical)], [qw(INFO trace 1), '']],
    master_key_file     => [[$key_file], ['master.key', '']],
    master_key_v2_file  => [['none', $key_file], ['master.key', '']],
    token_issuer        => [['devpilot', 'https://id.example', 'x' x 255], ['', 'x' x 256]],
    token_audience      => [['devpilot', 'x' x 255], ['', 'x' x 256]],
    password_threads    => [[qw(1 2 64)], [qw(0 65 -1), '']],
    password_queue      => [[qw(1 65536)], [qw(0 65537), '']],
    password_memory     => [[qw(8k 64m)], [qw(8191 5g), '']],
    password_passes     => [[qw(1 100)], [qw(0 101), '']],
    session_idle        => [[qw(1m 24h 168h)], [qw(59s 721h 24), '']],
    session_lifetime    => [[qw(24h 168h 8760h)], [qw(59s 8761h 168), '']],
    captcha_url         => [[''], ['x' x 1025]],
    captcha_secret_file => [['none'], ['secret', '']],
    outbound_timeout    => [[qw(100ms 10s 60s)], [qw(99ms 61s 10), '']],
    outbound_max_bytes  => [[qw(4k 64m)], [qw(4095 65m), '']],
    outbound_loopback   => [[''], ['x' x 1025]],
    public_url          => [['https://dp.example', 'https://localhost'], ['https:', 'x' x 513]],
    mail_url            => [['', 'smtp://127.0.0.1:25', 'x' x 512], ['x' x 513]],
    mail_from           => [['a@b', 'devpilot@localhost'], ['', 'a@', 'x' x 255]],
    mail_user           => [[''], ['x' x 257]],
    mail_password_file  => [['none'], ['secret', '']],
    identity_providers  => [['none'], ['providers.json', '']],
    audit_origin        => [['devpilot', 'dp.example/audit', 'x' x 128], ['', 'x' x 129]],
    audit_checkpoint_file => [['none', "$folder/checkpoints"], ['checkpoints', '']],
    deterministic_test_ids => [['false'], [qw(yes 1 TRUE), '']],
    app_env             => [[qw(local development staging production)], [qw(prod test PRODUCTION), '']],
);

is join(' ', sort keys %values), join(' ', sort grep { !/\Amaster_key(?:_v2)?\z/ } keys %setting), 'every setting is tried';

for my $name (sort keys %values) {
    subtest $name => sub {
        my ($allowed, $refused) = @{$values{$name}};
        my %environment = $name eq 'master_key_file' ? (DEVPILOT_MASTER_KEY_FILE => $key_file) : ();

        for my $value (@$allowed) {
            my ($status, $said) = check_file("$name = $value\n", %environment);

            is $status, 0, "allowed: " . shortened($value) or diag $said;
        }

        bad_value_ok($name, $_) for @$refused;
    };
}

sub shortened { length $_[0] > 40 ? substr($_[0], 0, 37) . '...' : $_[0] }

# A bad value, from the file and from the environment: the sentence names
# setting, value, what is allowed and where it stands.
sub bad_value_ok {
    my ($name, $value) = @_;
    my ($allowed, $variable) = @{$setting{$name}}{qw(allowed variable)};
    my $shown = $name eq 'database' ? '(not shown)' : substr($value, 0, 64);
    my $sentence = qq{setting $name cannot be "$shown"; allowed: $allowed\n};

    my ($status, $said) = check_file("# a comment\n\n$name = $value\n");

    is $status, CONFIG, 'refused: ' . shortened($value);
    is $said, "devpilot-worker: $file:3: $sentence", 'with file and line';

    ($status, $said) = check_file('', $variable => $value);
    is $status, CONFIG, "refused in $variable";
    is $said, "devpilot-worker: environment $variable: $sentence", 'with the variable';
}

subtest 'master_key' => sub {
    my %key = (hexadecimal => '0123456789abcdef' x 4, base64 => 'A' x 43 . '=');

    for my $what (sort keys %key) {
        my ($status, $said) = check_file("master_key_file = /nonexistent\nmaster_key = $key{$what}\n");

        is $status, 0, $what or diag $said;
    }

    for my $bad ('short', 'g' x 64, '0' x 63, 'A' x 42 . '==', '!' x 44) {
        my ($status, $said) = check_file('', CM_ENC_MASTER_V1 => $bad);

        is $status, CONFIG, "refused: $bad";
        is $said, qq{devpilot-worker: setting master_key cannot be "(not shown)":}
            . " it is neither 64 hexadecimal digits nor 44 characters of base64\n", 'named, but not shown';
    }

    for my $bytes (0, 31, 33) {
        Test::DevPilot::Folder::spew("$folder/other.key", 'k' x $bytes);

        my ($status, $said) = check_file('', DEVPILOT_MASTER_KEY_FILE => "$folder/other.key");

        is $status, CONFIG, "a file of $bytes bytes is refused";
        is $said, qq{devpilot-worker: setting master_key_file cannot be "$folder/other.key":}
            . " the file does not hold exactly 32 bytes\n", 'and named';
    }

    my ($status, $said) = check_file('', DEVPILOT_MASTER_KEY_FILE => "$folder/nonexistent");

    is $status, CONFIG, 'a file that is not there is refused';
    is $said, qq{devpilot-worker: setting master_key_file cannot be "$folder/nonexistent": the file cannot be read\n},
        'and named';
};

subtest 'SEC-05 master_key_v2' => sub {
    my $key = '0123456789abcdef' x 4;
    my ($status, $said) = check_file('', CM_ENC_MASTER_V1 => $key, CM_ENC_MASTER_V2 => 'f' x 64);

    is $status, 0, 'beside the first' or diag $said;

    ($status, $said) = check_file('', CM_ENC_MASTER_V1 => $key, CM_ENC_MASTER_V2 => 'short');
    is $status, CONFIG, 'a bad one is refused';
    is $said, qq{devpilot-worker: setting master_key_v2 cannot be "(not shown)":}
        . " it is neither 64 hexadecimal digits nor 44 characters of base64\n", 'and named';

    ($status, $said) = check_file('', CM_ENC_MASTER_V1 => $key, DEVPILOT_MASTER_KEY_V2_FILE => "$folder/nonexistent");
    is $said, qq{devpilot-worker: setting master_key_v2_file cannot be "$folder/nonexistent": the file cannot be read\n},
        'so is a file that is not there';
};

# what: [the file, what is said behind its name]
my %bad_files = (
    'an unknown setting' => ["queue_deep = 5\n", ':1: there is no setting "queue_deep"'],
    'a second value'     => ["queue_depth = 5\nqueue_depth = 6\n", ':2: a second value for "queue_depth"'],
    'no equals sign'     => ["\nqueue_depth 5\n", ':2: expected name = value, found "queue_depth 5"'],
    'no name'            => ["= 5\n", ':1: there is no setting ""'],
);

subtest 'the file' => sub {
    for my $what (sort keys %bad_files) {
        my ($text, $says) = @{$bad_files{$what}};
        my ($status, $said) = check_file($text);

        is $status, CONFIG, $what;
        is $said, "devpilot-worker: $file$says\n", 'is named';
    }

    my ($status, $said) = run_worker({}, '-c', "$folder/nonexistent", '--check-config');

    is $status, CONFIG, 'a file that is not there';
    is $said, "devpilot-worker: $folder/nonexistent cannot be opened: No such file or directory\n", 'is named';

    ($status, $said) = run_worker({}, '-c', $folder, '--check-config');
    is $status, CONFIG, 'a folder';
    is $said, "devpilot-worker: $folder cannot be read: Is a directory\n", 'is named';
};

subtest 'the environment overrules the file, the file the default' => sub {
    is +(check_file("queue_depth = none\n"))[0], CONFIG, 'the file is read';
    is +(check_file("queue_depth = 5\n", DEVPILOT_QUEUE_DEPTH => 'none'))[0], CONFIG, 'and the environment';
    is +(check_file("app_env = local\nlog_level = debug\n"))[0], 0, 'debug is for development';
    is +(check_file("app_env = local\nlog_level = debug\n", APP_ENV => 'production'))[0], CONFIG, 'not for production';
};

subtest 'deterministic ids are for tests (AUD-11)' => sub {
    is +(check_file("app_env = $_\ndeterministic_test_ids = true\n"))[0], 0, $_ for qw(local development staging);

    for my $production ('', "app_env = production\n") {
        my ($status, $said) = check_file("${production}deterministic_test_ids = true\n");

        is $status, CONFIG, 'refused in production, ' . ($production ? 'named' : 'the default');
        like $said, qr/setting deterministic_test_ids cannot be "true" while app_env is production/, 'and says so';
    }

    is +(check_file('', APP_ENV => 'production', DETERMINISTIC_TEST_IDS => 'true'))[0], CONFIG, 'also from the environment';
    is +(check_file('', APP_ENV => 'local', DETERMINISTIC_TEST_IDS => 'true'))[0], 0, 'which may ask for them elsewhere';
};

subtest 'started with a bad setting it exits the same way' => sub {
    Test::DevPilot::Folder::spew($file, "transaction_threads = many\n");

    my ($status, $said) = run_worker({}, '-c', $file);

    is $status, CONFIG, 'status';
    like $said, qr/setting transaction_threads cannot be "many"; allowed: a number from 1 to 256/, 'sentence';
};

subtest 'the command line' => sub {
    for my $arguments (['--nonsense'], ['-x'], ['-c'], ['file'], ['--check-config', 'file']) {
        my ($status, $said) = run_worker({}, @$arguments);

        is $status, USAGE, "@$arguments";
        like $said, qr/^usage: devpilot-worker/m, 'says how to use it';
    }

    like +(run_worker({}, '--version'))[1], qr/\Adevpilot-worker \d+\.\d+\.\d+\n\z/, '--version';
    is +(run_worker({}, '--help'))[0], 0, '--help';
};

# --- signals ------------------------------------------------------------------------

my $stack = Test::DevPilot->start(processes => 1);
my $config = Test::DevPilot::Folder::slurp($stack->worker_conf);

# Puts lines into the worker's file, sends HUP, and waits for what it says.
sub reload_says {
    my ($lines, $says, $name) = @_;
    my $before = length $stack->log('worker');

    Test::DevPilot::Folder::spew($stack->worker_conf, $config . $lines);
    $stack->signal('worker', 'HUP');
    ok wait_until(sub { substr($stack->log('worker'), $before) =~ $says }), $name
        or diag(substr($stack->log('worker'), $before));
}

subtest 'HUP reads the settings again' => sub {
    my $pid = $stack->pid('worker');

    $stack->expect(qr/settings stay as they are/);

    reload_says('', qr/"settings read again"/, 'nothing changed');
    reload_says("drain_timeout = 3s\n", qr/"settings read again"/, 'a setting that changes at once');
    reload_says("queue_depth = 7\nhealth_interval = 2s\n",
                qr/"settings read again; these need a restart: queue_depth health_interval"/, 'settings that need a restart');
    reload_says("log_level = loud\n",
                qr/"settings stay as they are: [^"]*worker\.conf:\d+: setting log_level cannot be \\"loud\\"; allowed: /,
                'a bad one');
    reload_says("colour = red\n", qr/settings stay as they are: .*there is no setting \\"colour\\"/, 'an unknown one');

    is $stack->pid('worker'), $pid, 'the worker goes on';
    is $stack->get('/projects')->code, 200, 'and serves';
};

subtest 'HUP moves the log, USR1 opens it again' => sub {
    my $log = $stack->folder . '/log/other.log';

    Test::DevPilot::Folder::spew($stack->worker_conf, $config =~ s/^log_file = .*/log_file = $log/mr);
    $stack->signal('worker', 'HUP');
    ok wait_until(sub { Test::DevPilot::Folder::slurp($log) =~ /settings read again/ }), 'to another file';

    rename($log, "$log.1") or die "rename: $!\n";
    $stack->signal('worker', 'USR1');
    ok wait_until(sub { -e $log }), 'which is made anew after a rotation';
    $stack->signal('worker', 'HUP');
    ok wait_until(sub { Test::DevPilot::Folder::slurp($log) =~ /settings read again/ }), 'and written to';

    reload_says('', qr/settings read again/, 'back to where it was');
};

$stack->finish;

done_testing;
