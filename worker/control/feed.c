/*
 * The feed: what is short is copied, the lists change hands as one block.
 */

#include "feed.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct dp_feed_s {
    pthread_mutex_t mutex;
    int             fd;

    /* under the mutex */
    dp_wire_control_t newest;
    uint8_t          *lists; /* of `newest`, not taken yet; or NULL */

    /* of the one who takes */
    dp_wire_control_t record;
    uint8_t          *record_lists;
};

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
    free(feed->lists);
    free(feed->record_lists);
    free(feed);
}

/* The lists in one block of at least a byte. */
static uint8_t *
lists_copy(const dp_control_state_t *state)
{
    size_t      size = state->revocations.len + state->plans.len
                  + state->blocks.len;
    uint8_t    *lists = malloc(size + 1);
    dp_writer_t writer = dp_writer(lists, size);

    if (lists == NULL) {
        abort();
    }

    dp_write_bytes(&writer, state->revocations);
    dp_write_bytes(&writer, state->plans);
    dp_write_bytes(&writer, state->blocks);

    return lists;
}

void
dp_feed_put(dp_feed_t *feed, const dp_control_state_t *state, uint64_t read_us)
{
    dp_wire_control_t *newest = &feed->newest;
    /* nobody else writes it */
    bool     changed = newest->generation != state->generation;
    uint8_t *lists = changed ? lists_copy(state) : NULL;

    pthread_mutex_lock(&feed->mutex);
    newest->generation = state->generation;
    newest->read_us = read_us;
    newest->floor = state->floor;
    newest->switches = state->switches;

    if (changed) {
        free(feed->lists);
        feed->lists = lists;
        newest->revocations.len = state->revocations.len;
        newest->plans.len = state->plans.len;
        newest->blocks.len = state->blocks.len;
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

    if (feed->lists != NULL) {
        free(feed->record_lists);
        feed->record_lists = feed->lists;
        feed->lists = NULL;
    }

    pthread_mutex_unlock(&feed->mutex);

    if (record->generation == 0) {
        return NULL;
    }

    record->revocations.data = feed->record_lists;
    record->plans.data = dp_slice_end(record->revocations);
    record->blocks.data = dp_slice_end(record->plans);

    return record;
}
