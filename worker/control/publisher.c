/*
 * The publisher: one frame per process, as each has reported another generation.
 */

#include "publisher.h"

#include "dp_control.h"
#include "metrics.h"
#include "own_switches.h"
#include "runtime/deadline.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <zmq.h>

#define FRESH_US 5000000

struct dp_publisher_s {
    dp_feed_t               *feed;
    dp_peers_t              *peers;
    const dp_wire_control_t *record; /* NULL: none was read yet */
    dp_peer_t                copies[DP_PEERS_MAX];
};

dp_publisher_t *
dp_publisher_create(dp_feed_t *feed, dp_peers_t *peers)
{
    dp_publisher_t *publisher = calloc(1, sizeof(*publisher));

    if (publisher == NULL) {
        abort();
    }

    publisher->feed = feed;
    publisher->peers = peers;

    return publisher;
}

void
dp_publisher_destroy(dp_publisher_t *publisher)
{
    free(publisher);
}

int
dp_publisher_fd(const dp_publisher_t *publisher)
{
    return dp_feed_fd(publisher->feed);
}

/* A frame's memory, once libzmq has sent it: there are signing keys in it. */
static void
frame_free(void *data, void *size)
{
    OPENSSL_cleanse(data, (size_t) size);
    free(data);
}

/* The record as a frame. */
static void
frame_make(zmq_msg_t *frame, const dp_wire_control_t *record)
{
    size_t   size = dp_wire_size(&dp_wire_control, record);
    uint8_t *data = malloc(size);

    if (data == NULL
        || zmq_msg_init_data(frame, data, size, frame_free, (void *) size) != 0) {
        abort();
    }

    (void) dp_wire_encode(&dp_wire_control, DP_WIRE_UNASKED, record, data, size);
}

/* False when the connection is gone, or takes no more. */
static bool
record_send(const dp_publisher_t *publisher, void *socket, dp_slice_t route,
            uint64_t known)
{
    dp_wire_control_t record = *publisher->record;
    zmq_msg_t         frame;
    bool              sent;

    record.environment = dp_own_switches();
    record.revocations = dp_control_revocations_since(record.revocations, known);
    record.blocks = dp_control_blocks_since(record.blocks, known);

    if (known >= record.generation) {
        record.keys.len = 0;
        record.issuers.len = 0;
    }

    frame_make(&frame, &record);
    sent = zmq_send(socket, route.data, route.len, ZMQ_SNDMORE | ZMQ_DONTWAIT)
               >= 0
           && zmq_msg_send(&frame, socket, ZMQ_DONTWAIT) >= 0;

    zmq_msg_close(&frame);
    dp_metric_add(DP_METRIC_CONTROL_RECORDS, sent);

    return sent;
}

void
dp_publisher_turn(dp_publisher_t *publisher, void *socket)
{
    size_t count = dp_peers_copy(publisher->peers, dp_monotonic_us(),
                                 publisher->copies);

    publisher->record = dp_feed_take(publisher->feed);
    dp_metric_set(DP_METRIC_CONTROL_PEERS, (int64_t) count);

    for (size_t i = 0; i < count && publisher->record != NULL; i++) {
        const dp_peer_t *peer = &publisher->copies[i];
        dp_slice_t       route = dp_slice(peer->route, peer->route_len);

        if (!record_send(publisher, socket, route, peer->generation)) {
            dp_peers_forget(publisher->peers, route);
        }
    }
}

bool
dp_publisher_report(dp_publisher_t *publisher, void *socket, dp_slice_t route,
                    const dp_wire_report_t *report)
{
    dp_peer_news_t news = dp_peers_report(publisher->peers, route, report,
                                          dp_monotonic_us());

    if (news == DP_PEER_REFUSED) {
        return false;
    }

    if (publisher->record != NULL
        && (news == DP_PEER_NEW
            || report->generation < publisher->record->generation)) {
        (void) record_send(publisher, socket, route, report->generation);
    }

    return true;
}

bool
dp_publisher_fresh(const dp_publisher_t *publisher)
{
    return publisher->record != NULL
           && dp_monotonic_us() - publisher->record->read_us < FRESH_US;
}
