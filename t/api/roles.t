# Every operation by every kind of caller: docs/roles.md, which is made of the
# contract alone, tried cell by cell.  What is refused changes nothing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Contract qw(operations);
use Test::DevPilot::Folder;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::DevPilot::Wrong qw(request send_request);
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high');
my $org_id = Test::DevPilot::Tenant::organization($stack, plan => 'enterprise');
my %member = map { $_ => Test::DevPilot::Tenant::member($stack, $org_id, $_) } qw(viewer developer organization_admin);
my $owner = $member{organization_admin};
my %refusal = (401 => 'AUTH_REQUIRED', 403 => 'AUTH_FORBIDDEN', 404 => 'RESOURCE_NOT_FOUND');

# The columns' names and, by operation, what each of them gets.
my ($head, @rows) = map { [split / \| /, s/\A\| | \|\z//gr] }
    grep { /\A\|/ && !/\A\| ---/ } split /\n/, Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/docs/roles.md');
my (undef, @callers) = @$head;
my %verdicts = map { my ($operation, @cells) = @$_; ($operation =~ s/\A\[(\w+)\].*/$1/r => \@cells) } @rows;

# What each parameter of a path may name, and is there to be changed or deleted.
my %resource = (
    orgId     => sub { $org_id },
    projectId => sub { $stack->create_project({name => 'Of the matrix'}, key => $owner->{key})->json->{id} },
    keyId     => sub {
        Test::DevPilot::Tenant::key_id($stack, Test::DevPilot::Tenant::api_key($stack, $org_id, $owner->{user_id}));
    },
);

# The text of a caller's key.
my %key = (
    nobody   => sub { undef },
    stranger => sub { $stack->api_key },
    (map { my $key = $member{$_}{key}; ($_ => sub { $key }) } keys %member),
    (map { my $role = $_; ($role => sub { project_key($role, @_) }) } qw(Viewer Contributor Maintainer Owner)),
);

sub project_key {
    my ($role, $of) = @_;
    my $project_id = $of->{path}{projectId} // $resource{projectId}->();

    return Test::DevPilot::Tenant::project_member($stack, $org_id, $project_id, $role)->{key};
}

sub try_cell {
    my ($operation, $caller, $verdict) = @_;
    my $of = request($operation);

    $of->{path}{$_} = $resource{$_}->() for keys %{$of->{path}};

    my $key = $key{$caller}->($of);
    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $response = send_request($stack, $operation, $of, key => $key);

    return ok $operation->{responses}{$response->code} && $response->code < 300, "$caller may"
        || diag $response->to_string if $verdict eq 'yes';

    refused_ok $response, $refusal{$verdict}, "$caller may not: $verdict";
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'and nothing changes';
}

for my $operation (operations()) {
    subtest "$operation->{id} (RBAC-16)" => sub {
        my $verdicts = delete $verdicts{$operation->{id}} // return fail 'it is in docs/roles.md';

        try_cell($operation, $callers[$_], $verdicts->[$_]) for 0 .. $#callers;
    };
}

is join(' ', sort keys %verdicts), '', 'docs/roles.md has no other operation';

$stack->finish;

done_testing;
