/*
 * One question to the database outside of any operation: a statement in a
 * transaction of its own.
 */

#ifndef DP_ASK_H
#define DP_ASK_H

#include "connection.h"
#include "fault.h"

typedef struct {
    const dp_statement_t *before; /* in the same transaction; NULL: none */
    const dp_statement_t *statement;
    dp_values_t           values;
    const char           *role;       /* NULL: dp_system, of all tenants */
    const uint8_t        *request_id; /* NULL: no request's question */
    uint64_t              until_us;   /* CLOCK_MONOTONIC */
    bool                  writes;     /* else the transaction is read-only */
} dp_question_t;

/*
 * Makes one trip, and a second one on a new connection when the first was
 * lost.  DP_OK, with the first row of the result until dp_trip_clear(); or
 * DATABASE_UNAVAILABLE, WORKER_TIMEOUT or what else went wrong.
 */
dp_error_t dp_ask(dp_db_t *db, const dp_question_t *question, dp_row_t *row)
    __attribute__((warn_unused_result));

/* The same, for a caller who passes on what is behind the error. */
dp_fault_t dp_ask_fault(dp_db_t *db, const dp_question_t *question,
                        dp_row_t *row) __attribute__((warn_unused_result));

#endif /* DP_ASK_H */
