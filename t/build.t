# configure refuses what it does not understand; "make install" puts things where
# Debian keeps them and leaves configuration alone that is there.

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::DevPilot::Build;
use Test::DevPilot::Folder;
use Test::DevPilot::Links qw(broken);
use Test::More;

my $root = Test::DevPilot::Folder::root();
my $build = Test::DevPilot::Folder::build();

sub run { Test::DevPilot::Build::run($root, @_) }

subtest 'configure' => sub {
    my ($status, $said) = run('./configure', '--help');

    is $status, 0, '--help';
    like $said, qr/$_\b/, "names $_"
        for qw(--prefix --builddir --with-sanitizers --with-debug --with-coverage --without-worker --without-module);

    for my $option ('--with-everything', '--prefix=relative') {
        ($status, $said) = run('./configure', $option);
        is $status, 64, "$option is refused";
        like $said, qr/\Q$option\E/, 'by name';
    }

    my $folder = tempdir(CLEANUP => 1);

    {
        local $ENV{PKG_CONFIG_LIBDIR} = $folder;
        ($status, $said) = run('./configure', "--builddir=$folder/objs");
    }

    is $status, 1, 'without libraries it fails';
    like $said, qr/apt-get install.* libzmq3-dev .*libpq-dev/, 'and names the packages';
    ok !-e "$folder/objs/config.mk", 'and leaves nothing behind';
};

subtest 'install' => sub {
    my $destdir = tempdir(CLEANUP => 1);
    my @install = ('make', '-f', 'auto/build.mk', "BUILDDIR=$build", "DESTDIR=$destdir", 'install');

    plan skip_all => 'nothing was built' unless -e "$build/devpilot-worker";

    my ($status, $said) = run(@install);

    is $status, 0, 'works' or diag($said);
    ok -e "$destdir/$_", $_
        for qw(usr/lib/nginx/modules/ngx_http_devpilot_module.so usr/sbin/devpilot-worker usr/sbin/devpilotctl
               etc/nginx/devpilot.conf etc/nginx/devpilot-probes etc/devpilot/devpilot-worker.conf
               usr/share/devpilot/sql/sqitch.plan usr/share/doc/devpilot/LICENSE);

    is join("\n", broken("$destdir/usr/share/doc/devpilot")), '', "the pages' links hold";

    Test::DevPilot::Folder::spew("$destdir/etc/nginx/devpilot.conf", "# mine\n");
    run(@install);
    is Test::DevPilot::Folder::slurp("$destdir/etc/nginx/devpilot.conf"), "# mine\n", 'an edited file stays';
};

done_testing;
