/*
 * Replies: a lock-free stack that is taken whole, so that no node can come
 * back while another thread looks at it.
 */

#include "replies.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct dp_replies_s {
    _Atomic(dp_message_t *) newest;
    int                     fd;
};

dp_replies_t *
dp_replies_create(void)
{
    dp_replies_t *replies = calloc(1, sizeof(*replies));

    if (replies == NULL) {
        abort();
    }

    replies->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (replies->fd < 0) {
        abort();
    }

    return replies;
}

void
dp_replies_destroy(dp_replies_t *replies)
{
    close(replies->fd);
    free(replies);
}

int
dp_replies_fd(const dp_replies_t *replies)
{
    return replies->fd;
}

void
dp_replies_push(dp_replies_t *replies, dp_message_t *message)
{
    dp_message_t *newest = atomic_load_explicit(&replies->newest,
                                                memory_order_relaxed);

    /* once pushed the message is the router's, `next` included */
    do {
        message->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(
        &replies->newest, &newest, message, memory_order_release,
        memory_order_relaxed));

    /* whoever finds the stack empty wakes the router, for all after it */
    if (newest == NULL) {
        eventfd_write(replies->fd, 1);
    }
}

static dp_message_t *
reverse(dp_message_t *newest)
{
    dp_message_t *oldest = NULL;

    while (newest != NULL) {
        dp_message_t *next = newest->next;

        newest->next = oldest;
        oldest = newest;
        newest = next;
    }

    return oldest;
}

dp_message_t *
dp_replies_take(dp_replies_t *replies)
{
    eventfd_t count;

    /* in this order: a push between the two finds an empty stack and wakes */
    eventfd_read(replies->fd, &count);

    return reverse(atomic_exchange_explicit(&replies->newest, NULL,
                                            memory_order_acquire));
}
