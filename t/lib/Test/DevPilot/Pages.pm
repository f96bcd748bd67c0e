# Walking a listing as a client does: from page to page, by the Link header.

package Test::DevPilot::Pages;

use strict;
use warnings;
use Exporter 'import';
use Test::More;

our @EXPORT_OK = qw(pages_ok next_link);

# A listing that does not get on has more than any test makes.
use constant PAGES_MAX => 100;

# The target of rel="next", or undef.
sub next_link {
    my ($response) = @_;
    my ($target) = ($response->headers->header('Link') // '') =~ /\A<([^>]+)>; rel="next"\z/;

    return $target;
}

# Reads PATH in pages of `limit`, and asserts that each page but the last is full
# and leads to the next one, in the body and in the header.  Returns all items.
# Options as those of Test::DevPilot's request().
sub pages_ok {
    my ($stack, $path, $limit, %option) = @_;
    my @items;

    subtest "$path in pages of $limit" => sub {
        my $next = "$path?limit=$limit";
        my $pages = 0;

        while (defined $next) {
            cmp_ok ++$pages, '<=', PAGES_MAX, 'it comes to an end' or last;

            my $response = $stack->get($next, %option);
            my $page = $response->json;

            is $response->code, 200, $next or last;
            push @items, @{$page->{items}};
            $next = next_link($response);
            next_ok($path, $limit, $page, $next);
        }
    };

    return @items;
}

sub next_ok {
    my ($path, $limit, $page, $next) = @_;

    if (!$page->{hasMore}) {
        is $page->{nextCursor}, undef, 'the last page has no cursor';
        is $next, undef, 'and no link';
        return;
    }

    is scalar @{$page->{items}}, $limit, 'a page is full';
    is $next, "$path?limit=$limit&cursor=$page->{nextCursor}", 'and its link says what its cursor says';
}

1;
