# scripts/run where its own folder will not do: a path too long for a socket, and a
# checkout that only root can enter.  What others must reach is then in /var/tmp.

use strict;
use warnings;
use File::Path qw(remove_tree);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Folder;
use Test::More;

use constant SOCKET_PATH_MAX => 107;

# A copy of what scripts/run needs of the tree, built.
sub copy_tree {
    my ($folder) = @_;
    my ($root, $build) = (Test::DevPilot::Folder::root(), Test::DevPilot::Folder::build());

    mkdir($_) for $folder, "$folder/objs", "$folder/t", "$folder/t/lib";
    system('cp', '-a', map({ "$root/$_" } qw(scripts sql conf)), $folder) == 0 or die "cp failed\n";
    system('cp', '-a', "$root/t/lib/leaks.supp", "$folder/t/lib") == 0 or die "cp failed\n";
    system('cp', '-a', map({ "$build/$_" } qw(config.mk devpilot-worker ngx_http_devpilot_module.so)),
        "$folder/objs") == 0 or die "cp failed\n";

    return $folder;
}

# Runs a tree in its own var/, twice; the second time the data of the first is there.
sub served_ok {
    my ($tree) = @_;
    my ($base, $created);

    for my $time ('first', 'second') {
        my $stack = Test::DevPilot->start(tree => $tree, environment => {BUILDDIR => "$tree/objs"});

        ($base) = $stack->dsn =~ m{\bhost=(/var/tmp/devpilot-[0-9a-f]{16})/postgres};
        ok $base, 'PostgreSQL is in /var/tmp';
        unlike $stack->nginx_conf, qr{\A/var/tmp}, 'what is to be edited is not';

        $created //= $stack->create_project({name => 'Anywhere'})->headers->location;
        is $stack->get($created)->code, 200, "the $time time it serves";
        $stack->finish(keep => $time eq 'first');
    }

    remove_tree($base) if $base;
}

subtest 'a path that is too long for a socket' => sub {
    my $tree = copy_tree(tempdir(CLEANUP => 1) . '/' . 'x' x SOCKET_PATH_MAX);

    chmod(0755, $tree =~ s{/x+\z}{}r);
    served_ok($tree);
};

subtest 'a checkout that only root can enter' => sub {
    plan skip_all => 'not root: all runs as ourselves' if $> != 0;

    my $closed = tempdir(DIR => (getpwuid(0))[7], CLEANUP => 1);

    chmod(0700, $closed);
    served_ok(copy_tree("$closed/devpilot"));
};

done_testing;
