/*
 * Jobs that keep the database as it is, a portion per transaction.
 */

#include "handlers.h"

#include "db/ask.h"
#include "runtime/deadline.h"

#define PORTION 1000
#define PORTION_LIMIT_US 5000000
#define JOBS_KEPT_DAYS 30
#define SESSIONS_KEPT_DAYS 90
#define INVITATIONS_KEPT_DAYS 30

static const dp_statement_t idempotency_reap = {
    .name = "maintenance.idempotency_reap",
    .sql = "select app.idempotency_reap($1)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t job_prune = {
    .name = "maintenance.job_prune",
    .sql = "select app.job_prune($1, $2)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t sessions_reap = {
    .name = "maintenance.sessions_reap",
    .sql = "select app.sessions_reap($1, $2)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t invitations_reap = {
    .name = "maintenance.invitations_reap",
    .sql = "select app.invitations_reap($1, $2)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t audit_partition_ensure = {
    .name = "maintenance.audit_partition_ensure",
    .sql = "select app.audit_partition_ensure()",
    .rows = DP_ROWS_ONE,
};

/* The statement tells how much it did, or null: a kill switch is on. */
static dp_job_outcome_t
portion_run(dp_job_t *job, const dp_statement_t *statement, dp_values_t values,
            int64_t *did)
{
    dp_row_t   row;
    dp_error_t error = dp_ask(job->db,
                              &(dp_question_t) {
                                  .statement = statement,
                                  .values = values,
                                  .until_us = dp_monotonic_us() + PORTION_LIMIT_US,
                                  .writes = true,
                              },
                              &row);

    if (error != DP_OK) {
        return dp_job_fail(job, error);
    }

    *did = dp_row_int(row, 0);

    return dp_row_null(row, 0) ? DP_JOB_RELEASED : DP_JOB_DONE;
}

static dp_job_outcome_t
portions_run(dp_job_t *job, const dp_statement_t *statement, dp_values_t values)
{
    dp_job_outcome_t outcome;
    int64_t          did;

    do {
        outcome = portion_run(job, statement, values, &did);

        if (outcome != DP_JOB_DONE || did < PORTION) {
            return outcome;
        }
    } while (dp_job_may_go_on(job));

    return DP_JOB_RELEASED;
}

dp_job_outcome_t
dp_job_idempotency_reap(dp_job_t *job)
{
    return portions_run(job, &idempotency_reap, DP_BIND(dp_int4(PORTION)));
}

dp_job_outcome_t
dp_job_prune(dp_job_t *job)
{
    return portions_run(job, &job_prune,
                        DP_BIND(dp_int4(PORTION), dp_int4(JOBS_KEPT_DAYS)));
}

dp_job_outcome_t
dp_job_session_reap(dp_job_t *job)
{
    return portions_run(job, &sessions_reap,
                        DP_BIND(dp_int4(PORTION), dp_int4(SESSIONS_KEPT_DAYS)));
}

dp_job_outcome_t
dp_job_invitation_reap(dp_job_t *job)
{
    return portions_run(job, &invitations_reap,
                        DP_BIND(dp_int4(PORTION),
                                dp_int4(INVITATIONS_KEPT_DAYS)));
}

dp_job_outcome_t
dp_job_audit_partition(dp_job_t *job)
{
    int64_t made;

    return portion_run(job, &audit_partition_ensure, DP_BIND_NONE, &made);
}
