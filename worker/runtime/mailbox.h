/*
 * The bounded queue between the router and the threads of a pool.
 *
 * One thread puts, any number take; first in, first out.  It never blocks the
 * one that puts: a full mailbox says so at once.
 */

#ifndef DP_MAILBOX_H
#define DP_MAILBOX_H

#include "message.h"

typedef struct dp_mailbox_s dp_mailbox_t;

/* One for each kind of threads. */
typedef struct {
    dp_mailbox_t *transactions;
    dp_mailbox_t *passwords; /* what hashes passwords */
} dp_mailboxes_t;

/* For at most `capacity` messages; aborts when memory is out. */
dp_mailbox_t *dp_mailbox_create(size_t capacity);

/* Frees an empty mailbox in which no thread waits. */
void dp_mailbox_destroy(dp_mailbox_t *mailbox);

/* False, and the message stays the caller's, when the mailbox is full. */
bool dp_mailbox_put(dp_mailbox_t *mailbox, dp_message_t *message)
    __attribute__((warn_unused_result));

/* Waits for a message; NULL once the mailbox is closed and empty. */
dp_message_t *dp_mailbox_take(dp_mailbox_t *mailbox);

/* The first message if its deadline lies before `now_us`, else NULL. */
dp_message_t *dp_mailbox_take_late(dp_mailbox_t *mailbox, uint64_t now_us);

/* Lets those that wait go once the mailbox is empty. */
void dp_mailbox_close(dp_mailbox_t *mailbox);

size_t dp_mailbox_length(dp_mailbox_t *mailbox);

#endif /* DP_MAILBOX_H */
