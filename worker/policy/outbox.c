/*
 * Writing the outbox.
 */

#include "outbox.h"

static const dp_statement_t insert_event = {
    .name = "outbox.insert",
    .sql = "insert into dp.outbox (org_id, topic, key, payload, trace_id)"
           "values (app.current_org(), $1, $2, $3::json, $4)",
    .rows = DP_ROWS_ONE,
};

void
dp_outbox(dp_op_t *op, const char *topic, dp_slice_t key, dp_slice_t payload)
{
    dp_transaction_queue(op, &insert_event,
                         DP_BIND(dp_text(dp_slice_text(topic)), dp_text(key),
                                 dp_text(payload), dp_transaction_trace(op)));
}
