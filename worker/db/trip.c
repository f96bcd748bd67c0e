/*
 * One round trip: what was queued, one Sync, and all the results.
 *
 * The first fault stops the server's work until the Sync; the results behind
 * it say so and are not faults of their own.  Anything that does not come back
 * in the order it was sent closes the connection.
 */

#include <assert.h>
#include <poll.h>
#include <string.h>

#include "connection.h"
#include "log.h"
#include "metrics.h"
#include "runtime/deadline.h"
#include "trail_private.h"

/* See dp_said_t. */
#define SAID_AGAIN_US UINT64_C(60000000)

typedef enum {
    RECEIVED,
    LOST,
    LATE,
} receipt_t;

static bool
trip_prepares(const dp_trip_t *trip, const dp_statement_t *statement)
{
    for (unsigned i = 0; i < trip->count; i++) {
        if (trip->steps[i].statement == statement) {
            return true;
        }
    }

    return false;
}

/* Queues Parse; libpq copies all it is given. */
static bool
prepare_send(PGconn *connection, const dp_statement_t *statement,
             dp_values_t values)
{
    Oid types[DP_VALUES];

    for (unsigned i = 0; i < values.count; i++) {
        types[i] = values.values[i].type;
    }

    return PQsendPrepare(connection, statement->name, statement->sql,
                         (int) values.count, types) == 1;
}

/* Queues Bind, Describe and Execute. */
static bool
execute_send(PGconn *connection, const dp_statement_t *statement,
             dp_values_t values)
{
    const char *data[DP_VALUES];
    int         lengths[DP_VALUES];
    int         formats[DP_VALUES];

    for (unsigned i = 0; i < values.count; i++) {
        const dp_value_t *value = &values.values[i];

        data[i] = value->data == NULL ? (const char *) value->fixed : value->data;
        data[i] = value->null ? NULL : data[i];
        lengths[i] = value->len;
        formats[i] = 1;
    }

    return PQsendQueryPrepared(connection, statement->name, (int) values.count,
                               data, lengths, formats, 1) == 1;
}

void
dp_trip_queue(dp_db_t *db, const dp_statement_t *statement, dp_values_t values)
{
    dp_trip_t *trip = &db->trip;
    bool       prepares = !dp_prepared_has(&db->prepared, statement)
                    && !trip_prepares(trip, statement);

    assert(trip->count < DP_TRIP_STATEMENTS && values.count <= DP_VALUES);

    trip->broken = trip->broken || db->connection == NULL
                   || (prepares
                       && !prepare_send(db->connection, statement, values))
                   || !execute_send(db->connection, statement, values);
    trip->steps[trip->count++] = (dp_trip_step_t) {statement, prepares, NULL};
}

void
dp_trip_queue_text(dp_db_t *db, const dp_statement_t *statement,
                   const char *sql)
{
    dp_trip_t *trip = &db->trip;

    assert(trip->count < DP_TRIP_STATEMENTS);

    trip->broken = trip->broken || db->connection == NULL
                   || PQsendQueryParams(db->connection, sql, 0, NULL, NULL,
                                        NULL, NULL, 1) != 1;
    trip->steps[trip->count++] = (dp_trip_step_t) {statement, false, NULL};
}

/* Sends what the socket takes, waits, reads what is there. */
static receipt_t
socket_turn(PGconn *connection, uint64_t until_us)
{
    struct pollfd event = {.fd = PQsocket(connection), .events = POLLIN};
    int           unsent = PQflush(connection);
    uint64_t      now = dp_monotonic_us();

    if (now >= until_us) {
        return LATE;
    }

    if (unsent > 0) {
        event.events |= POLLOUT;
    }

    if (poll(&event, 1, (int) ((until_us - now) / 1000 + 1)) > 0
        && PQconsumeInput(connection) == 0) {
        return LOST;
    }

    return RECEIVED;
}

static receipt_t
result_receive(PGconn *connection, uint64_t until_us, PGresult **result)
{
    while (PQisBusy(connection)) {
        receipt_t receipt = socket_turn(connection, until_us);

        if (receipt != RECEIVED) {
            return receipt;
        }
    }

    *result = PQgetResult(connection);

    return PQstatus(connection) == CONNECTION_OK ? RECEIVED : LOST;
}

/* The result of one message and the NULL that ends it. */
static receipt_t
answer_receive(PGconn *connection, uint64_t until_us, PGresult **result)
{
    PGresult *end = NULL;
    receipt_t receipt = result_receive(connection, until_us, result);

    if (receipt != RECEIVED) {
        return receipt;
    }

    receipt = result_receive(connection, until_us, &end);
    if (receipt == RECEIVED && (*result == NULL || end != NULL)) {
        receipt = LOST;
    }

    PQclear(end);

    return receipt;
}

/* An outage breaks every connection in every thread: a line a second says it. */
static bool
outage_log_wanted(void)
{
    static dp_log_pace_t pace;

    return dp_log_is_due(&pace);
}

static bool
said_anew(dp_db_t *db, const dp_statement_t *statement, dp_fault_t fault)
{
    dp_said_t *said = &db->said;
    uint64_t   now = dp_monotonic_us();

    if (said->statement == statement && said->cause == fault.cause
        && now - said->at_us < SAID_AGAIN_US) {
        return false;
    }

    *said = (dp_said_t) {statement, fault.cause, now};

    return true;
}

static bool
fault_log_wanted(dp_db_t *db, const dp_statement_t *statement, dp_fault_t fault)
{
    if (fault.expected) {
        return false;
    }

    if (fault.reconnect) {
        return outage_log_wanted();
    }

    return db->log != NULL || said_anew(db, statement, fault);
}

static void
fault_log(dp_db_t *db, const dp_statement_t *statement,
          const PGresult *result, dp_fault_t fault)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (fault_log_wanted(db, statement, fault)) {
        dp_log(fault.reconnect ? DP_LOG_WARN : DP_LOG_ERROR, db->log, fault.error,
               "statement %s failed: %s %s",
               statement->name, state == NULL ? "-----" : state,
               text == NULL ? PQresultErrorMessage(result) : text);
    }
}

/* The fault of a result; results behind the first fault have none. */
static dp_fault_t
result_judge(dp_db_t *db, const dp_statement_t *statement,
             const PGresult *result)
{
    dp_fault_t fault = {.error = DP_OK};

    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_PIPELINE_ABORTED:
        break;
    default:
        fault = dp_fault_of(result);
        fault_log(db, statement, result, fault);
    }

    return fault;
}

/* An UPDATE of no row is no error to the server; to us it may be one. */
static dp_fault_t
rows_judge(const dp_db_t *db, const dp_statement_t *statement, PGresult *result)
{
    const char *rows = PQcmdTuples(result);

    if (statement->rows == DP_ROWS_ANY || strcmp(rows, "1") == 0
        || PQresultStatus(result) == PGRES_PIPELINE_ABORTED) {
        return (dp_fault_t) {.error = DP_OK};
    }

    dp_log(DP_LOG_ERROR, db->log, dp_fault_rows.error,
           "statement %s touched %s rows instead of one", statement->name, rows);

    return dp_fault_rows;
}

static void
fault_keep_first(dp_fault_t *first, dp_fault_t found)
{
    if (first->error == DP_OK) {
        *first = found;
    }
}

static receipt_t
parse_receive(dp_db_t *db, const dp_statement_t *statement, uint64_t until_us,
              dp_fault_t *fault)
{
    PGresult *parsed = NULL;
    receipt_t receipt = answer_receive(db->connection, until_us, &parsed);

    if (receipt == RECEIVED) {
        fault_keep_first(fault, result_judge(db, statement, parsed));
        if (PQresultStatus(parsed) == PGRES_COMMAND_OK) {
            dp_prepared_add(&db->prepared, statement);
        }
    }

    PQclear(parsed);

    return receipt;
}

static receipt_t
step_receive(dp_db_t *db, dp_trip_step_t *step, uint64_t until_us,
             dp_fault_t *fault)
{
    receipt_t receipt = RECEIVED;

    if (step->prepares) {
        receipt = parse_receive(db, step->statement, until_us, fault);
    }

    if (receipt == RECEIVED) {
        receipt = answer_receive(db->connection, until_us, &step->result);
    }

    if (receipt == RECEIVED) {
        fault_keep_first(fault, result_judge(db, step->statement, step->result));
    }

    if (receipt == RECEIVED && fault->error == DP_OK) {
        *fault = rows_judge(db, step->statement, step->result);
    }

    return receipt;
}

static receipt_t
sync_receive(dp_db_t *db, uint64_t until_us)
{
    PGresult *sync = NULL;
    receipt_t receipt = result_receive(db->connection, until_us, &sync);

    if (receipt == RECEIVED && PQresultStatus(sync) != PGRES_PIPELINE_SYNC) {
        receipt = LOST;
    }

    PQclear(sync);

    return receipt;
}

static receipt_t
steps_receive(dp_db_t *db, uint64_t until_us, dp_fault_t *fault)
{
    dp_trip_t *trip = &db->trip;
    receipt_t  receipt = RECEIVED;

    while (receipt == RECEIVED && trip->received < trip->count) {
        receipt = step_receive(db, &trip->steps[trip->received++], until_us,
                               fault);
    }

    return receipt == RECEIVED ? sync_receive(db, until_us) : receipt;
}

static dp_metric_t
fault_kind(dp_fault_t fault)
{
    if (fault.retry == DP_RETRY_PAUSED) {
        return DP_METRIC_DATABASE_ERRORS_COLLISION;
    }

    if (fault.reconnect) {
        return fault.error == DP_ERR_WORKER_TIMEOUT
                   ? DP_METRIC_DATABASE_ERRORS_LATE
                   : DP_METRIC_DATABASE_ERRORS_LOST;
    }

    return fault.expected ? DP_METRIC_DATABASE_ERRORS_REFUSED
                          : DP_METRIC_DATABASE_ERRORS_FAULT;
}

static void
trip_measure(uint64_t started_us, dp_fault_t fault)
{
    dp_histogram_observe(DP_HISTOGRAM_DATABASE_TRIP,
                         dp_monotonic_us() - started_us);

    if (fault.error != DP_OK) {
        dp_metric_add(fault_kind(fault), 1);
    }
}

dp_fault_t
dp_trip_run(dp_db_t *db, uint64_t until_us)
{
    dp_fault_t fault = {.error = DP_OK};
    receipt_t  receipt = LOST;
    unsigned   first = db->trip.received;
    uint64_t   started_us = dp_monotonic_us();

    if (db->transaction != NULL) {
        dp_metric_add(DP_METRIC_DATABASE_ROUND_TRIPS, 1);
    }

    if (!db->trip.broken && PQpipelineSync(db->connection) == 1) {
        receipt = steps_receive(db, until_us, &fault);
        dp_trail_trip(db, first, dp_monotonic_us() - started_us);
    }

    if (receipt == LATE) {
        fault = dp_fault_late;
    } else if (receipt == LOST) {
        fault = dp_fault_lost;
    }

    if (receipt != RECEIVED || fault.reconnect) {
        dp_connection_close(db);
    }

    trip_measure(started_us, fault);

    return fault;
}

dp_row_t
dp_trip_row(const dp_db_t *db, unsigned index)
{
    assert(index < db->trip.count);

    return (dp_row_t) {db->trip.steps[index].result, 0};
}

const char *
dp_trip_tag(const dp_db_t *db, unsigned index)
{
    assert(index < db->trip.count);

    return PQcmdStatus(db->trip.steps[index].result);
}

void
dp_trip_clear(dp_db_t *db)
{
    dp_trip_t *trip = &db->trip;

    for (unsigned i = 0; i < trip->count; i++) {
        PQclear(trip->steps[i].result);
    }

    trip->count = 0;
    trip->received = 0;
    trip->broken = false;
}
