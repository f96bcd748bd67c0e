# listOrgs, createOrg, updateOrg and deleteOrg over HTTP: organisations come and go.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Audit qw(audited announced);
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;

sub create {
    my ($name, %option) = @_;

    return $stack->request('POST', '/orgs', json => {name => $name}, idempotency_key => $stack->fresh_key, %option);
}

# A key for a member of an organisation that was made over HTTP.
sub key_for {
    my ($org_id, $user_id) = @_;

    return Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id, auth_level => 2);
}

my $user_id = $stack->get('/me')->json->{id};

subtest 'createOrg makes an organisation that the caller administers (C01)' => sub {
    my $key = $stack->fresh_key;
    my $created = create('Ümlaut & Sons', idempotency_key => $key);
    my $org = $created->json;

    is $created->code, 201, 'it is created' or diag $created->to_string;
    is $created->headers->location, "/orgs/$org->{id}", 'and has a place';
    like $org->{slug}, qr/\A[a-z0-9-]*mlaut-sons\z/, 'the slug follows from the name';
    is $org->{kind}, 'team', 'it is no personal one';
    is $stack->query("select role from dp.org_member where org_id = '$org->{id}' and user_id = '$user_id'"),
        'organization_admin', 'the caller administers it';
    is $stack->query("select plan from dp.subscription where org_id = '$org->{id}'"), 'free', 'on the free plan';
    is $stack->query("select string_agg(action, ' ') from dp.audit_event where org_id = '$org->{id}'"), 'org.created',
        'its trail begins with that';
    is create('Ümlaut & Sons', idempotency_key => $key)->json->{id}, $org->{id}, 'a repetition makes no other (IDM-01)';
    is create('Ümlaut & Sons')->json->{slug}, "$org->{slug}-2", 'another one of that name has another slug';

    my $shown = $stack->get("/orgs/$org->{id}", key => key_for($org->{id}, $user_id));

    is_deeply $shown->json, $org, 'getOrg shows the same';
    is $shown->headers->etag, $created->headers->etag, 'with the same tag';
};

subtest 'creating one takes a person (IDN-05)' => sub {
    my $weak = Test::DevPilot::Tenant::api_key($stack, $stack->org_id, $user_id);
    my $before = Test::DevPilot::Tenant::snapshot($stack);

    refused_ok create('By a key', key => $weak), 'AUTH_MFA_REQUIRED', 'a key of one factor is none';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
};

subtest 'listOrgs with an API key is about its organisation (IDN-08)' => sub {
    my $orgs = $stack->get('/orgs')->json;

    is_deeply [map { "$_->{id} $_->{role}" } @{$orgs->{items}}], [$stack->org_id . ' organization_admin'],
        'though the user has others';
    is $orgs->{hasMore}, Mojo::JSON->false, 'and that is all';
};

subtest 'updateOrg renames, if nobody has before (ERR-07)' => sub {
    my $org = create('To be renamed')->json;
    my $key = key_for($org->{id}, $user_id);
    my $tag = $stack->get("/orgs/$org->{id}", key => $key)->headers->etag;
    my $rename = sub {
        my ($name, $if_match) = @_;

        return $stack->request('PATCH', "/orgs/$org->{id}", key => $key, json => {name => $name},
                               headers => {defined $if_match ? ('If-Match' => $if_match) : ()});
    };
    my $renamed = $rename->('Renamed', $tag);

    is $renamed->code, 200, 'renamed' or diag $renamed->to_string;
    is_deeply $renamed->json, {%$org, name => 'Renamed'}, 'the slug stays';
    is audited($stack, $renamed), "org.updated success org $org->{id}", 'it is audited';
    is announced($stack, $org->{id}), 'org.updated', 'and told to others';
    is $stack->get("/orgs/$org->{id}", key => $key)->headers->etag, $renamed->headers->etag, 'its tag is the new one';
    refused_ok $rename->('Too late', $tag), 'PRECONDITION_FAILED', 'with the old tag nothing happens';
    refused_ok $rename->('Blindly'), 'PRECONDITION_REQUIRED', 'nor without one';
};

subtest 'deleteOrg is for administrators with a second factor, of an empty organisation' => sub {
    my $org = create('To be deleted')->json;
    my $key = key_for($org->{id}, $user_id);
    my $weak = Test::DevPilot::Tenant::api_key($stack, $org->{id}, $user_id);
    my $delete = sub { $stack->request('DELETE', "/orgs/$org->{id}", key => $_[0] // $key) };
    my $project_id = $stack->create_project({name => 'In the way'}, key => $key)->json->{id};

    refused_ok $delete->($weak), 'AUTH_MFA_REQUIRED', 'one factor does not do (IDN-05)';

    my $refused = $delete->();

    refused_ok $refused, 'STATE_CONFLICT', 'a project is in the way';
    is $refused->json->{error}{details}{reason}, 'projects_exist', 'which is said';
    is $stack->request('DELETE', "/projects/$project_id", key => $key)->code, 204, 'without it';

    my $deleted = $delete->();

    is $deleted->code, 204, 'it goes' or diag $deleted->to_string;
    is audited($stack, $deleted), "org.deleted success org $org->{id}", 'which is audited';
    is $stack->query("select deleted_at is not null from dp.org where id = '$org->{id}'"), 't', 'its row stays';
    ok wait_until(sub { $stack->get('/projects', key => $_[0] // $key)->code == 401 }, 1), 'its keys end within a second';
};

subtest 'a personal organisation stays' => sub {
    my $org = create('Personal')->json;

    $stack->query("update dp.org set kind = 'personal' where id = '$org->{id}'");

    my $refused = $stack->request('DELETE', "/orgs/$org->{id}", key => key_for($org->{id}, $user_id));

    refused_ok $refused, 'STATE_CONFLICT', 'it is refused';
    is $refused->json->{error}{details}{reason}, 'personal_organization', 'and said why';
};

$stack->finish;

done_testing;
