/*
 * One request on its way through a transaction thread.
 *
 * The thread fills an operation from a frame, runs it, encodes its reply and
 * resets the arena.  An operation's function is named after its operationId
 * (createProject: dp_op_create_project), is declared by the generated
 * dp_operations.h, and returns false after dp_op_fail(), or true with `reply`
 * filled.  It may be run again from the start after a serialisation failure:
 * it keeps nothing outside the operation.
 */

#ifndef DP_OPERATION_H
#define DP_OPERATION_H

#include "arena.h"
#include "dp_error.h"
#include "dp_routes.h"
#include "dp_wire.h"
#include "log.h"

typedef struct dp_db_s    dp_db_t;
typedef struct dp_input_s dp_input_t; /* policy/input.h */

typedef struct {
    dp_arena_t              *arena;   /* request lifetime */
    dp_db_t                 *db;      /* the thread's connection */
    const dp_route_t        *route;
    const dp_wire_request_t *request; /* borrows from the frame */
    const dp_input_t        *input;   /* what it says, once it is judged */
    uint8_t                  span_id[8]; /* ours, a child of the edge's */
    uint64_t                 started_us; /* CLOCK_MONOTONIC */

    /* outcome */
    dp_error_t               error;   /* DP_OK: reply.status and reply.body */
    dp_wire_reply_t          reply;   /* slices live in the arena */
    unsigned                 attempts; /* of the transaction, from 1 */
} dp_op_t;

typedef bool dp_operation_fn(dp_op_t *op);

/* Sets the error; always false, so that callers write return dp_op_fail(). */
bool dp_op_fail(dp_op_t *op, dp_error_t error) __attribute__((cold));

/*
 * Likewise with a JSON object for the envelope's details.  Of a reply that fails
 * these, its causes and its Retry-After go out.
 */
bool dp_op_fail_details(dp_op_t *op, dp_error_t error, dp_slice_t details)
    __attribute__((cold));

/* What is left of the deadline in microseconds; 0 when it has passed. */
uint64_t dp_op_time_left_us(const dp_op_t *op);

/* Whose doing a line of the log is about; borrows from the operation. */
dp_log_context_t dp_op_log_context(const dp_op_t *op);

#endif /* DP_OPERATION_H */
