/*
 * Threads that run messages: each takes them from the mailbox of its pool, one at
 * a time, runs them on a database connection and an arena of its own, and pushes
 * the answers.  A message whose deadline has passed comes back without one.
 *
 * There are two pools: one for transactions, and a small one for what hashes
 * passwords, so that logins cannot starve transactions.
 */

#ifndef DP_TRANSACTION_THREAD_H
#define DP_TRANSACTION_THREAD_H

#include "mailbox.h"
#include "metrics.h"
#include "replies.h"

typedef struct dp_transaction_threads_s dp_transaction_threads_t;

/* What is lent to a pool until it is stopped. */
typedef struct {
    const char   *name;    /* of its threads */
    size_t        count;
    dp_mailbox_t *mailbox;
    dp_replies_t *replies;
    const char   *database; /* a connection string */
    dp_metric_t   total;    /* gauges: its threads, */
    dp_metric_t   busy;     /* and those that have a message */
} dp_pool_t;

/* Starts a pool.  NULL with errno when the system does not give so many. */
dp_transaction_threads_t *dp_transaction_threads_start(const dp_pool_t *pool)
    __attribute__((warn_unused_result));

/* Closes the mailbox, waits until each thread has ended, and frees all. */
void dp_transaction_threads_stop(dp_transaction_threads_t *threads);

#endif /* DP_TRANSACTION_THREAD_H */
