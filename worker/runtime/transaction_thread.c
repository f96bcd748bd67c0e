/*
 * Transaction threads and their loop.
 */

#define _GNU_SOURCE /* pthread_setname_np */

#include "transaction_thread.h"

#include "deadline.h"
#include "dispatch.h"
#include "metrics.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct dp_transaction_threads_s {
    dp_mailbox_t *mailbox;
    dp_replies_t *replies;
    const char   *database;
    size_t        count;
    pthread_t     threads[];
};

static void
handle_message(dp_message_t *message, dp_arena_t *arena, dp_db_t *db)
{
    uint64_t waited_us = dp_monotonic_us() - message->received_us;

    dp_histogram_observe(DP_HISTOGRAM_QUEUE_WAIT, waited_us);

    if (dp_deadline_left_us(message->deadline_us) == 0) {
        dp_metric_add(DP_METRIC_DROPPED_LATE, 1);
        return;
    }

    dp_dispatch(message, arena, db);
    dp_arena_reset(arena);
}

static void *
thread_main(void *data)
{
    dp_transaction_threads_t *threads = data;
    dp_arena_t               *arena = dp_arena_create();
    dp_db_t                  *db = dp_db_create(threads->database);
    dp_message_t             *message;

    while ((message = dp_mailbox_take(threads->mailbox)) != NULL) {
        dp_metric_add(DP_METRIC_THREADS_BUSY, 1);
        handle_message(message, arena, db);
        dp_metric_add(DP_METRIC_THREADS_BUSY, -1);
        dp_replies_push(threads->replies, message);
    }

    dp_db_destroy(db);
    dp_arena_destroy(arena);

    return NULL;
}

dp_transaction_threads_t *
dp_transaction_threads_start(const dp_settings_t *settings,
                             dp_mailbox_t *mailbox, dp_replies_t *replies)
{
    size_t                    wanted = settings->transaction_threads;
    dp_transaction_threads_t *threads;

    threads = calloc(1, sizeof(*threads) + wanted * sizeof(pthread_t));

    if (threads == NULL) {
        return NULL;
    }

    threads->mailbox = mailbox;
    threads->replies = replies;
    threads->database = settings->database;

    while (threads->count < wanted) {
        pthread_t *thread = &threads->threads[threads->count];
        int        error = pthread_create(thread, NULL, thread_main, threads);

        if (error != 0) {
            dp_transaction_threads_stop(threads);
            errno = error;
            return NULL;
        }

        pthread_setname_np(*thread, "transaction");
        threads->count++;
        dp_metric_add(DP_METRIC_THREADS, 1);
    }

    return threads;
}

void
dp_transaction_threads_stop(dp_transaction_threads_t *threads)
{
    dp_mailbox_close(threads->mailbox);

    for (size_t i = 0; i < threads->count; i++) {
        pthread_join(threads->threads[i], NULL);
    }

    free(threads);
}
