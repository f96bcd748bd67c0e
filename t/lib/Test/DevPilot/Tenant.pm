# Organisations, people and API keys besides those of the seed, made by SQL; and
# what a tenant's data look like as a whole, to see whether they changed.

package Test::DevPilot::Tenant;

use strict;
use warnings;
use Test::DevPilot::Folder;
use lib Test::DevPilot::Folder::root() . '/scripts/lib';
use DevPilot::Secrets;

# Returns the id of an organisation without members; plan: free.
sub organization {
    my ($stack, %option) = @_;
    my $id = DevPilot::Secrets::uuid();
    my $plan = $option{plan} // 'free';

    $stack->query("insert into dp.org (id, slug, name) values ('$id', 'org-$id', 'Another')");
    $stack->query("insert into dp.subscription (org_id, plan) values ('$id', '$plan')");

    return $id;
}

# Returns the id of a user with a role in an organisation, or with none.
sub user {
    my ($stack, $org_id, $role) = @_;
    my $id = DevPilot::Secrets::uuid();

    $stack->query("insert into dp.app_user (id, email) values ('$id', '$id\@test.invalid')");
    $stack->query('insert into dp.org_member (org_id, user_id, role)'
                  . " values ('$org_id', '$id', '$role')") if defined $role;

    return $id;
}

# Returns the text of an API key for a user.  Options: max_role
# (organization_admin); expires, an SQL expression; scopes, a list; rotated_from, a
# key's id; auth_level (1).
sub api_key {
    my ($stack, $org_id, $user_id, %option) = @_;
    my $key = DevPilot::Secrets::api_key();
    my ($prefix, $digest) = DevPilot::Secrets::key_record($key);
    my $max_role = $option{max_role} // 'organization_admin';
    my $expires = $option{expires} // 'null';
    my $scopes = join(',', @{$option{scopes} // []});
    my $auth_level = $option{auth_level} // 1;
    my $rotated_from = defined $option{rotated_from} ? "'$option{rotated_from}'" : 'null';

    $stack->query('insert into dp.api_key (org_id, prefix, digest, name, created_by, max_role, expires_at, scopes,'
                  . ' rotated_from, auth_level)'
                  . " values ('$org_id', '$prefix', '\\x$digest', 'A test', '$user_id', '$max_role', $expires,"
                  . " '{$scopes}', $rotated_from, $auth_level)");

    return $key;
}

# A new user with a role in an organisation, and a key that may do what he may; options
# as those of api_key().
sub member {
    my ($stack, $org_id, $role, %option) = @_;
    my $user_id = user($stack, $org_id, $role);

    return {user_id => $user_id, key => api_key($stack, $org_id, $user_id, %option)};
}

# The same as a viewer of the organisation who has a role in one of its projects.
sub project_member {
    my ($stack, $org_id, $project_id, $role, %option) = @_;
    my $member = member($stack, $org_id, 'viewer', %option);

    $stack->query('insert into dp.project_member (org_id, project_id, user_id, role)'
                  . " values ('$org_id', '$project_id', '$member->{user_id}', '$role')");

    return $member;
}

# An organisation on the largest plan with a member of each role, whose keys count as
# multi-factor: {org_id, member => {ROLE => {user_id, key}}}.
sub tenant {
    my ($stack) = @_;
    my $org_id = organization($stack, plan => 'enterprise');
    my %member = map { $_ => member($stack, $org_id, $_, auth_level => 2) } qw(viewer developer organization_admin);

    return {org_id => $org_id, member => \%member};
}

# Makes an invitation by somebody; returns {id, token}.  Options: email, which must be
# told; role (viewer); expires, an SQL expression.
sub invitation {
    my ($stack, $org_id, $user_id, %option) = @_;
    my $id = DevPilot::Secrets::uuid();
    my $token = 'dpo_' . substr(DevPilot::Secrets::api_key(), 12);
    my $role = $option{role} // 'viewer';
    my $expires = $option{expires} // "now() + interval '7 days'";

    $stack->query('insert into dp.invitation (org_id, id, email, role, digest, invited_by, expires_at)'
                  . " values ('$org_id', '$id', '$option{email}', '$role', sha256('$token'), '$user_id', $expires)");

    return {id => $id, token => $token};
}

# What the parameter of a path may name in a tenant, and is there to be changed or
# deleted; made by its administrator.
my %resource = (
    orgId     => sub { $_[1]{org_id} },
    projectId => sub {
        my ($stack, $tenant) = @_;

        return $stack->create_project({name => 'Of a tenant'}, key => $tenant->{member}{organization_admin}{key})->json->{id};
    },
    keyId => sub {
        my ($stack, $tenant) = @_;

        return key_id($stack, api_key($stack, $tenant->{org_id}, $tenant->{member}{organization_admin}{user_id}));
    },
    eventId      => \&sealed_event,
    provider     => sub { 'none' },
    sessionId    => sub {
        my ($stack, $tenant) = @_;
        my $id = DevPilot::Secrets::uuid();

        $stack->query('insert into dp.session (id, user_id, org_id, transport, auth_level, expires_at, absolute_expires_at) values'
                      . " ('$id', '$tenant->{member}{organization_admin}{user_id}', '$tenant->{org_id}', 'token', 1,"
                      . " now() + interval '1 day', now() + interval '7 days')");

        return $id;
    },
    userId       => sub { user($_[0], $_[1]{org_id}, 'viewer') },
    invitationId => sub {
        my ($stack, $tenant) = @_;
        my $email = DevPilot::Secrets::uuid() . '@test.invalid';

        return invitation($stack, $tenant->{org_id}, $tenant->{member}{organization_admin}{user_id}, email => $email)->{id};
    },
);

# An event of the tenant that has a seal.
sub sealed_event {
    my ($stack, $tenant) = @_;

    return $tenant->{event_id} //= do {
        my $found = sub { $stack->query('select e.id from dp.audit_event e join dp.audit_seal s on e.seq = any (s.seqs)'
                                        . " where e.org_id = '$tenant->{org_id}' limit 1") };

        $stack->create_project({name => 'Audited'}, key => $tenant->{member}{organization_admin}{key});
        Test::DevPilot::wait_until(sub { $found->() ne '' }, 30) or die "nothing is sealed\n";
        $found->();
    };
}

# The ids for all parameters of a path: a user in a project is a member of it.
sub resources {
    my ($stack, $tenant, @names) = @_;
    my %id = map { $_ => ($resource{$_} // die "$_: no test knows how to make one\n")->($stack, $tenant) } @names;

    $stack->query('insert into dp.project_member (org_id, project_id, user_id, role)'
                  . " values ('$tenant->{org_id}', '$id{projectId}', '$id{userId}', 'Viewer')")
        if $id{projectId} && $id{userId};

    return %id;
}

# The condition that finds a key's row.
sub row_of {
    my ($key) = @_;

    return sprintf("prefix = '%s'", substr($key, 3, 8));
}

my @domain = qw(org org_member invitation api_key project project_member revision step environment outbox idempotency_key quota_usage);

# The id of a key's row.
sub key_id {
    my ($stack, $key) = @_;

    return $stack->query('select id from dp.api_key where ' . row_of($key));
}

# All that operations change, as one text; audit events and the last use of keys,
# which refusals write as well, are left out.
sub snapshot {
    my ($stack) = @_;

    return $stack->query(join(' union all ', map {
        "select '$_', count(*), md5(string_agg(r, E'\\n' order by r))"
        . " from (select (to_jsonb(t) - 'last_used_at')::text as r from dp.$_ t) rows"
    } @domain));
}

1;
