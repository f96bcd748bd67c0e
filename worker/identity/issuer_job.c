/*
 * The jobs that keep what identity providers say up to date, and that forget what
 * they said too long ago: this one also while no calls are made.
 */

#include "issuer.h"

#include "db/ask.h"
#include "jobs/handlers.h"
#include "runtime/deadline.h"

#define AGAIN_S 240 /* one who asked is not asked again so soon */
#define KEPT_DAYS 1
#define ONE_LIMIT_US 15000000
#define NAMES_SIZE (DP_CONTROL_ISSUERS * 34 + 3)

static const dp_statement_t issuers_settle = {
    .name = "issuer.settle",
    .sql = "select app.issuers_settle($1::text[], $2)",
};

/* PostgreSQL's text of an array; names need no quotes. */
static dp_slice_t
names_make(char text[NAMES_SIZE])
{
    dp_writer_t names = dp_writer(text, NAMES_SIZE);

    dp_write_text(&names, "{");

    for (size_t i = 0; i < dp_identity_provider_count(); i++) {
        dp_write_text(&names, i == 0 ? "" : ",");
        dp_write_text(&names, dp_identity_provider(i)->name);
    }

    dp_write_text(&names, "}");

    return dp_written(&names);
}

dp_job_outcome_t
dp_job_issuers_settle(dp_job_t *job)
{
    char       names[NAMES_SIZE];
    dp_row_t   row;
    dp_error_t error = dp_ask(
        job->db,
        &(dp_question_t) {
            .statement = &issuers_settle,
            .values = DP_BIND(dp_text(names_make(names)), dp_int4(KEPT_DAYS)),
            .until_us = dp_monotonic_us() + ONE_LIMIT_US,
            .writes = true,
        },
        &row);

    dp_trip_clear(job->db);

    return error == DP_OK ? DP_JOB_DONE : dp_job_fail(job, error);
}

/*
 * One that cannot be reached keeps nobody else from being asked, and is asked
 * again by the next job: the attempt is none that failed.
 */
dp_job_outcome_t
dp_job_issuers_fetch(dp_job_t *job)
{
    for (size_t i = 0; i < dp_identity_provider_count(); i++) {
        const dp_issuer_asker_t asker = {
            .db = job->db,
            .arena = job->arena,
            .until_us = dp_monotonic_us() + ONE_LIMIT_US,
        };
        dp_answer_t answer;

        if (!dp_job_may_go_on(job)) {
            return DP_JOB_RELEASED;
        }

        if (!dp_issuer_fetch(dp_identity_provider(i), &asker, AGAIN_S, &answer)
            && dp_outbound_job_outcome(job, &answer) == DP_JOB_RELEASED) {
            return DP_JOB_RELEASED;
        }
    }

    return DP_JOB_DONE;
}
