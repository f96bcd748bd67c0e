# Access tokens that the stand-in for a worker has given the key of.

package Bench::Token;

use strict;
use warnings;
use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64url);

# As in bench/peers/zmq_responder.c.
my $secret = 'thirty-two bytes for the benches';
my $header = encode_base64url('{"alg":"HS256","typ":"JWT","kid":"bench"}');

# One of a number that nobody else's token has; good for fifteen minutes from now.
sub access {
    my ($number) = @_;
    my $now = time;
    my $id = sub { sprintf('%08x-0000-4000-8000-%012x', $_[0], $number) };
    my %claims = (
        iss => '"devpilot"', aud => '"devpilot"', sub => qq("@{[$id->(1)]}"), org => qq("@{[$id->(2)]}"),
        sid => qq("@{[$id->(3)]}"), ctp => '"session"', lvl => 2, pln => 1, gen => 1, iat => $now, nbf => $now,
        exp => $now + 900, jti => qq("@{[$id->(4)]}"),
    );
    my $text = $header . '.' . encode_base64url('{' . join(',', map { qq("$_":$claims{$_}) } sort keys %claims) . '}');

    return $text . '.' . encode_base64url(hmac_sha256($text, $secret));
}

1;
