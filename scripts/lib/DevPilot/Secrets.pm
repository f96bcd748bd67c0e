# What is random and made once per $VAR: the master key, the seeded ids, API keys,
# password and second factor, and the TLS certificate.  A second start finds and uses the first one's.

package DevPilot::Secrets;

use strict;
use warnings;
use Digest::SHA ();
use DevPilot::Child;
use DevPilot::Files;
use MIME::Base64 ();

# Returns {org_id, user_id, user_password, user_password_hash, user_factor_id,
# user_totp_secret, user_factor_sealed, api_key_id, api_key, viewer_key_id, viewer_api_key, master_key_file, certificate, certificate_key}.
sub make {
    my ($var, $worker) = @_;
    my $path = "$var/seed.env";
    my $known = DevPilot::Files::read_shell($path);

    my $master_key = master_key("$var/master.key");

    if (!exists $known->{USER_TOTP_SECRET}) {
        DevPilot::Files::write_shell($path, fresh(), password($worker), factor($worker, $master_key), %$known);
        $known = DevPilot::Files::read_shell($path);
    }

    return {
        (map { lc $_ => $known->{$_} } keys %$known),
        master_key_file => $master_key,
        certificate("$var/tls"),
    };
}

sub fresh {
    return (
        ORG_ID         => uuid(),
        USER_ID        => uuid(),
        API_KEY_ID     => uuid(),
        API_KEY        => api_key(),
        VIEWER_KEY_ID  => uuid(),
        VIEWER_API_KEY => api_key(),
    );
}

# A password, and its hash as the worker makes it.
sub password {
    my ($worker) = @_;
    my $password = unpack('H*', random_bytes(10));
    my $hash = DevPilot::Child::output('sh', '-c', 'echo "$1" | "$2" --hash-password', 'sh', $password, $worker);

    die "$worker made no hash:\n$hash" if $? != 0;
    chomp $hash;

    return (USER_PASSWORD => $password, USER_PASSWORD_HASH => $hash);
}

# A second factor, its secret sealed with the master key.
sub factor {
    my ($worker, $master_key) = @_;

    local %ENV = (%ENV, DEVPILOT_MASTER_KEY_FILE => $master_key);
    delete @ENV{qw(CM_ENC_MASTER_V1 CM_ENC_MASTER_V2)};

    my $factor = DevPilot::Child::output($worker, '--new-factor');

    die "$worker made no factor:\n$factor" if $? != 0;
    chomp $factor;

    my ($id, $secret, $sealed) = split(/ /, $factor);

    return (USER_FACTOR_ID => $id, USER_TOTP_SECRET => $secret, USER_FACTOR_SEALED => $sealed);
}

sub random_bytes {
    my ($count) = @_;

    open(my $in, '<:raw', '/dev/urandom') or die "/dev/urandom: $!\n";
    read($in, my $bytes, $count) == $count or die "/dev/urandom: $!\n";

    return $bytes;
}

sub uuid {
    my @bytes = unpack('C16', random_bytes(16));

    $bytes[6] = $bytes[6] & 0x0f | 0x40;
    $bytes[8] = $bytes[8] & 0x3f | 0x80;

    return join('-', unpack('A8 A4 A4 A4 A12', unpack('H*', pack('C16', @bytes))));
}

# dp_, 8 characters that the database looks the key up by, _, 32 random bytes.
sub api_key {
    my $prefix = substr(unpack('H*', random_bytes(4)), 0, 8);
    my $secret = MIME::Base64::encode_base64(random_bytes(32), '');

    $secret =~ tr{+/=}{-_}d;

    return "dp_${prefix}_$secret";
}

# What the database keeps of a key: prefix, and SHA-256 of all of it in hex.
sub key_record {
    my ($key) = @_;

    return (substr($key, 3, 8), Digest::SHA::sha256_hex($key));
}

sub master_key {
    my ($path) = @_;

    DevPilot::Files::spew($path, 0600, random_bytes(32)) unless -s $path;

    return $path;
}

sub certificate {
    my ($folder) = @_;
    my ($certificate, $key) = ("$folder/localhost.crt", "$folder/localhost.key");

    if (!-s $certificate) {
        mkdir($folder, 0700);
        my @command = (
            qw(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1),
            qw(-nodes -days 3650 -subj /CN=localhost),
            '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1',
            '-keyout', $key, '-out', $certificate,
        );
        my $said = DevPilot::Child::output(@command);

        die "openssl made no certificate:\n$said" if $? != 0;
    }

    return (certificate => $certificate, certificate_key => $key);
}

1;
