/*
 * Queueing a job in an operation's transaction: there when the transaction
 * commits, and then run soon; never there when it does not.
 */

#ifndef DP_ENQUEUE_H
#define DP_ENQUEUE_H

#include "db/transaction.h"
#include "kinds.h"

/* A job to be queued; what is left out is none. */
typedef struct {
    dp_job_kind_id_t kind;
    const uint8_t   *id;         /* NULL: a random one */
    dp_slice_t       payload;    /* a JSON object, of the kind's version */
    dp_slice_t       unique_key; /* no two with the same one wait or run */
    dp_slice_t       serial_key; /* no two with the same one run at once */
    uint64_t         not_before_us; /* since 1970 */
    bool             secret; /* the payload is kept sealed, see payload.h */
} dp_job_order_t;

/*
 * Queues a statement of the change: the job belongs to the caller's organisation,
 * or to the platform when the request has no caller, and carries the request's id
 * and trace.  An order whose unique key is taken queues nothing and fails nothing.
 * Returns the result's number: one row, the job's id or null.
 */
unsigned dp_job_enqueue(dp_op_t *op, const dp_job_order_t *order);

#endif /* DP_ENQUEUE_H */
