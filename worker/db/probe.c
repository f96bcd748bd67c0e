/*
 * The health probe: is the database there, is its schema ours, which switches
 * are on.
 */

#include "ask.h"
#include "config.h"
#include "runtime/deadline.h"

static const dp_statement_t readiness = {
    .name = "probe.readiness",
    .sql = "select app.schema_has($1), app.kill_switches_on()",
    .rows = DP_ROWS_ONE,
};

enum {
    READY_SCHEMA,
    READY_SWITCHES,
};

bool
dp_db_probe(dp_db_t *db, uint64_t timeout_us, dp_db_probe_t *probe)
{
    uint64_t   started_us = dp_monotonic_us();
    dp_row_t   row;
    dp_error_t error = dp_ask(
        db,
        &(dp_question_t) {
            .statement = &readiness,
            .values = DP_BIND(dp_text(DP_SLICE(DP_SCHEMA_CHANGE))),
            .until_us = started_us + timeout_us,
        },
        &row);

    *probe = (dp_db_probe_t) {0};

    if (error != DP_OK) {
        return false;
    }

    *probe = (dp_db_probe_t) {
        .reachable = true,
        .schema_ok = dp_row_bool(row, READY_SCHEMA),
        .switches = (uint32_t) dp_row_int(row, READY_SWITCHES),
        .latency_us = dp_monotonic_us() - started_us,
    };
    dp_trip_clear(db);

    return true;
}
