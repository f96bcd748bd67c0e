/*
 * The worker's memory of the control state: the feed between two threads, and
 * the table of nginx processes.
 */

#include "control/feed.h"
#include "control/peers.h"
#include "unit.h"

#include <poll.h>

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
    };

    dp_feed_put(feed, &state, 10);
    state.plans = state.revocations = dp_slice(NULL, 0);
    dp_feed_put(feed, &state, 20);
    record = dp_feed_take(feed);
    unit_assert_text(record->plans, "plans");

    dp_feed_put(feed, &state, 30);
    record = dp_feed_take(feed);
    ck_assert_uint_eq(record->read_us, 30);
    unit_assert_text(record->plans, "plans");
    unit_assert_text(record->revocations, "revocations");
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

int
main(void)
{
    return UNIT_RUN("worker control", the_newest_state_is_taken,
                    the_lists_stay_while_the_generation_does,
                    a_report_is_kept_for_five_seconds,
                    a_full_table_takes_no_more);
}
