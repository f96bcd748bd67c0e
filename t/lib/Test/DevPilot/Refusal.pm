# Asserts that a response is an error as the contract has it: the status that the
# code's row says, the envelope with every member, the headers that belong to it.

package Test::DevPilot::Refusal;

use strict;
use warnings;
use Exporter 'import';
use Test::DevPilot::Folder;
use Test::More;

our @EXPORT_OK = qw(refused_ok issues);

my $table = Test::DevPilot::Folder::slurp(Test::DevPilot::Folder::root() . '/shared/dp_errors.def');
my %row;

while ($table =~ /DP_ERROR\((\w+), (\d+), (\w+), (\w+), (\d+),/g) {
    $row{$1} = {status => $2, severity => $3, retryPolicy => $4, retry_after => $5};
}

my @always = qw(causeChain code context message requestId retryPolicy severity timestamp traceId);

# One test; true when the response is the refusal `code`.  Options: status and
# retry_after, where the answer knows better than the code's row; causes, a list
# that causeChain is to be.
sub refused_ok {
    my ($response, $code, $name, %option) = @_;
    my $status = $option{status} // $row{$code}{status} // die "no row for $code\n";
    my @faults = $response ? faults($response, $code, {%option, status => $status}) : 'there is no response';

    local $Test::Builder::Level = $Test::Builder::Level + 1;

    return ok(!@faults, $name // $code)
        || diag(join("\n", @faults), "\n", $response ? $response->to_string : '');
}

sub faults {
    my ($response, $code, $option) = @_;
    my $json = $response->json;
    my $error = ref $json eq 'HASH' ? $json->{error} : undef;

    return 'not an envelope' if ref $error ne 'HASH';

    return (head_faults($response, $option->{status}, $error), retry_faults($response, $code, $option->{retry_after}),
        body_faults($error, $code), cause_faults($error, $option->{causes}));
}

# RFC 6750, section 3: what a code says of a credential that was sent.
my %challenge = (
    AUTH_TOKEN_EXPIRED => 'Bearer error="invalid_token", error_description="The token has expired"',
    map { $_ => 'Bearer error="invalid_token"' } qw(AUTH_KEY_INVALID AUTH_TOKEN_INVALID AUTH_SESSION_REVOKED),
);

sub challenge {
    my ($code, $status) = @_;

    return $challenge{$code} // ($status == 401 ? 'Bearer' : undef);
}

sub head_faults {
    my ($response, $status, $error) = @_;
    my $headers = $response->headers;

    return differences(
        status             => [$response->code, $status],
        'Content-Type'     => [$headers->content_type, 'application/json'],
        'Cache-Control'    => [$headers->cache_control, 'no-store'],
        'X-Request-Id'     => [$headers->header('X-Request-Id'), $error->{requestId}],
        'WWW-Authenticate' => [$headers->www_authenticate, challenge($error->{code} // '', $status)],
    );
}

# How long a limit lasts is known to the limit only.
sub retry_faults {
    my ($response, $code, $wanted) = @_;
    my $said = $response->headers->header('Retry-After') // '';

    $wanted //= $said if $row{$code}{status} == 429 && $said =~ /\A[1-9]\d*\z/;
    $wanted //= $row{$code}{retry_after} || '';

    return differences('Retry-After' => [$said, $wanted]);
}

sub body_faults {
    my ($error, $code) = @_;
    my $known = $row{$code};
    my %optional = map { $_ => 1 } qw(details hint);
    my %wanted = (
        code        => [$error->{code}, $code],
        members     => [join(' ', sort grep { !$optional{$_} } keys %$error), join(' ', sort @always)],
        severity    => [$error->{severity}, $known->{severity}],
        retryPolicy => [$error->{retryPolicy}, $known->{retryPolicy}],
        context     => [ref $error->{context}, 'HASH'],
    );
    my @faults = differences(%wanted);

    push @faults, map { "$_ is empty" } grep { !filled($error->{$_}) } grep { exists $error->{$_} } keys %optional;
    push @faults, 'requestId' if $error->{requestId} !~ /\A[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\z/;
    push @faults, 'traceId' if $error->{traceId} !~ /\A(?!0+\z)[0-9a-f]{32}\z/;
    push @faults, 'timestamp' if $error->{timestamp} !~ /\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z\z/;

    return @faults;
}

# Each cause once, and every one that is known.
sub cause_faults {
    my ($error, $causes) = @_;
    my $chain = $error->{causeChain};

    return 'causeChain' if ref $chain ne 'ARRAY' || keys %{{map { $_ => 1 } @$chain}} != @$chain;
    return differences(causeChain => [join(' ', @$chain), join(' ', @{$causes // $chain})]);
}

sub filled {
    my ($value) = @_;

    return ref $value ? !!%$value : length($value // '');
}

# name => [got, wanted], ...
sub differences {
    my (%compared) = @_;

    return map { "$_: got " . ($compared{$_}[0] // 'nothing') . ", wanted " . ($compared{$_}[1] // 'nothing') }
        grep { ($compared{$_}[0] // '') ne ($compared{$_}[1] // '') } sort keys %compared;
}

# What details.issues says, as "pointer keyword" each, sorted.
sub issues {
    my ($response) = @_;
    my $issues = (($response->json // {})->{error}{details} // {})->{issues} // [];

    return [sort map { "$_->{pointer} $_->{keyword}" } @$issues];
}

1;
