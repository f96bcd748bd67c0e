# $VAR/run.env: how to reach the running stack, in shell syntax.
#
#   DEVPILOT_URL, DEVPILOT_TLS_URL
#   DEVPILOT_API_KEY          an organization_admin's
#   DEVPILOT_VIEWER_API_KEY   a viewer's
#   DEVPILOT_ORG_ID
#   DEVPILOT_USER_EMAIL       of the organisation's administrator
#   DEVPILOT_USER_PASSWORD    his
#   DEVPILOT_USER_TOTP_SECRET of his authenticator app, in base32
#   DEVPILOT_NGINX_PID        the master's
#   DEVPILOT_NGINX_CONF       to be edited and reloaded
#   DEVPILOT_WORKER_PID
#   DEVPILOT_CONTROL_SOCKET   the worker's, which devpilotctl reads
#   DEVPILOT_STATUS_SOCKET    the edge's, where GET /status tells of it
#   DEVPILOT_PG_PID
#   DEVPILOT_PG_DSN           a superuser's
#   DEVPILOT_MAIL_DIR         where every mail is a file
#
# It is there while the stack is ready: written once all answer, and again when
# a process id changes; gone after a stop.

package DevPilot::RunEnv;

use strict;
use warnings;
use DevPilot::Files;
use DevPilot::Mail;
use DevPilot::Nginx;
use DevPilot::Postgres;
use DevPilot::Worker;

sub path {
    my ($place) = @_;

    return "$place->{var}/run.env";
}

# `children` has those of postgres, worker and nginx that run.
sub save {
    my ($settings, $place, $secrets, $database, $children) = @_;
    my %pid = map { $_->{name} => $_->{pid} } values %$children;

    DevPilot::Files::write_shell(
        path($place),
        DEVPILOT_URL            => "http://127.0.0.1:$settings->{port}",
        DEVPILOT_TLS_URL        => "https://127.0.0.1:$settings->{tls_port}",
        DEVPILOT_API_KEY        => $secrets->{api_key},
        DEVPILOT_VIEWER_API_KEY => $secrets->{viewer_api_key},
        DEVPILOT_ORG_ID         => $secrets->{org_id},
        DEVPILOT_USER_EMAIL     => DevPilot::Postgres::USER_EMAIL,
        DEVPILOT_USER_PASSWORD  => $secrets->{user_password},
        DEVPILOT_USER_TOTP_SECRET => $secrets->{user_totp_secret},
        DEVPILOT_NGINX_PID      => $pid{nginx} // '',
        DEVPILOT_NGINX_CONF     => DevPilot::Nginx::config_path($place),
        DEVPILOT_WORKER_PID     => $pid{worker} // '',
        DEVPILOT_CONTROL_SOCKET => DevPilot::Worker::control_socket_path($place),
        DEVPILOT_STATUS_SOCKET  => DevPilot::Nginx::status_socket_path($place),
        DEVPILOT_PG_PID         => $pid{postgres},
        DEVPILOT_PG_DSN         => $database->dsn(DevPilot::Postgres::SUPERUSER),
        DEVPILOT_MAIL_DIR       => DevPilot::Mail::folder($place),
    );
}

sub remove {
    my ($place) = @_;

    unlink path($place);
}

1;
