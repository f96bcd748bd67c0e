/*
 * The transaction threads: each takes messages from the mailbox, one at a
 * time, runs them on a database connection and an arena of its own, and pushes
 * the answers.  A message whose deadline has passed comes back without one.
 */

#ifndef DP_TRANSACTION_THREAD_H
#define DP_TRANSACTION_THREAD_H

#include "mailbox.h"
#include "replies.h"
#include "settings.h"

typedef struct dp_transaction_threads_s dp_transaction_threads_t;

/*
 * Starts settings->transaction_threads of them.  NULL with errno when the
 * system does not give so many.
 */
dp_transaction_threads_t *
dp_transaction_threads_start(const dp_settings_t *settings,
                             dp_mailbox_t *mailbox, dp_replies_t *replies)
    __attribute__((warn_unused_result));

/* Closes the mailbox, waits until each thread has ended, and frees all. */
void dp_transaction_threads_stop(dp_transaction_threads_t *threads);

#endif /* DP_TRANSACTION_THREAD_H */
