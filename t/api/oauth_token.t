# issueToken over HTTP: an API key becomes an access token, by a form as OAuth 2.0 has
# it; the token may what the key may, and falls with it.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use MIME::Base64 qw(decode_base64 encode_base64 encode_base64url);
use Mojo::JSON qw(decode_json encode_json);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Refusal qw(refused_ok issues);
use Test::DevPilot::Tenant;
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high');
my $org_id = Test::DevPilot::Tenant::organization($stack);
my $user_id = Test::DevPilot::Tenant::user($stack, $org_id, 'organization_admin');
my $form = 'application/x-www-form-urlencoded';

sub key { Test::DevPilot::Tenant::api_key($stack, $org_id, $user_id, @_) }

sub prefix { substr($_[0], 3, 8) }

sub ask {
    my ($body, %header) = @_;

    return $stack->request('POST', '/oauth/token', key => undef, body => $body,
                           headers => {'Content-Type' => $form, %header});
}

sub by_form {
    my ($key, $id) = @_;

    return ask('grant_type=client_credentials&client_id=' . ($id // prefix($key)) . "&client_secret=$key");
}

sub by_basic {
    my ($key, $id) = @_;

    return ask('grant_type=client_credentials',
               Authorization => 'Basic ' . encode_base64(($id // prefix($key)) . ":$key", ''));
}

sub part { decode_json(decode_base64($_[0] =~ tr{-_}{+/}r)) }

sub parts { my @parts = split(/\./, $_[0]); return map { part($_) } @parts[0, 1] }

sub works { $stack->get('/me', key => $_[0])->code }

subtest 'IDN-02: a token is made of a key' => sub {
    my $key = key();
    my $response = by_form($key);
    my $answer = $response->json;

    is $response->code, 200, 'by the form' or diag $response->body;
    is $response->headers->cache_control, 'no-store', 'nobody keeps it';
    is join(' ', map { "$_=$answer->{$_}" } qw(token_type expires_in)), 'token_type=Bearer expires_in=900', 'for 15 minutes';

    my ($header, $claims) = parts($answer->{access_token});

    is_deeply $header, {alg => 'HS256', typ => 'JWT',
                        kid => $stack->get('/.well-known/devpilot-keys.json')->json->{keys}[0]{kid}}, 'its header';
    is join(' ', @$claims{qw(iss aud sub org sid ctp lvl)}),
        "devpilot devpilot $user_id $org_id " . Test::DevPilot::Tenant::key_id($stack, $key) . ' api_key 1', 'its claims';
    is $claims->{exp} - $claims->{iat}, 900, 'its life';
    is works($answer->{access_token}), 200, 'it works';
    is $stack->get('/me', key => $answer->{access_token})->json->{id}, $user_id, 'as the key does';
    is by_basic($key)->code, 200, 'by HTTP Basic';
    is by_basic($key, 'dp_' . prefix($key))->code, 200, 'with dp_ before the prefix';
    is $stack->query("select string_agg(distinct action || ' ' || actor_id, ',') from dp.audit_event"
                     . " where org_id = '$org_id' and action = 'token.issued'"), "token.issued $user_id", 'on record';
};

subtest 'IDN-02: the token may what the key may' => sub {
    my $answer = by_form(key(scopes => ['projects:read', 'organizations:read']))->json;

    is $answer->{scope}, 'projects:read organizations:read', 'its scope is said';
    is $stack->get('/projects', key => $answer->{access_token})->code, 200, 'within it';
    refused_ok($stack->get('/me', key => $answer->{access_token}), 'AUTH_FORBIDDEN', 'and not beyond');

    my $soon = by_form(key(expires => "now() + interval '100 seconds'"))->json;

    ok $soon->{expires_in} > 60 && $soon->{expires_in} <= 100, 'it ends with its key';
};

subtest 'SEC-12: it falls with its key, and with the key that signed it' => sub {
    my $key = key();
    my $token = by_form($key)->json->{access_token};

    is works($token), 200, 'it works';
    $stack->query('update dp.api_key set revoked_at = now() where ' . Test::DevPilot::Tenant::row_of($key));
    ok wait_until(sub { works($token) == 401 }, 5), 'until its key is revoked';
    refused_ok(by_form($key), 'AUTH_KEY_INVALID', 'of which there is no other token');
};

subtest 'what is refused' => sub {
    my $key = key();
    my $other = key();
    my $secret = "client_secret=$key";
    my $id = 'client_id=' . prefix($key);
    my $grant = 'grant_type=client_credentials';

    refused_ok(by_form($key =~ s/.\z/-/r), 'AUTH_KEY_INVALID', 'a key that is nobody\'s');
    refused_ok(by_form($key, prefix($other)), 'AUTH_KEY_INVALID', 'the id of another one');
    refused_ok(by_form($key, 'x'), 'VALIDATION_FAILED', 'an id that is none');
    refused_ok(ask("$grant&$id&client_secret=x"), 'AUTH_KEY_INVALID', 'a text that is no key');
    refused_ok(ask($grant), 'AUTH_REQUIRED', 'no key');
    refused_ok(ask("$grant&$id&$secret", Authorization => 'Basic ' . encode_base64("a:b", '')), 'REQUEST_MALFORMED',
               'two of them');
    refused_ok(ask($grant, Authorization => $_), 'AUTH_KEY_INVALID', "Authorization: $_")
        for 'Basic', 'Basic !!!!', 'Basic ' . encode_base64('nocolon', ''), 'Bearer ' . ('x' x 300);
    refused_ok(ask("$id&$secret"), 'VALIDATION_FAILED', 'no grant_type');
    refused_ok(ask("grant_type=password&$id&$secret"), 'VALIDATION_FAILED', 'another grant_type');
    refused_ok(ask("$grant&$id&$secret&scope=all"), 'VALIDATION_FAILED', 'a name that is not known');
    refused_ok(ask("$grant&$grant&$id&$secret"), 'VALIDATION_FAILED', 'a name twice');
    refused_ok(ask("$grant&client_id=%zz"), 'REQUEST_MALFORMED', 'a bad escape');
    refused_ok(ask("$grant&client_id=%ff"), 'REQUEST_MALFORMED', 'what is no UTF-8');
    refused_ok(ask(encode_json({grant_type => 'client_credentials'}), 'Content-Type' => 'application/json'),
               'MEDIA_TYPE_UNSUPPORTED', 'JSON');
    refused_ok(ask('x' x 5000), 'REQUEST_TOO_LARGE', 'a body that is too large');
    refused_ok($stack->request('POST', '/projects', body => 'name=x', idempotency_key => $stack->fresh_key,
                               headers => {'Content-Type' => $form}), 'MEDIA_TYPE_UNSUPPORTED', 'a form elsewhere');

    my ($issue) = issues(ask("grant_type=password&$id&$secret"));

    is_deeply $issue, ['/grant_type enum'], 'an issue names the field';
};

subtest 'SEC-10: no key is in a log' => sub {
    my $key = key();

    by_form($key);
    by_basic($key);
    unlike $stack->log($_), qr/\Q$key\E/, $_ for qw(worker nginx);
};

$stack->finish;
done_testing;
