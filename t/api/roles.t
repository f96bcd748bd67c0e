# Every operation by every kind of caller: docs/roles.md, which is made of the
# contract alone, tried cell by cell.  What is refused changes nothing.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON qw(encode_json);
use Test::DevPilot;
use Test::DevPilot::Contract qw(operations);
use Test::DevPilot::Folder;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::DevPilot::Wrong qw(request send_request);
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high');
my $shared = Test::DevPilot::Tenant::tenant($stack);
my %refusal = (401 => 'AUTH_REQUIRED', 403 => 'AUTH_FORBIDDEN', 404 => 'RESOURCE_NOT_FOUND');

# The columns' names and, by operation, what each of them gets.
my ($head, @rows) = map { [split / \| /, s/\A\| | \|\z//gr] }
    grep { /\A\|/ && !/\A\| ---/ } split /\n/, Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/docs/roles.md');
my (undef, @callers) = @$head;
my %verdicts = map { my ($operation, @cells) = @$_; ($operation =~ s/\A\[(\w+)\].*/$1/r => \@cells) } @rows;

# Whoever may, leaves nothing for the next one to try.
my %ends_tenant = (deleteOrg => 1);

# What makes the valid request of an operation one that fits its caller.
my %fitted = (
    acceptInvitation => sub {
        my ($of, $key) = @_;
        my $email = $stack->query('select u.email from dp.app_user u join dp.api_key k on k.created_by = u.id where '
                                  . Test::DevPilot::Tenant::row_of($key));
        my $tenant = Test::DevPilot::Tenant::tenant($stack);
        my $inviter_id = $tenant->{member}{organization_admin}{user_id};
        my $invitation = Test::DevPilot::Tenant::invitation($stack, $tenant->{org_id}, $inviter_id, email => $email);

        $of->{body} = encode_json({token => $invitation->{token}});
    },
);

# The text of a caller's key.
my %key = (
    nobody   => sub { undef },
    stranger => sub { $stack->api_key },
    (map { my $role = $_; ($role => sub { $_[0]{member}{$role}{key} }) } qw(viewer developer organization_admin)),
    (map { my $role = $_; ($role => sub { project_key($role, @_) }) } qw(Viewer Contributor Maintainer Owner)),
);

sub project_key {
    my ($role, $tenant, $of) = @_;
    my $project_id = $of->{path}{projectId} // {Test::DevPilot::Tenant::resources($stack, $tenant, 'projectId')}->{projectId};

    return Test::DevPilot::Tenant::project_member($stack, $tenant->{org_id}, $project_id, $role, auth_level => 2)->{key};
}

sub try_cell {
    my ($operation, $caller, $verdict) = @_;
    my $tenant = $ends_tenant{$operation->{id}} ? Test::DevPilot::Tenant::tenant($stack) : $shared;
    my $of = request($operation);
    my $public = $operation->{policy}{role}{scope} eq 'public';    # answers by what it is sent, not to whom

    $of->{path} = {Test::DevPilot::Tenant::resources($stack, $tenant, keys %{$of->{path}})};

    my $key = $key{$caller}->($tenant, $of);

    $fitted{$operation->{id}}->($of, $key) if $fitted{$operation->{id}} && defined $key;

    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $response = send_request($stack, $operation, $of, key => $key);

    # A key is no session, whoever's.
    return refused_ok $response, 'AUTH_FORBIDDEN', "$caller may, with a session"
        if $verdict eq 'yes' && $operation->{tag} eq 'sessions' && $response->code == 403;

    return ok $operation->{responses}{$response->code} && $response->code < ($public ? 500 : 300), "$caller may"
        || diag $response->to_string if $verdict eq 'yes';

    refused_ok $response, $refusal{$verdict}, "$caller may not: $verdict";
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'and nothing changes (RBAC-02)';
}

for my $operation (operations()) {
    subtest "$operation->{id} (RBAC-16)" => sub {
        my $verdicts = delete $verdicts{$operation->{id}} // return fail 'it is in docs/roles.md';

        try_cell($operation, $callers[$_], $verdicts->[$_]) for 0 .. $#callers;
    };
}

# "operation: roles" of the database, which listRoles shows, and of the contract.
sub permissions_stored {
    return $stack->query("select string_agg(operation_id || ': ' || roles, E'\\n' order by operation_id collate \"C\")"
                         . " from (select p.operation_id, string_agg(g.role, ' ' order by g.role collate \"C\") as roles"
                         . ' from dp.permission p join dp.role_permission g on g.permission = p.name'
                         . ' group by p.operation_id) o');
}

my %rank = (
    org     => {viewer => 10, developer => 20, organization_admin => 40},
    project => {Viewer => 10, Contributor => 20, Maintainer => 30, Owner => 40},
);

sub permissions_declared {
    my @rows;

    for my $operation (sort { $a->{id} cmp $b->{id} } operations()) {
        my ($scope, $least) = @{$operation->{policy}{role}}{qw(scope rank)};
        my $rank = $rank{$scope} // next;

        push @rows, "$operation->{id}: " . join ' ', grep { $rank->{$_} >= $rank->{$least} } sort keys %$rank;
    }

    return join "\n", @rows;
}

is permissions_stored(), permissions_declared(), 'the permissions in the database are those of the contract (RBAC-03)';

is join(' ', sort keys %verdicts), '', 'docs/roles.md has no other operation';

$stack->finish;

done_testing;
