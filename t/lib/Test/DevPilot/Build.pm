# Builds of a test's own, in temporary folders: configured with options, and single
# objects compiled.

package Test::DevPilot::Build;

use strict;
use warnings;
use Exporter 'import';
use File::Temp ();
use Test::DevPilot::Folder;
use Test::More;

our @EXPORT_OK = qw(run configured compiled_ok planned);

# Runs a command in a folder, without what make told us; returns its
# status and what it printed.
sub run {
    my ($folder, @command) = @_;

    local %ENV = %ENV;
    delete @ENV{grep { /\A(?:MAKE|MFLAGS|\w*BUILDDIR\z|CONFIGURE\z)/ } keys %ENV};

    open(my $out, '-|', 'sh', '-c', 'cd "$0" && exec "$@" 2>&1', $folder, @command) or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    close($out);

    return ($? >> 8, $said);
}

# A build folder for which configure was called with these options.
sub configured {
    my (@options) = @_;
    my $folder = File::Temp::tempdir(CLEANUP => 1) . '/objs';
    my ($status, $said) = run(Test::DevPilot::Folder::root(), './configure', "--builddir=$folder", @options);

    is $status, 0, join(' ', 'configure', @options) or diag $said;

    return $folder;
}

# Compiles NAME.c; returns the object.
sub compiled_ok {
    my ($folder, $name) = @_;
    my $object = "$folder/o/$name.o";
    my ($status, $said) = make($folder, $object);

    is $status, 0, "$name compiles" or diag $said;

    return $object;
}

# What "make all" would do, line by line.
sub planned {
    my ($folder) = @_;

    return (make($folder, '-n', 'all'))[1];
}

sub make {
    my ($folder, @arguments) = @_;

    return run(Test::DevPilot::Folder::root(), 'make', '-f', 'auto/build.mk', "BUILDDIR=$folder", @arguments);
}

1;
