# updateProject over HTTP: what it changes, and that nobody overwrites what he has
# not seen.

use strict;
use warnings;
use utf8;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON qw(encode_json);
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited announced);
use Test::DevPilot::Connection;
use Test::DevPilot::Control;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;
my $created = $stack->create_project({name => 'First name', previewTtlHours => 48});
my $path = $created->headers->location;
my $id = $created->json->{id};

sub tag { $stack->get($path)->headers->etag }

# With the tag of the moment, unless told another one, or undef for none.
sub update {
    my ($body, %option) = @_;
    my $tag = exists $option{tag} ? delete $option{tag} : tag();
    my %header = (%{delete $option{headers} // {}}, defined $tag ? ('If-Match' => $tag) : ());
    my %content = ref $body ? (json => $body) : (body => $body);

    return $stack->request('PATCH', $option{path} // $path, headers => \%header, %content, %option);
}

# Asserts that nothing changes while `refuse` runs.
sub unchanged_ok {
    my ($refuse) = @_;
    my $before = Test::DevPilot::Tenant::snapshot($stack);

    $refuse->();
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
}

subtest 'updateProject changes what it is given' => sub {
    my $before = $stack->get($path)->json;
    my $tag = tag();
    my $updated = update({name => 'Zweiter Näme'});

    is $updated->code, 200;
    is_deeply $updated->json, {%$before, name => 'Zweiter Näme'}, 'the name, and nothing else; the slug stays';
    isnt $updated->headers->etag, $tag, 'its ETag is a new one';

    my $read = $stack->get($path);

    is_deeply $read->json, $updated->json, 'it is so from now on';
    is $read->headers->etag, $updated->headers->etag, 'under that ETag';
    is audited($stack, $updated), "project.updated success project $id", 'it is audited';
    is announced($stack, $id), 'project.created, project.updated', 'and announced';
    is $stack->query("select payload->>'name' from dp.outbox where key = '$id' order by seq desc limit 1"),
        $stack->query("select name from dp.project where id = '$id'"), 'with its new name';
    is $stack->query("select slug from dp.project where id = '$id'"), 'first-name', 'paths that were kept work on';

    is update({previewTtlHours => 24})->json->{name}, 'Zweiter Näme', 'what is left out stays';
    is_deeply [@{update({previewTtlHours => 168, name => 'Third'})->json}{qw(name previewTtlHours)}], ['Third', 168],
        'both at once';
};

subtest 'the ETag that createProject answers will do' => sub {
    my $fresh = $stack->create_project({name => 'Fresh'});

    is update({name => 'Fresher'}, path => $fresh->headers->location, tag => $fresh->headers->etag)->code, 200;
};

subtest 'a change needs If-Match, and the current version' => sub {
    my $stale = tag();

    update({name => 'Meanwhile'});

    unchanged_ok(sub {
        refused_ok update({name => 'Lost'}, tag => undef), 'PRECONDITION_REQUIRED', 'no If-Match';
        refused_ok update({name => 'Lost'}, tag => $stale), 'PRECONDITION_FAILED', 'one that was current before';
        refused_ok update({name => 'Lost'}, tag => 'W/' . tag()), 'PRECONDITION_FAILED', 'a weak one';
        refused_ok update({name => 'Lost'}, tag => '"0-0"'), 'PRECONDITION_FAILED', 'one of our kind that never was';
        refused_ok update({name => 'Lost'}, tag => '"xyzzy"'), 'PRECONDITION_FAILED', 'one that is not ours';
        refused_ok update({name => 'Lost'}, tag => '7'), 'REQUEST_MALFORMED', 'one that is none';
    });

    is update({name => 'In a list'}, tag => "$stale, " . tag())->code, 200, 'a list with the current one';
    is update({name => 'Whatever'}, tag => '*')->code, 200, '* is any version';
};

subtest 'of concurrent changes of one version one wins' => sub {
    my $tag = tag();
    my @responses = Test::DevPilot::Connection::together($stack, map {
        ['PATCH', $path, json => {name => "Crowd $_"}, headers => {'If-Match' => $tag}]
    } 1 .. 8);
    my @won = grep { $_->code == 200 } @responses;

    is scalar @won, 1, 'one';
    refused_ok $_, 'PRECONDITION_FAILED', 'not this one' for grep { $_->code != 200 } @responses;
    is $stack->get($path)->json->{name}, $won[0]->json->{name}, 'its name is there';
};

subtest "an environment's state is no conflict, though it is shown" => sub {
    my $tag = tag();

    $stack->query("update dp.environment set state = 'provisioning' where project_id = '$id' and name = 'dev'");
    isnt tag(), $tag, 'the answer is another one';
    is $stack->get($path, headers => {'If-None-Match' => $tag})->code, 200, 'so it is not called unchanged';
    is update({name => 'No conflict'}, tag => $tag)->code, 200, 'and the project can be changed';
};

# body => issues
my @invalid = (
    [{}, ' minProperties'],
    [[], ' type'],
    [{name => ''}, '/name minLength'],
    [{name => 'x' x 101}, '/name maxLength'],
    [{name => undef}, '/name type'],
    [{name => 7}, '/name type'],
    [{previewTtlHours => 23}, '/previewTtlHours minimum'],
    [{previewTtlHours => 169}, '/previewTtlHours maximum'],
    [{previewTtlHours => '72'}, '/previewTtlHours type'],
    [{name => 'x', slug => 'mine'}, '/slug additionalProperties'],
    [{template => 'platform'}, '/template additionalProperties'],
);

subtest 'what the contract does not allow is named (ERR-09)' => sub {
    unchanged_ok(sub {
        for my $row (@invalid) {
            my ($body, @issues) = @$row;
            my $response = update(encode_json($body));

            refused_ok $response, 'VALIDATION_FAILED', encode_json($body);
            is_deeply issues($response), \@issues, "@issues";
        }

        refused_ok update('{"name": "x"'), 'REQUEST_MALFORMED', 'what is not JSON';
        refused_ok update('{"name": "x", "name": "y"}'), 'REQUEST_MALFORMED', 'a name twice';
        refused_ok update('name=x', headers => {'Content-Type' => 'text/plain'}), 'MEDIA_TYPE_UNSUPPORTED', 'text';
        refused_ok update('{"name": "' . 'x' x 70_000 . '"}'), 'REQUEST_TOO_LARGE', 'more than it takes';
    });
};

subtest 'a Maintainer changes a project, others do not (RBAC-06)' => sub {
    my $member = sub { Test::DevPilot::Tenant::project_member($stack, $stack->org_id, $id, $_[0])->{key} };
    my %key = map { $_ => $member->($_) } qw(Owner Maintainer Contributor Viewer);

    unchanged_ok(sub {
        my $forbidden = update({name => 'No'}, key => $key{Contributor});

        refused_ok $forbidden, 'AUTH_FORBIDDEN', 'a Contributor';
        is audited($stack, $forbidden), "access.denied denied AUTH_FORBIDDEN project $id", 'which is audited';
        refused_ok update({name => 'No'}, key => $key{Viewer}), 'AUTH_FORBIDDEN', 'a Viewer';
        refused_ok update({name => 'No'}, key => $stack->viewer_api_key), 'AUTH_FORBIDDEN', 'a key for viewing';
        refused_ok update({name => 'No'}, key => undef), 'AUTH_REQUIRED', 'nobody';
        refused_ok update({name => 'No'}, key => $key{Contributor}, tag => '"0-0"'), 'AUTH_FORBIDDEN',
            'whatever version he names';
    });

    is update({name => "By the $_"}, key => $key{$_})->code, 200, "the $_" for qw(Maintainer Owner);
};

subtest 'a project of others is not there (IDN-08)' => sub {
    my $org_id = Test::DevPilot::Tenant::organization($stack);
    my $stranger = Test::DevPilot::Tenant::member($stack, $org_id, 'organization_admin')->{key};

    unchanged_ok(sub {
        my $refused = update({name => 'No'}, key => $stranger);

        refused_ok $refused, 'RESOURCE_NOT_FOUND', 'for a stranger';
        is audited($stack, $refused), "access.ownership_violation denied OWNERSHIP_VIOLATION project $id", 'which is audited';
        refused_ok update({name => 'No'}, key => $stranger, tag => '*'), 'RESOURCE_NOT_FOUND', 'with any version';
        refused_ok update({name => 'No'}, path => "/projects/$_"), 'RESOURCE_NOT_FOUND', $_
            for '00000000-0000-4000-8000-000000000000', 'x';
    });
};

subtest 'nothing is changed while changes are switched off (KS-02)' => sub {
    Test::DevPilot::Control::switch($stack, GLOBAL_WRITE => 'true');
    unchanged_ok(sub { refused_ok update({name => 'No'}), 'OPS_KILL_SWITCH_GLOBAL_WRITE' });
    Test::DevPilot::Control::switch($stack, GLOBAL_WRITE => 'false');
    is update({name => 'Yes'})->code, 200, 'and then again';
};

$stack->finish;

done_testing;
