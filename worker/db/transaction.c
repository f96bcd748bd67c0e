/*
 * The frame of a transaction: its three trips, its gates, its end.
 *
 * Connection and transaction belong to the thread, so nothing here locks.  A
 * COMMIT of a failed transaction is answered with the tag ROLLBACK, not with an
 * error: the tag is looked at.
 */

#include "transaction.h"

#include <assert.h>
#include <string.h>

#include "connection.h"
#include "context.h"
#include "jobs/wake.h"
#include "log.h"
#include "metrics.h"
#include "policy/gates.h"
#include "policy/idempotency.h"
#include "policy/quota.h"
#include "runtime/deadline.h"

/* The server's statement_timeout answers first; this is for a dead network. */
#define ANSWER_GRACE_US UINT64_C(250000)

/* A rollback or a denial's audit, after the deadline was perhaps used up. */
#define END_LIMIT_US UINT64_C(1000000)

static const dp_statement_t rollback = {
    .name = "transaction.rollback",
    .sql = "rollback",
};

/*
 * In the order of their verdicts: a caller who may no longer call does not even
 * learn that an answer is stored.
 */
static const dp_gate_t *const gates[DP_GATES] = {
    &dp_gate_kill_switch,
    &dp_gate_caller,
    &dp_gate_idempotency,
};

dp_transaction_t *
dp_transaction(const dp_op_t *op)
{
    return op->db->transaction;
}

dp_value_t
dp_transaction_trace(const dp_op_t *op)
{
    static const uint8_t none[sizeof(op->request->trace_id)];
    const uint8_t       *trace = op->request->trace_id;
    dp_value_t           value = dp_bytea(dp_slice(trace, sizeof(none)));

    return memcmp(trace, none, sizeof(none)) == 0 ? dp_null(value) : value;
}

/*
 * BEGIN under the role of a tenant's requests; what the public may ask for, as
 * logging in, is the platform's own business.
 */
static void
begin_queue(dp_op_t *op, bool read_only, uint64_t until_us)
{
    const dp_wire_request_t *request = op->request;
    bool                     public = op->route->role_scope == DP_ROLE_PUBLIC;

    dp_context_queue(op->db,
                     &(dp_context_t) {
                         .role = public ? "dp_system" : "dp_api",
                         .read_only = read_only,
                         .org_id = public ? NULL : request->principal.org_id,
                         .user_id = public ? NULL : request->principal.user_id,
                         .credential_id =
                             public ? NULL : request->principal.credential_id,
                         .kind = public ? DP_PRINCIPAL_NONE
                                         : (dp_principal_kind_t) request->principal.kind,
                         .request_id = request->request_id,
                         .trace_id = request->trace_id,
                         .span_id = op->span_id,
                         .trace_flags = request->trace_flags,
                         .action = op->route->operation,
                     },
                     until_us);
}

/* Records a database fault and turns it into the operation's error. */
static bool
fault(dp_op_t *op, dp_fault_t found)
{
    dp_transaction(op)->fault = found;

    if (found.reconnect) {
        dp_metric_add(DP_METRIC_TRANSACTIONS_LOST, 1);
    }

    op->reply.causes = dp_cause_name(found.cause);

    return dp_op_fail(op, found.error);
}

static bool
trip(dp_op_t *op)
{
    dp_transaction_t *transaction = dp_transaction(op);
    dp_fault_t        found;

    if (transaction->fault.error != DP_OK) {
        return false;
    }

    found = dp_trip_run(op->db, transaction->until_us + ANSWER_GRACE_US);

    return found.error == DP_OK ? true : fault(op, found);
}

void
dp_transaction_begin(dp_op_t *op)
{
    dp_transaction_t *transaction = dp_transaction(op);
    uint64_t          left_us = dp_op_time_left_us(op);

    transaction->until_us = dp_monotonic_us() + left_us;

    if (left_us == 0) {
        fault(op, dp_fault_expired);
        return;
    }

    if (!dp_connection_open(op->db, transaction->until_us)) {
        fault(op, dp_fault_unavailable);
        return;
    }

    begin_queue(op, !op->route->mutates, transaction->until_us);

    for (size_t i = 0; i < DP_GATES; i++) {
        if (gates[i]->applies(op)) {
            transaction->gate_steps[i] = op->db->trip.count;
            gates[i]->queue(op);
        }
    }
}

unsigned
dp_transaction_queue(dp_op_t *op, const dp_statement_t *statement,
                     dp_values_t values)
{
    unsigned result = op->db->trip.count;

    if (dp_transaction(op)->fault.error == DP_OK) {
        dp_trip_queue(op->db, statement, values);
    }

    return result;
}

dp_row_t
dp_transaction_row(const dp_op_t *op, unsigned result)
{
    return dp_trip_row(op->db, result);
}

bool
dp_transaction_facts(dp_op_t *op)
{
    dp_transaction_t *transaction = dp_transaction(op);

    if (!op->route->mutates && transaction->fault.error == DP_OK) {
        dp_commit_queue(op->db);
    }

    if (!trip(op)) {
        return false;
    }

    if (!op->route->mutates) {
        dp_metric_add(DP_METRIC_TRANSACTIONS_READ, 1);
    }

    for (size_t i = 0; i < DP_GATES; i++) {
        if (gates[i]->applies(op)
            && !gates[i]->judge(
                op, dp_transaction_row(op, transaction->gate_steps[i]))) {
            return false;
        }
    }

    return true;
}

/*
 * The third trip: after it the change is there, or it is not, or who knows.
 *
 * None is sent past the deadline.  So what will be committed holds the locks of
 * its kill switches when the edge, at that time, counts it as pending no more:
 * who waits for both has waited for all writes.
 */
static bool
commit_send(dp_op_t *op)
{
    dp_db_t *db = op->db;
    unsigned result = db->trip.count;

    if (dp_monotonic_us() >= dp_transaction(op)->until_us) {
        return fault(op, dp_fault_expired);
    }

    dp_commit_queue(db);

    if (!trip(op)) {
        dp_transaction(op)->outcome_unknown = db->connection == NULL;
        return false;
    }

    if (strcmp(dp_trip_tag(db, result), "COMMIT") != 0) {
        dp_log(DP_LOG_ERROR, db->log, DP_ERR_INTERNAL,
               "a transaction was rolled back by its COMMIT");
        return fault(op, dp_fault_rows);
    }

    dp_metric_add(DP_METRIC_TRANSACTIONS_COMMITTED, 1);
    dp_wake_jobs(dp_transaction(op)->jobs_queued);

    return true;
}

bool
dp_transaction_commit(dp_op_t *op)
{
    unsigned quota;

    assert(op->route->mutates);

    dp_idempotency_finish(op);
    quota = dp_quota_queue(op);

    return trip(op) && dp_quota_judge(op, quota) && commit_send(op);
}

/* Queues a transaction of its own for what `denied` queues. */
static dp_fault_t
denial_queue(dp_op_t *op, dp_denial_fn *denied, uint64_t until_us)
{
    if (!dp_connection_open(op->db, until_us)) {
        return dp_fault_unavailable;
    }

    begin_queue(op, false, until_us);
    denied(op);
    dp_commit_queue(op->db);

    return (dp_fault_t) {.error = DP_OK};
}

void
dp_transaction_end(dp_op_t *op, dp_denial_fn *denied)
{
    dp_db_t   *db = op->db;
    uint64_t   until_us = dp_monotonic_us() + END_LIMIT_US;
    dp_fault_t found = {.error = DP_OK};

    dp_trip_clear(db);

    if (dp_connection_in_transaction(db)) {
        dp_metric_add(DP_METRIC_TRANSACTIONS_ROLLED_BACK, 1);
        dp_trip_queue(db, &rollback, DP_BIND_NONE);
    }

    if (denied != NULL) {
        dp_transaction(op)->fault = (dp_fault_t) {.error = DP_OK};
        found = denial_queue(op, denied, until_us);
    }

    if (found.error == DP_OK && db->trip.count != 0) {
        found = dp_trip_run(db, until_us);
    }

    if (found.error != DP_OK && denied != NULL) {
        dp_log(DP_LOG_ERROR, db->log, found.error,
               "a denial could not be audited");
    }

    dp_trip_clear(db);
    if (dp_connection_in_transaction(db)) {
        dp_connection_close(db);
    }
}
