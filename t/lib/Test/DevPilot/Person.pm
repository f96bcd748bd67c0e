# People with accounts: made by SQL, with a password as the worker hashes it, and
# logging in over HTTP.

package Test::DevPilot::Person;

use strict;
use warnings;
use Test::DevPilot::Folder;
use lib Test::DevPilot::Folder::root() . '/scripts/lib';
use DevPilot::Secrets;
use Test::DevPilot::Tenant;

# So that a test does not wait for hashes: for start(environment => {...}).
sub cheap { return (DEVPILOT_PASSWORD_MEMORY => '64k', DEVPILOT_PASSWORD_PASSES => 1) }

my $hash;

# What the worker makes of the password "correct horse".
sub password_hash {
    local %ENV = (%ENV, cheap());

    return $hash //= do {
        my $worker = Test::DevPilot::Folder::build() . '/devpilot-worker';
        my $said = qx(echo 'correct horse' | '$worker' --hash-password);

        die "no hash\n" if $? != 0;
        chomp $said;
        $said;
    };
}

# A new account: {user_id, org_id, email, password}.  Options: role
# (organization_admin), org_id (a new one), status (active), hash.
sub account {
    my ($stack, %option) = @_;
    my $org_id = $option{org_id} // Test::DevPilot::Tenant::organization($stack);
    my $id = Test::DevPilot::Tenant::user($stack, $org_id, $option{role} // 'organization_admin');
    my $stored = $option{hash} // password_hash();

    $stack->query("update dp.app_user set status = '$option{status}' where id = '$id'") if $option{status};
    $stack->query("insert into dp.user_credential (user_id, password_hash) values ('$id', '$stored')");

    return {user_id => $id, org_id => $org_id, email => "$id\@test.invalid", password => 'correct horse'};
}

# Logs in.  Options: password, transport, from (an address), device (its cookie's
# value), tls, user_agent.  Returns the response.
sub login {
    my ($stack, $person, %option) = @_;
    my %headers = from($option{from});

    $headers{Cookie} = "__Host-devpilot_device=$option{device}" if $option{device};
    $headers{'User-Agent'} = $option{user_agent} if $option{user_agent};

    return $stack->request(
        'POST', ($option{tls} ? $stack->tls_url : $stack->url) . '/auth/login',
        key => undef, headers => \%headers,
        json => {
            email => $person->{email}, password => $option{password} // $person->{password},
            $option{transport} ? (transport => $option{transport}) : (),
        },
    );
}

# The header by which a client seems to come from elsewhere.
sub from {
    my ($address) = @_;

    return defined $address ? ('X-Forwarded-For' => $address) : ();
}

# Exchanges a refresh token.
sub refresh {
    my ($stack, $token, %option) = @_;

    return $stack->request('POST', '/auth/refresh', key => undef, headers => {from($option{from})},
                           json => {refreshToken => $token});
}

# {name => value} of the cookies that a response sets, and with attributes => 1
# {name => the whole of it}.
sub cookies {
    my ($response, %option) = @_;

    return map { /\A([^=]+)=([^;]*)/ ? ($1 => $option{attributes} ? $_ : $2) : () }
        @{$response->headers->every_header('Set-Cookie')};
}

1;
