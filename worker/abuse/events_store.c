/*
 * Storing events: one statement, which knows those that it has already.
 */

#include "abuse.h"

#include "db/ask.h"
#include "log.h"
#include "metrics.h"
#include "runtime/deadline.h"

#define INSTANCE_MAX 64
#define LIST_MAX (256 * 1024) /* many times what an edge sends */

static const dp_statement_t events_store = {
    .name = "abuse.events_store",
    .sql = "select app.abuse_events_store($1::json)",
    .rows = DP_ROWS_ONE,
};

/* They would be refused whenever they came: an edge must not keep them. */
static void
refused_note(unsigned refused)
{
    if (refused != 0) {
        dp_metric_add(DP_METRIC_EVENTS_REFUSED, refused);
        dp_log(DP_LOG_CRITICAL, NULL, DP_ERR_REQUEST_MALFORMED,
               "%u events of an edge cannot be read and are lost", refused);
    }
}

static dp_error_t
text_store(dp_db_t *db, dp_slice_t text, uint64_t deadline_us)
{
    dp_row_t   row;
    dp_error_t error = dp_ask(db,
                              &(dp_question_t) {
                                  .statement = &events_store,
                                  .values = DP_BIND(dp_text(text)),
                                  .until_us = dp_monotonic_us()
                                              + dp_deadline_left_us(deadline_us),
                                  .writes = true,
                              },
                              &row);

    if (error == DP_OK) {
        dp_metric_add(DP_METRIC_EVENTS_STORED, (uint64_t) dp_row_int(row, 0));
    }

    dp_trip_clear(db);

    return error;
}

void
dp_abuse_events_store(dp_db_t *db, dp_arena_t *arena,
                      const dp_wire_events_t *asked,
                      dp_wire_events_stored_t *answer)
{
    unsigned   refused = 0;
    dp_error_t error = DP_ERR_REQUEST_MALFORMED;

    if (asked->events.len <= LIST_MAX && asked->instance.len <= INSTANCE_MAX) {
        error = text_store(db,
                           dp_abuse_events_json(arena, asked->events,
                                                asked->instance, &refused),
                           asked->deadline_us);
    }

    if (error == DP_OK) {
        refused_note(refused);
    } else {
        answer->code = dp_slice_text(dp_error_row(error)->code);
        dp_metric_add(DP_METRIC_EVENT_BATCHES_FAILED, 1);
    }
}
