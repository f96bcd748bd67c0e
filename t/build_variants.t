# What configure's options make of a build; and that make configures by itself.

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::DevPilot::Build qw(run configured compiled_ok planned);
use Test::DevPilot::Folder;
use Test::More;

my $root = Test::DevPilot::Folder::root();

sub setting {
    my ($folder, $name) = @_;

    return (Test::DevPilot::Folder::slurp("$folder/config.mk") =~ /^$name = ?(.*)$/m)[0];
}

subtest '--with-debug' => sub {
    my $folder = configured('--with-debug');
    my $object = compiled_ok($folder, 'shared/dp_trace');

    like Test::DevPilot::Folder::slurp($object), qr/GNU C11 [^\0]* -g3 [^\0]*-O0 /, 'not optimised, all information';
};

subtest '--with-coverage' => sub {
    my $folder = configured('--with-coverage');
    my $object = compiled_ok($folder, 'shared/dp_trace');

    ok -s $object =~ s/o\z/gcno/r, 'what the counters mean is written beside the object';
    like setting($folder, 'MODE_LIBS'), qr/--coverage/, 'and programs are linked for it';
};

subtest '--without-worker' => sub {
    my $libraries = tempdir(CLEANUP => 1);

    for my $name (qw(libcrypto libpcre2-8)) {
        chomp(my $folder = `pkg-config --variable=pcfiledir $name`);
        symlink("$folder/$name.pc", "$libraries/$name.pc") or die "symlink: $!\n";
    }

    local $ENV{PKG_CONFIG_LIBDIR} = $libraries;

    my $folder = configured('--without-worker');
    my $plan = planned($folder);

    like $plan, qr/LINK .*ngx_http_devpilot_module\.so/, 'the module is made, without the worker\'s libraries';
    unlike $plan, qr{LINK .*devpilot-worker|worker/\w+\.c}, 'the worker is not';
};

subtest '--without-module' => sub {
    local @ENV{qw(NGINX NGINX_SOURCE)} = ('/nowhere/nginx') x 2;

    my $folder = configured('--without-module');
    my $plan = planned($folder);

    like $plan, qr/LINK .*devpilot-worker/, 'the worker is made, where there is no nginx';
    unlike $plan, qr{LINK .*\.so|ngx_devpilot_module/\w+\.c|NGINX}, 'the module is not';
};

# What make does itself; what it builds with is another make.
subtest 'make configures by itself' => sub {
    my $tree = tempdir(CLEANUP => 1);
    my @make = ('make', 'SUBMAKE=echo now build');

    system('cp', '-a', map({ "$root/$_" } qw(Makefile configure auto)), $tree) == 0 or die "cp failed\n";

    my ($status, $said) = run($tree, @make);

    is $status, 0, 'a tree without objs/' or diag $said;
    like $said, qr/^now build BUILDDIR=objs all$/m, 'is configured, and then built';
    is setting("$tree/objs", $_), 'yes', $_ for qw(WITH_WORKER WITH_MODULE);

    unlike +(run($tree, @make))[1], qr/Now run make/, 'but once';

    run($tree, './configure', '--with-debug', '--without-module');
    utime(1, 1, "$tree/objs/configured");
    ($status, $said) = run($tree, @make, 'worker');
    like $said, qr/Now run make.*^now build BUILDDIR=objs worker$/ms, 'when configure is newer, again';
    is setting("$tree/objs", 'CONFIGURE_ARGUMENTS'), '--with-debug --without-module', 'with the options of the last time';
};

done_testing;
