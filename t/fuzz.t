# A short run of each fuzzer, t/fuzz/fuzz_NAME.c, from the inputs kept in
# t/fuzz/corpus/NAME.  FUZZ_SECONDS (60) is for all of them together; what a
# fuzzer finds is left in $BUILDDIR/t and belongs into the corpus.

use strict;
use warnings;
use File::Basename qw(basename);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::DevPilot::Folder;
use Test::More;

my $root = Test::DevPilot::Folder::root();
my $build = Test::DevPilot::Folder::build();
my @fuzzers = map { basename($_, '.c') } glob("$root/t/fuzz/fuzz_*.c");

plan skip_all => 'no fuzzer was built: there is no clang' unless grep { -x "$build/t/$_" } @fuzzers;

my $seconds = int(($ENV{FUZZ_SECONDS} // 60) / @fuzzers) || 1;

for my $fuzzer (@fuzzers) {
    my $corpus = "$root/t/fuzz/corpus/" . $fuzzer =~ s/\Afuzz_//r;
    my $said = run($fuzzer, tempdir(CLEANUP => 1), -d $corpus ? $corpus : ());

    ok $? == 0, "$fuzzer, $seconds s" or diag($said);
    note $1 if $said =~ /(Done \d+ runs[^\n]*)/;
}

# The first folder takes what is new, so that the kept corpus stays as it is.
sub run {
    my ($fuzzer, @folders) = @_;
    my @command = ("$build/t/$fuzzer", "-max_total_time=$seconds", '-timeout=5', '-max_len=8192',
                   "-artifact_prefix=$build/t/$fuzzer-", @folders);

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command) or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    close($out);

    return $said;
}

done_testing;
