# listMembers, setMemberRole, removeMember and the changes of a project's members over
# HTTP.

use strict;
use warnings;
use FindBin;
use POSIX ();
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $tenant = Test::DevPilot::Tenant::tenant($stack);
my ($org_id, $admin) = ($tenant->{org_id}, $tenant->{member}{organization_admin});
my $members = "/orgs/$org_id/members";

sub change { my ($method, $path, %option) = @_; return $stack->request($method, $path, key => $admin->{key}, %option) }
sub set_role { change('PATCH', "$members/$_[0]", json => {role => $_[1]}, @_[2 .. $#_]) }
sub role_of { $stack->query("select role from dp.org_member where org_id = '$org_id' and user_id = '$_[0]'") }
sub reason { $_[0]->json->{error}{details}{reason} }

subtest 'listMembers shows everybody to everybody (RBAC-08)' => sub {
    my $page = $stack->get($members, key => $tenant->{member}{viewer}{key})->json;
    my %role = map { $_->{userId} => $_->{role} } @{$page->{items}};

    is_deeply \%role, {map { $tenant->{member}{$_}{user_id} => $_ } keys %{$tenant->{member}}}, 'with their roles';
    is join(' ', sort keys %{$page->{items}[0]}), 'displayName joinedAt role userId', 'and no address';
};

subtest 'the listing has pages (ERR-07)' => sub {
    my $other = Test::DevPilot::Tenant::organization($stack);
    my $key = Test::DevPilot::Tenant::member($stack, $other, 'viewer')->{key};

    Test::DevPilot::Tenant::user($stack, $other, 'viewer') for 1 .. 6;

    my $all = [map { $_->{userId} } @{$stack->get("/orgs/$other/members", key => $key)->json->{items}}];

    is scalar @$all, 7, 'seven members';
    is_deeply [map { $_->{userId} } @{$stack->get("/orgs/$other/members?limit=3", key => $key)->json->{items}}],
        [@$all[0 .. 2]], 'the first three of them';
};

subtest 'setMemberRole counts from the next request on (RBAC-03)' => sub {
    my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'viewer');

    refused_ok $stack->create_project({name => 'x'}, key => $member->{key}), 'AUTH_FORBIDDEN', 'a viewer';

    my $changed = set_role($member->{user_id}, 'developer');

    is $changed->code, 200, 'becomes a developer' or diag $changed->to_string;
    is $changed->json->{role}, 'developer', 'as the answer says';
    is audited($stack, $changed), "member.role_changed success user $member->{user_id}", 'which is audited';
    is $stack->create_project({name => 'x'}, key => $member->{key})->code, 201, 'who creates projects';

    my $again = set_role($member->{user_id}, 'developer');

    is $again->code, 200, 'the same again';
    is audited($stack, $again), '', 'changes nothing';
    is_deeply issues(set_role($member->{user_id}, 'Owner')), ['/role enum'], 'roles of projects are others';
    refused_ok set_role('00000000-0000-4000-8000-000000000000', 'viewer'), 'RESOURCE_NOT_FOUND', 'nobody';
};

subtest 'the last organization_admin stays one (C01)' => sub {
    my $before = Test::DevPilot::Tenant::snapshot($stack);

    for my $refused (set_role($admin->{user_id}, 'viewer'), change('DELETE', "$members/$admin->{user_id}")) {
        refused_ok $refused, 'STATE_CONFLICT', 'refused';
        is reason($refused), 'last_organization_admin', 'and said why';
    }

    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
};

subtest 'of administrators that all step down at once one is left (C01)' => sub {
    for my $round (1 .. 3) {
        my $other = Test::DevPilot::Tenant::organization($stack);
        my @admins = map { Test::DevPilot::Tenant::member($stack, $other, 'organization_admin') } 1 .. 6;
        my @codes = in_parallel(map {
            my $each = $_;

            sub {
                return $stack->request($each->[1], "/orgs/$other/members/$each->[0]{user_id}", key => $each->[0]{key},
                                       $each->[1] eq 'PATCH' ? (json => {role => 'viewer'}) : ())->code;
            };
        } map { [$admins[$_], $_ % 2 ? 'PATCH' : 'DELETE'] } 0 .. $#admins);

        is scalar(grep { $_ == 409 } @codes), 1, "$round: one is refused" or diag "@codes";
        is $stack->query("select count(*) from dp.org_member where org_id = '$other' and role = 'organization_admin'"), 1,
            "$round: and administers";
    }
};

# What each function returns, run in a process of its own at the same time.
sub in_parallel {
    my @pipes = map {
        my $work = $_;

        open(my $out, '-|') // die "fork: $!\n" or do {
            delete $stack->{ua};
            print $work->();
            close STDOUT;
            POSIX::_exit(0);
        };
        $out;
    } @_;

    return map { my $pipe = $_; local $/; readline $pipe } @pipes;
}

subtest 'removeMember ends all that he had there (R26)' => sub {
    my $member = Test::DevPilot::Tenant::member($stack, $org_id, 'developer');
    my $second = Test::DevPilot::Tenant::api_key($stack, $org_id, $member->{user_id});
    my $elsewhere_id = Test::DevPilot::Tenant::organization($stack);
    my ($kept, $gone) = map { $stack->create_project({name => $_}, key => $member->{key})->json->{id} } 'Kept', 'Gone';

    $stack->query("insert into dp.org_member (org_id, user_id, role) values ('$elsewhere_id', '$member->{user_id}', 'viewer')");

    my $elsewhere = Test::DevPilot::Tenant::api_key($stack, $elsewhere_id, $member->{user_id});
    my %session = map { $_ => session($_, $member->{user_id}) } $org_id, $elsewhere_id;

    is $stack->request('DELETE', "/projects/$gone", key => $member->{key})->code, 204, 'one of his projects is deleted';
    is $stack->get('/projects', key => $_)->code, 200, 'his key' for $second, $elsewhere;

    my $removed = change('DELETE', "$members/$member->{user_id}");

    is $removed->code, 204, 'removed' or diag $removed->to_string;
    is audited($stack, $removed), "member.removed success user $member->{user_id}", 'which is audited';
    ok wait_until(sub { !grep { $stack->get('/projects', key => $_)->code != 401 } $member->{key}, $second }, 1),
        'his keys end within a second (KEY-02)';
    is $stack->get('/projects', key => $elsewhere)->code, 200, 'those of another organisation go on';
    is $stack->query("select count(*) from dp.project_member where user_id = '$member->{user_id}'"), 0,
        'he has no role in a project';
    is $stack->query("select string_agg(coalesce(revoke_reason, '-'), ' ' order by revoke_reason) from dp.session"
                     . " where user_id = '$member->{user_id}'"), 'member_removed -', 'his session there ends, not the other';
    is $stack->get("/projects/$kept", key => $admin->{key})->json->{role}, 'Owner', 'his project is the administrators\'';
    refused_ok change('DELETE', "$members/$member->{user_id}"), 'RESOURCE_NOT_FOUND', 'he is no member any more';
};

sub session {
    my ($in, $user_id) = @_;

    return $stack->query('insert into dp.session (id, user_id, org_id, transport, auth_level, expires_at,'
                         . ' absolute_expires_at)'
                         . " values (gen_random_uuid(), '$user_id', '$in', 'token', 1, now() + interval '1 hour',"
                         . " now() + interval '1 day') returning id");
}

# --- a project's members -------------------------------------------------------------

my $project_id = $stack->create_project({name => 'With members'}, key => $admin->{key})->json->{id};

sub put {
    my ($user_id, $role, %option) = @_;

    return change('PUT', "/projects/$project_id/members/$user_id", json => {role => $role}, %option);
}

sub take { change('DELETE', "/projects/$project_id/members/$_[0]", @_[1 .. $#_]) }

subtest 'setProjectMember gives a role, and another (RBAC-05)' => sub {
    my $member = $tenant->{member}{viewer};
    my $set = put($member->{user_id}, 'Maintainer');

    is $set->code, 200, 'a role' or diag $set->to_string;
    is_deeply $set->json, {userId => $member->{user_id}, displayName => undef, role => 'Maintainer'}, 'as the answer says';
    is audited($stack, $set), "project_member.set success project $project_id", 'which is audited';
    is $stack->get("/projects/$project_id", key => $member->{key})->json->{role}, 'Maintainer', 'and counts';
    is put($member->{user_id}, 'Contributor')->json->{role}, 'Contributor', 'another one';
    is audited($stack, put($member->{user_id}, 'Contributor')), '', 'the same again changes nothing';
    is take($member->{user_id})->code, 204, 'taken away';
    is $stack->get("/projects/$project_id", key => $member->{key})->json->{role}, 'Viewer', 'the organisation\'s role is left';
    refused_ok take($member->{user_id}), 'RESOURCE_NOT_FOUND', 'there is none any more';
};

subtest 'it is for members of the organisation (IDN-07)' => sub {
    my $stranger_id = Test::DevPilot::Tenant::user($stack, Test::DevPilot::Tenant::organization($stack), 'viewer');

    refused_ok put($stranger_id, 'Viewer'), 'RESOURCE_NOT_FOUND', 'somebody else is not there';
};

subtest 'a Maintainer does not alter Owners (RBAC-06)' => sub {
    my $maintainer = Test::DevPilot::Tenant::project_member($stack, $org_id, $project_id, 'Maintainer');

    refused_ok put($admin->{user_id}, 'Viewer', key => $maintainer->{key}), 'AUTH_FORBIDDEN', 'nor their role';
    refused_ok take($admin->{user_id}, key => $maintainer->{key}), 'AUTH_FORBIDDEN', 'nor take it away';
    refused_ok put($maintainer->{user_id}, 'Owner', key => $maintainer->{key}), 'AUTH_FORBIDDEN', 'nor become one';
};

subtest 'the last Owner stays one (C01)' => sub {
    for my $refused (put($admin->{user_id}, 'Viewer'), take($admin->{user_id})) {
        refused_ok $refused, 'STATE_CONFLICT', 'refused';
        is reason($refused), 'last_owner', 'and said why';
    }

    my $second = Test::DevPilot::Tenant::project_member($stack, $org_id, $project_id, 'Owner');
    my @codes = in_parallel(sub { put($admin->{user_id}, 'Viewer')->code }, sub { take($second->{user_id})->code });

    is scalar(grep { $_ == 409 } @codes), 1, 'of two who step down at once one is refused' or diag "@codes";
    is $stack->query("select count(*) from dp.project_member where project_id = '$project_id' and role = 'Owner'"), 1,
        'and is Owner';
};

subtest 'a deleted project takes no change' => sub {
    is change('DELETE', "/projects/$project_id")->code, 204, 'deleted';
    refused_ok put($admin->{user_id}, 'Owner'), 'PROJECT_DELETED', 'no role';
    refused_ok take($admin->{user_id}), 'PROJECT_DELETED', 'none less';
};

$stack->finish;

done_testing;
