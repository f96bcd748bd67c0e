/*
 * What every operation needs: its refusals and its time.
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
