# What browsers may do with our answers: headers on every one of them, whoever makes
# it, over every version of HTTP.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Curl qw(curl);
use Test::More;

my $stack = Test::DevPilot->start(processes => 1);

$stack->edit_config(sub {
    s{(devpilot on;\n)    \}}{$1
        location /page/ {
            devpilot off;
            devpilot_error_envelope on;
            return 200 "<html>a page of the site</html>";
        }

        location /page/missing { devpilot off; devpilot_error_envelope on; return 404; }
    \}} or die "no server in nginx.conf\n";
});

my %wanted = (
    'X-Content-Type-Options'  => 'nosniff',
    'X-Frame-Options'         => 'DENY',
    'Referrer-Policy'         => 'no-referrer',
    'Content-Security-Policy' => "default-src 'none'; frame-ancestors 'none'",
);

sub dressed_ok {
    my ($response, $status, $name, %more) = @_;
    my %all = ('Strict-Transport-Security' => undef, %wanted, %more);

    is $response->code, $status, "$name: $status";
    is $response->headers->header($_), $all{$_}, "$name: $_" for sort keys %all;
}

my @key = ('-H', 'Authorization: Bearer ' . $stack->api_key);

# path => [status, curl's arguments]
my %answers = (
    '/health/live'      => [200],
    '/projects'         => [200, @key],
    '/projects?limit=0' => [422, @key],
    '/errors'           => [200],
    '/metrics'          => [200],
    '/me'               => [401],
    '/nowhere'          => [404],
    '/page/missing'     => [404],
    '/%00'              => [400],
);

$answers{'/projects/00000000-0000-4000-8000-000000000000'} = [404, @key];

for my $path (sort keys %answers) {
    my ($status, @arguments) = @{$answers{$path}};

    subtest "$path (ERR-12)" => sub {
        dressed_ok curl($stack->url . $path, @arguments), $status, 'plain';
        dressed_ok curl($stack->tls_url . $path, $_, @arguments), $status, $_, 'Strict-Transport-Security' => 'max-age=31536000'
            for qw(--http1.1 --http2);
    };
}

subtest 'OPTIONS and HEAD, and what was not changed (ERR-12)' => sub {
    my $etag = curl($stack->url . '/errors')->headers->etag;

    dressed_ok $stack->request('OPTIONS', '/projects', key => undef), 204, 'OPTIONS';
    dressed_ok $stack->request('HEAD', '/errors', key => undef), 200, 'HEAD';
    dressed_ok curl($stack->url . '/errors', '-H', "If-None-Match: $etag"), 304, 'If-None-Match';
};

subtest 'what is passed on has its own policies' => sub {
    my $page = $stack->get('/page/', key => undef);

    is $page->body, '<html>a page of the site</html>', 'a page';
    is $page->headers->header($_), undef, "no $_" for sort keys %wanted;
};

$stack->finish;

done_testing;
