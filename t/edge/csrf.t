# CSRF: who changes something by a cookie proves that it was our page.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64url);
use Mojo::UserAgent;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::KeyPuppet;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Token;
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high', impostor => 1);
my $puppet = Test::DevPilot::KeyPuppet->start($stack);
my $cookie = '__Host-devpilot_session=dps_' . 'A' x 42 . 'E';
my ($active, $grace, $gone, $jwt) = map { Test::DevPilot::Token::secret($_) } qw(active grace gone jwt);
my $ring = join('', Test::DevPilot::Token::key_entry($grace, purpose => 'csrf', state => 'grace', not_after => time + 3600),
                Test::DevPilot::Token::key_entry($jwt),
                Test::DevPilot::Token::key_entry($active, purpose => 'csrf'));

$puppet->says(keys => $ring);
$puppet->answers(cookie => {kind => 2, id => 3});
$puppet->settle;

# A session's token by a key, as shared/dp_csrf.h has it.
sub token_of { encode_base64url(hmac_sha256(Test::DevPilot::Token::id_bytes($_[1] // 3), $_[0]{secret})) }

my $token = token_of($active);

sub create {
    my (%headers) = @_;

    return $stack->create_project({name => 'One'}, key => undef, headers => {Cookie => $cookie, %headers});
}

sub operations { scalar grep { $_->{operation} } $puppet->asked }

subtest 'IDN-10 a change by cookie needs the session\'s token' => sub {
    my %wrong = (
        'none'                => {},
        'an empty one'        => {'X-CSRF-Token' => ''},
        'another session\'s'  => {'X-CSRF-Token' => token_of($active, 4)},
        'by another key'      => {'X-CSRF-Token' => token_of($gone)},
        'by the key of tokens' => {'X-CSRF-Token' => token_of($jwt)},
        'with padding'        => {'X-CSRF-Token' => "$token="},
        'cut'                 => {'X-CSRF-Token' => substr($token, 0, -1)},
        'twice'               => {'X-CSRF-Token' => [$token, $token]},
    );
    my $before = operations();

    refused_ok create(%{$wrong{$_}}), 'AUTH_CSRF_INVALID', $_ for sort keys %wrong;
    is operations(), $before, 'no worker sees any of them';
    is create('X-CSRF-Token' => $token)->code, 200, 'the right one';
    is create('X-CSRF-Token' => token_of($grace))->code, 200, 'by a key that has its grace';
};

subtest 'IDN-10 reading needs none' => sub {
    is $stack->get('/projects', key => undef, headers => {Cookie => $cookie})->code, 200, 'GET';
    is $stack->request('HEAD', $stack->url . '/projects', key => undef, headers => {Cookie => $cookie})->code, 200, 'HEAD';
    is $stack->request('OPTIONS', $stack->url . '/projects', key => undef, headers => {Cookie => $cookie})->code, 204, 'OPTIONS';
};

subtest 'IDN-10 nor does who sends Authorization' => sub {
    my $bearer = Test::DevPilot::Token::own($jwt);

    is $stack->create_project({name => 'One'}, key => $bearer)->code, 200, 'a token';
    is $stack->create_project({name => 'One'}, key => $bearer, headers => {Origin => 'https://evil.example', Cookie => $cookie})->code, 200,
        'whatever else it sends';
    $puppet->answers(key => {kind => 1, id => 4});
    $puppet->settle;
    is $stack->create_project({name => 'One'}, key => 'dp_abcdefgh_' . 'x' x 43)->code, 200, 'a key';
};

subtest 'IDN-10 the origin, when a browser says it' => sub {
    my ($own) = $stack->url =~ m{\Ahttp://(.*)\z};
    my $from = sub { create('X-CSRF-Token' => $token, @_) };

    $stack->edit_config(sub { s/(devpilot on;)/$1 devpilot_cors_origin https:\/\/app.example;/ });
    $puppet->settle;
    is $from->(Origin => "http://$own")->code, 200, 'our own';
    is $from->(Origin => 'https://app.example')->code, 200, 'one that is allowed';
    is $from->(Origin => 'https://app.example', 'Sec-Fetch-Site' => 'cross-site')->code, 200, 'of another site, too';
    is $from->('Sec-Fetch-Site' => $_)->code, 200, $_ for qw(same-origin same-site none);
    refused_ok $from->(@$_), 'AUTH_CSRF_INVALID', join(' ', map { ref ? @$_ : $_ } @$_)
        for [Origin => 'https://evil.example'], [Origin => 'null'], [Origin => ''], [Origin => "http://$own.evil.example"],
            [Origin => "http://evil.example/$own"], [Origin => 'https://app.example.evil.example'], [Origin => 'http://app.example'],
            ['Sec-Fetch-Site' => 'cross-site'], [Origin => ["http://$own", 'https://evil.example']];
    refused_ok create(Origin => "http://$own"), 'AUTH_CSRF_INVALID', 'our own without a token';

    my $ua = Mojo::UserAgent->new(insecure => 1);
    my ($secure) = $stack->tls_url =~ m{\Ahttps://(.*)\z};
    my $over_tls = sub {
        $ua->post($stack->tls_url . '/projects' => {
            Cookie => $cookie, 'X-CSRF-Token' => $token, Origin => $_[0], 'Content-Type' => 'application/json',
            'Idempotency-Key' => $stack->fresh_key,
        } => '{"name":"One"}')->result->code;
    };

    is $over_tls->("https://$secure"), 200, 'over TLS our own';
    is $over_tls->("http://$secure"), 403, 'and not what came without';
};

subtest 'IDN-10 the edge gives a session its token' => sub {
    my $response = $stack->get('/auth/csrf', key => undef, headers => {Cookie => $cookie});

    is $response->code, 200, 'getCsrfToken';
    is_deeply $response->json, {csrfToken => $token}, 'by the active key';
    is $response->headers->cache_control, 'no-store', 'for itself alone';
    refused_ok $stack->get('/auth/csrf', key => undef), 'AUTH_REQUIRED', 'nobody gets none';
};

subtest 'IDN-10 a guarded location wants it, too' => sub {
    my ($port, $upstream) = map { Test::DevPilot::free_port() } 1 .. 2;
    my $post = sub { $stack->request('POST', "http://127.0.0.1:$port/", key => undef, headers => {Cookie => $cookie, @_}) };

    $stack->edit_config(sub {
        s/\}\s*\z//;
        $_ .= "server { listen 127.0.0.1:$upstream; location / { return 200 ok; } }\n"
            . "server { listen 127.0.0.1:$port; devpilot_guard on; devpilot_error_envelope on; location / { proxy_pass http://127.0.0.1:$upstream; } }\n}\n";
    });
    $puppet->settle;
    refused_ok $post->(), 'AUTH_CSRF_INVALID', 'without';
    is $post->('X-CSRF-Token' => $token)->body, 'ok', 'with its token';
};

subtest 'IDN-10 without keys nothing is changed by a cookie' => sub {
    $puppet->says(keys => '');
    $puppet->settle;
    refused_ok create('X-CSRF-Token' => $token), 'AUTH_CSRF_INVALID', 'no key, no token';
    refused_ok $stack->get('/auth/csrf', key => undef, headers => {Cookie => $cookie}), 'WORKER_UNAVAILABLE', 'nor one to give';
};

$puppet->stop;
$stack->finish;
done_testing;
