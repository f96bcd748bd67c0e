# What a build is hardened by, looked up in the binaries: full RELRO, no executable
# stack, position independence, stack protector, hidden names; and in an object of
# an ordinary build, fortified calls, which sanitizers do without.

use strict;
use warnings;
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Build qw(configured compiled_ok);
use Test::DevPilot::Folder;
use Test::More;

my $build = Test::DevPilot::Folder::build();
my %binary = (worker => "$build/devpilot-worker", ctl => "$build/devpilotctl", module => "$build/ngx_http_devpilot_module.so");

plan skip_all => 'nothing was built' if grep { !-e } values %binary;

# What readelf or nm says about a file.
sub said {
    my (@command) = @_;

    open(my $out, '-|', @command) or die "$command[0]: $!\n";
    local $/;

    return scalar(<$out>) // '';
}

for my $name (sort keys %binary) {
    subtest $name => sub {
        my $segments = said('readelf', '-lW', $binary{$name});
        my $dynamic = said('readelf', '-dW', $binary{$name});

        like $segments, qr/^Elf file type is DYN /m, 'position independent';
        like $segments, qr/^\s*GNU_RELRO /m, 'relocations are read-only';
        like $dynamic, qr/\(FLAGS\).*\bBIND_NOW\b/, 'all of them, as they are done at once';
        unlike $dynamic, qr/\(TEXTREL\)/, 'none is in the code';
        like $segments, qr/^\s*GNU_STACK .* RW +0x/m, 'the stack is not executable';
        unlike $segments, qr/^\s*LOAD .* RWE /m, 'nor is anything that can be written';
        like said('nm', '-D', $binary{$name}), qr/ U __stack_chk_fail\b/, 'the stack is protected';
    };
}

like said('readelf', '-dW', $binary{worker}), qr/\(FLAGS_1\).*\bPIE\b/, 'the worker is a position independent executable';
is said('nm', '-D', '--defined-only', $binary{worker}), '', 'which shows no name';

subtest 'an ordinary build' => sub {
    my $folder = configured();
    my $object = compiled_ok($folder, 'worker/log');

    like said('nm', $object), qr/ U __v?snprintf_chk\b/, 'calls are fortified';
    like said('nm', $object), qr/ U __stack_chk_fail\b/, 'the stack is protected';
};

done_testing;
