# The list of naughty strings over HTTP, wherever a client's text goes: it comes
# back as it was sent, or is refused; it is never mangled, and never an accident.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::JSON qw(decode_json);
use Test::DevPilot;
use Test::DevPilot::Folder;
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::More;

use constant NAME_MAX => 100;

my $stack = Test::DevPilot->start(limits => 'high');
my $strings = decode_json(Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/t/vectors/json/blns.json'));

# Noncharacters, too, which Encode would replace.
sub bytes {
    my ($string) = @_;

    utf8::encode($string);

    return $string;
}

sub escaped { bytes($_[0]) =~ s/([^A-Za-z0-9_.~-])/sprintf '%%%02X', ord $1/ger }

# As a test tells it: in ASCII, and short.
sub shown { "'" . substr($_[0] =~ s/([^ -~])/sprintf '\\x{%x}', ord $1/ger, 0, 60) . "'" }

is scalar @$strings, 515, 'all of them';

sub kept_ok {
    my ($response, $string) = @_;

    is $response->json('/name'), $string, shown($string);
    like $response->json('/slug'), qr/\A[a-z0-9]+(?:-[a-z0-9]+)*\z/, 'has a slug of letters and digits';
    is $stack->get($response->headers->location)->json('/name'), $string, 'and is read again';
}

subtest 'as a name' => sub {
    for my $string (@$strings) {
        my $response = $stack->create_project({name => $string});
        my $length = length $string;

        $length && $length <= NAME_MAX
            ? kept_ok($response, $string)
            : is_deeply issues($response), [$length ? '/name maxLength' : '/name minLength'], shown($string);
    }

    my %kept = map { $_ => 1 } grep { length && length() <= NAME_MAX } @$strings;

    is $stack->query('select count(distinct name) from dp.project'), scalar keys %kept, 'the database tells them apart';
};

# Dots and slashes make another path of it, or one that leads out of all of them.
my %refused = map { $_ => 1 } qw(RESOURCE_NOT_FOUND ROUTE_NOT_FOUND REQUEST_MALFORMED);

subtest 'as a part of a path' => sub {
    for my $string (grep {length} @$strings) {
        my $response = $stack->get('/projects/' . escaped($string));
        my $code = $response->json('/error/code') // '';

        ok $refused{$code}, shown($string) or diag $response->to_string;
    }
};

subtest 'as a cursor, and as the name of a parameter' => sub {
    for my $string (@$strings) {
        my $escaped = escaped($string);

        refused_ok $stack->get("/projects?cursor=$escaped"),
            length $string > 512 ? 'VALIDATION_FAILED' : 'PAGINATION_CURSOR_INVALID', 'cursor=' . shown($string);
        next if $string eq '';

        my $response = $stack->get("/projects?$escaped=1");

        refused_ok $response, 'VALIDATION_FAILED', shown($string) . '=1';
        is $response->json('/error/details/issues/0/pointer'), '/' . $string =~ s/~/~0/gr =~ s{/}{~1}gr, 'named as it was sent'
            if length bytes($string) < 100;
    }
};

subtest 'as an Idempotency-Key' => sub {
    for my $string (grep { !/[\r\n]/ } @$strings) {
        my $bytes = bytes($string) =~ s/\A[ \t]+|[ \t]+\z//gr;
        my $response = $stack->create_project({name => 'Keyed'}, idempotency_key => $bytes);

        $bytes =~ /\A[!-~]{16,255}\z/
            ? is $response->code, 201, shown($string)
            : refused_ok $response, 'VALIDATION_FAILED', shown($string);
    }
};

$stack->finish;

done_testing;
