/*
 * Asking one question.
 */

#include "ask.h"

#include "context.h"
#include "runtime/deadline.h"

static dp_fault_t
ask_once(dp_db_t *db, const dp_question_t *question, dp_row_t *row)
{
    dp_context_t context = {
        .role = question->role == NULL ? "dp_system" : question->role,
        .read_only = !question->writes,
        .request_id = question->request_id,
    };
    unsigned   result;
    dp_fault_t fault;

    dp_trip_clear(db);

    if (dp_monotonic_us() >= question->until_us) {
        return dp_fault_expired;
    }

    if (!dp_connection_open(db, question->until_us)) {
        return dp_fault_unavailable;
    }

    dp_context_queue(db, &context, question->until_us);

    if (question->before != NULL) {
        dp_trip_queue(db, question->before, DP_BIND_NONE);
    }

    result = db->trip.count;
    dp_trip_queue(db, question->statement, question->values);
    dp_commit_queue(db);

    fault = dp_trip_run(db, question->until_us);
    if (fault.error == DP_OK) {
        *row = dp_trip_row(db, result);
    } else if (dp_connection_in_transaction(db)) {
        dp_connection_close(db);
    }

    return fault;
}

dp_fault_t
dp_ask_fault(dp_db_t *db, const dp_question_t *question, dp_row_t *row)
{
    dp_fault_t fault = ask_once(db, question, row);

    if (fault.retry == DP_RETRY_CONNECTED) {
        fault = ask_once(db, question, row);
    }

    if (fault.error == DP_OK && db->said.statement == question->statement) {
        db->said.statement = NULL;
    }

    return fault;
}

dp_error_t
dp_ask(dp_db_t *db, const dp_question_t *question, dp_row_t *row)
{
    return dp_ask_fault(db, question, row).error;
}
