/*
 * Audit events: what was done or refused, by whom, to what.
 *
 * An event of a change is part of its transaction.  A denial's transaction is
 * rolled back, so its event is written in one of its own, which asks no kill
 * switch.  Facts and ids only; personal data goes into `detail`, which can be
 * erased.
 */

#ifndef DP_AUDIT_H
#define DP_AUDIT_H

#include "db/transaction.h"

typedef struct {
    const char *action;      /* project.created */
    const char *target_type; /* project */
    dp_slice_t  target_id;
    const char *outcome;     /* success, denied, failure or suppressed */
    const char *code;        /* of the error; NULL: none */
    dp_slice_t  detail;      /* a JSON object, or empty */
    bool        by_user;     /* though the request had no credential */
} dp_audit_t;

/* The type of who acts, for statements that write an event themselves. */
dp_value_t dp_audit_actor(const dp_op_t *op);

/* Queues an event in the running transaction. */
void dp_audit(dp_op_t *op, const dp_audit_t *event);

/* Queues the event of a change that succeeds: the route's audit action. */
void dp_audit_change(dp_op_t *op, const char *target_type, dp_slice_t target_id,
                     dp_slice_t detail);

/*
 * For the executor: what to queue when the operation ended as it did, or NULL
 * when that is not audited or the caller was not established.
 */
dp_denial_fn *dp_audit_denial(const dp_op_t *op);

#endif /* DP_AUDIT_H */
