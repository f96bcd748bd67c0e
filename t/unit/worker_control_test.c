/*
 * The control state in the worker: the feed between two threads, the table of
 * nginx processes, and what these are sent.
 */

#include "control/publisher.h"
#include "unit.h"

#include <poll.h>
#include <zmq.h>

#define SECOND_US 1000000

static bool
is_readable(const dp_feed_t *feed)
{
    struct pollfd event = {.fd = dp_feed_fd(feed), .events = POLLIN};

    return poll(&event, 1, 0) == 1;
}

START_TEST(the_newest_state_is_taken)
{
    dp_feed_t               *feed = dp_feed_create();
    const dp_wire_control_t *record;
    dp_control_state_t       state = {
        .generation = 1,
        .plans = DP_SLICE("p1"),
        .revocations = DP_SLICE("r1"),
    };

    ck_assert_ptr_null(dp_feed_take(feed));
    dp_feed_put(feed, &state, 10);
    ck_assert(is_readable(feed));

    state = (dp_control_state_t) {
        .generation = 2, .floor = 1, .switches = 3, .plans = DP_SLICE("plans"),
    };
    dp_feed_put(feed, &state, 20);
    record = dp_feed_take(feed);
    ck_assert(!is_readable(feed));
    ck_assert_uint_eq(record->generation, 2);
    ck_assert_uint_eq(record->read_us, 20);
    ck_assert_uint_eq(record->floor, 1);
    ck_assert_uint_eq(record->switches, 3);
    unit_assert_text(record->plans, "plans");
    unit_assert_text(record->revocations, "");
    dp_feed_destroy(feed);
}
END_TEST

START_TEST(the_lists_stay_while_the_generation_does)
{
    dp_feed_t               *feed = dp_feed_create();
    const dp_wire_control_t *record;
    dp_control_state_t       state = {
        .generation = 7,
        .plans = DP_SLICE("plans"),
        .revocations = DP_SLICE("revocations"),
        .blocks = DP_SLICE("blocks"),
        .keys = DP_SLICE("keys"),
        .issuers = DP_SLICE("issuers"),
    };

    dp_feed_put(feed, &state, 10);
    state.plans = state.revocations = state.blocks = state.keys = dp_slice(NULL, 0);
    dp_feed_put(feed, &state, 20);
    record = dp_feed_take(feed);
    unit_assert_text(record->plans, "plans");

    dp_feed_put(feed, &state, 30);
    record = dp_feed_take(feed);
    ck_assert_uint_eq(record->read_us, 30);
    unit_assert_text(record->plans, "plans");
    unit_assert_text(record->revocations, "revocations");
    unit_assert_text(record->blocks, "blocks");
    unit_assert_text(record->keys, "keys");
    unit_assert_text(record->issuers, "issuers");
    dp_feed_destroy(feed);
}
END_TEST

static dp_peer_t copies[DP_PEERS_MAX];

START_TEST(a_report_is_kept_for_five_seconds)
{
    dp_peers_t      *peers = dp_peers_create();
    dp_wire_report_t report = {
        .instance = DP_SLICE("edge"),
        .pid = 9,
        .generation = 6,
        .directive = 1,
        .environment = 2,
        .file = 4,
        .pending = DP_SLICE("\0\0\0\5\0\0\0\0\0\0\1\0"),
        .draining = 1,
    };

    ck_assert_int_eq(dp_peers_report(peers, DP_SLICE("a"), &report, SECOND_US),
                     DP_PEER_NEW);
    ck_assert_int_eq(dp_peers_report(peers, DP_SLICE("a"), &report,
                                     2 * SECOND_US), DP_PEER_KNOWN);
    ck_assert_int_eq(dp_peers_report(peers, DP_SLICE("b"), &report, SECOND_US),
                     DP_PEER_NEW);
    ck_assert_uint_eq(dp_peers_generation(peers), 6);

    ck_assert_uint_eq(dp_peers_copy(peers, 7 * SECOND_US, copies), 1);
    ck_assert_str_eq(copies[0].instance, "edge");
    ck_assert_uint_eq(copies[0].pid, 9);
    ck_assert_uint_eq(copies[0].switches[DP_KILL_DIRECTIVE], 1);
    ck_assert_uint_eq(copies[0].switches[DP_KILL_ENVIRONMENT], 2);
    ck_assert_uint_eq(copies[0].switches[DP_KILL_FILE], 4);
    ck_assert_uint_eq(copies[0].pending[0], 5);
    ck_assert_uint_eq(copies[0].pending[2], 256);
    ck_assert(copies[0].draining);

    dp_peers_forget(peers, DP_SLICE("a"));
    ck_assert_uint_eq(dp_peers_copy(peers, 7 * SECOND_US, copies), 0);
    dp_peers_destroy(peers);
}
END_TEST

START_TEST(a_malformed_report_is_refused)
{
    static const char long_name[] =
        "01234567890123456789012345678901234567890123456789012345678901234";
    dp_peers_t            *peers = dp_peers_create();
    const dp_wire_report_t reports[] = {
        {.instance = DP_SLICE(long_name), .pid = 7},
        {.instance = DP_SLICE("a\0b"), .pid = 7},
        {.instance = DP_SLICE("edge"), .pid = 7, .pending = DP_SLICE("abc")},
    };

    for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
        ck_assert_int_eq(dp_peers_report(peers, DP_SLICE("a"), &reports[i], 1),
                         DP_PEER_REFUSED);
    }

    ck_assert_int_eq(dp_peers_report(peers, DP_SLICE(long_name),
                                     &(dp_wire_report_t) {.pid = 7}, 1),
                     DP_PEER_REFUSED);
    ck_assert_uint_eq(dp_peers_copy(peers, 1, copies), 0);
    dp_peers_destroy(peers);
}
END_TEST

START_TEST(a_full_table_takes_no_more)
{
    dp_peers_t      *peers = dp_peers_create();
    dp_wire_report_t report = {.instance = DP_SLICE("edge"), .pid = 9};

    for (uint32_t i = 0; i < DP_PEERS_MAX; i++) {
        ck_assert_int_eq(dp_peers_report(peers, dp_slice(&i, sizeof(i)),
                                         &report, 1), DP_PEER_NEW);
    }

    ck_assert_int_eq(dp_peers_report(peers, DP_SLICE("x"), &report, 1),
                     DP_PEER_REFUSED);
    ck_assert_uint_eq(dp_peers_copy(peers, 1, copies), DP_PEERS_MAX);
    ck_assert_uint_eq(dp_peers_copy(peers, 6 * SECOND_US, copies), 0);
    dp_peers_destroy(peers);
}
END_TEST

/* --- a ROUTER, an nginx process, and what it is sent ----------------------- */

#define SUBJECT "0123456789abcdef"

static void             *context;
static void             *router;
static void             *dealer;
static dp_feed_t        *feed;
static dp_peers_t       *peers_known;
static dp_publisher_t   *publisher;
static dp_wire_control_t told;
static uint8_t           frame[1024];

static void
begin(void)
{
    context = zmq_ctx_new();
    router = zmq_socket(context, ZMQ_ROUTER);
    dealer = zmq_socket(context, ZMQ_DEALER);
    ck_assert_int_eq(zmq_bind(router, "inproc://control"), 0);
    ck_assert_int_eq(zmq_connect(dealer, "inproc://control"), 0);
    feed = dp_feed_create();
    peers_known = dp_peers_create();
    publisher = dp_publisher_create(feed, peers_known);
}

static void
end(void)
{
    dp_publisher_destroy(publisher);
    dp_peers_destroy(peers_known);
    dp_feed_destroy(feed);
    zmq_close(dealer);
    zmq_close(router);
    zmq_ctx_term(context);
}

/* As if the control thread had read it just now, and the router seen it. */
static void
publish(uint64_t generation, uint32_t switches)
{
    dp_control_state_t state = {
        .generation = generation,
        .switches = switches,
        .plans = DP_SLICE("a plan"),
        .revocations = DP_SLICE(SUBJECT "\0\0\0\0\0\0\0\3"
                                SUBJECT "\0\0\0\0\0\0\0\4"),
    };

    dp_feed_put(feed, &state, 1);
    ck_assert(is_readable(feed));
    dp_publisher_turn(publisher, router);
}

static void
report(uint64_t generation)
{
    uint8_t          route[32];
    int              len;
    dp_wire_report_t said = {
        .instance = DP_SLICE("edge"), .pid = 7, .generation = generation,
    };

    ck_assert_int_eq(zmq_send(dealer, "", 0, 0), 0);
    len = zmq_recv(router, route, sizeof(route), 0);
    ck_assert_int_gt(len, 0);
    ck_assert_int_eq(zmq_recv(router, frame, sizeof(frame), 0), 0);
    ck_assert(dp_publisher_report(publisher, router,
                                  dp_slice(route, (size_t) len), &said));
}

/* Whether a record came; it is in `told`. */
static bool
is_told(void)
{
    dp_wire_header_t header;
    dp_slice_t       fields;
    int              len = zmq_recv(dealer, frame, sizeof(frame), ZMQ_DONTWAIT);

    if (len < 0) {
        return false;
    }

    ck_assert(dp_wire_open(dp_slice(frame, (size_t) len), &header, &fields));
    ck_assert_uint_eq(header.kind, DP_WIRE_CONTROL);
    ck_assert_uint_eq(header.correlation, DP_WIRE_UNASKED);
    ck_assert(dp_wire_decode(&dp_wire_control, fields, &told));

    return true;
}

START_TEST(KS_04_a_report_subscribes_to_the_control_state)
{
    begin();
    report(0);
    ck_assert(!is_told());

    publish(4, 1);
    ck_assert(is_told());
    ck_assert_uint_eq(told.generation, 4);
    ck_assert_uint_eq(told.switches, 1);
    ck_assert_uint_eq(told.read_us, 1);
    ck_assert_uint_eq(told.revocations.len, 48);
    unit_assert_text(told.plans, "a plan");

    report(4);
    ck_assert(!is_told());
    publish(4, 1);
    ck_assert(is_told());
    ck_assert_uint_eq(told.revocations.len, 0);
    end();
}
END_TEST

START_TEST(KS_04_who_is_behind_is_told_at_once)
{
    begin();
    publish(4, 1);
    ck_assert(!is_told());
    report(3);
    ck_assert(is_told());
    ck_assert_uint_eq(told.revocations.len, 24);
    report(3);
    ck_assert(is_told());
    ck_assert_uint_eq(dp_peers_generation(peers_known), 3);
    end();
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker control", the_newest_state_is_taken,
                    the_lists_stay_while_the_generation_does,
                    a_report_is_kept_for_five_seconds,
                    a_malformed_report_is_refused,
                    a_full_table_takes_no_more,
                    KS_04_a_report_subscribes_to_the_control_state,
                    KS_04_who_is_behind_is_told_at_once);
}
