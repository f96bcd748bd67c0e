# listProjects over HTTP: pages, their order, cursors and the query's refusals.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON;
use Test::DevPilot;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start;

sub names { [map { $_->{name} } @{$_[0]->json->{items}}] }

sub list { $stack->get('/projects' . ($_[0] // '')) }

# Follows nextCursor, if need be for a hundred pages; returns them.
sub pages {
    my ($query) = @_;
    my @pages = list("?$query")->json;

    while ($pages[-1]{nextCursor} && @pages < 100) {
        push @pages, list("?$query&cursor=$pages[-1]{nextCursor}")->json;
    }

    return @pages;
}

sub create_many { $stack->create_project({name => $_}) for @_ }

subtest 'listProjects begins empty' => sub {
    is_deeply list()->json, {items => [], nextCursor => undef, hasMore => Mojo::JSON->false};
};

create_many(map { "P$_" } 1 .. 27);

subtest 'a page has 25 items, or as many as are asked for, the newest first (ERR-07)' => sub {
    my $page = list()->json;

    is_deeply [map { $_->{name} } @{$page->{items}}], [map { "P$_" } reverse 3 .. 27], 'without a limit: 25';
    ok $page->{hasMore}, 'there are more';
    like $page->{nextCursor}, qr/\A[\w-]{1,512}\z/, 'and a cursor';
    is scalar @{list('?limit=100')->json->{items}}, 27, 'limit 100';
    is scalar @{list('?limit=27')->json->{items}}, 27, 'limit 27';
    is list('?limit=27')->json->{nextCursor}, undef, 'the last page has no cursor';
    is scalar @{list('?limit=1')->json->{items}}, 1, 'limit 1';
    is join(' ', sort keys %{list('?limit=1')->json->{items}[0]}),
        'createdAt id name previewTtlHours slug template templateVersion', 'members of an item';
};

subtest 'pages follow each other without gap or overlap (ERR-07)' => sub {
    for my $limit (1, 4, 9, 26, 27) {
        my @pages = pages("limit=$limit");

        is_deeply [map { map { $_->{name} } @{$_->{items}} } @pages], [map { "P$_" } reverse 1 .. 27], "limit $limit";
        is scalar @pages, int(26 / $limit) + 1, 'pages';
        is join('', map { $_->{hasMore} ? 1 : 0 } @pages), '1' x $#pages . '0', 'hasMore until the last';
    }
};

subtest 'projects that are created meanwhile do not shift what is yet to come (ERR-07)' => sub {
    my $cursor = list('?limit=10')->json->{nextCursor};

    create_many('Later');
    is_deeply names(list("?limit=10&cursor=$cursor")), [map { "P$_" } reverse 8 .. 17], 'the next page is the same';
    is names(list('?limit=1'))->[0], 'Later', 'and the new one comes first from now on';
};

subtest 'a cursor is ours, for this listing and this organisation (ERR-07)' => sub {
    my $cursor = list('?limit=10')->json->{nextCursor};
    my $other_id = Test::DevPilot::Tenant::organization($stack);
    my $other = Test::DevPilot::Tenant::member($stack, $other_id, 'developer');

    is list("?cursor=$cursor")->code, 200, 'as it was given';

    for my $at (0, 20, 21, 22, 40, 52) {
        my $tampered = $cursor;

        substr($tampered, $at, 1) = substr($tampered, $at, 1) eq 'A' ? 'B' : 'A';
        refused_ok list("?cursor=$tampered"), 'PAGINATION_CURSOR_INVALID', "character $at changed";
    }

    refused_ok list("?cursor=$_"), 'PAGINATION_CURSOR_INVALID', "cursor=$_"
        for '', 'x', "${cursor}A", substr($cursor, 1), "$cursor=", 'A' x 54;
    refused_ok $stack->get("/projects?cursor=$cursor", key => $other->{key}), 'PAGINATION_CURSOR_INVALID',
        'in another organisation';
};

subtest 'the query is what the contract has, nothing else (ERR-09)' => sub {
    my %keyword = (0 => 'minimum', '-1' => 'minimum', 101 => 'maximum', '%31%30%30%30' => 'maximum');

    for my $limit (0, 101, 'abc', '', '-1', '1.0', '+1', '01', '1e1', '99999999999999999999', '%31%30%30%30') {
        my $response = list("?limit=$limit");

        refused_ok $response, 'VALIDATION_FAILED', "limit=$limit";
        is_deeply issues($response), ['/limit ' . ($keyword{$limit} // 'type')], 'names the limit';
    }

    is list('?limit=%31')->code, 200, 'escapes are read';
    is_deeply issues(list('?page=2')), ['/page additionalProperties'], 'an unknown parameter';
    is_deeply issues(list('?limit=1&limit=2')), ['/limit maxItems'], 'a parameter twice';
    refused_ok list('?limit=%zz'), 'REQUEST_MALFORMED', 'an escape that is none';
};

$stack->finish;

done_testing;
