# Tokens of a test's making: signed as they should be, or as attackers would.
#
#     my $key = Test::DevPilot::Token::secret('k1');
#     my $text = Test::DevPilot::Token::own($key, exp => time + 5);
#     my $issuer_key = Test::DevPilot::Token::public('ES256', 'k2');
#     my $foreign = Test::DevPilot::Token::token($issuer_key, {iss => 'https://a.example', sub => 'x'});
#
# A key is {alg, kid, secret} or {alg, kid, pem, spki}.

package Test::DevPilot::Token;

use strict;
use warnings;
use Digest::SHA qw(hmac_sha256);
use File::Temp ();
use MIME::Base64 qw(encode_base64url decode_base64);
use Mojo::JSON qw(encode_json);

# RS256 and ES256 as the command openssl makes keys.
my %recipe = (
    RS256 => [qw(-algorithm RSA -pkeyopt rsa_keygen_bits:2048)],
    ES256 => [qw(-algorithm EC -pkeyopt ec_paramgen_curve:P-256)],
);

sub secret {
    my ($kid) = @_;

    return {alg => 'HS256', kid => $kid, secret => random(32)};
}

sub public {
    my ($alg, $kid) = @_;
    my $file = File::Temp->new;
    my $pem = output('genpkey', @{$recipe{$alg}});

    print {$file} $pem;
    $file->flush;

    my $public = output('pkey', '-in', $file->filename, '-pubout');
    my ($base64) = $public =~ /-----\n(.*)\n-----/s;

    return {alg => $alg, kid => $kid, file => $file, spki => decode_base64($base64)};
}

# What the command openssl writes.
sub output {
    open(my $out, '-|', 'sh', '-c', 'exec openssl "$@" 2>/dev/null', 'sh', @_) or die "openssl: $!\n";

    return do { local $/; <$out> };
}

sub random {
    my ($length) = @_;

    open(my $file, '<', '/dev/urandom') or die "/dev/urandom: $!\n";
    read($file, my $bytes, $length) == $length or die "/dev/urandom: $!\n";

    return $bytes;
}

sub sign {
    my ($key, $text) = @_;

    return hmac_sha256($text, $key->{secret}) if $key->{alg} eq 'HS256';

    my $input = File::Temp->new;

    print {$input} $text;
    $input->flush;

    my $signature = output('dgst', '-sha256', '-sign', $key->{file}->filename, $input->filename);

    return $key->{alg} eq 'ES256' ? raw($signature) : $signature;
}

# The two numbers of a signature in DER, as JWS has them.
sub raw {
    my ($der) = @_;
    my ($r, $s) = unpack('x2 x C/a x C/a', $der);

    return join('', map { substr("\0" x 32 . $_, -32) } $r, $s);
}

# Any header, with any claims; a text is taken as it is.
sub token {
    my ($key, $claims, %header) = @_;
    my $header = {alg => $key->{alg}, typ => 'JWT', kid => $key->{kid}, %header};
    my $text = join('.', map { encode_base64url(ref $_ ? encode_json($_) : $_) } $header, $claims);

    return $text . '.' . encode_base64url(sign($key, $text));
}

# The claims of an access token of ours; undefined ones are left out.
sub claims {
    my (%claims) = @_;
    my $now = time;
    my %all = (
        iss => 'devpilot', aud => 'devpilot', sub => id(1), org => id(2), sid => id(3), ctp => 'session',
        lvl => 1, pln => 1, gen => int($now * 1e6), iat => $now, nbf => $now, exp => $now + 900, jti => id(9),
        %claims,
    );

    return {map { $_ => $all{$_} } grep { defined $all{$_} } keys %all};
}

sub own {
    my ($key, %claims) = @_;

    return token($key, claims(%claims));
}

# The UUID that ends with a number, and its bytes.
sub id { sprintf('00000000-0000-4000-8000-%012d', $_[0]) }

sub id_bytes { pack('H*', id($_[0]) =~ tr/-//dr) }

# --- lists of a control message ------------------------------------------------

sub key_entry {
    my ($key, %option) = @_;
    my $purpose = {jwt => 1, csrf => 2}->{$option{purpose} // 'jwt'};
    my $state = {active => 1, grace => 2}->{$option{state} // 'active'};

    return pack('C C Q> C/a n/a', $purpose, $state, 1e6 * ($option{not_after} // 0), $key->{kid}, $key->{secret});
}

sub issuer_entry {
    my ($issuer, %option) = @_;
    my $audiences = join('', map { pack('C/a', $_) } @{$option{audiences}});
    my $keys = join('', map { pack('C C/a n/a', {RS256 => 2, ES256 => 3}->{$_->{alg}}, $_->{kid}, $_->{spki}) }
                        @{$option{keys}});

    return pack('n/a', pack('C/a N C/a n/a', $issuer, $option{lifetime} // 3600, $audiences, $keys));
}

1;
