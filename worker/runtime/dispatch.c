/*
 * Running a message: an operation by its route, an authentication, or events.
 *
 * Here an operation's outcome becomes a reply, a count and, when it was refused
 * or failed, a line in the log.
 */

#include "dispatch.h"

#include "abuse/abuse.h"
#include "crypto/random.h"
#include "deadline.h"
#include "log.h"
#include "metrics.h"

/*
 * An outage refuses every request with the same code: one line per code and
 * second says it.  Other refusals and faults are logged one by one.
 */
static bool
log_wants(dp_error_t error)
{
    static dp_log_pace_t paces[DP_ERROR_COUNT];

    return dp_error_row(error)->status != 503 || dp_log_is_due(&paces[error]);
}

static void
log_outcome(const dp_log_context_t *context, dp_error_t error)
{
    if (error != DP_OK && log_wants(error)) {
        dp_log(dp_log_level_of(error), context, error, "%s",
               dp_error_row(error)->message);
    }
}

static void
log_operation(const dp_op_t *op, uint64_t duration_us)
{
    dp_log_context_t context = dp_op_log_context(op);

    context.duration_us = duration_us;
    log_outcome(&context, op->error);
}

static void
fill_error(dp_op_t *op)
{
    const dp_error_row_t *row = dp_error_row(op->error);

    op->reply.status = row->status;
    op->reply.code = dp_slice_text(row->code);
    op->reply.body = dp_slice(NULL, 0);
}

static dp_metric_t
outcome(const dp_op_t *op)
{
    if (op->reply.status < 400) {
        return DP_METRIC_OPERATIONS_OK;
    }

    return op->reply.status < 500 ? DP_METRIC_OPERATIONS_REFUSED
                                  : DP_METRIC_OPERATIONS_FAILED;
}

static void
run_operation(dp_message_t *message, dp_arena_t *arena, dp_db_t *db)
{
    dp_op_t op = {
        .arena = arena,
        .db = db,
        .route = message->route,
        .request = &message->asked.request,
        .started_us = dp_monotonic_us(),
    };
    uint64_t duration_us;

    dp_random(op.span_id, sizeof(op.span_id));

    if (!dp_operation_execute(&op)) {
        fill_error(&op);
    }

    duration_us = dp_monotonic_us() - op.started_us;
    dp_message_answer(message, &dp_wire_reply, &op.reply);
    dp_metric_add(outcome(&op), 1);
    dp_histogram_observe(DP_HISTOGRAM_OPERATION, duration_us);
    log_operation(&op, duration_us);
}

static void
run_authentication(dp_message_t *message, dp_db_t *db)
{
    dp_wire_principal_t    answer = {.code = {NULL, 0}};
    const dp_log_context_t context = dp_message_log_context(message);

    if (dp_authenticate(db, &message->asked.authenticate, &answer)) {
        dp_metric_add(DP_METRIC_AUTHENTICATIONS_VALID, 1);

    } else {
        dp_metric_add(DP_METRIC_AUTHENTICATIONS_REFUSED, 1);
        log_outcome(&context, dp_error_find(answer.code));
    }

    dp_message_answer(message, &dp_wire_principal, &answer);
}

static void
run_events(dp_message_t *message, dp_arena_t *arena, dp_db_t *db)
{
    dp_wire_events_stored_t answer = {.code = {NULL, 0}};

    dp_abuse_events_store(db, arena, &message->asked.events, &answer);
    dp_message_answer(message, &dp_wire_events_stored, &answer);
}

void
dp_dispatch(dp_message_t *message, dp_arena_t *arena, dp_db_t *db)
{
    switch (message->header.kind) {
    case DP_WIRE_AUTHENTICATE:
        run_authentication(message, db);
        return;
    case DP_WIRE_EVENTS:
        run_events(message, arena, db);
        return;
    default:
        run_operation(message, arena, db);
    }
}
