# What a test needs of second factors: the codes of an authenticator app, and requests
# of a person who has a session.

package Test::DevPilot::Factor;

use strict;
use warnings;
use Digest::SHA qw(hmac_sha1);
use Mojo::JSON ();
use Test::DevPilot::Dealer;
use Time::HiRes qw(time);

use constant SESSION => 2;

# The code that an app with this secret (base32) shows, `steps` half minutes from now.
sub code {
    my ($secret, $steps) = @_;
    my $mac = hmac_sha1(pack('Q>', int(time / 30) + ($steps // 0)), bytes_of($secret));
    my $offset = ord(substr($mac, -1)) & 15;

    return sprintf('%06d', (unpack('N', substr($mac, $offset, 4)) & 0x7fffffff) % 1_000_000);
}

sub bytes_of {
    my ($base32) = @_;
    my $bits = join('', map { sprintf('%05b', index('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', $_)) } split(//, $base32));

    return pack('B*', substr($bits, 0, length($bits) - length($bits) % 8));
}

# An operation as the edge asks for it on behalf of a session, {id, user_id, org_id,
# auth_level}: {status, code, json}.
sub ask {
    my ($stack, $session, $operation, %field) = @_;
    my $dealer = $stack->{dealer} //= Test::DevPilot::Dealer->new($stack);

    $field{body} = Mojo::JSON::encode_json(delete $field{json}) if $field{json};
    $dealer->send_request(
        operation  => $operation,
        kind       => pack('n', SESSION),
        auth_level => pack('n', $session->{auth_level} // 1),
        credential => id($session->{id}),
        user       => id($session->{user_id}),
        org        => id($session->{org_id}),
        address    => '127.0.0.1',
        %field,
    );

    my $reply = $dealer->reply;

    $reply->{json} = Mojo::JSON::decode_json($reply->{body}) if length $reply->{body};

    return $reply;
}

sub id { return pack('H*', $_[0] =~ tr/-//dr) }

# The session of a person who has logged in, from what he was answered.
sub session {
    my ($person, $answer) = @_;

    return {id => $answer->json->{session}{id}, user_id => $person->{user_id}, org_id => $person->{org_id},
            auth_level => $answer->json->{session}{authLevel}};
}

# Gives a person a second factor; returns {secret, codes}.
sub enrol {
    my ($stack, $session) = @_;
    my $secret = ask($stack, $session, 'enrolTotp')->{json}{secret};
    my $confirmed = ask($stack, $session, 'confirmTotp', json => {code => code($secret, -1)});

    return {secret => $secret, codes => $confirmed->{json}{recoveryCodes}};
}

1;
