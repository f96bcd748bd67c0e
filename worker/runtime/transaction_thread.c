/*
 * The threads of a pool and their loop.
 */

#define _GNU_SOURCE /* pthread_setname_np */

#include "transaction_thread.h"

#include "deadline.h"
#include "dispatch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

struct dp_transaction_threads_s {
    dp_pool_t pool;
    size_t    count;
    pthread_t threads[];
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
    const dp_transaction_threads_t *threads = data;
    const dp_pool_t                *pool = &threads->pool;
    dp_arena_t                     *arena = dp_arena_create();
    dp_db_t                        *db = dp_db_create(pool->database);
    dp_message_t                   *message;

    while ((message = dp_mailbox_take(pool->mailbox)) != NULL) {
        dp_metric_add(pool->busy, 1);
        handle_message(message, arena, db);
        dp_metric_add(pool->busy, -1);
        dp_replies_push(pool->replies, message);
    }

    dp_db_destroy(db);
    dp_arena_destroy(arena);

    return NULL;
}

dp_transaction_threads_t *
dp_transaction_threads_start(const dp_pool_t *pool)
{
    dp_transaction_threads_t *threads;

    threads = calloc(1, sizeof(*threads) + pool->count * sizeof(pthread_t));

    if (threads == NULL) {
        return NULL;
    }

    threads->pool = *pool;

    while (threads->count < pool->count) {
        pthread_t *thread = &threads->threads[threads->count];
        int        error = pthread_create(thread, NULL, thread_main, threads);

        if (error != 0) {
            dp_transaction_threads_stop(threads);
            errno = error;
            return NULL;
        }

        pthread_setname_np(*thread, pool->name);
        threads->count++;
        dp_metric_add(pool->total, 1);
    }

    return threads;
}

void
dp_transaction_threads_stop(dp_transaction_threads_t *threads)
{
    dp_mailbox_close(threads->pool.mailbox);

    for (size_t i = 0; i < threads->count; i++) {
        pthread_join(threads->threads[i], NULL);
    }

    free(threads);
}
