# Folders of the tests: the source tree, the build, and one temporary folder per
# stack, which begins as a copy of a cluster with schema and seeds that the
# first test of a run makes for all.

package Test::DevPilot::Folder;

use strict;
use warnings;
use Cwd ();
use Fcntl qw(:flock);
use File::Basename ();
use File::Copy ();
use File::Path ();
use File::Temp ();

my $root = Cwd::realpath(File::Basename::dirname(__FILE__) . '/../../../..');

sub root { $root }

sub build { $ENV{BUILDDIR} // "$root/objs-check" }

sub slurp {
    my ($path) = @_;

    open(my $in, '<:raw', $path) or return '';
    local $/;

    return scalar(<$in>) // '';
}

sub spew {
    my ($path, $text) = @_;

    open(my $out, '>:raw', $path) or die "$path: $!\n";
    print $out $text;
    close($out) or die "$path: $!\n";
}

# Of the whole run when scripts/check made one, else of this process alone;
# PostgreSQL's user must reach it.
my ($shared, $owner);

sub shared {
    return $shared //= $ENV{DEVPILOT_TEST_DIR} // do {
        my $folder = File::Temp::tempdir('devpilot-test.XXXXXX', TMPDIR => 1);

        chmod(0755, $folder);
        $owner = $$;
        $folder;
    };
}

my $stacks = 0;

sub new_stack {
    my ($suffix) = @_;
    my $template = template();
    my $folder = sprintf('%s/%d-%d%s', shared(), $$, ++$stacks, $suffix // '');

    system('cp', '-a', $template, $folder) == 0 or die "cp $template failed\n";

    return $folder;
}

# Made under a lock: tests run side by side.
sub template {
    my $folder = shared() . '/template';

    open(my $lock, '>', "$shared/template.lock") or die "$shared: $!\n";
    flock($lock, LOCK_EX) or die "flock: $!\n";
    make_template($folder) unless -e "$folder/made";

    return $folder;
}

sub make_template {
    my ($folder) = @_;

    local %ENV = (%ENV, VAR => $folder, BUILDDIR => build(), PARTS => 'postgres', PG_FSYNC => 'off');

    my $pid = open(my $out, '-|', "$root/scripts/run") // die "scripts/run: $!\n";

    select(undef, undef, undef, 0.02) until -e "$folder/run.env" || waitpid($pid, 1) == $pid;
    kill('TERM', $pid);
    close($out);
    unlink "$folder/run.pid";
    spew("$folder/made", '');
}

sub remove {
    my ($folder) = @_;

    File::Path::remove_tree($folder);
}

END {
    File::Path::remove_tree($shared) if $owner && $$ == $owner && $? == 0;
}

1;
