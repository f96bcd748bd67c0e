# The C files that follow from the contract.  Each function takes what
# Contract::load() returned and returns a file's text.

package Rows;

use strict;
use warnings;

use Contract ();
use Time::Local qw(timegm);

my $origin = 'generated from api/openapi.yaml by scripts/generate-contract; do not edit';

sub opening {
    my ($what) = @_;

    return "/*\n * $what\n *\n * $origin\n */\n\n";
}

# createProject -> create_project
sub snake {
    my ($name) = @_;

    return lc($name =~ s/(?<!^)([A-Z])/_$1/gr);
}

sub index_header {
    my ($contract) = @_;
    my $names = join '', map {"    DP_ROUTE_$_->{id},\n"} @{$contract->{operations}};

    return opening('The index of each operation in dp_routes.') . <<"END";
#ifndef DP_ROUTES_INDEX_H
#define DP_ROUTES_INDEX_H

typedef enum {
${names}    DP_ROUTE_COUNT
} dp_route_index_t;

#endif /* DP_ROUTES_INDEX_H */
END
}

# The beginning of a day like 2027-01-31, in seconds since 1970.
sub day_begin {
    my ($year, $month, $day) = split /-/, $_[0];

    return timegm(0, 0, 0, $day, $month - 1, $year);
}

# The value of the header Deprecation (RFC 9745), as a C string.
sub deprecation {
    my ($day) = @_;

    return defined $day && '"@' . day_begin($day) . '"';
}

# The value of the header Sunset (RFC 8594), as a C string.
sub sunset {
    my ($date) = @_;

    return undef if !defined $date;

    my ($day, $month, $year, $weekday) = (gmtime day_begin($date))[3 .. 6];

    return sprintf '"%s, %02d %s %d 00:00:00 GMT"', (qw(Sun Mon Tue Wed Thu Fri Sat))[$weekday], $day,
        (qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec))[$month], $year + 1900;
}

# The members of one row; what is zero is left out.
sub row_members {
    my ($operation, $bit) = @_;
    my @names = @{$operation->{path_names}};
    my @members = (
        [operation   => qq("$operation->{id}")],
        [path        => qq("$operation->{path}")],
        [method      => 'DP_METHOD_' . uc $operation->{method}],
        [at_edge     => $operation->{at} eq 'edge' && 'true'],
        [mutates     => $operation->{mutates} && 'true'],
        [role_scope  => 'DP_ROLE_' . uc $operation->{scope}],
        [min_rank    => $operation->{rank}],
        [scope       => defined $operation->{confined_to} && "1ull << $bit->{$operation->{confined_to}}"],
        [idempotency => 'DP_KEY_' . uc $operation->{idempotency}],
        [cost_class  => 'DP_COST_' . uc $operation->{cost}],
        [cost        => $Contract::COSTS{$operation->{cost}}],
        [kill_classes => join ' | ', map {"DP_KILL_$_"} @{$operation->{switches}}],
        [body_limit  => $operation->{body_limit}],
        [param_count => scalar @names],
        [param_names => @names && '{' . join(', ', map {qq("$_")} @names) . '}'],
        [audit_action => defined $operation->{audit} && qq("$operation->{audit}")],
        [produces     => @{$operation->{produces}} && qq("$operation->{produces}[0]")],
        [if_match_required => defined $operation->{if_match} && 'true'],
        [password_pool => $operation->{password_pool} && 'true'],
        [needs_mfa    => $operation->{mfa} && 'true'],
        [needs_person => $operation->{person} && 'true'],
        [needs_fresh  => $operation->{fresh} && 'true'],
        [deprecation  => deprecation($operation->{deprecated})],
        [sunset       => sunset($operation->{sunset})],
    );

    return grep { $_->[1] } @members;
}

sub row {
    my ($operation, $bit) = @_;
    my $members = join '', map {"        .$_->[0] = $_->[1],\n"} row_members($operation, $bit);

    return "    [DP_ROUTE_$operation->{id}] = {\n$members    },\n";
}

sub route_table {
    my ($contract) = @_;
    my @scopes = @{$contract->{scopes}};
    my %bit    = map { $scopes[$_] => $_ } 0 .. $#scopes;
    my $scopes = join '', map {"    \"$_\",\n"} @scopes;
    my $rows  = join '', map { row($_, \%bit) } @{$contract->{operations}};
    my $names = join '', map {"    DP_ROUTE_$_,\n"}
        sort map { $_->{id} } @{$contract->{operations}};

    return opening('The rows of the contract, and their order by name.') . <<"END";
#include "dp_kill_switch.h"
#include "dp_routes.h"
#include "dp_routes_index.h"
#include "dp_scope.h"

const dp_route_t dp_routes[] = {
$rows};

const size_t dp_routes_count = DP_ROUTE_COUNT;

const uint16_t dp_routes_by_name[] = {
$names};

const char *const dp_scopes[] = {
$scopes};

const size_t dp_scopes_count = sizeof(dp_scopes) / sizeof(dp_scopes[0]);
END
}

sub in_worker {
    my ($contract) = @_;

    return grep { $_->{at} eq 'worker' } @{$contract->{operations}};
}

sub operations_header {
    my ($contract) = @_;
    my $prototypes = join '', map { sprintf "dp_operation_fn dp_op_%s;\n", snake($_->{id}) }
        in_worker($contract);

    return opening('The functions of the operations that run in a transaction thread.') . <<"END";
#ifndef DP_OPERATIONS_H
#define DP_OPERATIONS_H

#include "dp_routes_index.h"
#include "runtime/operation.h"

$prototypes
/*
 * By DP_ROUTE_*.  NULL for what the edge answers by itself, and for what the
 * worker's runtime answers without a transaction.
 */
extern dp_operation_fn *const dp_operations[DP_ROUTE_COUNT];

#endif /* DP_OPERATIONS_H */
END
}

sub operations_table {
    my ($contract) = @_;
    my $rows = join '',
        map { sprintf "    [DP_ROUTE_%s] = dp_op_%s,\n", $_->{id}, snake($_->{id}) }
        in_worker($contract);

    return opening('The function of each operation.') . <<"END";
#include "dp_operations.h"

dp_operation_fn *const dp_operations[DP_ROUTE_COUNT] = {
$rows};
END
}

1;
