/*
 * Tokens that are good for one thing, once, and not for long: links in mails, a
 * login that waits for its second factor, the state of a login elsewhere.
 *
 * Statements of operations that are public: the platform's role runs them.
 */

#ifndef DP_ONE_TIME_TOKEN_H
#define DP_ONE_TIME_TOKEN_H

#include "db/transaction.h"

typedef struct {
    const char    *purpose; /* of dp.one_time_token */
    const uint8_t *user_id; /* NULL: nobody's yet */
    uint32_t       lasts_s;
    dp_slice_t     data;    /* JSON without secrets, or empty */
    dp_slice_t     sealed;  /* what is secret, sealed, or empty */
} dp_one_time_t;

/* Queues the making of a token; returns its text. */
dp_slice_t dp_one_time_issue(dp_op_t *op, const dp_one_time_t *token);

/*
 * Queues finding and locking a token that was not used and has not expired, in
 * the first trip.  A text that is none finds no row.
 */
unsigned dp_one_time_find(dp_op_t *op, const char *purpose, dp_slice_t text);

/* The columns of what is found. */
enum {
    DP_ONE_TIME_USER_ID,
    DP_ONE_TIME_DATA,
    DP_ONE_TIME_SEALED,
    DP_ONE_TIME_ATTEMPTS, /* that failed before */
};

/* Queue what becomes of it: it is used up, or something failed with it. */
void dp_one_time_use(dp_op_t *op, dp_slice_t text);
void dp_one_time_fail(dp_op_t *op, dp_slice_t text);

/* Queues using up all of a user's tokens for one purpose. */
void dp_one_time_void(dp_op_t *op, const char *purpose, const uint8_t *user_id);

#endif /* DP_ONE_TIME_TOKEN_H */
