/*
 * The runtime without a database: a real DEALER speaks to the router, threads
 * run operations that are a gate this test opens and shuts.
 *
 * Router and client share one thread: every wait turns the router.
 */

#define _GNU_SOURCE /* memmem */

#include "identity/last_used.h"
#include "metrics.h"
#include "abuse/abuse.h"
#include "runtime/deadline.h"
#include "runtime/router.h"
#include "runtime/transaction_thread.h"
#include "unit.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SECOND_US 1000000
#define PATIENCE_US (5 * SECOND_US)

/* --- a database that is a gate ------------------------------------------- */
static pthread_mutex_t gate_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  gate_opened = PTHREAD_COND_INITIALIZER;
static bool            gate_open = true;
static size_t          gate_entered;
static uint64_t        gate_time_left_us; /* of the last that entered */

struct dp_db_s { char unused; };
#pragma GCC diagnostic ignored "-Wunused-parameter" /* of the stand-ins */

dp_db_t *
dp_db_create(const char *conninfo)
{
    ck_assert_ptr_nonnull(conninfo);
    return calloc(1, sizeof(dp_db_t));
}

void
dp_db_destroy(dp_db_t *db)
{
    free(db);
}

bool
dp_db_probe(dp_db_t *db, uint64_t timeout_us, dp_db_probe_t *probe)
{
    *probe = (dp_db_probe_t) {.reachable = true, .schema_ok = timeout_us != 0};
    return true;
}

void
dp_last_used_write(dp_db_t *db, uint64_t until_us)
{
}

void
dp_abuse_events_store(dp_db_t *db, dp_arena_t *arena, const dp_wire_events_t *asked,
                      dp_wire_events_stored_t *answer)
{
}

bool
dp_authenticate(dp_db_t *db, const dp_wire_authenticate_t *asked,
                dp_wire_principal_t *answer)
{
    bool known = dp_slice_equal(asked->prefix, DP_SLICE("knownkey"));

    answer->principal.kind = known ? DP_PRINCIPAL_API_KEY : DP_PRINCIPAL_NONE;
    answer->code = known ? dp_slice(NULL, 0) : DP_SLICE("AUTH_KEY_INVALID");

    return known;
}

bool
dp_operation_execute(dp_op_t *op)
{
    pthread_mutex_lock(&gate_mutex);
    gate_entered++;
    gate_time_left_us = dp_op_time_left_us(op);

    while (!gate_open) {
        pthread_cond_wait(&gate_opened, &gate_mutex);
    }

    pthread_mutex_unlock(&gate_mutex);

    if (dp_slice_equal(op->request->body, DP_SLICE("refuse"))) {
        return dp_op_fail_details(op, DP_ERR_QUOTA_EXCEEDED,
                                  DP_SLICE("{\"used\":3}"));
    }

    op->reply.status = 201;
    op->reply.body = dp_arena_copy(op->arena, op->request->body);
    return true;
}

static void
gate_set(bool open)
{
    pthread_mutex_lock(&gate_mutex);
    gate_open = open;
    pthread_cond_broadcast(&gate_opened);
    pthread_mutex_unlock(&gate_mutex);
}

static size_t
gate_count(void)
{
    size_t count;

    pthread_mutex_lock(&gate_mutex);
    count = gate_entered;
    pthread_mutex_unlock(&gate_mutex);

    return count;
}

/* --- a worker and a client ----------------------------------------------- */

static char                      folder[64];
static char                      endpoint[100];
static dp_settings_t            *settings;
static dp_mailboxes_t            mailboxes;
static dp_replies_t             *replies;
static dp_router_t              *router;
static dp_transaction_threads_t *threads;
static dp_health_t              *health;
static dp_feed_t                *feed;
static dp_peers_t               *peers;
static dp_publisher_t           *publisher;
static void                     *context, *dealer;

/* The client's last received frame, decoded. */
static zmq_msg_t           frame;
static dp_wire_header_t    header;
static dp_wire_reply_t     reply;
static dp_wire_principal_t principal;
static dp_wire_measures_t  measures;

static void
load_settings(const char *queue_depth, const char *thread_count)
{
    dp_settings_error_t error;

    snprintf(folder, sizeof(folder), "/tmp/worker_runtime.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(endpoint, sizeof(endpoint), "ipc://%s/sock/worker.ipc", folder);
    setenv("DEVPILOT_ENDPOINT", endpoint, 1);
    setenv("DEVPILOT_QUEUE_DEPTH", queue_depth, 1);
    setenv("DEVPILOT_TRANSACTION_THREADS", thread_count, 1);
    settings = dp_settings_load(NULL, &error);
    ck_assert_msg(settings != NULL, "%s", error.text);
}

static void
connect_client(void)
{
    int no_linger = 0;

    context = zmq_ctx_new();
    dealer = zmq_socket(context, ZMQ_DEALER);
    zmq_setsockopt(dealer, ZMQ_LINGER, &no_linger, sizeof(no_linger));
    ck_assert_int_eq(zmq_connect(dealer, endpoint), 0);
    zmq_msg_init(&frame);
}

static void
begin(const char *queue_depth, const char *thread_count)
{
    load_settings(queue_depth, thread_count);
    mailboxes.transactions = dp_mailbox_create(settings->queue_depth);
    mailboxes.passwords = mailboxes.transactions;
    replies = dp_replies_create();
    ck_assert_int_eq(dp_router_create(settings, mailboxes, replies, &router), 0);
    threads = dp_transaction_threads_start(&(dp_pool_t) {
        "transaction", settings->transaction_threads, mailboxes.transactions, replies,
        settings->database, DP_METRIC_THREADS, DP_METRIC_THREADS_BUSY});
    ck_assert_ptr_nonnull(threads);
    health = dp_health_start(settings);
    ck_assert_ptr_nonnull(health);
    feed = dp_feed_create();
    peers = dp_peers_create();
    publisher = dp_publisher_create(feed, peers);
    dp_router_set_helpers(router, health, publisher);
    dp_feed_put(feed, &(dp_control_state_t) {.generation = 1},
                dp_monotonic_us());
    dp_publisher_turn(publisher, NULL);
    connect_client();
}

static void
remove_files(void)
{
    const char *const files[] = {"/worker.ipc", "/worker.ipc.lock", ""};
    char              path[120];

    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/sock%s", folder, files[i]);
        (void) remove(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

static void
turn(void)
{
    dp_router_turn(router, -1, 10);
}

static void
end(void)
{
    gate_set(true);

    while (dp_router_in_flight(router) != 0) {
        turn();
    }

    zmq_msg_close(&frame);
    zmq_close(dealer);
    zmq_ctx_term(context);
    dp_router_close(router);
    dp_transaction_threads_stop(threads);
    dp_health_stop(health);
    dp_publisher_destroy(publisher);
    dp_peers_destroy(peers);
    dp_feed_destroy(feed);
    dp_router_destroy(router);
    dp_replies_destroy(replies);
    dp_mailbox_destroy(mailboxes.transactions);
    dp_settings_destroy(settings);
    remove_files();
}

/* Turns the router until `condition` holds. */
#define TURN_UNTIL(condition)                                          \
    do {                                                               \
        uint64_t until_ = dp_monotonic_us() + PATIENCE_US;             \
                                                                       \
        while (!(condition)) {                                         \
            ck_assert_msg(dp_monotonic_us() < until_, "never: %s",     \
                          #condition);                                 \
            turn();                                                    \
        }                                                              \
    } while (0)

static void
send_message(const dp_wire_spec_t *spec, uint64_t correlation,
             const void *message)
{
    uint8_t buffer[2048];
    size_t  len = dp_wire_encode(spec, correlation, message, buffer,
                                 sizeof(buffer));

    ck_assert_uint_ne(len, 0);
    ck_assert_int_eq(zmq_send(dealer, buffer, len, 0), (int) len);
}

static void
send_request(uint64_t correlation, const char *operation, const char *body,
             uint64_t time_us)
{
    dp_wire_request_t request = {
        .operation = dp_slice_text(operation),
        .request_id = {1},
        .deadline_us = dp_now_us() + time_us,
        .body = dp_slice_text(body),
    };

    send_message(&dp_wire_request, correlation, &request);
}

static bool
receive(void)
{
    dp_slice_t fields;

    if (zmq_msg_recv(&frame, dealer, ZMQ_DONTWAIT) < 0) {
        return false;
    }

    ck_assert(dp_wire_open(dp_slice(zmq_msg_data(&frame), zmq_msg_size(&frame)),
                           &header, &fields));

    switch (header.kind) {
    case DP_WIRE_REPLY:
        ck_assert(dp_wire_decode(&dp_wire_reply, fields, &reply));
        break;

    case DP_WIRE_PRINCIPAL:
        ck_assert(dp_wire_decode(&dp_wire_principal, fields, &principal));
        break;

    default:
        ck_assert(dp_wire_decode(&dp_wire_measures, fields, &measures));
    }

    return true;
}

static void
expect_reply(uint64_t correlation, unsigned status, const char *code)
{
    TURN_UNTIL(receive());
    ck_assert_uint_eq(header.kind, DP_WIRE_REPLY);
    ck_assert_uint_eq(header.correlation, correlation);
    ck_assert_uint_eq(reply.status, status);
    unit_assert_text(reply.code, code);
}

/* --- tests ---------------------------------------------------------------- */

START_TEST(an_operation_is_executed_and_answered)
{
    begin("16", "2");
    send_request(7, "createProject", "hello", SECOND_US);
    expect_reply(7, 201, "");
    unit_assert_text(reply.body, "hello");
    end();
}
END_TEST

START_TEST(a_refusal_travels_as_a_code)
{
    begin("16", "2");
    send_request(8, "createProject", "refuse", SECOND_US);
    expect_reply(8, 402, "QUOTA_EXCEEDED");
    unit_assert_text(reply.details, "{\"used\":3}");
    unit_assert_text(reply.body, "");
    end();
}
END_TEST

START_TEST(a_credential_is_looked_up)
{
    dp_wire_authenticate_t asked = {
        .request_id = {1},
        .deadline_us = dp_now_us() + SECOND_US,
        .prefix = DP_SLICE("knownkey"),
        .digest = DP_SLICE("0123456789abcdef0123456789abcdef"),
    };

    begin("16", "2");
    send_message(&dp_wire_authenticate, 1, &asked);
    TURN_UNTIL(receive());
    ck_assert_uint_eq(header.kind, DP_WIRE_PRINCIPAL);
    ck_assert_uint_eq(principal.principal.kind, DP_PRINCIPAL_API_KEY);

    asked.prefix = DP_SLICE("otherkey");
    send_message(&dp_wire_authenticate, 2, &asked);
    TURN_UNTIL(receive());
    unit_assert_text(principal.code, "AUTH_KEY_INVALID");
    end();
}
END_TEST

START_TEST(a_full_queue_is_busy_at_once)
{
    begin("1", "1");
    gate_set(false);
    send_request(1, "createProject", "runs", SECOND_US);
    TURN_UNTIL(gate_count() == 1);
    send_request(2, "createProject", "waits", SECOND_US);
    TURN_UNTIL(dp_router_in_flight(router) == 2);
    send_request(3, "createProject", "too many", SECOND_US);
    expect_reply(3, 503, "WORKER_BUSY");

    gate_set(true);
    expect_reply(1, 201, "");
    expect_reply(2, 201, "");
    end();
}
END_TEST

START_TEST(a_late_head_makes_room)
{
    int64_t late = dp_metric_get(DP_METRIC_DROPPED_LATE);

    begin("1", "1");
    gate_set(false);
    send_request(1, "createProject", "runs", SECOND_US);
    TURN_UNTIL(gate_count() == 1);
    send_request(2, "createProject", "waits too long", SECOND_US / 20);
    TURN_UNTIL(dp_router_in_flight(router) == 2);
    turn();

    for (uint64_t until = dp_now_us() + SECOND_US / 10; dp_now_us() < until;) {
        turn();
    }

    send_request(3, "createProject", "takes its place", SECOND_US);
    TURN_UNTIL(dp_metric_get(DP_METRIC_DROPPED_LATE) == late + 1);
    gate_set(true);
    expect_reply(1, 201, "");
    expect_reply(3, 201, "");
    ck_assert_uint_eq(gate_count(), 2);
    end();
}
END_TEST

START_TEST(what_is_past_its_deadline_is_never_executed)
{
    int64_t late = dp_metric_get(DP_METRIC_DROPPED_LATE);

    begin("16", "1");
    send_request(1, "createProject", "late on arrival", 0);
    TURN_UNTIL(dp_metric_get(DP_METRIC_DROPPED_LATE) == late + 1);

    gate_set(false);
    send_request(2, "createProject", "runs", SECOND_US);
    TURN_UNTIL(gate_count() == 1);
    send_request(3, "createProject", "late in the queue", SECOND_US / 20);
    TURN_UNTIL(dp_router_in_flight(router) == 2);

    for (uint64_t until = dp_now_us() + SECOND_US / 10; dp_now_us() < until;) {
        turn();
    }

    gate_set(true);
    TURN_UNTIL(dp_metric_get(DP_METRIC_DROPPED_LATE) == late + 2);
    expect_reply(2, 201, "");
    TURN_UNTIL(dp_router_in_flight(router) == 0);
    ck_assert(!receive());
    ck_assert_uint_eq(gate_count(), 1);
    end();
}
END_TEST

START_TEST(no_deadline_is_further_than_a_minute)
{
    begin("16", "1");
    send_request(1, "createProject", "x", 3600ull * SECOND_US);
    expect_reply(1, 201, "");
    ck_assert_uint_le(gate_time_left_us, 60ull * SECOND_US);
    ck_assert_uint_gt(gate_time_left_us, 50ull * SECOND_US);
    end();
}
END_TEST

START_TEST(malformed_frames_are_dropped_and_counted)
{
    static const uint8_t bad_kind[16] = {'D', 'P', 1, 99};
    static const uint8_t bad_fields[20] = {'D', 'P', 1, DP_WIRE_REQUEST};
    int64_t malformed = dp_metric_get(DP_METRIC_MESSAGES_MALFORMED);

    begin("16", "1");
    zmq_send(dealer, "", 0, 0);
    zmq_send(dealer, "GET / HTTP/1.1\r\n\r\n", 18, 0);
    zmq_send(dealer, bad_kind, sizeof(bad_kind), 0);
    zmq_send(dealer, bad_fields, sizeof(bad_fields), 0);
    zmq_send(dealer, "two", 3, ZMQ_SNDMORE);
    zmq_send(dealer, "and", 3, ZMQ_SNDMORE);
    zmq_send(dealer, "three", 5, 0);
    TURN_UNTIL(dp_metric_get(DP_METRIC_MESSAGES_MALFORMED) == malformed + 5);

    send_request(1, "createProject", "still served", SECOND_US);
    expect_reply(1, 201, "");
    end();
}
END_TEST

START_TEST(operations_that_are_not_ours_are_refused)
{
    begin("16", "1");
    send_request(1, "inventedLater", "", SECOND_US);
    expect_reply(1, 503, "WORKER_UNAVAILABLE");
    send_request(2, "getLiveness", "", SECOND_US);
    expect_reply(2, 503, "WORKER_UNAVAILABLE");
    end();
}
END_TEST

START_TEST(HLT_02_readiness_and_metrics_need_no_thread)
{
    dp_wire_measure_t measure = {.format = 0};

    begin("1", "1");
    TURN_UNTIL(dp_health_read(health).reachable);
    gate_set(false);
    send_request(1, "createProject", "runs", SECOND_US);
    TURN_UNTIL(gate_count() == 1);
    send_request(2, "createProject", "waits", SECOND_US);
    TURN_UNTIL(dp_router_in_flight(router) == 2);

    send_request(3, "getReadiness", "", SECOND_US);
    expect_reply(3, 200, "");
    send_message(&dp_wire_measure, 4, &measure);
    TURN_UNTIL(receive());
    ck_assert_uint_eq(header.kind, DP_WIRE_MEASURES);
    ck_assert_ptr_nonnull(memmem(measures.text.data, measures.text.len,
                                 "devpilot_worker_in_flight 2\n", 28));
    end();
}
END_TEST

START_TEST(draining_refuses_what_is_new_and_finishes_what_runs)
{
    begin("16", "1");
    gate_set(false);
    send_request(1, "createProject", "runs", SECOND_US);
    TURN_UNTIL(gate_count() == 1);
    dp_router_drain(router);

    send_request(2, "createProject", "new", SECOND_US);
    expect_reply(2, 503, "WORKER_UNAVAILABLE");
    send_request(3, "getReadiness", "", SECOND_US);
    expect_reply(3, 503, "OPS_NOT_READY");

    gate_set(true);
    expect_reply(1, 201, "");
    ck_assert_uint_eq(dp_router_in_flight(router), 0);
    end();
}
END_TEST

/* Sends `count` requests; how many of them one call refused, at most. */
static int64_t
refused_at_once(uint64_t count, uint64_t until)
{
    int64_t before = dp_metric_get(DP_METRIC_DROPPED_DRAINING);
    int64_t end = before + (int64_t) count;
    int64_t most = 0;

    for (uint64_t i = 1; i <= count; i++) {
        send_request(i, "createProject", "", SECOND_US);
    }

    while (before < end) {
        int64_t now;

        ck_assert(dp_monotonic_us() < until);
        dp_router_refuse_rest(router, until);
        now = dp_metric_get(DP_METRIC_DROPPED_DRAINING);
        most = now - before > most ? now - before : most;
        before = now;
    }

    return most;
}

/* Requests arrive when they please: in some round more than a burst is there. */
START_TEST(what_was_not_read_before_the_end_is_refused)
{
    enum { COUNT = 300, BURST = 128 };
    uint64_t until = dp_monotonic_us() + PATIENCE_US;

    begin("1024", "1");
    dp_router_drain(router);

    while (refused_at_once(COUNT, until) <= BURST) {
    }

    expect_reply(1, 503, "WORKER_UNAVAILABLE");
    end();
}
END_TEST

START_TEST(many_requests_are_each_answered_once)
{
    enum { COUNT = 5000, WINDOW = 200 };
    static bool answered[COUNT + 1];
    size_t      sent = 0, got = 0;

    begin("1024", "4");

    while (got < COUNT) {
        while (sent < COUNT && sent - got < WINDOW) {
            send_request(++sent, "createProject", "x", PATIENCE_US);
        }

        TURN_UNTIL(receive());
        ck_assert_uint_eq(reply.status, 201);
        ck_assert(!answered[header.correlation]);
        answered[header.correlation] = true;
        got++;
    }

    end();
}
END_TEST

int
main(void)
{
    return UNIT_RUN("worker runtime", an_operation_is_executed_and_answered,
                    a_refusal_travels_as_a_code, a_credential_is_looked_up,
                    a_full_queue_is_busy_at_once, a_late_head_makes_room,
                    what_is_past_its_deadline_is_never_executed,
                    no_deadline_is_further_than_a_minute, malformed_frames_are_dropped_and_counted,
                    operations_that_are_not_ours_are_refused, many_requests_are_each_answered_once,
                    HLT_02_readiness_and_metrics_need_no_thread,
                    draining_refuses_what_is_new_and_finishes_what_runs,
                    what_was_not_read_before_the_end_is_refused);
}
