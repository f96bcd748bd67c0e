# Logging in with an identity provider, a real one: authorization code, PKCE, state
# and nonce; whose account it becomes; and what is refused.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Mojo::URL;
use Mojo::UserAgent;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::OidcProvider;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::More;

my $tls_port = Test::DevPilot::free_port();
my $port = Test::DevPilot::free_port();
my $callback = "https://127.0.0.1:$tls_port/auth/oauth/corp/callback";
my $provider = Test::DevPilot::OidcProvider->start($callback, $port);
my $stack = Test::DevPilot->start(environment => {
    TLS_PORT                    => $tls_port,
    DEVPILOT_IDENTITY_PROVIDERS => $provider->provider_file({name => 'corp', linking => 'verified_email', allowSignup => \1}),
    DEVPILOT_OUTBOUND_LOOPBACK  => $provider->place,
});

$stack->expect(worker => qr/AUTH_OAUTH_FAILED|INTEGRATION_OIDC|oidc:corp/);

my %ada = (sub => 'ada', email => 'ada@oidc.invalid', email_verified => \1, name => 'Ada');

subtest 'KEY-01: authorization code with PKCE, state and nonce' => sub {
    my $ua = browser();
    my $response = begin($ua, '?returnTo=/projects');

    is $response->code, 302, 'the browser is sent away';
    my $to = Mojo::URL->new($response->headers->location);
    my $query = $to->query;

    is $to->host_port, $provider->place, 'to the provider';
    is $query->param('response_type'), 'code', 'for a code';
    is $query->param('client_id'), 'devpilot', 'as this client';
    is $query->param('redirect_uri'), $callback, 'and back';
    is $query->param('code_challenge_method'), 'S256', 'with PKCE';
    like $query->param($_), qr/\A[\w-]{43}\z/, "with a $_" for qw(nonce code_challenge);
    like $query->param('state'), qr/\Adpo_[\w-]{43}\z/, 'and a state';
    like $response->headers->set_cookie, qr/\A__Host-devpilot_device=dpd_[\w-]{43}; .*Secure; HttpOnly; SameSite=Lax/,
        'it belongs to this browser';

    $provider->account(%ada);
    $response = go($ua, $response);
    is $response->code, 302, 'it comes back' or diag $response->body;
    is $response->headers->location, '/projects', 'and is where it wanted to be';
    like join("\n", @{$response->headers->every_header('Set-Cookie')}),
        qr/^__Host-devpilot_session=dps_[\w-]{43}; .*Secure; HttpOnly; SameSite=Lax/m, 'with a session';
    is $response->headers->cache_control, 'no-store', 'that nobody keeps';

    my $session = $ua->get($stack->tls_url . '/auth/session')->result;

    is $session->code, 200, 'IDN-14: the session is good';
    is $session->json->{user}{email}, 'ada@oidc.invalid', 'it is hers';
    is $session->json->{authLevel}, 1, 'of one factor';
};

subtest 'KEY-01: who is known is known by his subject' => sub {
    $provider->account(%ada, email => 'ada@elsewhere.invalid');
    is login()->code, 302, 'with another address';
    is $stack->query("select count(*) from dp.app_user where email like 'ada@%'"), 1, 'there is one account';
    is $stack->query("select count(*) from dp.user_identity where subject = 'ada'"), 1, 'and one identity';
};

subtest 'KEY-01: a verified address links, an unverified one does not' => sub {
    $stack->query("insert into dp.app_user (email, status) values ('bob\@oidc.invalid', 'active'), ('eve\@oidc.invalid', 'pending')");
    $provider->account(sub => 'bob', email => 'bob@oidc.invalid', email_verified => \0);
    refused_ok login(), 'AUTH_OAUTH_FAILED';
    is reason(), 'email_unverified', 'the trail says why';
    $provider->account(sub => 'eve', email => 'eve@oidc.invalid', email_verified => \1);
    refused_ok login(), 'AUTH_OAUTH_FAILED';
    is reason(), 'account_exists', 'ours has not verified it';
    is $stack->query("select count(*) from dp.user_identity where subject in ('bob', 'eve')"), 0, 'nothing was linked';
};

subtest 'KEY-01: state, nonce and browser' => sub {
    $provider->account(%ada);
    refused_ok callback(browser(), '?code=x&state=dpo_' . 'A' x 43), 'AUTH_OAUTH_FAILED';
    is reason(), 'state', 'a state that is none';
    refused_ok callback(browser(), '?code=x'), 'AUTH_OAUTH_FAILED';

    my $ua = browser();
    my $back = way_back($ua, begin($ua));
    my $other = browser();

    begin($other);
    refused_ok callback($other, "?$back"), 'AUTH_OAUTH_FAILED';
    is reason(), 'other_browser', "another browser's";
    refused_ok callback($ua, "?$back"), 'AUTH_OAUTH_FAILED';
    is reason(), 'state', 'which is used up by that';

    $back = way_back($ua, begin($ua));
    $stack->query("update dp.one_time_token set data = jsonb_set(data::jsonb, '{provider}', '\"none\"')::json"
                  . " where purpose = 'oauth' and used_at is null");
    refused_ok callback($ua, "?$back"), 'AUTH_OAUTH_FAILED';

    $back = way_back($ua, begin($ua));
    refused_ok callback($ua, "?$back&session_state=x" =~ s/iss=[^&]*/iss=https%3A%2F%2Fevil.example/r), 'AUTH_OAUTH_FAILED';
    is reason(), 'issuer', 'somebody else answers';

    $back = way_back($ua, begin($ua));
    refused_ok callback($ua, "?$back" =~ s/code=[^&]*/code=wrong/r), 'AUTH_OAUTH_FAILED';
    is reason(), 'code_refused', 'the provider does not know the code';

    $back = way_back($ua, begin($ua));
    $stack->query("update dp.one_time_token set expires_at = now() where purpose = 'oauth' and used_at is null");
    refused_ok callback($ua, "?$back"), 'AUTH_OAUTH_FAILED';
    is reason(), 'state', 'ten minutes are over';

    is login()->code, 302, 'and the right one is taken';
};

subtest 'KEY-01: the person says no' => sub {
    $provider->account(sub => 'ada', refuses => \1);
    refused_ok login(), 'AUTH_OAUTH_FAILED';
    is reason(), 'refused_there', 'which is that';
};

subtest 'returnTo is a path of this host' => sub {
    for my $evil ('https://evil.example/', '//evil.example', '/%5cevil.example', 'projects', '/a b', '/%0d%0aX:y') {
        refused_ok begin(browser(), "?returnTo=$evil"), 'VALIDATION_FAILED';
    }
};

subtest 'over TLS only, and with providers that there are' => sub {
    refused_ok $stack->get('/auth/oauth/corp/start', key => undef), 'AUTH_TLS_REQUIRED';
    refused_ok browser()->get($stack->tls_url . '/auth/oauth/other/start')->result, 'RESOURCE_NOT_FOUND';
};

subtest 'INT-22, INT-15: when the provider is not to be had' => sub {
    my $ua = browser();
    $provider->account(%ada);
    my $back = way_back($ua, begin($ua));

    $stack->query("update dp.kill_switch set enabled = true, reason = 'drill' where name = 'EXTERNAL_INTEGRATIONS'");
    refused_ok callback($ua, "?$back"), 'OPS_KILL_SWITCH_EXTERNAL_INTEGRATIONS';
    $stack->query("update dp.kill_switch set enabled = false where name = 'EXTERNAL_INTEGRATIONS'");

    $back = way_back($ua, begin($ua));
    $stack->query('insert into dp.circuit_breaker as b (provider, scope_id) values'
                  . " ('oidc:corp', '00000000-0000-0000-0000-000000000000') on conflict do nothing");
    $stack->query("update dp.circuit_breaker set state = 'open', opened_at = (extract(epoch from now()) * 1000000)::bigint,"
                  . ' version = version + 1');

    my $response = callback($ua, "?$back");

    refused_ok $response, 'INTEGRATION_OIDC_UNAVAILABLE';
    cmp_ok $response->headers->header('Retry-After'), '<=', 30, 'C46: with the time until it is tried again';
    cmp_ok $response->headers->header('Retry-After'), '>', 20, 'which is known';
    is $response->json->{error}{retryPolicy}, 'none', 'C46: and not to be repeated by itself';
};

$stack->finish;
done_testing;

sub browser {
    return Mojo::UserAgent->new(max_redirects => 0, insecure => 1);
}

sub begin {
    my ($ua, $query) = @_;

    return $ua->get($stack->tls_url . '/auth/oauth/corp/start' . ($query // ''))->result;
}

# At the provider: its redirections until it sends the browser back; the query.
sub way_back {
    my ($ua, $response) = @_;

    for (1 .. 5) {
        last if !defined $response->headers->location;

        my $location = Mojo::URL->new($response->headers->location)->to_abs(Mojo::URL->new($provider->url));

        return $location->query->to_string if index($location, $callback) == 0;
        $response = $ua->get($location)->result;
        # Mojo keeps none that are for other paths; browsers do
        $ua->cookie_jar->add($_->domain('127.0.0.1')) for @{$response->cookies};
    }

    die 'the provider does not send it back: ' . $response->body;
}

sub callback {
    my ($ua, $query) = @_;

    return $ua->get($callback . $query)->result;
}

sub go {
    my ($ua, $response) = @_;

    return callback($ua, '?' . way_back($ua, $response));
}

sub login {
    my $ua = browser();

    return go($ua, begin($ua));
}

# Of the last login that failed, as the trail has it.
sub reason {
    return $stack->query("select d.detail ->> 'reason' from dp.audit_event e join dp.audit_detail d using (seq)"
                         . " where e.action = 'auth.login.failure' order by e.seq desc limit 1");
}
