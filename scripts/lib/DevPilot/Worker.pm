# The worker under scripts/run: its settings file, its environment.

package DevPilot::Worker;

use strict;
use warnings;
use DevPilot::Child;
use DevPilot::Files;

# Settings that would point the worker away from this stack; all others may come
# from the environment.
my @ours = qw(DEVPILOT_ENDPOINT DEVPILOT_WORKER_CONTROL_SOCKET DEVPILOT_DATABASE DEVPILOT_MASTER_KEY_FILE
              DEVPILOT_LOG_FILE CM_ENC_MASTER_V1 CM_ENC_MASTER_V2);

sub socket_path {
    my ($place) = @_;

    return "$place->{base}/sock/worker.ipc";
}

# What devpilotctl talks to.
sub control_socket_path {
    my ($place) = @_;

    return "$place->{base}/sock/control";
}

sub child {
    my ($settings, $place, $database, $master_key_file, $mail_url) = @_;
    my $config = "$place->{var}/worker.conf";
    my $reports = "log_path='$place->{base}/sanitizer/worker'";

    DevPilot::Files::spew($config, 0600, <<"END");
endpoint = ipc://@{[socket_path($place)]}
control_socket = @{[control_socket_path($place)]}
database = @{[$database->dsn('dp_worker')]}
master_key_file = $master_key_file
log_file = stderr
mail_url = $mail_url
public_url = https://127.0.0.1:$settings->{tls_port}
END

    return DevPilot::Child->new(
        name        => 'worker',
        command     => ["$settings->{builddir}/devpilot-worker", '-c', $config],
        log         => "$place->{var}/log/worker.log",
        hold        => "$place->{var}/hold/worker",
        environment => {
            (map { $_ => undef } @ours),
            APP_ENV       => $settings->{app_env},
            DETERMINISTIC_TEST_IDS => $settings->{deterministic_test_ids},
            ASAN_OPTIONS  => "detect_leaks=1:$reports",
            LSAN_OPTIONS  => "suppressions='$settings->{root}/t/lib/leaks.supp':print_suppressions=0",
            UBSAN_OPTIONS => "print_stacktrace=1:$reports",
        },
    );
}

1;
