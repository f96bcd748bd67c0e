/*
 * The frame's third trip, against a server that this test plays: a COMMIT is a
 * success only when its tag says so.
 *
 * The trips are replaced; what is queued is counted, what comes back is said by
 * each test.
 */

#include "db/connection.h"
#include "db/context.h"
#include "db/transaction.h"
#include "jobs/enqueue.h"
#include "jobs/wake.h"
#include "metrics.h"
#include "runtime/deadline.h"
#include "unit.h"

#include <poll.h>

/* What the server answers, trip by trip, and to COMMIT. */
static dp_fault_t  fault_of_trip[3];
static const char *commit_tag;
static unsigned    trips;
static bool        commit_queued;
static uint64_t    trips_take_us; /* of the time that is left */
static dp_value_t  bound[DP_VALUES]; /* to the last statement */

bool
dp_connection_open(dp_db_t *db, uint64_t until_us)
{
    (void) until_us;
    db->connection = (PGconn *) db; /* never looked into */
    return true;
}

void
dp_connection_close(dp_db_t *db)
{
    db->connection = NULL;
}

bool
dp_connection_in_transaction(const dp_db_t *db)
{
    (void) db;
    return false;
}

void
dp_context_queue(dp_db_t *db, const dp_context_t *context, uint64_t until_us)
{
    (void) context;
    (void) until_us;
    db->trip.count += 2;
}

void
dp_commit_queue(dp_db_t *db)
{
    db->trip.count++;
    commit_queued = true;
}

void
dp_trip_queue(dp_db_t *db, const dp_statement_t *statement, dp_values_t values)
{
    (void) statement;
    db->trip.count++;

    for (unsigned i = 0; i < values.count; i++) {
        bound[i] = values.values[i];
    }
}

dp_fault_t
dp_trip_run(dp_db_t *db, uint64_t until_us)
{
    dp_fault_t found = fault_of_trip[trips++];

    (void) until_us;

    if (found.reconnect) {
        db->connection = NULL;
    }

    return found;
}

dp_row_t
dp_trip_row(const dp_db_t *db, unsigned index)
{
    (void) db;
    (void) index;
    return (dp_row_t) {0};
}

const char *
dp_trip_tag(const dp_db_t *db, unsigned index)
{
    ck_assert_uint_eq(index, db->trip.count - 1);
    return commit_tag;
}

void
dp_trip_clear(dp_db_t *db)
{
    db->trip.count = 0;
}

/* --- a mutation that takes no key and passes no gate ------------------------ */

static dp_db_t          db;
static dp_transaction_t transaction;
static dp_op_t          op;

static const dp_route_t route = {.operation = "aTest", .mutates = true};

/* Runs the last two trips; the server's tag of COMMIT is `tag`. */
static bool
commit_with(const char *tag)
{
    static dp_wire_request_t request;

    request = (dp_wire_request_t) {.deadline_us = dp_now_us() + 5000000};
    db = (dp_db_t) {.transaction = &transaction};
    transaction = (dp_transaction_t) {
        .until_us = dp_monotonic_us() + 5000000 - trips_take_us,
    };
    op = (dp_op_t) {.db = &db, .route = &route, .request = &request};
    op.reply.status = 200;
    db.connection = (PGconn *) &db;
    commit_tag = tag;
    commit_queued = false;
    trips = 0;

    return dp_transaction_commit(&op);
}

START_TEST(a_commit_that_says_so_is_one)
{
    int64_t committed = dp_metric_get(DP_METRIC_TRANSACTIONS_COMMITTED);

    memset(fault_of_trip, 0, sizeof(fault_of_trip));
    ck_assert(commit_with("COMMIT"));
    ck_assert_int_eq(op.error, DP_OK);
    ck_assert_uint_eq(trips, 2);
    ck_assert_int_eq(dp_metric_get(DP_METRIC_TRANSACTIONS_COMMITTED),
                     committed + 1);
}
END_TEST

/* The server does not call it an error. */
START_TEST(a_commit_whose_tag_is_ROLLBACK_is_none)
{
    int64_t committed = dp_metric_get(DP_METRIC_TRANSACTIONS_COMMITTED);

    memset(fault_of_trip, 0, sizeof(fault_of_trip));
    ck_assert(!commit_with("ROLLBACK"));
    ck_assert_int_eq(op.error, DP_ERR_INTERNAL);
    ck_assert(!transaction.outcome_unknown);
    ck_assert_int_eq(dp_metric_get(DP_METRIC_TRANSACTIONS_COMMITTED), committed);
}
END_TEST

START_TEST(after_a_failed_change_nothing_is_committed)
{
    memset(fault_of_trip, 0, sizeof(fault_of_trip));
    fault_of_trip[0] = dp_fault_rows;
    ck_assert(!commit_with("COMMIT"));
    ck_assert_int_eq(op.error, DP_ERR_INTERNAL);
    ck_assert(!commit_queued);
    ck_assert_uint_eq(trips, 1);
}
END_TEST

START_TEST(a_connection_lost_in_the_commit_leaves_the_outcome_unknown)
{
    memset(fault_of_trip, 0, sizeof(fault_of_trip));
    fault_of_trip[1] = dp_fault_lost;
    ck_assert(!commit_with("COMMIT"));
    ck_assert(transaction.outcome_unknown);

    fault_of_trip[0] = dp_fault_lost;
    ck_assert(!commit_with("COMMIT"));
    ck_assert(!transaction.outcome_unknown);
}
END_TEST

/* The change was answered, but in the last moment. */
START_TEST(KS_05_no_commit_is_sent_past_the_deadline)
{
    memset(fault_of_trip, 0, sizeof(fault_of_trip));
    trips_take_us = 5000000;
    ck_assert(!commit_with("COMMIT"));
    trips_take_us = 0;
    ck_assert_int_eq(op.error, DP_ERR_WORKER_TIMEOUT);
    ck_assert(!commit_queued);
    ck_assert(!transaction.outcome_unknown);
    ck_assert_uint_eq(trips, 1);
}
END_TEST

/* A job in a change that ends so; whether a thread is woken for it. */
static bool
job_wakes(const char *tag)
{
    int            wake = dp_wake_open();
    struct pollfd  woken = {.fd = wake, .events = POLLIN};
    dp_job_order_t order = {.kind = DP_JOB_JOB_PRUNE,
                            .unique_key = DP_SLICE("one")};

    ck_assert(commit_with("COMMIT"));
    (void) dp_job_enqueue(&op, &order);
    ck_assert_uint_eq(transaction.jobs_queued, 1);
    ck_assert_int_eq(poll(&woken, 1, 0), 0);
    commit_tag = tag;
    trips = 0;
    ck_assert(dp_transaction_commit(&op) == (strcmp(tag, "COMMIT") == 0));
    (void) poll(&woken, 1, 0);
    dp_wake_close(wake);

    return woken.revents != 0;
}

START_TEST(INT_11_a_thread_is_woken_for_what_was_committed)
{
    memset(fault_of_trip, 0, sizeof(fault_of_trip));
    ck_assert(job_wakes("COMMIT"));
    ck_assert(!job_wakes("ROLLBACK"));
}
END_TEST

START_TEST(INT_11_a_job_is_queued_as_its_kind_says)
{
    const dp_job_kind_t *kind = &dp_job_kinds[DP_JOB_JOB_PRUNE];
    uint8_t              id[16] = "0123456789abcdef";
    dp_job_order_t       order = {.kind = DP_JOB_JOB_PRUNE, .id = id};

    memset(fault_of_trip, 0, sizeof(fault_of_trip));
    ck_assert(commit_with("COMMIT"));
    (void) dp_job_enqueue(&op, &order);
    ck_assert_mem_eq(bound[0].data, kind->name, strlen(kind->name));
    ck_assert_uint_eq(bound[3].fixed[3],
                      DP_KILL_GLOBAL_WRITE | DP_KILL_BACKGROUND_JOBS);
    ck_assert_mem_eq(bound[2].data, "{}", 2);
    ck_assert(bound[6].null && bound[7].null && bound[8].null);
    ck_assert_mem_eq(bound[10].data, id, sizeof(id));
}
END_TEST

int
main(void)
{
    return UNIT_RUN("transaction", a_commit_that_says_so_is_one,
                    a_commit_whose_tag_is_ROLLBACK_is_none,
                    after_a_failed_change_nothing_is_committed,
                    a_connection_lost_in_the_commit_leaves_the_outcome_unknown,
                    KS_05_no_commit_is_sent_past_the_deadline,
                    INT_11_a_thread_is_woken_for_what_was_committed,
                    INT_11_a_job_is_queued_as_its_kind_says);
}
