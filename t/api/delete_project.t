# deleteProject over HTTP: a deleted project is not shown, takes no change, and
# frees what it had; its rows stay.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited announced);
use Test::DevPilot::Connection;
use Test::DevPilot::Control;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $org_id = Test::DevPilot::Tenant::organization($stack);
my $key = Test::DevPilot::Tenant::member($stack, $org_id, 'organization_admin')->{key};

sub create { $stack->create_project({name => $_[0] // 'Doomed'}, key => $key) }

sub remove { $stack->request('DELETE', "/projects/$_[0]", key => $key, @_[1 .. $#_]) }

sub used { $stack->query("select used from dp.quota_usage where org_id = '$org_id'") }

subtest 'deleteProject ends a project (BP-12)' => sub {
    my $project = create()->json;
    my $id = $project->{id};
    my $removed = remove($id);

    is $removed->code, 204;
    is $removed->body, '', 'without a word';
    refused_ok $stack->get("/projects/$id", key => $key), 'RESOURCE_NOT_FOUND', 'it is not shown';
    refused_ok $stack->get("/projects/$id/members", key => $key), 'RESOURCE_NOT_FOUND', 'nor are its members';
    is_deeply $stack->get('/projects', key => $key)->json->{items}, [], 'nor is it listed';
    is audited($stack, $removed), "project.deleted success project $id", 'it is audited';
    is announced($stack, $id), 'project.created, project.deleted', 'and announced';
    is $stack->query("select count(*) from dp.step where project_id = '$id'"), 8, 'its rows are kept';
    is used(), 0, 'its place in the quota is free';
    is create()->json->{slug}, $project->{slug}, 'its slug, too';
};

subtest 'a deleted project takes no change (BP-12)' => sub {
    my $id = create('Gone')->json->{id};
    my $viewer = Test::DevPilot::Tenant::project_member($stack, $org_id, $id, 'Viewer')->{key};

    remove($id);

    my $before = Test::DevPilot::Tenant::snapshot($stack);

    refused_ok remove($id), 'PROJECT_DELETED', 'not that of being deleted again';
    refused_ok $stack->request('PATCH', "/projects/$id", key => $key, json => {name => 'Back'},
                               headers => {'If-Match' => '*'}), 'PROJECT_DELETED', 'nor of its name';
    refused_ok remove($id, key => $viewer), 'AUTH_FORBIDDEN', 'who may not delete it learns nothing more';
    refused_ok remove($id, key => $stack->api_key), 'RESOURCE_NOT_FOUND', 'a stranger not even that';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
};

subtest 'an Owner deletes a project, others do not (RBAC-05, RBAC-09)' => sub {
    my $id = create('Defended')->json->{id};
    my $member = sub { Test::DevPilot::Tenant::project_member($stack, $org_id, $id, $_[0])->{key} };
    my %key_of = map { $_ => $member->($_) } qw(Owner Maintainer Contributor Viewer);
    my $before = Test::DevPilot::Tenant::snapshot($stack);

    for my $role (qw(Maintainer Contributor Viewer)) {
        my $forbidden = remove($id, key => $key_of{$role});

        refused_ok $forbidden, 'AUTH_FORBIDDEN', "a $role";
        is audited($stack, $forbidden), "access.denied denied AUTH_FORBIDDEN project $id", 'which is audited';
    }

    my $stranger = remove($id, key => $stack->api_key);

    refused_ok $stranger, 'RESOURCE_NOT_FOUND', 'a stranger (IDN-08)';
    is audited($stack, $stranger), "access.ownership_violation denied OWNERSHIP_VIOLATION project $id", 'which is audited';
    refused_ok remove($id, key => undef), 'AUTH_REQUIRED', 'nobody';
    refused_ok remove($_), 'RESOURCE_NOT_FOUND', $_ for '00000000-0000-4000-8000-000000000000', 'x';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
    is remove($id, key => $key_of{Owner})->code, 204, 'an Owner';
};

subtest 'If-Match is not needed, but heeded' => sub {
    my $project = create('Read before');
    my $id = $project->json->{id};
    my $stale = $project->headers->etag;
    my $current = $stack->request('PATCH', "/projects/$id", key => $key, json => {name => 'Changed'},
                                  headers => {'If-Match' => $stale})->headers->etag;

    refused_ok remove($id, headers => {'If-Match' => $stale}), 'PRECONDITION_FAILED', 'a version that is gone';
    is $stack->get("/projects/$id", key => $key)->code, 200, 'keeps the project';
    is remove($id, headers => {'If-Match' => $current})->code, 204, 'the current one does not';
};

subtest 'of concurrent deletions one does it' => sub {
    my $id = create('Crowd')->json->{id};
    my $used = used();
    my @responses = Test::DevPilot::Connection::together(
        $stack, map { ['DELETE', "/projects/$id", key => $key] } 1 .. 6);

    is scalar(grep { $_->code == 204 } @responses), 1, 'one';
    refused_ok $_, 'PROJECT_DELETED', 'not this one' for grep { $_->code != 204 } @responses;
    is used(), $used - 1, 'the quota is given back once';
    is announced($stack, $id), 'project.created, project.deleted', 'and it is told once';
};

subtest 'a full plan has room again (RBAC-02)' => sub {
    my $small_id = Test::DevPilot::Tenant::organization($stack);
    my $small = Test::DevPilot::Tenant::member($stack, $small_id, 'organization_admin')->{key};
    my @ids = map { $stack->create_project({name => "P$_"}, key => $small)->json->{id} } 1 .. 3;

    refused_ok $stack->create_project({name => 'Too many'}, key => $small), 'QUOTA_EXCEEDED', 'it is full';
    is remove($ids[0], key => $small)->code, 204, 'one is deleted';
    is $stack->create_project({name => 'In its place'}, key => $small)->code, 201, 'one more fits';
    refused_ok $stack->create_project({name => 'Too many'}, key => $small), 'QUOTA_EXCEEDED', 'and no other';
};

subtest 'nothing is deleted while changes are switched off (KS-02)' => sub {
    my $id = create('Kept')->json->{id};

    Test::DevPilot::Control::switch($stack, GLOBAL_WRITE => 'true');
    refused_ok remove($id), 'OPS_KILL_SWITCH_GLOBAL_WRITE', 'not now';
    Test::DevPilot::Control::switch($stack, GLOBAL_WRITE => 'false');
    is remove($id)->code, 204, 'and then it is';
};

$stack->finish;

done_testing;
