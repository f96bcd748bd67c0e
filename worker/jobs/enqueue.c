/*
 * The statement that queues a job.
 */

#include "enqueue.h"

#include "crypto/random.h"
#include "dp_id.h"
#include "payload.h"

static const dp_statement_t enqueue = {
    .name = "job.enqueue",
    .sql = "select app.job_enqueue($1, $2, $3::json, $4, $5, $6, $7, $8, $9, $10,"
           "                       $11)",
    .rows = DP_ROWS_ONE,
};

static dp_value_t
not_before(const dp_job_order_t *order)
{
    dp_value_t time = dp_time(order->not_before_us);

    return order->not_before_us == 0 ? dp_null(time) : time;
}

static dp_slice_t
payload_of(const dp_op_t *op, const dp_job_order_t *order, const uint8_t *id)
{
    if (order->payload.len == 0) {
        return DP_SLICE("{}");
    }

    return order->secret ? dp_payload_seal(op->arena, id, order->payload)
                         : order->payload;
}

unsigned
dp_job_enqueue(dp_op_t *op, const dp_job_order_t *order)
{
    const dp_job_kind_t *kind = &dp_job_kinds[order->kind];
    const uint8_t       *id = order->id;
    uint8_t              random_id[DP_ID_SIZE];

    if (id == NULL) {
        dp_random(random_id, sizeof(random_id));
        dp_id_from_random(random_id);
        id = random_id;
    }

    dp_transaction(op)->jobs_queued++;

    return dp_transaction_queue(
        op, &enqueue,
        DP_BIND(dp_text(dp_slice_text(kind->name)), dp_int2(kind->version),
                dp_text(payload_of(op, order, id)),
                dp_int4((int32_t) (kind->switches | DP_JOB_SWITCHES)),
                dp_int2(kind->priority), dp_int4((int32_t) kind->max_attempts),
                dp_text_or_null(order->unique_key),
                dp_text_or_null(order->serial_key), not_before(order),
                dp_transaction_trace(op), dp_uuid(id)));
}
