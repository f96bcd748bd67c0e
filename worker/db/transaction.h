/*
 * The frame every operation runs in: one trip for a read, three for a
 * mutation, whatever the operation does.
 *
 *     dp_transaction_begin(op);
 *     project = dp_transaction_queue(op, &project_statement, DP_BIND(...));
 *     if (!dp_transaction_facts(op)) {        first trip; a read ends here
 *         return false;
 *     }
 *     ... judge dp_transaction_row(op, project) in C ...
 *     dp_transaction_queue(op, &change_statement, DP_BIND(...));
 *     ... fill op->reply ...
 *     return dp_transaction_commit(op);       second and third trip
 *
 * The first trip also runs the gates (kill switch, caller, idempotency key) and
 * judges them in this order before the operation judges anything.  Whether an
 * operation reads or mutates, and which gates it passes, is in its route row.
 * After a false the operation returns false: the executor rolls back, retries
 * what may be retried, and audits denials.
 */

#ifndef DP_TRANSACTION_H
#define DP_TRANSACTION_H

#include "db/fault.h"
#include "db/row.h"
#include "db/statement.h"
#include "policy/permission.h"
#include "runtime/operation.h"

#define DP_FINGERPRINT_SIZE 32
#define DP_GATES 3

/* A check of the frame: a statement of the first trip, and its verdict. */
typedef struct {
    bool (*applies)(const dp_op_t *op);
    void (*queue)(dp_op_t *op); /* exactly one statement */

    /* False after dp_op_fail(), or with the reply filled and no error. */
    bool (*judge)(dp_op_t *op, dp_row_t row);
} dp_gate_t;

/* A transaction; members belong to the frame and to policy/. */
typedef struct dp_transaction_s {
    uint64_t    until_us;         /* CLOCK_MONOTONIC */
    dp_fault_t  fault;            /* of the database; DP_OK: none */
    bool        outcome_unknown;  /* lost while committing */
    bool        caller_known;     /* the credential was found valid */
    dp_caller_t caller;
    uint8_t     fingerprint[DP_FINGERPRINT_SIZE];
    unsigned    gate_steps[DP_GATES];
    const char *quota_metric;     /* NULL: the change touches no quota */
    int64_t     quota_amount;     /* taken; below 0: given back */
    unsigned    jobs_queued;
    bool        secret;           /* the stored reply is to be sealed */
} dp_transaction_t;

/* Connects if need be and queues BEGIN, the context and the gates. */
void dp_transaction_begin(dp_op_t *op);

/* Queues a statement of the next trip; the result's number. */
unsigned dp_transaction_queue(dp_op_t *op, const dp_statement_t *statement,
                              dp_values_t values);

/*
 * Makes the first trip and judges the gates.  False when the operation has
 * nothing left to do: it failed, or a stored response is replayed.
 */
bool dp_transaction_facts(dp_op_t *op) __attribute__((warn_unused_result));

/* The first row of a result; valid until the operation ends. */
dp_row_t dp_transaction_row(const dp_op_t *op, unsigned result);

/*
 * Sends the change with the stored response and the quota behind it, looks at
 * all results, then commits.  op->reply is complete by now.
 */
bool dp_transaction_commit(dp_op_t *op) __attribute__((warn_unused_result));

/* The request's trace id as bytea, or null when it has none. */
dp_value_t dp_transaction_trace(const dp_op_t *op);

/* The running transaction. */
dp_transaction_t *dp_transaction(const dp_op_t *op);

/* Queues the audit of a denial. */
typedef void dp_denial_fn(dp_op_t *op);

/*
 * For the executor: leaves no transaction behind.  When `denied` is not NULL,
 * what it queues is committed on its own, in the same trip as the rollback.
 */
void dp_transaction_end(dp_op_t *op, dp_denial_fn *denied);

#endif /* DP_TRANSACTION_H */
