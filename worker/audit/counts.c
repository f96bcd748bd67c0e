/*
 * Counting events and chains.
 */

#include "counts.h"

#include "runtime/deadline.h"

#define LIMIT_US 2000000

static const dp_statement_t select_counts = {
    .name = "audit_counts.counts",
    .sql = "select unsealed, oldest_s, broken, verified_s from app.audit_counts()",
    .rows = DP_ROWS_ONE,
};

dp_error_t
dp_audit_count(dp_db_t *db, dp_audit_counts_t *counts)
{
    enum { UNSEALED, OLDEST, BROKEN, VERIFIED };
    const dp_question_t question = {
        .statement = &select_counts,
        .values = DP_BIND_NONE,
        .until_us = dp_monotonic_us() + LIMIT_US,
    };
    dp_row_t   row;
    dp_error_t error = dp_ask(db, &question, &row);

    if (error == DP_OK) {
        *counts = (dp_audit_counts_t) {
            .unsealed = dp_row_int(row, UNSEALED),
            .oldest_s = dp_row_int(row, OLDEST),
            .broken = dp_row_int(row, BROKEN),
            .verified_s = dp_row_int(row, VERIFIED),
        };
    }

    return error;
}
