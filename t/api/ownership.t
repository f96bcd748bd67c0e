# Every operation whose path names something, with what belongs to another tenant: it
# is not there, nothing changes, and the caller's trail says what he tried.

use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::DevPilot;
use Test::DevPilot::Audit qw(audited);
use Test::DevPilot::Contract qw(operations);
use Test::DevPilot::Refusal qw(refused_ok);
use Test::DevPilot::Tenant;
use Test::DevPilot::Wrong qw(request send_request);
use Test::More;

my $stack = Test::DevPilot->start(limits => 'high');
my ($mine, $theirs) = map { Test::DevPilot::Tenant::tenant($stack) } 1 .. 2;
my $key = $mine->{member}{organization_admin}{key};

# A request with these ids is refused as if they did not exist; the trail names `foreign`.
sub violation_ok {
    my ($operation, $path, $foreign) = @_;
    my $of = request($operation);
    my $before = Test::DevPilot::Tenant::snapshot($stack);
    my $response = send_request($stack, $operation, {%$of, path => $path}, key => $key);
    my $type = $foreign =~ s/Id\z//r;

    refused_ok $response, 'RESOURCE_NOT_FOUND', "$foreign of another tenant is not there";
    # So many of them raise the caller's abuse tier, which is an event, too.
    like audited($stack, $response), qr/\Aaccess.ownership_violation denied OWNERSHIP_VIOLATION $type $path->{$foreign}\b/,
        "$foreign: it is audited";
    is Test::DevPilot::Tenant::snapshot($stack), $before, "$foreign: nothing changes";
}

# Neither an identity provider nor a session is a tenant's: a session is its user's.
for my $operation (grep { $_->{path} =~ /\{(?!provider|sessionId)/ } operations()) {
    subtest "$operation->{id} (IDN-08)" => sub {
        my ($first, @inner) = $operation->{path} =~ /\{(\w+)\}/g;
        my %foreign = Test::DevPilot::Tenant::resources($stack, $theirs, $first, @inner);

        violation_ok($operation, \%foreign, $first);

        for my $name (@inner) {
            my %own = Test::DevPilot::Tenant::resources($stack, $mine, $first, @inner);

            violation_ok($operation, {%own, $name => $foreign{$name}}, $name);
        }

        return if !@inner;

        my %own = Test::DevPilot::Tenant::resources($stack, $mine, $first, @inner);
        my $nobody = {%own, $inner[0] => '00000000-0000-4000-8000-000000000000'};
        my $response = send_request($stack, $operation, {%{request($operation)}, path => $nobody}, key => $key);

        unlike audited($stack, $response) // '', qr/OWNERSHIP/, 'what does not exist is nobody\'s';
    };
}

$stack->finish;

done_testing;
