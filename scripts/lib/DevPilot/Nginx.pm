# nginx under scripts/run: its configuration from conf/nginx.conf.in.

package DevPilot::Nginx;

use strict;
use warnings;
use DevPilot::Child;
use DevPilot::Files;
use DevPilot::Worker;

sub config_path {
    my ($place) = @_;

    return "$place->{var}/nginx.conf";
}

# Where it tells of itself.
sub status_socket_path {
    my ($place) = @_;

    return "$place->{base}/sock/status.sock";
}

# Each @NAME@ of the template, and what it becomes.
sub values_of {
    my ($settings, $place, $secrets) = @_;
    my $user = $place->{web_user};

    return (
        MODULE          => "$settings->{builddir}/ngx_http_devpilot_module.so",
        USER            => $user ? 'user ' . $user->{name} . ' ' . getgrgid($user->{gid}) . ';' : '',
        PROCESSES       => $settings->{nginx_processes},
        LOG             => "$place->{var}/log",
        RUN             => "$place->{base}/nginx",
        WORKER          => 'ipc://' . DevPilot::Worker::socket_path($place),
        STATUS          => status_socket_path($place),
        LIMITS          => limits_of($settings->{limits}),
        ABUSE           => $settings->{limits} eq 'high' ? 'shadow' : 'on',
        PROBES          => "$settings->{root}/conf/devpilot-probes",
        PORT            => $settings->{port},
        TLS_PORT        => $settings->{tls_port},
        DETERMINISTIC_IDS => $settings->{deterministic_test_ids} eq 'true' ? 'on' : 'off',
        CERTIFICATE     => $secrets->{certificate},
        CERTIFICATE_KEY => $secrets->{certificate_key},
    );
}

# Each rule as it stands without a directive, and what LIMITS=high makes of it:
# buckets that no load test empties.
my @rules = (
    [address          => 'rate=600/m burst=1200'],
    [user             => 'rate=60/m burst=120'],
    [project          => 'rate=300/m burst=600'],
    [global           => 'rate=60000/m burst=120000'],
    [auth             => 'rate=10/m burst=10'],
    [auth_hour        => 'rate=60/h burst=60'],
    [signup           => 'rate=5/h burst=5'],
    [signup_day       => 'rate=20/d burst=20'],
    [ai               => 'rate=20/m burst=20'],
    [restart          => 'rate=10/h burst=10'],
    [project_creation => 'rate=10/h burst=10'],
    [webhook          => 'rate=600/m burst=1200'],
);

sub limits_of {
    my ($limits) = @_;
    my $high = 'rate=1000000/s burst=1000000000';

    return join('', map { "    devpilot_limit $_->[0] " . ($limits eq 'high' ? $high : $_->[1]) . ";\n" } @rules);
}

sub write_config {
    my ($settings, $place, $secrets) = @_;
    my $template = "$settings->{root}/conf/nginx.conf.in";
    my %value = values_of($settings, $place, $secrets);
    my $text = DevPilot::Files::slurp($template) || die "$template: $!\n";

    $text =~ s/\@([A-Z_]+)\@/$value{$1} \/\/ die "$template: what is \@$1\@?\n"/ge;

    DevPilot::Files::spew(config_path($place), 0644, $text);
}

sub child {
    my ($settings, $place) = @_;
    my $log = "$place->{var}/log/nginx.log";
    my @command = ($settings->{build}{NGINX}, '-p', "$place->{base}/nginx",
                   '-e', $log, '-c', config_path($place));
    my $reports = "log_path='$place->{base}/sanitizer/nginx'";

    # A sanitised module in a stock nginx; nginx's own leaks are not ours.
    if ($settings->{build}{ASAN_LIB}) {
        unshift @command, 'env', "LD_PRELOAD=$settings->{build}{ASAN_LIB}";
    }

    return DevPilot::Child->new(
        name        => 'nginx',
        command     => \@command,
        log         => $log,
        hold        => "$place->{var}/hold/nginx",
        sockets     => [status_socket_path($place)],
        stop        => 'QUIT',
        force       => 'TERM',
        stop_s      => 10,
        environment => {
            APP_ENV       => $settings->{app_env},
            ASAN_OPTIONS  => "detect_leaks=0:$reports",
            UBSAN_OPTIONS => "print_stacktrace=1:$reports",
        },
    );
}

1;
