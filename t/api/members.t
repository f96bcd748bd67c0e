# listProjectMembers over HTTP: who has a role in a project, in pages.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Pages qw(pages_ok);
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $id = $stack->create_project({name => 'With members'})->json->{id};
my $other_id = $stack->create_project({name => 'Without'})->json->{id};
my $members = "/projects/$id/members";

sub join_as { Test::DevPilot::Tenant::project_member($stack, $stack->org_id, $id, $_[0]) }

sub users { [map { $_->{userId} } @_] }

subtest 'listProjectMembers says who has which role, the newest first' => sub {
    my $owner_id = $stack->get('/me')->json->{id};
    my %member = map { $_ => join_as($_)->{user_id} } qw(Viewer Maintainer);
    my $page = $stack->get($members)->json;

    $stack->query("update dp.app_user set display_name = 'Émile' where id = '$member{Viewer}'");

    my %role = map { $_->{userId} => $_->{role} } @{$page->{items}};

    is_deeply \%role, {$owner_id => 'Owner', map { $member{$_} => $_ } keys %member}, 'all of them';
    is $page->{items}[-1]{userId}, $owner_id, 'who was first comes last';
    is_deeply [map { $_->{displayName} } grep { $_->{userId} eq $member{Viewer} } @{$stack->get($members)->json->{items}}],
        ['Émile'], 'with the name he gives himself';
    is_deeply [map { $_->{displayName} } grep { $_->{userId} eq $member{Maintainer} } @{$page->{items}}], [undef],
        'or none';
    is join(' ', sort keys %{$page->{items}[0]}), 'displayName role userId', 'and nothing else';
};

subtest 'the listing has pages (ERR-07)' => sub {
    join_as('Contributor') for 1 .. 6;

    my $all = users(@{$stack->get($members)->json->{items}});

    is scalar @$all, 9, 'nine members';
    is_deeply users(pages_ok($stack, $members, $_)), $all, "all of them, by $_" for 1, 4, 9;
    is_deeply issues($stack->get("$members?limit=101")), ['/limit maximum'], 'the limit is judged';
    is_deeply issues($stack->get("$members?x=1")), ['/x additionalProperties'], 'and what is unknown';
    refused_ok $stack->get("$members?cursor=x"), 'PAGINATION_CURSOR_INVALID', 'so is the cursor';
};

subtest 'a project has its own members' => sub {
    is_deeply users(@{$stack->get("/projects/$other_id/members")->json->{items}}), [$stack->get('/me')->json->{id}],
        'another one has its Owner';
};

subtest 'who may see a project sees its members (RBAC-08)' => sub {
    is $stack->get($members, key => join_as('Viewer')->{key})->code, 200, 'a Viewer of it';
    is $stack->get($members, key => $stack->viewer_api_key)->code, 200, 'a viewer of the organisation';
    refused_ok $stack->get($members, key => undef), 'AUTH_REQUIRED', 'nobody';
};

subtest 'a project of others is not there (IDN-08)' => sub {
    my $org_id = Test::DevPilot::Tenant::organization($stack);
    my $stranger = Test::DevPilot::Tenant::member($stack, $org_id, 'organization_admin')->{key};
    my $refused = $stack->get($members, key => $stranger);

    refused_ok $refused, 'RESOURCE_NOT_FOUND', 'for a stranger';
    is audited($stack, $refused), "access.ownership_violation denied OWNERSHIP_VIOLATION project $id", 'which is audited';
    refused_ok $stack->get("/projects/$_/members"), 'RESOURCE_NOT_FOUND', $_
        for '00000000-0000-4000-8000-000000000000', 'x';
};

$stack->finish;

done_testing;
