/*
 * The feed: what is short is copied, the lists change hands as one block.
 */

#include "feed.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* All lists, one behind the other. */
typedef struct {
    uint8_t *data; /* NULL: none */
    size_t   size;
} lists_t;

struct dp_feed_s {
    pthread_mutex_t mutex;
    int             fd;

    /* under the mutex */
    dp_wire_control_t newest;
    lists_t           lists; /* of `newest`, not taken yet; or none */

    /* of the one who takes */
    dp_wire_control_t record;
    lists_t           record_lists;
};

/* There are signing keys among them. */
static void
lists_free(lists_t *lists)
{
    if (lists->data != NULL) {
        OPENSSL_cleanse(lists->data, lists->size);
        free(lists->data);
        lists->data = NULL;
    }
}

dp_feed_t *
dp_feed_create(void)
{
    dp_feed_t *feed = calloc(1, sizeof(*feed));

    if (feed == NULL) {
        abort();
    }

    feed->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (feed->fd < 0) {
        abort();
    }

    pthread_mutex_init(&feed->mutex, NULL);

    return feed;
}

void
dp_feed_destroy(dp_feed_t *feed)
{
    pthread_mutex_destroy(&feed->mutex);
    close(feed->fd);
    lists_free(&feed->lists);
    lists_free(&feed->record_lists);
    free(feed);
}

/* The lists in one block of at least a byte. */
static lists_t
lists_copy(const dp_control_state_t *state)
{
    size_t      size = state->revocations.len + state->plans.len
                  + state->blocks.len + state->keys.len + state->issuers.len;
    lists_t     lists = {malloc(size + 1), size};
    dp_writer_t writer = dp_writer(lists.data, size);

    if (lists.data == NULL) {
        abort();
    }

    dp_write_bytes(&writer, state->revocations);
    dp_write_bytes(&writer, state->plans);
    dp_write_bytes(&writer, state->blocks);
    dp_write_bytes(&writer, state->keys);
    dp_write_bytes(&writer, state->issuers);

    return lists;
}

void
dp_feed_put(dp_feed_t *feed, const dp_control_state_t *state, uint64_t read_us)
{
    dp_wire_control_t *newest = &feed->newest;
    /* nobody else writes it */
    bool     changed = newest->generation != state->generation;
    lists_t  lists = changed ? lists_copy(state) : (lists_t) {NULL, 0};

    pthread_mutex_lock(&feed->mutex);
    newest->generation = state->generation;
    newest->read_us = read_us;
    newest->floor = state->floor;
    newest->switches = state->switches;

    if (changed) {
        lists_free(&feed->lists);
        feed->lists = lists;
        newest->revocations.len = state->revocations.len;
        newest->plans.len = state->plans.len;
        newest->blocks.len = state->blocks.len;
        newest->keys.len = state->keys.len;
        newest->issuers.len = state->issuers.len;
    }

    pthread_mutex_unlock(&feed->mutex);
    eventfd_write(feed->fd, 1);
}

int
dp_feed_fd(const dp_feed_t *feed)
{
    return feed->fd;
}

const dp_wire_control_t *
dp_feed_take(dp_feed_t *feed)
{
    eventfd_t          count;
    dp_wire_control_t *record = &feed->record;

    /* in this order: what is put between the two wakes again */
    eventfd_read(feed->fd, &count);

    pthread_mutex_lock(&feed->mutex);
    *record = feed->newest;

    if (feed->lists.data != NULL) {
        lists_free(&feed->record_lists);
        feed->record_lists = feed->lists;
        feed->lists.data = NULL;
    }

    pthread_mutex_unlock(&feed->mutex);

    if (record->generation == 0) {
        return NULL;
    }

    record->revocations.data = feed->record_lists.data;
    record->plans.data = dp_slice_end(record->revocations);
    record->blocks.data = dp_slice_end(record->plans);
    record->keys.data = dp_slice_end(record->blocks);
    record->issuers.data = dp_slice_end(record->keys);

    return record;
}
