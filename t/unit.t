# The unit tests in C, t/unit/*_test.c, which make built; each a program of Check
# that prints TAP.

use strict;
use warnings;
use File::Basename qw(basename);
use FindBin;
use lib "$FindBin::Bin/lib";
use Test::DevPilot::Folder;
use Test::DevPilot::Tap qw(tap_ok);
use Test::More;

my $root = Test::DevPilot::Folder::root();
my $build = Test::DevPilot::Folder::build();
my @tests = map { basename($_, '.c') } glob("$root/t/unit/*_test.c");

plan skip_all => 'no unit test was built: Check is not installed' unless grep { -x "$build/t/$_" } @tests;

chdir $root;
$ENV{CK_VERBOSITY} = 'silent';
$ENV{CK_TAP_LOG_FILE_NAME} = '-';
$ENV{ASAN_OPTIONS} = 'detect_leaks=1';
$ENV{UBSAN_OPTIONS} = 'print_stacktrace=1';
$ENV{LSAN_OPTIONS} = "suppressions=$root/t/lib/leaks.supp:print_suppressions=0";

for my $test (@tests) {
    -x "$build/t/$test" ? tap_ok($test, "$build/t/$test") : fail("$test was not built");
}

done_testing;
