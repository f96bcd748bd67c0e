/*
 * A table under a mutex, searched from its beginning: processes are few.
 */

#include "peers.h"

#include <pthread.h>
#include <stdlib.h>

#define SILENT_US 5000000

struct dp_peers_s {
    pthread_mutex_t mutex;
    size_t          count;
    dp_peer_t       table[DP_PEERS_MAX];
};

dp_peers_t *
dp_peers_create(void)
{
    dp_peers_t *peers = calloc(1, sizeof(*peers));

    if (peers == NULL) {
        abort();
    }

    pthread_mutex_init(&peers->mutex, NULL);

    return peers;
}

void
dp_peers_destroy(dp_peers_t *peers)
{
    pthread_mutex_destroy(&peers->mutex);
    free(peers);
}

/* Its place, or the one behind the last. */
static dp_peer_t *
peer_find(dp_peers_t *peers, dp_slice_t route)
{
    dp_peer_t *peer = peers->table;

    while (peer < peers->table + peers->count
           && !dp_slice_equal(dp_slice(peer->route, peer->route_len), route)) {
        peer++;
    }

    return peer;
}

static bool
report_valid(dp_slice_t route, const dp_wire_report_t *report)
{
    return route.len <= DP_PEER_ROUTE_MAX
           && report->instance.len <= DP_PEER_INSTANCE_MAX
           && memchr(report->instance.data, '\0', report->instance.len) == NULL
           && report->pending.len % sizeof(uint32_t) == 0;
}

/* What of a file is kept: all, or as many whole lines as there is room for. */
static size_t
file_length(dp_slice_t text)
{
    size_t length = DP_PEER_FILE_MAX;

    if (text.len <= length) {
        return text.len;
    }

    while (length != 0 && text.data[length - 1] != '\n') {
        length--;
    }

    return length;
}

static void
peer_fill(dp_peer_t *peer, dp_slice_t route, const dp_wire_report_t *report,
          uint64_t now_us)
{
    dp_reader_t pending = dp_reader(report->pending);

    *peer = (dp_peer_t) {
        .route_len = route.len,
        .pid = report->pid,
        .generation = report->generation,
        .reported_us = now_us,
        .file_owner = report->file_owner,
        .file_len = file_length(report->file_text),
        .draining = report->draining != 0,
        .switches = {
            [DP_KILL_DIRECTIVE] = report->directive,
            [DP_KILL_ENVIRONMENT] = report->environment,
            [DP_KILL_FILE] = report->file,
        },
    };

    memcpy(peer->route, route.data, route.len);
    memcpy(peer->instance, report->instance.data, report->instance.len);

    if (peer->file_len != 0) {
        memcpy(peer->file_text, report->file_text.data, peer->file_len);
    }

    for (size_t i = 0;
         i < DP_KILL_SWITCH_COUNT && dp_reader_left(&pending) != 0; i++) {
        peer->pending[i] = dp_read_u32(&pending);
    }
}

dp_peer_news_t
dp_peers_report(dp_peers_t *peers, dp_slice_t route,
                const dp_wire_report_t *report, uint64_t now_us)
{
    dp_peer_t     *peer;
    dp_peer_news_t news = DP_PEER_KNOWN;

    if (!report_valid(route, report)) {
        return DP_PEER_REFUSED;
    }

    pthread_mutex_lock(&peers->mutex);
    peer = peer_find(peers, route);

    if (peer == peers->table + peers->count) {
        news = peers->count < DP_PEERS_MAX ? DP_PEER_NEW : DP_PEER_REFUSED;
        peers->count += news == DP_PEER_NEW;
    }

    if (news != DP_PEER_REFUSED) {
        peer_fill(peer, route, report, now_us);
    }

    pthread_mutex_unlock(&peers->mutex);

    return news;
}

/* The last one takes its place. */
static void
peer_remove(dp_peers_t *peers, dp_peer_t *peer)
{
    *peer = peers->table[--peers->count];
}

void
dp_peers_forget(dp_peers_t *peers, dp_slice_t route)
{
    dp_peer_t *peer;

    pthread_mutex_lock(&peers->mutex);
    peer = peer_find(peers, route);

    if (peer < peers->table + peers->count) {
        peer_remove(peers, peer);
    }

    pthread_mutex_unlock(&peers->mutex);
}

size_t
dp_peers_copy(dp_peers_t *peers, uint64_t now_us, dp_peer_t *copies)
{
    size_t count;

    pthread_mutex_lock(&peers->mutex);

    for (size_t i = peers->count; i-- > 0; ) {
        if (peers->table[i].reported_us + SILENT_US < now_us) {
            peer_remove(peers, &peers->table[i]);
        }
    }

    count = peers->count;
    memcpy(copies, peers->table, count * sizeof(dp_peer_t));
    pthread_mutex_unlock(&peers->mutex);

    return count;
}

uint64_t
dp_peers_generation(dp_peers_t *peers)
{
    uint64_t newest = 0;

    pthread_mutex_lock(&peers->mutex);

    for (size_t i = 0; i < peers->count; i++) {
        if (peers->table[i].generation > newest) {
            newest = peers->table[i].generation;
        }
    }

    pthread_mutex_unlock(&peers->mutex);

    return newest;
}

uint32_t
dp_peers_switches(dp_peers_t *peers)
{
    uint32_t on = 0;

    pthread_mutex_lock(&peers->mutex);

    for (size_t i = 0; i < peers->count; i++) {
        for (size_t source = 0; source < DP_KILL_DATABASE; source++) {
            on |= peers->table[i].switches[source];
        }
    }

    pthread_mutex_unlock(&peers->mutex);

    return on;
}
