# What scripts/run reads from the environment, and from $BUILDDIR/config.mk.
#
#   PORT             HTTP, on 127.0.0.1 (8080)
#   TLS_PORT         HTTPS with HTTP/2 and a certificate of its own (PORT + 363)
#   VAR              the folder for data, keys and logs (./var); blanks are fine
#   LIMITS           "high": buckets and quotas too large to matter, abuse tiers in
#                    shadow, for load tests
#   NGINX_PROCESSES  nginx's worker processes (2)
#   APP_ENV          what kind of installation worker and nginx think they are (local)
#   DETERMINISTIC_TEST_IDS  "true": ids come out the same in every run, for tests
#   BUILDDIR         what to run (objs)
#   PARTS            "postgres": no worker and no nginx, for tests of the schema
#   PG_FSYNC         "off": a PostgreSQL that may lose data, for tests
#
# The worker reads its own variables (DEVPILOT_TRANSACTION_THREADS and so on), and
# nginx and worker both read OPS_KILL_SWITCH.

package DevPilot::Settings;

use strict;
use warnings;
use Cwd ();
use File::Spec;

my %defaults = (
    PORT            => 8080,
    VAR             => 'var',
    LIMITS          => 'normal',
    NGINX_PROCESSES => 2,
    APP_ENV         => 'local',
    DETERMINISTIC_TEST_IDS => 'false',
    BUILDDIR        => 'objs',
    PARTS           => 'postgres worker nginx',
    PG_FSYNC        => 'on',
);

my %allowed = (
    PORT            => [qr/\A[1-9][0-9]{0,4}\z/, 'a port number'],
    TLS_PORT        => [qr/\A[1-9][0-9]{0,4}\z/, 'a port number'],
    VAR             => [qr/\A[^"'\\\$;{}\n]+\z/, q{a path without " ' \ $ ; { }}],
    LIMITS          => [qr/\A(?:normal|high)\z/, 'normal or high'],
    NGINX_PROCESSES => [qr/\A(?:[1-9]|[1-5][0-9]|6[0-4])\z/, '1 to 64'],
    APP_ENV         => [qr/\A\w+\z/, 'a word'],
    DETERMINISTIC_TEST_IDS => [qr/\A(?:true|false)\z/, 'true or false'],
    BUILDDIR        => [qr/\A[\w.\/+=,@~-]+\z/, 'a path'],
    PARTS           => [qr{\A(?:postgres|postgres worker nginx)\z}, 'postgres, or postgres worker nginx'],
    PG_FSYNC        => [qr/\A(?:on|off)\z/, 'on or off'],
);

sub from_environment {
    my $root = Cwd::realpath($_[0]);
    my %value = (
        %defaults,
        (map { $_ => "$root/$defaults{$_}" } qw(VAR BUILDDIR)),
        map { $_ => $ENV{$_} } grep { length($ENV{$_} // '') } keys %allowed,
    );

    $value{TLS_PORT} //= $value{PORT} =~ /\A\d+\z/ ? $value{PORT} + 363 : 0;

    check($_, $value{$_}) for sort keys %value;
    refuse("PORT and TLS_PORT are both $value{PORT}") if $value{PORT} == $value{TLS_PORT};

    my $settings = {map { lc $_ => $value{$_} } keys %value};

    $settings->{root} = $root;
    $settings->{$_} = File::Spec->rel2abs($settings->{$_}) for qw(var builddir);
    $settings->{build} = read_config("$settings->{builddir}/config.mk");

    return $settings;
}

sub check {
    my ($name, $text) = @_;
    my ($pattern, $what) = @{$allowed{$name}};

    refuse("$name is \"$text\", not $what") unless $text =~ $pattern;
    refuse("$name is $text, not a port number") if $name =~ /PORT/ && $text > 65535;
}

sub refuse {
    print STDERR "run: $_[0]\n";
    exit 64;
}

# The lines NAME = value that configure wrote.
sub read_config {
    my ($path) = @_;

    open(my $in, '<', $path) or refuse("$path: $!; run make first");

    return {map { /\A(\w+) = ?(.*)\n/ ? ($1 => $2) : () } <$in>};
}

1;
