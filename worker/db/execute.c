/*
 * The executor: runs an operation's function until it has an outcome.
 *
 * An attempt is one call of the function and one transaction.  What may be run
 * again is said by the database's fault: collisions after a random pause, a
 * lost connection at once on a new one, both at most RETRIES times.  A COMMIT
 * whose answer was lost is another matter: under an idempotency key the
 * request is repeated until the stored answer, or its absence, shows what
 * became of it.  All of it inside the request's deadline.
 */

#include <assert.h>
#include <time.h>

#include "connection.h"
#include "crypto/random.h"
#include "dp_operations.h"
#include "log.h"
#include "metrics.h"
#include "policy/audit.h"
#include "policy/etag.h"
#include "policy/idempotency.h"
#include "policy/input.h"
#include "policy/kill_switch.h"
#include "runtime/deadline.h"
#include "transaction.h"

#define RETRIES 3

/* Full jitter: a pause is random in [0, PAUSE_FIRST_US * 4^attempt). */
#define PAUSE_FIRST_US UINT64_C(10000)

/* How long a thread looks for the outcome of a COMMIT. */
#define OUTCOME_LIMIT_US UINT64_C(2000000)
#define OUTCOME_PAUSE_US UINT64_C(50000)

/* What the executor remembers from one attempt to the next. */
typedef struct {
    dp_transaction_t transaction;
    uint64_t         outcome_until_us; /* CLOCK_MONOTONIC; 0: outcome known */
    dp_error_t       retried_for; /* what made the last attempt necessary */
} execution_t;

/* A caller of a kind that we do not know is nobody. */
static bool
caller_check(dp_op_t *op)
{
    uint16_t kind = op->request->principal.kind;

    return op->route->role_scope == DP_ROLE_PUBLIC
                   || kind == DP_PRINCIPAL_API_KEY
                   || kind == DP_PRINCIPAL_SESSION
                   || kind == DP_PRINCIPAL_EXTERNAL
               ? true
               : dp_op_fail(op, DP_ERR_AUTH_REQUIRED);
}

static bool
body_size_check(dp_op_t *op)
{
    return op->request->body.len <= op->route->body_limit
               ? true
               : dp_op_fail(op, DP_ERR_REQUEST_TOO_LARGE);
}

/*
 * What the route demands before there is any transaction, whatever the edge has
 * looked at already.
 */
static bool
request_check(dp_op_t *op)
{
    return dp_kill_switch_check(op) && caller_check(op)
           && body_size_check(op) && dp_idempotency_check(op)
           && dp_etag_check(op) && dp_input_check(op);
}

static void
attempt_run(dp_op_t *op, execution_t *execution)
{
    execution->transaction = (dp_transaction_t) {0};
    op->db->transaction = &execution->transaction;
    op->error = DP_OK;
    op->reply = (dp_wire_reply_t) {0};
    op->attempts++;

    if (!dp_operations[op->route - dp_routes](op)) {
        assert(op->error != DP_OK || op->reply.replayed != 0);
    }
}

/* Pauses for up to `limit_us`; false when the deadline does not allow it. */
static bool
pause_random(const dp_op_t *op, uint64_t limit_us)
{
    struct timespec time = {0};
    uint32_t        random;
    uint64_t        pause_us;

    dp_random(&random, sizeof(random));
    pause_us = limit_us * random >> 32;

    if (pause_us >= dp_op_time_left_us(op)) {
        return false;
    }

    time.tv_nsec = (long) (pause_us * 1000);
    nanosleep(&time, NULL);

    return true;
}

/*
 * After a COMMIT without an answer, attempts that cannot tell go on: no
 * connection yet, or the server still runs the lost transaction and has the
 * key.
 */
static bool
outcome_sought(dp_op_t *op, const execution_t *execution)
{
    bool undecided = execution->transaction.fault.error != DP_OK
                     || op->error == DP_ERR_IDEMPOTENCY_IN_PROGRESS;

    if (!undecided) {
        return false;
    }

    dp_metric_add(DP_METRIC_RETRIES_OUTCOME, 1);

    return dp_monotonic_us() < execution->outcome_until_us
           && pause_random(op, OUTCOME_PAUSE_US);
}

static bool
fault_retried(const dp_op_t *op, dp_fault_t fault)
{
    if (fault.retry == DP_RETRY_NEVER || op->attempts > RETRIES) {
        return false;
    }

    if (fault.retry == DP_RETRY_CONNECTED) {
        dp_metric_add(DP_METRIC_RETRIES_CONNECTION, 1);
        return dp_op_time_left_us(op) != 0;
    }

    dp_metric_add(DP_METRIC_RETRIES_COLLISION, 1);

    return pause_random(op, PAUSE_FIRST_US << 2 * (op->attempts - 1));
}

/* True when the operation is to be run again. */
static bool
attempt_judge(dp_op_t *op, execution_t *execution)
{
    const dp_transaction_t *transaction = &execution->transaction;

    if (transaction->outcome_unknown) {
        dp_metric_add(DP_METRIC_TRANSACTIONS_UNKNOWN, 1);
        if (execution->outcome_until_us == 0) {
            execution->outcome_until_us = dp_monotonic_us() + OUTCOME_LIMIT_US;
        }
        if (!dp_idempotency_keyed(op)) {
            return false;
        }
    }

    if (execution->outcome_until_us != 0) {
        return outcome_sought(op, execution);
    }

    return fault_retried(op, transaction->fault);
}

/* A COMMIT whose outcome could not be found out outranks later failures. */
static void
outcome_report(dp_op_t *op, const execution_t *execution)
{
    if (execution->outcome_until_us != 0
        && (execution->transaction.fault.error != DP_OK
            || op->error == DP_ERR_IDEMPOTENCY_IN_PROGRESS)) {
        dp_op_fail(op, DP_ERR_DATABASE_OUTCOME_UNKNOWN);
    }
}

static void
attempts_measure(const dp_op_t *op, const execution_t *execution)
{
    static const dp_histogram_t depths[DP_ERROR_COUNT] = {
        [DP_ERR_DATABASE_CONTENTION] = DP_HISTOGRAM_RETRIES_OF_CONTENTION,
        [DP_ERR_DATABASE_UNAVAILABLE] = DP_HISTOGRAM_RETRIES_OF_UNAVAILABLE,
        [DP_ERR_DATABASE_OUTCOME_UNKNOWN] = DP_HISTOGRAM_RETRIES_OF_UNKNOWN,
        [DP_ERR_INTERNAL] = DP_HISTOGRAM_RETRIES_OF_INTERNAL,
    };

    if (op->attempts > 1) {
        dp_depth_observe(depths[execution->retried_for], op->attempts - 1);
    }
}

static void
attempts_run(dp_op_t *op, execution_t *execution)
{
    dp_denial_fn *denied;

    attempt_run(op, execution);

    while (attempt_judge(op, execution)) {
        execution->retried_for = execution->outcome_until_us != 0
                                     ? DP_ERR_DATABASE_OUTCOME_UNKNOWN
                                     : execution->transaction.fault.error;
        dp_transaction_end(op, NULL);
        attempt_run(op, execution);
    }

    attempts_measure(op, execution);
    outcome_report(op, execution);
    denied = dp_audit_denial(op);

    if (denied != NULL) {
        dp_metric_add(DP_METRIC_DENIALS, 1);
    }

    dp_transaction_end(op, denied);
}

bool
dp_operation_execute(dp_op_t *op)
{
    execution_t      execution = {0};
    dp_log_context_t context;
    uint64_t         started_us = dp_monotonic_us();

    assert(dp_operations[op->route - dp_routes] != NULL);

    if (request_check(op)) {
        context = dp_op_log_context(op);
        op->db->log = &context;
        attempts_run(op, &execution);
        op->db->transaction = NULL;
        op->db->log = NULL;
        dp_histogram_observe(DP_HISTOGRAM_TRANSACTION,
                             dp_monotonic_us() - started_us);
    }

    if (op->error == DP_OK && op->reply.replayed != 0) {
        dp_metric_add(DP_METRIC_REPLAYS, 1);
    }

    if (op->error != DP_OK) {
        op->reply = (dp_wire_reply_t) {
            .details = op->reply.details,
            .causes = op->reply.causes,
            .retry_after_s = op->reply.retry_after_s,
        };
    }

    return op->error == DP_OK;
}
