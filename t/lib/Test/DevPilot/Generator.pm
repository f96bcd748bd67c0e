# scripts/generate-contract in a tree of its own, where its inputs may be changed.

package Test::DevPilot::Generator;

use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::DevPilot::Folder;

our @EXPORT_OK = qw(tree generate output);

my $root = Test::DevPilot::Folder::root();
my @inputs = map { s{\A\Q$root\E/}{}r } "$root/api/openapi.yaml", "$root/scripts/generate-contract",
    "$root/shared/dp_kill_switch.h", map { glob "'$root'/$_" } 'scripts/contract/*.pm', 'shared/*.def', 'templates/*.yaml';
my @folders = qw(api docs shared worker sql/deploy sql/revert sql/verify);

# A new tree with the generator and its inputs; $edit->($text) changes one of them.
sub tree {
    my ($edited, $edit) = @_;
    my $tree = tempdir(CLEANUP => 1);

    for my $path (@inputs) {
        my $text = Test::DevPilot::Folder::slurp("$root/$path");

        $edit->($text) if $path eq ($edited // '');
        make_path(dirname("$tree/$path"));
        Test::DevPilot::Folder::spew("$tree/$path", $text);
    }
    make_path(map {"$tree/$_"} @folders);

    return $tree;
}

# Exit code and output.
sub generate {
    my ($tree, @arguments) = @_;

    return output($^X, "$tree/scripts/generate-contract", @arguments);
}

# The same of any command.
sub output {
    my (@command) = @_;

    open my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command or die "sh: $!\n";
    my $said = do { local $/; <$out> // '' };
    close $out;

    return ($? >> 8, $said);
}

1;
