# Core dumps would hold credentials and keys: in production there are none.  The
# kernel shows that a process is not dumpable by giving its folder in /proc to root.

use strict;
use warnings;
use File::Copy qw(copy);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Folder;
use Test::DevPilot::Nginx;
use Test::More;

sub dumpable { (stat("/proc/$_[0]/stat"))[4] != 0 }

# environment, main part of nginx.conf, whether it may leave a core
my @nginx = (
    ['production', '', 0],
    [undef, '', 0],
    ['local', '', 1],
    ['production', 'worker_rlimit_core 1m;', 1],
);

for my $row (@nginx) {
    my ($environment, $main, $wanted) = @$row;
    my $nginx = Test::DevPilot::Nginx->new;

    local $ENV{APP_ENV} = $environment;
    delete $ENV{APP_ENV} if !defined $environment;

    $nginx->start(main => $main, server => 'devpilot on;');

    # It listens before its process is ready.
    ok Test::DevPilot::wait_until(sub { grep { dumpable($_) == $wanted } Test::DevPilot::children_of($nginx->{pid}) }),
        'nginx, ' . ($environment // 'without APP_ENV') . ", $main: " . ($wanted ? 'as everywhere' : 'none');
    $nginx->stop;
}

for my $row (['production', 0], ['local', 1]) {
    my ($environment, $wanted) = @$row;
    my $pid = start_worker($environment);

    is dumpable($pid), $wanted ? 1 : '', "the worker, $environment: " . ($wanted ? 'as everywhere' : 'none');
    like Test::DevPilot::Folder::slurp("/proc/$pid/limits"), qr/^Max core file size +0 +0 /m, 'by its limit as well' if !$wanted;
    kill('TERM', $pid);
    waitpid($pid, 0);
}

done_testing;

# As another user where we are root, whose folders in /proc are root's anyway.
sub start_worker {
    my ($environment) = @_;
    my $folder = tempdir('devpilot-core.XXXXXX', TMPDIR => 1, CLEANUP => 1);
    my @user = $> == 0 ? qw(setpriv --reuid=nobody --clear-groups) : ();

    copy(Test::DevPilot::Folder::build() . '/devpilot-worker', "$folder/devpilot-worker") or die "copy: $!\n";
    Test::DevPilot::Folder::spew("$folder/master.key", 'k' x 32);
    chmod(0755, "$folder/devpilot-worker");
    chown(scalar getpwnam('nobody'), -1, $folder, "$folder/master.key") if @user;
    chmod(0400, "$folder/master.key");

    local %ENV = (%ENV, APP_ENV => $environment, DEVPILOT_ENDPOINT => "ipc://$folder/sock/worker.ipc",
                  DEVPILOT_DATABASE => "host=$folder/nowhere", DEVPILOT_MASTER_KEY_FILE => "$folder/master.key",
                  DEVPILOT_LOG_FILE => "$folder/worker.log");
    my $pid = fork() // die "fork: $!\n";

    if ($pid == 0) {
        exec(@user, "$folder/devpilot-worker") or die "exec: $!\n";
    }

    Test::DevPilot::wait_until(sub { Test::DevPilot::Folder::slurp("$folder/worker.log") =~ /serving/ })
        or die "the worker does not serve\n";

    return $pid;
}
