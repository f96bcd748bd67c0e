# The folders of a running stack, and who owns them.
#
# Keys, logs and run.env are in $VAR.  What other users must reach (PostgreSQL's
# data, which refuses root, and what nginx's processes touch) is in $VAR as well,
# unless they cannot reach it (a checkout under /root) or a socket's path would
# be longer than the kernel takes; then in a folder under /var/tmp whose name is
# a hash of $VAR.

package DevPilot::Place;

use strict;
use warnings;
use Digest::SHA ();
use File::Path ();
use POSIX ();

use constant SOCKET_PATH_MAX => 107;

my $longest_socket = 'postgres/.s.PGSQL.5432';

# Makes all folders.  Returns {var, base, database_user, web_user}; the users
# are undef when we are not root and everything runs as ourselves.
sub make {
    my ($var) = @_;
    my $root = $> == 0;
    my $place = {
        var           => $var,
        database_user => $root ? user('postgres', 'nobody') : undef,
        web_user      => $root ? user('www-data', 'nobody') : undef,
    };

    folder($var, 0755) unless -d $var;
    $place->{base} = base($place);
    folder("$var/$_", 0755) for qw(log hold);
    make_base($place);

    return $place;
}

# A user as {name, uid, gid}: the first of `names` that exists.
sub user {
    my (@names) = @_;

    for my $name (@names) {
        my (undef, undef, $uid, $gid) = getpwnam($name);

        return {name => $name, uid => $uid, gid => $gid} if defined $uid;
    }

    die "none of these users exists: @names\n";
}

sub base {
    my ($place) = @_;
    my $var = $place->{var};
    my $users = grep { defined && !reaches($_, $var) } @$place{qw(database_user web_user)};

    return $var if !$users && length("$var/$longest_socket") <= SOCKET_PATH_MAX;

    my $base = '/var/tmp/devpilot-' . substr(Digest::SHA::sha256_hex($var), 0, 16);

    folder($base, 0755) unless -d $base;

    # /var/tmp is everybody's: take no folder that somebody else laid there.
    die "$base is not ours\n" if -l $base || (stat $base)[4] != $>;

    return $base;
}

# Whether a process of `user` can enter `path`.
sub reaches {
    my ($user, $path) = @_;
    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        $) = "$user->{gid} $user->{gid}";
        POSIX::setgid($user->{gid});
        POSIX::setuid($user->{uid});
        POSIX::_exit(chdir($path) ? 0 : 1);
    }

    waitpid($pid, 0);

    return $? == 0;
}

sub make_base {
    my ($place) = @_;
    my $base = $place->{base};
    my $web = $place->{web_user};

    folder("$base/postgres", 0700, $place->{database_user});
    folder("$base/nginx", 0755);
    folder("$base/sanitizer", 0770, $web);

    # Whoever can connect could forge a principal: only the worker and nginx's
    # group get in, and what is made inside belongs to that group.
    folder("$base/sock", 02750);
    own("$base/sock", $>, $web->{gid}, 02750) if $web;
}

sub folder {
    my ($path, $mode, $user) = @_;

    File::Path::make_path($path, {error => \my $errors});
    die map { values %$_ } @$errors, "\n" if @$errors;

    own($path, $user ? ($user->{uid}, $user->{gid}) : (-1, -1), $mode);
}

sub own {
    my ($path, $uid, $gid, $mode) = @_;

    chown($uid, $gid, $path) or die "$path: $!\n";
    chmod($mode, $path) or die "$path: $!\n";
}

1;
