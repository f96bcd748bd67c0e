# Sessions by their cookie: asked about once, known to all processes, out of reach of
# scripts and of what is behind nginx.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(sha256_hex);
use Mojo::UserAgent;
use Test::DevPilot qw(wait_until);
use Test::DevPilot::Folder;
use Test::DevPilot::KeyPuppet;
use Test::DevPilot::Prometheus;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Token;
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high', impostor => 1);
my $puppet = Test::DevPilot::KeyPuppet->start($stack);
my $name = '__Host-devpilot_session';
my $cookie = 'dps_' . 'A' x 42 . 'E';
my $token_key = Test::DevPilot::Token::secret('k1');

$puppet->says(keys => Test::DevPilot::Token::key_entry($token_key));
$puppet->answers(cookie => {kind => 2, id => 3, level => 2});
$puppet->settle;

sub with { $stack->get($_[1] // '/projects', key => undef, headers => {Cookie => $_[0]}) }

sub questions { grep { $_->{way} } $puppet->asked }

# A secret that nobody had before.
my $made = 0;

sub fresh { sprintf('dps_%042dE', ++$made) }

subtest 'IDN-01 a session is who its cookie says' => sub {
    my $response = with("$name=$cookie");

    is $response->code, 200, 'it is good';
    is $response->json->{kind}, '0002', 'a session';
    is $response->json->{credential}, Test::DevPilot::Token::id(3) =~ tr/-//dr, 'its id';
    is $response->json->{level}, '0002', 'its level';

    my ($question) = questions();

    is $question->{way}, 'cookie', 'a worker was asked about a cookie';
    is $question->{digest}, sha256_hex($cookie), 'by its digest';
    is with("a=b; $name=$cookie; c=d")->code, 200, 'among others';
    is scalar(questions()), 1, 'once for all';
};

subtest 'KEY-03 Authorization comes before the cookie, good or not' => sub {
    my $both = sub { $stack->get('/projects', key => $_[0], headers => {Cookie => "$name=$cookie"}) };

    is $both->(Test::DevPilot::Token::own($token_key, sid => Test::DevPilot::Token::id(8)))->json->{credential},
        Test::DevPilot::Token::id(8) =~ tr/-//dr, 'a good one counts';
    refused_ok $both->('a.b.c'), 'AUTH_TOKEN_INVALID', 'a bad token is refused';
    refused_ok $both->('dp_x'), 'AUTH_KEY_INVALID', 'a bad key';
    refused_ok $stack->get('/projects', key => undef, headers => {Cookie => "$name=$cookie", Authorization => 'Basic eDp5'}),
        'AUTH_KEY_INVALID', 'another scheme';
};

subtest 'KEY-03 two sessions are none, and neither is half a one' => sub {
    my $before = questions();

    refused_ok with($_), 'AUTH_TOKEN_INVALID', $_
        for "$name=$cookie; $name=$cookie", "$name=$cookie; $name=" . fresh(), "$name=", $name, "$name=dps_x", "$name=\"$cookie\"",
            "$name=${cookie}A", "$name=dpr_" . substr($cookie, 4), "$name=" . substr($cookie, 0, -1) . 'B';
    is scalar(questions()), $before, 'nobody is asked';
    refused_ok with('other=1'), 'AUTH_REQUIRED', 'no cookie of ours is no credential';
    refused_ok with("x$name=$cookie"), 'AUTH_REQUIRED', 'nor is another name';
};

subtest 'IDN-04 a session that ends is refused on every process' => sub {
    my $session = fresh();

    $puppet->answers(cookie => {kind => 2, id => 21});
    $puppet->settle;
    is with("$name=$session")->code, 200, 'it is good' for 1 .. 8;
    $puppet->answers(cookie => {code => 'AUTH_SESSION_REVOKED'});
    $puppet->revoke(Test::DevPilot::Token::id_bytes(21));
    $puppet->settle;
    for (1 .. 8) {
        my $refused = $stack->get('/projects', key => undef, headers => {Cookie => "$name=$session", Connection => 'close'});

        refused_ok $refused, 'AUTH_SESSION_REVOKED', 'no more' if $_ == 1;
        is $refused->code, 401, 'anywhere';
    }
};

subtest 'IDN-09 and one that expires, to the second' => sub {
    my $session = fresh();
    my $ends = int(time) + 3;

    $puppet->answers(cookie => {kind => 2, id => 22, expires => $ends});
    $puppet->settle;
    is with("$name=$session")->code, 200, 'it is good';
    $puppet->answers(cookie => {code => 'AUTH_SESSION_REVOKED'});
    ok wait_until(sub { with("$name=$session")->code == 401 }, 6), 'it ends';
    cmp_ok time, '>=', $ends, 'not too early';
    cmp_ok time, '<=', $ends + 1, 'nor too late';
    $puppet->answers(cookie => {kind => 2, id => 3, level => 2});
    $puppet->settle;
};

subtest 'IDN-01 a worker is told how a request came' => sub {
    my $plain = $stack->get('/projects', key => undef, headers => {
        Cookie => "$name=$cookie; __Host-devpilot_device=dpd_" . 'B' x 42 . 'A', 'User-Agent' => 'browser ' . 'x' x 400,
    })->json;

    is $plain->{flags}, '', 'not over TLS';
    is pack('H*', $plain->{device}), 'dpd_' . 'B' x 42 . 'A', 'the device';
    is length(pack('H*', $plain->{agent})), 256, 'the beginning of what the browser calls itself';

    my $secure = Mojo::UserAgent->new(insecure => 1)->get($stack->tls_url . '/projects' => {Cookie => "$name=$cookie"})->result;

    is $secure->json->{flags}, '0001', 'over TLS';
    is $secure->json->{device}, '', 'from nowhere in particular';
};

my $attributes = 'Path=/; Secure; HttpOnly; SameSite=Lax';

subtest 'IDN-01 cookies that are set are out of the reach of scripts' => sub {
    my @set = ("$name=$cookie; $attributes", "__Host-devpilot_device=dpd_x; $attributes; Max-Age=31536000");

    $puppet->says(cookies => join("\n", @set));
    $puppet->settle;

    my $response = with("$name=$cookie");

    is_deeply $response->headers->every_header('Set-Cookie'), \@set, 'as the worker says';
    is $response->headers->cache_control, 'no-store', 'nobody keeps the answer';
    for my $bad ("$name=$cookie; Path=/; HttpOnly; SameSite=Lax", "$name=$cookie; Path=/; Secure; SameSite=Lax",
                 "$name=$cookie; Path=/; Secure; HttpOnly", "$name=$cookie; $attributes; Domain=example.org",
                 "$name=$cookie; Path=/x; Secure; HttpOnly; SameSite=Lax", "other=x; $attributes", "$name=a\rb; $attributes",
                 "$set[0]\n\n", "$name=$cookie; Path=/; Secure; HttpOnly; SameSite=None") {
        $puppet->says(cookies => $bad);

        my $refused = with("$name=$cookie");

        is $refused->code, 500, 'refused: ' . $bad =~ s/[^ -~]/?/gr;
        is $refused->headers->header('Set-Cookie'), undef, 'and not sent';
    }
    $puppet->says(cookies => '');
    $puppet->settle;
};

subtest 'SEC-10 what is behind a guarded location gets no cookie of ours' => sub {
    my ($port, $upstream) = map { Test::DevPilot::free_port() } 1 .. 2;

    $stack->edit_config(sub {
        s/\}\s*\z//;
        $_ .= <<"END";
    server {
        listen 127.0.0.1:$upstream;
        access_log off;
        location / { return 200 "user=\$http_x_user_id cookie=\$http_cookie authorization=\$http_authorization"; }
    }
    server {
        listen 127.0.0.1:$port;
        devpilot_guard on;
        proxy_set_header X-User-Id \$devpilot_user_id;
        location / { proxy_pass http://127.0.0.1:$upstream; }
        location /required { devpilot_guard_credential required; proxy_pass http://127.0.0.1:$upstream; }
        location /passed { devpilot_guard_pass_credential on; proxy_pass http://127.0.0.1:$upstream; }
        location /off { devpilot_guard_credential off; proxy_pass http://127.0.0.1:$upstream; }
    }
}
END
    });
    $puppet->settle;

    my $guarded = sub { my ($path, %headers) = @_; $stack->request('GET', "http://127.0.0.1:$port$path", key => undef, headers => \%headers)->body };
    my $user = Test::DevPilot::Token::id(1);
    my $token = Test::DevPilot::Token::own($token_key);

    is $guarded->('/', Cookie => "a=b; $name=$cookie; c=d"), "user=$user cookie=a=b; c=d authorization=", 'a session';
    is $guarded->('/required', Cookie => "$name=$cookie"), "user=$user cookie= authorization=", 'where one is required';
    is $guarded->('/', Authorization => "Bearer $token"), "user=$user cookie= authorization=", 'a token';
    is $guarded->('/', Authorization => 'Basic eDp5', Cookie => "x=y; $name=$cookie"), 'user= cookie=x=y authorization=Basic eDp5',
        'what is somebody else\'s stays, and the cookie is not looked at';
    is $guarded->('/', Authorization => 'Bearer a.b.c'), 'user= cookie= authorization=Bearer a.b.c', 'a token of whomever';
    like $guarded->('/', Authorization => 'Bearer ' . Test::DevPilot::Token::own($token_key, aud => 'x')), qr/AUTH_TOKEN_INVALID|401/,
        'one of our key that is not for us is refused';
    is $guarded->('/passed', Cookie => "$name=$cookie"), "user=$user cookie=$name=$cookie authorization=", 'unless it is configured';
    is $guarded->('/passed', Authorization => "Bearer $token"), "user=$user cookie= authorization=Bearer $token", 'both';
    is $guarded->('/off', Cookie => "$name=$cookie"), "user= cookie=$name=$cookie authorization=", 'or nobody looks';
};

subtest 'SEC-10 and no cookie is in a log' => sub {
    my $logs = join('', map { Test::DevPilot::Folder::slurp($_) } grep { -f } glob($stack->folder . '/nginx/logs/*'), glob($stack->folder . '/log/*'));

    unlike $logs, qr/\Q$cookie\E|dps_0000/, 'not there';
};

$puppet->stop;
$stack->finish;
done_testing;
