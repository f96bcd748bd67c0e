/*
 * An attempt to prove who one is: whom it is about, what it counts against, and
 * what becomes of it.
 *
 *     if (!dp_attempt_find(op, email, &attempt)) {
 *         return false;                       the database could not be asked
 *     }
 *     if (attempt.locked_s != 0) {
 *         return dp_attempt_refuse(op, &attempt, DP_ERR_AUTH_ACCOUNT_LOCKED, "locked");
 *     }
 *     ... judge what he came with, outside of any transaction ...
 *     dp_transaction_begin(op);
 *     locked = dp_attempt_lock(op, &attempt);
 *     if (!dp_transaction_facts(op) || !dp_attempt_judge(op, locked)) {
 *         return false;
 *     }
 *     dp_attempt_succeed(op, &attempt);       or it is not over yet
 *
 * The platform's role runs the statements: such operations are public.
 */

#ifndef DP_ATTEMPT_H
#define DP_ATTEMPT_H

#include "db/transaction.h"
#include "lockout.h"

/* Texts and ids in the arena. */
typedef struct {
    uint8_t        account[DP_SHA256_SIZE];
    dp_slice_t     network;  /* the origins it came from */
    dp_slice_t     device;   /* empty: none that the account knows */
    dp_slice_t     origin;   /* of these, what a failure counts against */
    uint32_t       locked_s; /* there is none that is not locked for so long */
    const uint8_t *user_id;  /* NULL: there is no such account */
    const uint8_t *org_id;   /* his first; NULL: none */
    dp_slice_t     email;    /* as the account has it */
    dp_slice_t     status;   /* of dp.app_user */
    dp_slice_t     hash;     /* of his password; empty: he has none */
} dp_attempt_t;

/* Asks about the account of an address.  False after dp_op_fail(). */
bool dp_attempt_find(dp_op_t *op, dp_slice_t email, dp_attempt_t *attempt)
    __attribute__((warn_unused_result));

/* Likewise about a user, whose address the caller need not know. */
bool dp_attempt_find_user(dp_op_t *op, const uint8_t *user_id,
                          dp_attempt_t *attempt)
    __attribute__((warn_unused_result));

/* Queues locking what the attempt counts against, and reading it again. */
unsigned dp_attempt_lock(dp_op_t *op, const dp_attempt_t *attempt);

/*
 * Whether the attempt, though what it came with is right, still counts: another
 * one may have been refused meanwhile.  False after dp_op_fail():
 * AUTH_ACCOUNT_LOCKED.
 */
bool dp_attempt_judge(dp_op_t *op, unsigned locked)
    __attribute__((warn_unused_result));

/*
 * Queues forgetting the failures of its origin: a device that is let in says
 * nothing about others on its network.
 */
void dp_attempt_succeed(dp_op_t *op, const dp_attempt_t *attempt);

/*
 * Ends an operation that has not begun a transaction: writes down the refusal,
 * and counts it if it is AUTH_LOGIN_FAILED or AUTH_MFA_INVALID.  `reason` is for
 * the audit trail; the client sees the error, whatever it was.  Always false.
 */
bool dp_attempt_refuse(dp_op_t *op, const dp_attempt_t *attempt, dp_error_t error,
                       const char *reason);

/* The same in the running transaction, once its facts are there. */
bool dp_attempt_fail(dp_op_t *op, const dp_attempt_t *attempt, unsigned locked,
                     dp_error_t error, const char *reason);

#endif /* DP_ATTEMPT_H */
