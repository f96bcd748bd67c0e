# getOrg over HTTP: the caller's organisation, and no other.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $time = qr/\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z\z/;
my $stack = Test::DevPilot->start;
my $other_id = Test::DevPilot::Tenant::organization($stack);
my $other = Test::DevPilot::Tenant::member($stack, $other_id, 'organization_admin');

sub org { $stack->get("/orgs/$_[0]", @_[1 .. $#_]) }

subtest "getOrg shows the caller's organisation" => sub {
    my $org = org($stack->org_id)->json;

    like delete $org->{createdAt}, $time, 'createdAt is a time';
    is_deeply $org, {id => $stack->org_id, slug => 'local', name => 'Local', kind => 'team'}, 'and the rest';
    is org(uc $stack->org_id)->json->{id}, $stack->org_id, 'whatever the case of its id';
    is org($stack->org_id, key => $stack->viewer_api_key)->code, 200, 'a viewer may see it';
    is org($other_id, key => $other->{key})->json->{id}, $other_id, 'another caller sees another one';
};

subtest 'its ETag changes with it' => sub {
    my $tag = org($stack->org_id)->headers->etag;

    like $tag, qr/\A"[!#-~]+"\z/, 'it is a strong one';
    is org($stack->org_id)->headers->etag, $tag, 'it stays';

    my $unchanged = org($stack->org_id, headers => {'If-None-Match' => $tag});

    is $unchanged->code, 304, 'If-None-Match: nothing has changed';
    is $unchanged->body, '', 'and nothing is said again';

    $stack->query("update dp.org set name = 'Renamed' where id = '${\$stack->org_id}'");

    my $changed = org($stack->org_id, headers => {'If-None-Match' => $tag});

    is $changed->code, 200, 'until it has';
    isnt $changed->headers->etag, $tag, 'and then the tag is another one';
};

subtest 'an organisation of others is not there (IDN-08)' => sub {
    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $stranger = org($other_id);
    my $without = sub { my %e = %{$_[0]->json->{error}}; delete @e{qw(requestId traceId timestamp)}; \%e };

    refused_ok $stranger, 'RESOURCE_NOT_FOUND', 'for an administrator of another one';
    is audited($stack, $stranger), "access.ownership_violation denied OWNERSHIP_VIOLATION org $other_id", 'and it is audited';
    is_deeply $without->($stranger), $without->(org('00000000-0000-4000-8000-000000000000')),
        'like one that does not exist';
    refused_ok org($_), 'RESOURCE_NOT_FOUND', $_ for 'local', "$other_id-", '%27', '*';
    is Test::DevPilot::Tenant::snapshot($stack), $before, 'nothing changes';
};

subtest 'getOrg needs a credential, and takes no parameters' => sub {
    refused_ok org($stack->org_id, key => undef), 'AUTH_REQUIRED', 'no key';
    is_deeply issues($stack->get('/orgs/' . $stack->org_id . '?x=1')), ['/x additionalProperties'], 'a parameter';
};

$stack->finish;

done_testing;
