/*
 * api_key.announce: says which API keys end soon, while there is time to rotate
 * them.
 */

#include "db/ask.h"
#include "jobs/handlers.h"
#include "metrics.h"
#include "runtime/deadline.h"

#define LIMIT_US 5000000
#define SOON_DAYS 14

static const dp_statement_t keys_announce = {
    .name = "api_keys.announce",
    .sql = "select app.api_keys_announce($1)",
    .rows = DP_ROWS_ONE,
};

dp_job_outcome_t
dp_job_api_key_announce(dp_job_t *job)
{
    dp_row_t   row;
    dp_error_t error = dp_ask(job->db,
                              &(dp_question_t) {
                                  .statement = &keys_announce,
                                  .values = DP_BIND(dp_int4(SOON_DAYS)),
                                  .until_us = dp_monotonic_us() + LIMIT_US,
                                  .writes = true,
                              },
                              &row);

    if (error != DP_OK) {
        return dp_job_fail(job, error);
    }

    if (dp_row_null(row, 0)) {
        return DP_JOB_RELEASED;
    }

    dp_metric_set(DP_METRIC_API_KEYS_EXPIRING, dp_row_int(row, 0));

    return DP_JOB_DONE;
}
