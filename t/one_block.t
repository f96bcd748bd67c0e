# What one more block in the contract does, and one less: a row without a function
# fails to link, a function without a row fails the build, and an operation that
# is declared as going away says so in each answer.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/lib";
use Mojo::UserAgent;
use Test::DevPilot::Folder;
use Test::DevPilot::Generator qw(tree generate output);
use Test::DevPilot::Nginx;
use Test::More;

my $root = Test::DevPilot::Folder::root();
my $build = Test::DevPilot::Folder::build();

plan skip_all => 'YAML::XS is not installed' unless eval { require YAML::XS; 1 };
plan skip_all => 'not everything was built'
    if grep { !-e "$build/$_" } qw(devpilot-worker ngx_http_devpilot_module.so);

chdir $root;
$ENV{LC_ALL} = 'C';    # so the compiler quotes in ASCII

# A make of its own, whatever started this test.
delete @ENV{qw(MAKEFLAGS MAKELEVEL MFLAGS)};

# What auto/build.mk calls NAME, as words.
sub make_words {
    my ($name) = @_;
    my (undef, $text) = output('make', '-s', '-f', 'auto/build.mk', "BUILDDIR=$build",
                               '--eval', ".PHONY: words\nwords: ; \@echo '\$($name)'", 'words');

    return split ' ', $text;
}

my @compile = map { make_words($_) } qw(CC BASE_FLAGS FLAGS_worker);
my @includes = map { make_words($_) } qw(INCLUDES_worker);

# A tree whose contract is changed, with what is generated from it.
sub generated {
    my ($edit) = @_;
    my $tree = tree('api/openapi.yaml', $edit);

    is_deeply [generate($tree)], [0, ''], 'the contract is accepted';

    return $tree;
}

# Compiles a file, whose generated headers are the tree's; the object is in it.
sub compile {
    my ($tree, $source, $object) = @_;

    return output(@compile, '-c', '-o', "$tree/$object", (map {"-I$tree/$_"} qw(shared worker)), @includes, $source);
}

# Links the worker with these objects in place of its own of the same name.
sub link_worker {
    my ($tree, @objects) = @_;
    my %ours = map { $_ => 1 } @objects;
    my @others = grep { !$ours{s{.*/}{}r} } map { make_words($_) } qw(WORKER_OBJECTS SHARED_OBJECTS);

    return output((make_words('CC'))[0], qw(-pie -pthread -o), "$tree/worker.out", (map {"$tree/$_"} @objects), @others,
                  map { make_words($_) } qw(BASE_LIBS WORKER_LIBS));
}

my $block = <<'END';
  /nothing:
    get:
      operationId: getNothing
      tags: [projects]
      summary: Show nothing.
      x-devpilot: {at: worker, role: {scope: user}, cost: read, idempotency: none}
      responses:
        '200': {description: Nothing.}
        '403': {$ref: '#/components/responses/Forbidden'}

END

my $function = <<'END';
#include "dp_operations.h"

bool
dp_op_get_nothing(dp_op_t *op)
{
    op->reply.status = 200;
    return true;
}
END

subtest 'a row without a function fails to link' => sub {
    my $tree = generated(sub { $_[0] =~ s/^paths:\n/paths:\n$block/m });

    is_deeply [compile($tree, "$tree/worker/dp_operations_table.c", 'dp_operations_table.o')], [0, ''],
        'the table has its row';

    my ($status, $said) = link_worker($tree, 'dp_operations_table.o');

    isnt $status, 0, 'the worker is not linked';
    like $said, qr/undefined reference to [`']dp_op_get_nothing'/, 'for want of the function';

    Test::DevPilot::Folder::spew("$tree/get_nothing.c", $function);
    is_deeply [compile($tree, "$tree/get_nothing.c", 'get_nothing.o')], [0, ''], 'with one C function';
    is_deeply [link_worker($tree, qw(dp_operations_table.o get_nothing.o))], [0, ''], 'it is';
};

subtest 'a function without a row fails the build' => sub {
    my $source = 'worker/projects/list_project_members.c';
    my $tree = generated(sub { $_[0] =~ s{^  /projects/\{projectId\}/members:\n.*?^(?=components:)}{}ms });
    my ($status, $said) = compile($tree, $source, 'members.o');

    isnt $status, 0, 'it does not compile';
    like $said, qr/no previous (?:prototype|declaration) for '?dp_op_list_project_members/, 'for want of the row';
    is_deeply [compile(generated(sub { }), $source, 'members.o')], [0, ''], 'with it, it does';
};

# The module, with the table of routes of a tree.
sub link_module {
    my ($tree) = @_;
    my @flags = map { make_words($_) } qw(CC BASE_FLAGS INCLUDES_worker);
    my @others = grep { !m{/dp_routes_table\.o\z} } make_words('MODULE_INPUTS');

    is_deeply [output(@flags, '-c', '-o', "$tree/routes.o", "$tree/shared/dp_routes_table.c")], [0, ''], 'the rows compile';
    is_deeply [output($flags[0], '-shared', '-o', "$tree/module.so", "$tree/routes.o", @others,
                      map { make_words($_) } qw(BASE_LIBS MODULE_LIBS))], [0, ''], 'and are linked';

    return "$tree/module.so";
}

subtest 'an operation that goes away says so' => sub {
    my $tree = generated(sub {
        $_[0] =~ s/(operationId: getLiveness\n)(.*?x-devpilot:\n)/$1      deprecated: true\n$2        deprecated: '2027-01-31'\n        sunset: '2028-02-29'\n/s;
    });
    my $nginx = Test::DevPilot::Nginx->new;
    my $ua = Mojo::UserAgent->new;

    $nginx->start(module => link_module($tree), server => 'devpilot on;');

    for my $case (['/health/live', 200], ['/health/live?unknown', 422]) {
        my ($path, $status) = @$case;
        my $response = $ua->get($nginx->url . $path)->res;

        is $response->code, $status, $path;
        is $response->headers->header('Deprecation'), '@1801353600', 'Deprecation (RFC 9745)';
        is $response->headers->header('Sunset'), 'Tue, 29 Feb 2028 00:00:00 GMT', 'Sunset (RFC 8594)';
    }

    my $headers = $ua->get($nginx->url . '/errors')->res->headers;

    is $headers->header($_), undef, "the others have no $_" for qw(Deprecation Sunset);
};

done_testing;
