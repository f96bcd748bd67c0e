/*
 * One connection in pipeline mode, and the trips made over it.
 *
 * Private to this folder.  Statements are queued into libpq's buffer; a trip
 * sends them all behind one Sync and waits for their results, never longer
 * than until the time it is given: the socket is non-blocking.  A connection
 * that is lost, late or out of step is closed; the next dp_connection_open()
 * makes a new one, not more often than the back-off allows.
 */

#ifndef DP_CONNECTION_H
#define DP_CONNECTION_H

#include <libpq-fe.h>

#include "db.h"
#include "fault.h"
#include "log.h"
#include "prepared.h"
#include "dp_error.h"
#include "row.h"
#include "statement.h"

/* Statements between two dp_trip_clear(); more is a mistake of ours and stops the process. */
#define DP_TRIP_STATEMENTS 32

typedef struct {
    const dp_statement_t *statement;
    bool                  prepares; /* a Parse goes ahead of it */
    PGresult             *result;
} dp_trip_step_t;

typedef struct {
    dp_trip_step_t steps[DP_TRIP_STATEMENTS];
    unsigned       count;
    unsigned       received; /* steps of earlier trips */
    bool           broken; /* libpq refused a statement */
} dp_trip_t;

/*
 * Which failure outside of any request was logged last: what asks again and
 * again is logged when it begins to fail, when it fails otherwise, and once a
 * minute.
 */
typedef struct {
    const dp_statement_t *statement; /* NULL: it does not fail */
    dp_cause_t            cause;
    uint64_t              at_us; /* CLOCK_MONOTONIC */
} dp_said_t;

struct dp_transaction_s;

struct dp_db_s {
    char             *conninfo;
    char              name[64];   /* application_name, as it connected */
    PGconn           *connection; /* NULL: closed */
    bool              connected;  /* and counted as such */
    dp_prepared_t     prepared;   /* what the connection has parsed */
    unsigned          failures;   /* to connect, in a row */
    uint64_t          connect_after_us; /* CLOCK_MONOTONIC */
    dp_trip_t         trip;
    dp_said_t         said;       /* of a failure in the log */
    /* of the running operation, or NULL */
    struct dp_transaction_s *transaction;
    const dp_log_context_t  *log;
};

/*
 * Connects if the connection is closed.  False when that fails, or when it
 * failed so recently that it is not tried again.  Times are CLOCK_MONOTONIC.
 */
bool dp_connection_open(dp_db_t *db, uint64_t until_us)
    __attribute__((warn_unused_result));

/* Closes at once; the server rolls back what was open. */
void dp_connection_close(dp_db_t *db);

/* True while the server has a transaction open for us, also a failed one. */
bool dp_connection_in_transaction(const dp_db_t *db);

/* Adds a statement to the next trip; failures show in the trip. */
void dp_trip_queue(dp_db_t *db, const dp_statement_t *statement,
                   dp_values_t values);

/* The same, unprepared and without values: `sql` in the place of its own text. */
void dp_trip_queue_text(dp_db_t *db, const dp_statement_t *statement,
                        const char *sql);

/*
 * Sends what was queued and waits for all results.  The first fault, or one
 * with error DP_OK; on a fault that says so, the connection is closed.
 * Results stay readable until the next dp_trip_clear().
 */
dp_fault_t dp_trip_run(dp_db_t *db, uint64_t until_us)
    __attribute__((warn_unused_result));

/* The first row of the `index`th statement since dp_trip_clear(). */
dp_row_t dp_trip_row(const dp_db_t *db, unsigned index);

/* The command tag of that statement: COMMIT, ROLLBACK, INSERT 0 1 ... */
const char *dp_trip_tag(const dp_db_t *db, unsigned index);

/* Frees the results and forgets the statements. */
void dp_trip_clear(dp_db_t *db);

#endif /* DP_CONNECTION_H */
