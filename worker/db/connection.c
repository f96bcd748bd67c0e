/*
 * Opening and closing the connection.
 *
 * The server is told to look after us: it ends the statements of a worker
 * that died (client_connection_check_interval) and the transactions of one
 * that stands still (idle_in_transaction_session_timeout), so that neither
 * keeps locks.  Limits that depend on a request's deadline are set in its
 * transaction.
 */

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "log.h"
#include "metrics.h"
#include "runtime/deadline.h"

#define CONNECT_LIMIT_US UINT64_C(2000000)
#define BACKOFF_FIRST_US UINT64_C(50000)
#define BACKOFF_DOUBLINGS 3 /* 400 ms */

/*
 * Names are qualified everywhere; the path only keeps what somebody else
 * created from being found first.  The statements read by key and are planned
 * once, whatever their values.
 */
static const char session_options[] =
    "-c search_path=pg_catalog"
    " -c TimeZone=UTC"
    " -c default_transaction_isolation=read\\ committed"
    " -c idle_in_transaction_session_timeout=10s"
    " -c client_connection_check_interval=1s"
    " -c plan_cache_mode=force_generic_plan"
    " -c jit=off";

dp_db_t *
dp_db_create(const char *conninfo)
{
    dp_db_t *db = calloc(1, sizeof(*db));

    if (db == NULL || (db->conninfo = strdup(conninfo)) == NULL) {
        abort();
    }

    return db;
}

void
dp_db_destroy(dp_db_t *db)
{
    dp_connection_close(db);
    free(db->conninfo);
    free(db);
}

void
dp_connection_close(dp_db_t *db)
{
    dp_trip_clear(db);
    dp_prepared_clear(&db->prepared);
    PQfinish(db->connection);
    db->connection = NULL;

    if (db->connected) {
        db->connected = false;
        dp_metric_add(DP_METRIC_DATABASE_CONNECTIONS, -1);
    }
}

bool
dp_connection_in_transaction(const dp_db_t *db)
{
    return db->connection != NULL
           && PQtransactionStatus(db->connection) != PQTRANS_IDLE;
}

/* Notices (a warning about a deprecated setting, say) are nobody's news. */
static void
notice_ignore(void *context, const PGresult *notice)
{
    (void) context;
    (void) notice;
}

static PGconn *
connect_start(const char *conninfo)
{
    /* What stands before dbname is a default, what stands behind it is not. */
    const char *const keywords[] = {
        "fallback_application_name", "keepalives_idle", "keepalives_interval",
        "keepalives_count", "tcp_user_timeout", "dbname", "client_encoding",
        "options", NULL,
    };
    const char *const values[] = {
        "devpilot", "10", "5", "3", "15000", conninfo, "UTF8",
        session_options, NULL,
    };

    return PQconnectStartParams(keywords, values, 1);
}

/* Waits until the socket allows the next step; false when time is up. */
static bool
connect_wait(PGconn *connection, PostgresPollingStatusType wanted,
             uint64_t until_us)
{
    struct pollfd event = {
        .fd = PQsocket(connection),
        .events = wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT,
    };
    uint64_t now = dp_monotonic_us();

    return now < until_us
           && poll(&event, 1, (int) ((until_us - now) / 1000 + 1)) >= 0;
}

static bool
connect_finish(PGconn *connection, uint64_t until_us)
{
    PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;

    if (PQstatus(connection) == CONNECTION_BAD) {
        return false;
    }

    while (connect_wait(connection, wanted, until_us)) {
        wanted = PQconnectPoll(connection);
        if (wanted == PGRES_POLLING_OK) {
            return true;
        }
        if (wanted == PGRES_POLLING_FAILED) {
            return false;
        }
    }

    return false;
}

static bool
pipeline_start(PGconn *connection)
{
    PQsetNoticeReceiver(connection, notice_ignore, NULL);

    return PQsetnonblocking(connection, 1) == 0
           && PQenterPipelineMode(connection) == 1;
}

/* What the server calls the session between transactions. */
static void
name_note(dp_db_t *db)
{
    const char *name = PQparameterStatus(db->connection, "application_name");

    snprintf(db->name, sizeof(db->name), "%s", name == NULL ? "" : name);
}

static bool
connect_failed(dp_db_t *db)
{
    unsigned    doublings = db->failures < BACKOFF_DOUBLINGS ? db->failures
                                                             : BACKOFF_DOUBLINGS;
    const char *reason = PQerrorMessage(db->connection);
    static dp_log_pace_t pace;

    if (dp_log_is_due(&pace)) {
        dp_log(DP_LOG_ERROR, db->log, DP_ERR_DATABASE_UNAVAILABLE,
               "cannot connect to the database: %.*s",
               (int) strcspn(reason, "\n"), reason);
    }

    dp_metric_add(DP_METRIC_DATABASE_CONNECTS_FAILED, 1);
    db->failures++;
    db->connect_after_us = dp_monotonic_us() + (BACKOFF_FIRST_US << doublings);
    dp_connection_close(db);

    return false;
}

bool
dp_connection_open(dp_db_t *db, uint64_t until_us)
{
    uint64_t now = dp_monotonic_us();

    if (db->connection != NULL) {
        return true;
    }

    if (now < db->connect_after_us) {
        return false;
    }

    if (until_us > now + CONNECT_LIMIT_US) {
        until_us = now + CONNECT_LIMIT_US;
    }

    db->connection = connect_start(db->conninfo);
    if (db->connection == NULL) {
        abort();
    }

    if (!connect_finish(db->connection, until_us)
        || !pipeline_start(db->connection)) {
        return connect_failed(db);
    }

    name_note(db);
    dp_metric_add(DP_METRIC_DATABASE_CONNECTS, 1);
    dp_metric_add(DP_METRIC_DATABASE_CONNECTIONS, 1);
    db->connected = true;

    if (db->failures != 0) {
        dp_log(DP_LOG_INFO, NULL, DP_OK,
               "connected to the database after %u failures", db->failures);
    }

    db->failures = 0;

    return true;
}
