# What a request left behind for others to read: its audit events and its events in
# the outbox.

package Test::DevPilot::Audit;

use strict;
use warnings;
use Exporter 'import';

our @EXPORT_OK = qw(audited announced);

# "action outcome code target_type target_id" of each event that the request caused.
sub audited {
    my ($stack, $response) = @_;
    my $request_id = $response->headers->header('X-Request-Id');

    return $stack->query("select string_agg(concat_ws(' ', action, outcome, code, target_type, target_id), ', '"
                         . " order by seq) from dp.audit_event where request_id = '$request_id'");
}

# "topic, topic" of all events about a key, the oldest first.
sub announced {
    my ($stack, $key) = @_;

    return $stack->query("select string_agg(topic, ', ' order by seq) from dp.outbox where key = '$key'");
}

1;
