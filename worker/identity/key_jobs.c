/*
 * key.rotate and key.purge: what happens to signing keys by itself.
 */

#include "jobs/handlers.h"
#include "signing_keys.h"
#include "runtime/deadline.h"

#define LIMIT_US 5000000

static const dp_statement_t keys_purge = {
    .name = "signing_key.purge",
    .sql = "select app.signing_keys_purge()",
    .rows = DP_ROWS_ONE,
};

dp_job_outcome_t
dp_job_key_rotate(dp_job_t *job)
{
    dp_error_t error = dp_keys_ensure(job->db, job->kind->name,
                                      dp_monotonic_us() + LIMIT_US);

    return error == DP_OK ? DP_JOB_DONE : dp_job_fail(job, error);
}

dp_job_outcome_t
dp_job_key_purge(dp_job_t *job)
{
    dp_row_t   row;
    dp_error_t error = dp_ask(job->db,
                              &(dp_question_t) {
                                  .statement = &keys_purge,
                                  .values = DP_BIND_NONE,
                                  .until_us = dp_monotonic_us() + LIMIT_US,
                                  .writes = true,
                              },
                              &row);

    if (error != DP_OK) {
        return dp_job_fail(job, error);
    }

    return dp_row_null(row, 0) ? DP_JOB_RELEASED : DP_JOB_DONE;
}
