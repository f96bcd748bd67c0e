# Names: nginx loads modules with RTLD_GLOBAL, so the module shows only what nginx
# looks up; what our objects export to each other begins with dp_ or
# ngx_http_devpilot_.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Folder;
use Test::More;

my $build = Test::DevPilot::Folder::build();

plan skip_all => 'nothing was built' unless -e "$build/ngx_http_devpilot_module.so";

sub symbols {
    my (@command) = @_;

    open(my $out, '-|', 'nm', @command) or die "nm: $!\n";

    return map { / [TDBRVG] (\S+)\n/ ? $1 : () } <$out>;
}

# Sanitizers add names of their own.
my @visible = grep { !/\A_|asan/ } symbols('-D', '--defined-only', "$build/ngx_http_devpilot_module.so");

is join(' ', sort @visible), 'ngx_module_names ngx_module_order ngx_modules',
    'the module shows what nginx looks up, and nothing else';

my @objects = split(/\0/, `find "$build/o/shared" "$build/o/worker" "$build/o/ngx_devpilot_module" -name '*.o' -print0`);

for my $object (@objects) {
    my @foreign = grep { !/\A(?:dp_|ngx_http_devpilot_|main\z|_|\.?\w*asan)/ } symbols('-g', '--defined-only', $object);

    is join(' ', @foreign), '', $object =~ s{.*/o/}{}r;
}

done_testing;
