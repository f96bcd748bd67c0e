# docs/roles.md: who may execute which operation.
#
# Made of the contract's policy alone; t/api/roles.t, which tries every cell of it,
# tells whether the programs follow.

package Roles;

use strict;
use warnings;

use Contract ();
use Pages    ();

# Who, in words, and with which ranks.
my @callers = (
    [nobody   => 'has no credential'],
    [stranger => 'administers another organisation'],
    (map { in_org($_) } qw(viewer developer organization_admin)),
    (map { in_project($_) } qw(Viewer Contributor Maintainer Owner)),
);

# A role in the organisation counts in all its projects.
sub in_org {
    my ($role) = @_;
    my $rank = $Contract::RANKS{org}{$role};

    return [$role => 'has that role in the organisation', org => $rank, project => $rank];
}

sub in_project {
    my ($role) = @_;

    return [$role => 'is a viewer of the organisation and has that role in the project',
            org => $Contract::RANKS{org}{viewer}, project => $Contract::RANKS{project}{$role}];
}

# What a caller gets: yes, or the status that refuses him.
sub verdict {
    my ($operation, $name, undef, %rank) = @_;
    my $scope = $operation->{scope};

    return 'yes' if $scope eq 'public';
    return 401   if $name eq 'nobody';
    return 'yes' if $scope eq 'user';
    return stranger_verdict($operation) if $name eq 'stranger';
    return ($rank{$scope} // 0) >= $operation->{rank} ? 'yes' : 403;
}

# Nothing of another tenant is there; what names no tenant is about his own.
sub stranger_verdict {
    my ($operation) = @_;

    return grep({ $_ eq 'orgId' || $_ eq 'projectId' } @{$operation->{path_names}}) ? 404 : 'yes';
}

sub row {
    my ($operation) = @_;

    return ["[$operation->{id}](api.md#" . lc($operation->{id}) . ')', map { verdict($operation, @$_) } @callers];
}

sub page {
    my ($contract) = @_;
    my @head = ('operation', map { $_->[0] } @callers);
    my $who = join '', map {'- ' . Pages::code($_->[0]) . " $_->[1]\n"} @callers;
    my $table = Pages::table(\@head, map { row($_) } @{$contract->{operations}});

    return Pages::opening('Roles', 'api/openapi.yaml') . <<"END" =~ s/\n+\z/\n/r;
Who may execute which operation. A refusal is a 401 (AUTH_REQUIRED), a 403 (AUTH_FORBIDDEN) or, where
the very existence is none of the caller's business, a 404 (RESOURCE_NOT_FOUND). The better one of the
roles in organisation and project counts, up to what the credential was made for.
[organizations.md](organizations.md) tells how roles are given.

$who
$table
END
}

1;
