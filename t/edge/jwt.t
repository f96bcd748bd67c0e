# Access tokens at the edge: ours by the ring that workers push, foreign ones by
# their issuers' keys; what is forged, old, or meant for others is refused here.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64url);
use Mojo::JSON qw(encode_json);
use Test::DevPilot qw(wait_until);
use Test::DevPilot::KeyPuppet;
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Token;
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high', impostor => 1);
my $key = Test::DevPilot::Token::secret('k1');
my $old = Test::DevPilot::Token::secret('k0');
my $csrf = Test::DevPilot::Token::secret('c1');
my $rsa = Test::DevPilot::Token::public('RS256', 'r1');
my $ec = Test::DevPilot::Token::public('ES256', 'e1');
my $issuer = 'https://login.example';
my $puppet = Test::DevPilot::KeyPuppet->start($stack);

my $ring = join('', Test::DevPilot::Token::key_entry($key),
                Test::DevPilot::Token::key_entry($old, state => 'grace', not_after => time + 3600),
                Test::DevPilot::Token::key_entry($csrf, purpose => 'csrf'));
my $issuers = Test::DevPilot::Token::issuer_entry($issuer, audiences => ['api', 'devpilot'], keys => [$rsa, $ec]);

$puppet->says(keys => $ring, issuers => $issuers);
$puppet->settle;

sub own { Test::DevPilot::Token::own($key, @_) }

sub bearer { $stack->get('/projects', key => $_[0]) }

sub questions { scalar grep { $_->{way} } $puppet->asked }

sub operations { scalar grep { $_->{operation} } $puppet->asked }

# How much a count grows while something is done.
sub growth {
    my ($count, $work) = @_;
    my $before = $count->();

    $work->();

    return $count->() - $before;
}

sub invalid_ok {
    my ($token, $title) = @_;

    refused_ok bearer($token), 'AUTH_TOKEN_INVALID', $title;
}

subtest 'IDN-02 a token of ours is verified without asking anybody' => sub {
    my $response;

    is growth(\&questions, sub { $response = bearer(own()) }), 0, 'nobody is asked';
    is $response->code, 200, 'it is good';
    is $response->json->{user}, Test::DevPilot::Token::id(1) =~ tr/-//dr, 'its user';
    is $response->json->{org}, Test::DevPilot::Token::id(2) =~ tr/-//dr, 'its organisation';
    is $response->json->{credential}, Test::DevPilot::Token::id(3) =~ tr/-//dr, 'its session';
    is $response->json->{kind}, '0002', 'as a session';
    is bearer(own(ctp => 'api_key', lvl => 2))->json->{kind}, '0001', 'or as an API key';
    is bearer(own(aud => ['other', 'devpilot']))->code, 200, 'several audiences';
    is bearer(Test::DevPilot::Token::own($old))->code, 200, 'by a key that has its grace';
    is bearer(Test::DevPilot::Token::token($key, Test::DevPilot::Token::claims(), typ => 'at+jwt'))->code, 200, 'at+jwt';
    is bearer(own(iat => time + 0.5, nbf => time - 0.25))->code, 200, 'dates with fractions';
};

subtest 'IDN-02 what is not signed by the key of its kid' => sub {
    my $claims = Test::DevPilot::Token::claims();
    my $good = own();
    my ($head, $body, $signature) = split(/\./, $good);
    my %forged = (
        'another secret'     => Test::DevPilot::Token::token({%$key, secret => 'x' x 32}, $claims),
        'an unknown kid'     => Test::DevPilot::Token::token({%$key, kid => 'k2'}, $claims),
        'no kid'             => Test::DevPilot::Token::token($key, $claims, kid => ''),
        'a CSRF key'         => Test::DevPilot::Token::own($csrf),
        'no signature'       => "$head.$body.",
        'two parts'          => "$head.$body",
        'four parts'         => "$good.x",
        'padding'            => "$good=",
        'a stray bit'        => $head . '.' . $body . '.' . substr($signature, 0, 42) . ($signature =~ /[AQgw]\z/ ? 'B' : 'Z'),
        'a truncated one'    => substr($good, 0, -2),
        'other claims'       => join('.', $head, encode_base64url(encode_json({%$claims, lvl => 2})), $signature),
        'a path as kid'      => Test::DevPilot::Token::token({%$key, kid => '../../../../dev/null', secret => ''}, $claims),
        'a query as kid'     => Test::DevPilot::Token::token({%$key, kid => "' union select 'x", secret => 'x'}, $claims),
        'crit'               => Test::DevPilot::Token::token($key, $claims, crit => ['exp']),
        'b64'                => Test::DevPilot::Token::token($key, $claims, b64 => \0),
        'another type'       => Test::DevPilot::Token::token($key, $claims, typ => 'JWE'),
        'its own key'        => Test::DevPilot::Token::token({%$key, kid => 'k9', secret => 'x'}, $claims,
                                                             jwk => {kty => 'oct', k => 'eA'}, jku => 'http://127.0.0.1:1/'),
        'duplicate claims'   => Test::DevPilot::Token::token($key, '{"lvl":1,' . substr(encode_json($claims), 1)),
        'claims in an array' => Test::DevPilot::Token::token($key, [1]),
        'claims, and more'   => Test::DevPilot::Token::token($key, encode_json($claims) . '{}'),
    );

    for my $alg ('none', 'None', 'NONE', 'nOnE', 'HS384', 'HS512', 'RS256', 'ES256', '') {
        $forged{"alg $alg"} = Test::DevPilot::Token::token($key, $claims, alg => $alg);
        $forged{"alg $alg, unsigned"} = join('.', (split(/\./, $forged{"alg $alg"}))[0, 1], '');
    }

    is growth(sub { questions() + operations() }, sub { invalid_ok($forged{$_}, $_) for sort keys %forged }), 0,
        'no worker sees any of them';
    refused_ok bearer(own(pad => 'x' x 6200)), 'REQUEST_HEADERS_TOO_LARGE', 'what is too long gets no further than nginx';
};

subtest 'IDN-02 fifteen minutes, and sixty seconds of leeway' => sub {
    my $now = time;

    is bearer(own(iat => $now - 900, nbf => undef, exp => $now - 55))->code, 200, 'ended 55 s ago';

    my $expired = bearer(own(iat => $now - 900, nbf => undef, exp => $now - 61));

    refused_ok $expired, 'AUTH_TOKEN_EXPIRED', 'ended 61 s ago';
    is $expired->headers->header('WWW-Authenticate'),
        'Bearer error="invalid_token", error_description="The token has expired"', 'and is told so';
    is bearer(own(exp => $now + 900, iat => $now))->code, 200, '900 s';
    invalid_ok(own(exp => $now + 901, iat => $now), '901 s');
    is bearer(own(iat => $now + 50, nbf => $now + 50, exp => $now + 100))->code, 200, 'of 50 s ahead';
    invalid_ok(own(iat => $now + 70, nbf => undef, exp => $now + 100), 'of 70 s ahead');
    invalid_ok(own(nbf => $now + 70), 'not before 70 s ahead');
    invalid_ok(own(exp => undef), 'no end');
    invalid_ok(own(iat => undef), 'no beginning');
    invalid_ok(own(exp => "$now"), 'a date as a text');
};

subtest 'IDN-02 a token that was good is not when it ends' => sub {
    my $now = time;
    my $token = own(iat => $now - 800, nbf => undef, exp => $now - 58);

    is bearer($token)->code, 200, 'it is known';
    ok wait_until(sub { bearer($token)->code == 401 }, 5), 'and ends with its leeway';
    cmp_ok time, '<=', $now + 3, 'to the second';
};

subtest 'IDN-02 from whom, and for whom' => sub {
    invalid_ok(own(%$_), encode_json($_))
        for {iss => 'other'}, {iss => undef}, {aud => 'other'}, {aud => ['a', 'b']}, {aud => undef}, {aud => []},
            {ctp => 'external'}, {ctp => undef}, {lvl => 3}, {sid => 'x'}, {sub => undef}, {org => undef}, {gen => 0};
};

subtest 'IDN-16 RFC 6750 names what is wrong' => sub {
    is $stack->get('/projects', key => undef)->headers->header('WWW-Authenticate'), 'Bearer', 'nothing was sent';
    is bearer('a.b.c')->headers->header('WWW-Authenticate'), 'Bearer error="invalid_token"', 'no good';
};

subtest 'KEY-03 both kinds on one route, and invalid of either' => sub {
    $puppet->answers(key => {kind => 1, id => 4});
    $puppet->settle;
    is bearer('dp_abcdefgh_' . 'x' x 43)->json->{kind}, '0001', 'a key';
    is bearer(own())->json->{kind}, '0002', 'a token';
    refused_ok bearer('dp_short_x'), 'AUTH_KEY_INVALID', 'a bad key';
    refused_ok bearer('x'), 'AUTH_KEY_INVALID', 'neither';
    invalid_ok('x.y.z', 'a bad token');
    is $stack->get('/projects', key => undef, headers => {Authorization => 'bearer ' . own()})->code, 200, 'bearer';
    refused_ok $stack->get('/projects', key => undef, headers => {Authorization => 'Token ' . own()}), 'AUTH_KEY_INVALID',
        'another scheme';
};

subtest 'KEY-02 a token may be confined to scopes' => sub {
    my $token = own(scope => 'projects:read');

    is bearer($token)->code, 200, 'what it has';
    refused_ok $stack->get('/me', key => $token), 'AUTH_FORBIDDEN', 'what it has not';
};

subtest 'IDN-04 a revocation ends tokens that have not expired' => sub {
    my ($one, $other) = (own(sid => Test::DevPilot::Token::id(31)), own(sid => Test::DevPilot::Token::id(32), sub => Test::DevPilot::Token::id(12)));

    is bearer($_)->code, 200, 'it is good' for $one, $other;
    $puppet->answers(token => {code => 'AUTH_SESSION_REVOKED'});
    $puppet->revoke(Test::DevPilot::Token::id_bytes(31));
    $puppet->settle;
    refused_ok bearer($one), 'AUTH_SESSION_REVOKED', 'no more';
    is bearer($other)->code, 200, 'the other is';
    is_deeply [map { $_->{credential} } grep { ($_->{way} // '') eq 'token' } $puppet->asked],
        [Test::DevPilot::Token::id(31) =~ tr/-//dr], 'a worker was asked about the session, once';
    is growth(\&questions, sub { refused_ok bearer($one), 'AUTH_SESSION_REVOKED', 'still' }), 0, 'and not again';
    refused_ok bearer(own(sid => Test::DevPilot::Token::id(31), gen => int(1e6 * (time - 60)))), 'AUTH_SESSION_REVOKED',
        'another token of before';
    is bearer(own(sid => Test::DevPilot::Token::id(31), gen => int(1e6 * (time + 1))))->code, 200, 'one that was issued since is good';
    $puppet->answers(token => {kind => 2, id => 33, scopes => ~0});
    $puppet->settle;

    my $still = own(sid => Test::DevPilot::Token::id(33), scope => 'projects:read', gen => 5);

    is bearer($still)->code, 200, 'what a worker still knows goes on';
    refused_ok $stack->get('/me', key => $still), 'AUTH_FORBIDDEN', 'and may do no more than before';
};

subtest 'IDN-02 foreign tokens are taken of issuers that are configured' => sub {
    my $now = time;
    my %claims = (iss => $issuer, aud => 'api', sub => 'user-7', iat => $now, exp => $now + 3600);

    $puppet->answers(external => {kind => 3, id => 7});
    $puppet->settle;
    for my $by ($rsa, $ec) {
        my $token = Test::DevPilot::Token::token($by, \%claims);

        is growth(\&questions, sub { is bearer($token)->json->{kind}, '0003', "$by->{alg}: who it is here" }), 1, 'a worker says';
        is growth(\&questions, sub { is bearer($token)->code, 200, 'again' }), 0, 'once';
    }

    my ($question) = grep { ($_->{way} // '') eq 'external' } $puppet->asked;

    is_deeply [@$question{qw(issuer subject)}], [$issuer, 'user-7'], 'by issuer and subject';

    my $hs = {alg => 'HS256', kid => 'r1', secret => $rsa->{spki}};
    my %wrong = (
        'lives too long'          => [$rsa, {%claims, exp => $now + 3601}],
        'another issuer'          => [$rsa, {%claims, iss => 'devpilot'}],
        'another audience'        => [$rsa, {%claims, aud => 'x'}],
        'no subject'              => [$rsa, {map { $_ => $claims{$_} } grep { $_ ne 'sub' } keys %claims}],
        'an unknown kid'          => [{%$rsa, kid => 'r2'}, \%claims],
        'the other kid'           => [{%$rsa, kid => 'e1'}, \%claims],
        'the other algorithm'     => [{%$ec, kid => 'r1'}, \%claims],
        'a secret of public bytes' => [$hs, \%claims],
        'our claims'              => [$rsa, Test::DevPilot::Token::claims()],
    );

    is growth(\&questions, sub { invalid_ok(Test::DevPilot::Token::token(@{$wrong{$_}}), $_) for sort keys %wrong }), 0,
        'nobody is asked about what is wrong';
    invalid_ok(Test::DevPilot::Token::own({alg => 'HS256', kid => 'k1', secret => $rsa->{spki}}), 'our kid, their key');

    my $text = join('.', (split(/\./, Test::DevPilot::Token::token($ec, \%claims)))[0, 1]);

    invalid_ok($text . '.' . encode_base64url($_), 'a signature of ' . length($_) . ' bytes')
        for "\0" x 64, "\0" x 72, "\x30\x06\x02\x01\0\x02\x01\0", "\0" x 63 . "\1";
};

subtest 'RL-11 an unknown kid costs no more than its request' => sub {
    my @forged = map { Test::DevPilot::Token::token({%$key, kid => "unknown$_", secret => 'x'}, Test::DevPilot::Token::claims()) } 1 .. 25;
    my $passed = sub {
        my ($address, @tokens) = @_;

        return scalar grep { $_ != 429 } map {
            $stack->get('/projects', key => $_, headers => {'X-Forwarded-For' => $address})->code
        } @tokens;
    };

    my @bad = map { my $text = join('.', (split(/\./, Test::DevPilot::Token::token({%$ec, alg => 'HS256', secret => 'x'}, {n => $_}, alg => 'ES256')))[0, 1]);
                    $text . '.' . encode_base64url('x' x 64) } 1 .. 25;

    $stack->edit_config(sub { s/(devpilot_limit address) .*;/$1 rate=1\/h burst=20;/ });
    $puppet->settle;
    is $passed->('192.0.2.1', @forged), 20, 'one token each';
    is $passed->('192.0.2.2', @bad), 10, 'work with a public key twice as much';
    $stack->edit_config(sub { s/(devpilot_limit address) .*;/$1 rate=1000000\/s burst=1000000000;/ });
    $puppet->settle;
};

subtest 'SEC-12 an emergency ends all that the key has signed' => sub {
    my $token = own(sid => Test::DevPilot::Token::id(41));
    my $next = Test::DevPilot::Token::secret('k3');

    is bearer($token)->code, 200, 'it is known';
    $puppet->answers(token => {kind => 2, id => 41});
    $puppet->raise_floor(keys => Test::DevPilot::Token::key_entry($next));
    $puppet->settle;
    invalid_ok($token, 'no more');
    is bearer(Test::DevPilot::Token::own($next, gen => int(1e6 * (time + 1))))->code, 200, 'by the next key';
    $puppet->says(keys => $ring);
    $puppet->settle;
};

subtest 'SEC-01 the grace of a key ends by itself' => sub {
    $puppet->says(keys => $ring . Test::DevPilot::Token::key_entry({%$old, kid => 'ends'}, state => 'grace', not_after => time + 3));
    $puppet->settle;
    is bearer(Test::DevPilot::Token::own({%$old, kid => 'ends'}))->code, 200, 'it lasts';
    ok wait_until(sub { bearer(Test::DevPilot::Token::own({%$old, kid => 'ends'}))->code == 401 }, 6), 'and is over';
    $puppet->says(keys => $ring);
    $puppet->settle;
};

subtest 'IDN-02 the ring outlives processes, a reload and the worker' => sub {
    $stack->expect(qr/exited on signal 9/);
    for my $process ($stack->nginx_processes) {
        kill('KILL', $process);
        ok wait_until(sub { !grep { $_ == $process } $stack->nginx_processes }), 'a process is killed';
    }
    is bearer(own())->code, 200, 'the next one has the ring';
    $puppet->stop;
    $stack->reload;
    ok wait_until(sub { bearer(own())->code == 503 }), 'the worker is gone';
    refused_ok bearer(own()), 'WORKER_UNAVAILABLE', 'a good token gets as far as the worker';
    invalid_ok(own(aud => 'x'), 'another does not');
};

subtest 'SEC-10 no token and no secret is in a log' => sub {
    my $token = own(sid => Test::DevPilot::Token::id(51));

    bearer($token);
    my $logs = join('', map { Test::DevPilot::Folder::slurp($_) } glob($stack->folder . '/nginx/logs/*'), glob($stack->folder . '/log/*'));

    unlike $logs, qr/\Q$_\E/, 'not there' for (split(/\./, $token))[1, 2], $key->{secret}, unpack('H*', $key->{secret});
};

$stack->finish;
done_testing;
