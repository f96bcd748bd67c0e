# The worker trusts no peer (step 10 of a mutation): what the edge judges before it
# forwards is judged again.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Dealer;
use Test::More;

use constant {NOBODY => 0, API_KEY => 1, INVENTED => 7};

my $stack = Test::DevPilot->start;
my $dealer = Test::DevPilot::Dealer->new($stack);
my ($credential, $user) = map { pack('H*', tr/-//dr) }
    split(/\|/, $stack->query("select id, created_by from dp.api_key where max_role = 'organization_admin'"));
my $keys = 0;

# createProject by the administrator, but for what is said here; status and code.
sub create {
    my (%field) = @_;
    my $kind = delete $field{principal} // API_KEY;

    $dealer->send_request(
        operation       => 'createProject',
        idempotency_key => 'a-key-of-a-peer-' . ++$keys,
        body            => '{"name": "By a peer"}',
        credential      => $credential,
        user            => $user,
        org             => pack('H*', $stack->org_id =~ tr/-//dr),
        $kind ? (kind => pack('n', $kind)) : (),
        %field,
    );

    my $reply = $dealer->reply;

    return "$reply->{status} $reply->{code}";
}

is create(), '201 ', 'a request as the edge sends it';

is create(principal => NOBODY), '401 AUTH_REQUIRED', 'RBAC-13: nobody, though he names ids';
is create(principal => INVENTED), '401 AUTH_REQUIRED', 'RBAC-13: a caller of an unknown kind is nobody';
is create(user => pack('H*', '1' x 32)), '401 AUTH_KEY_INVALID', "RBAC-13: another user's key";

is create(body => '{"name": "x"}' . ' ' x (1 << 20)), '413 REQUEST_TOO_LARGE', 'a body beyond the limit of its route';
is create(body => '{"name": "x"} '), '201 ', 'one within';
is create(body => '{"name": 1}'), '422 VALIDATION_FAILED', 'a body that the contract refuses';
is create(idempotency_key => 'short'), '422 VALIDATION_FAILED', 'a key that is none';

is $stack->query("select count(*) from dp.project"), 2, 'nothing else was done';

$stack->finish;
done_testing;
