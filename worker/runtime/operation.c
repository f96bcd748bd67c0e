/*
 * What every operation needs: its refusals, its time, its name in the log.
 */

#include "operation.h"

#include "deadline.h"

bool
dp_op_fail(dp_op_t *op, dp_error_t error)
{
    return dp_op_fail_details(op, error, dp_slice(NULL, 0));
}

bool
dp_op_fail_details(dp_op_t *op, dp_error_t error, dp_slice_t details)
{
    op->error = error;
    op->reply.details = details;

    return false;
}

uint64_t
dp_op_time_left_us(const dp_op_t *op)
{
    return dp_deadline_left_us(op->request->deadline_us);
}

dp_log_context_t
dp_op_log_context(const dp_op_t *op)
{
    const dp_wire_request_t *request = op->request;
    bool known = request->principal.kind != DP_PRINCIPAL_NONE;

    return (dp_log_context_t) {
        .request_id = request->request_id,
        .trace_id = request->trace_id,
        .span_id = op->span_id,
        .parent_span_id = request->span_id,
        .org_id = known ? request->principal.org_id : NULL,
        .user_id = known ? request->principal.user_id : NULL,
        .operation = op->route->operation,
    };
}
