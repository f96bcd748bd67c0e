# Headers are guarded by a name that holds theirs, compile alone, and stay under
# 250 lines.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot::Folder;
use Test::DevPilot::Source qw(files text lines);
use Test::More;

my $root = Test::DevPilot::Folder::root();
my $build = Test::DevPilot::Folder::build();
my %setting = Test::DevPilot::Folder::slurp("$build/config.mk") =~ /^(\w+) = ?(.*)$/mg;

plan skip_all => 'not configured' unless %setting;

my @nginx_includes = map { ('-isystem', $_) } "$build/nginx",
    map { "$setting{NGINX_SOURCE}/src/$_" } qw(core event event/modules os/unix http http/modules http/v2);

for my $path (files(qr{\.h\z})) {
    my @faults;

    push @faults, 'is not guarded' unless guarded($path);
    push @faults, 'is longer than 250 lines' if lines($path) > 251;
    push @faults, "does not compile alone:\n$_" for compile($path);

    is join(', ', @faults), '', $path;
}

sub guarded {
    my ($path) = @_;
    my ($name) = text($path) =~ /^#ifndef (\w+_H)\n#define \1$/m;
    my $file = uc($path =~ s{.*/}{}r =~ s{\.h\z}{}r);

    return defined $name && $name =~ /\Q$file\E/ && text($path) =~ m{#endif /\* $name \*/\n\z};
}

sub compile {
    my ($path) = @_;
    my @command = (
        $setting{CC}, qw(-std=gnu11 -fsyntax-only -Wall -Wextra -Wstrict-prototypes -Werror -x c),
        "-I$root/shared", "-I$root/worker", "-I$root/ngx_devpilot_module", "-I$root/t/unit", "-I$build",
        split(' ', "$setting{WORKER_CFLAGS} $setting{TEST_CFLAGS}"),
        $path =~ /ngx_/ ? @nginx_includes : (), "$root/$path",
    );

    open(my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @command) or die "sh: $!\n";

    my $said = do { local $/; <$out> // '' };

    return close($out) ? () : $said;
}

done_testing;
