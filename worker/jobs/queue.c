/*
 * The statements of the queue, each asked in a transaction of its own.
 */

#include "queue.h"

#include "crypto/random.h"
#include "db/ask.h"
#include "kinds.h"
#include "log.h"
#include "runtime/deadline.h"

#include <string.h>

#define ANSWER_LIMIT_US 2000000

static dp_error_t
ask(dp_db_t *db, const dp_statement_t *statement, dp_values_t values,
    dp_row_t *row)
{
    return dp_ask(db,
                  &(dp_question_t) {
                      .statement = statement,
                      .values = values,
                      .until_us = dp_monotonic_us() + ANSWER_LIMIT_US,
                      .writes = true,
                  },
                  row);
}

/* --- claiming --------------------------------------------------------------- */

static const dp_statement_t claim = {
    .name = "job.claim",
    .sql = "select id, org_id, kind, version, payload, attempt, fence,"
           "       request_id, trace_id"
           "  from app.job_claim($1::json, $2, $3, $4)",
};

enum {
    CLAIM_ID,
    CLAIM_ORG_ID,
    CLAIM_KIND,
    CLAIM_VERSION,
    CLAIM_PAYLOAD,
    CLAIM_ATTEMPT,
    CLAIM_FENCE,
    CLAIM_REQUEST_ID,
    CLAIM_TRACE_ID,
};

static void
claim_read(dp_row_t row, dp_job_t *job)
{
    memcpy(job->id, dp_row_uuid(row, CLAIM_ID), DP_JOB_ID_SIZE);
    memcpy(job->org_id, dp_row_uuid(row, CLAIM_ORG_ID), DP_JOB_ID_SIZE);
    memcpy(job->request_id, dp_row_uuid(row, CLAIM_REQUEST_ID), DP_JOB_ID_SIZE);
    job->kind = dp_job_kind_find(dp_row_bytes(row, CLAIM_KIND));
    job->version = (int16_t) dp_row_int(row, CLAIM_VERSION);
    job->payload = dp_arena_copy(job->arena, dp_row_bytes(row, CLAIM_PAYLOAD));
    job->attempt = (uint32_t) dp_row_int(row, CLAIM_ATTEMPT);
    job->fence = (uint64_t) dp_row_int(row, CLAIM_FENCE);
    job->trace_id = dp_arena_copy(job->arena, dp_row_bytes(row, CLAIM_TRACE_ID));
}

dp_error_t
dp_queue_claim(dp_db_t *db, const dp_job_owner_t *owner, uint32_t switches,
               dp_job_t *job)
{
    char        text[DP_JOB_KINDS_TEXT_SIZE];
    dp_writer_t known = dp_writer(text, sizeof(text));
    dp_row_t    row;
    dp_error_t  error;

    dp_job_kinds_render(&known);
    job->kind = NULL;
    error = ask(db, &claim,
                DP_BIND(dp_text(dp_written(&known)), dp_int4((int32_t) switches),
                        dp_text(dp_slice_text(owner->name)),
                        dp_int4((int32_t) owner->lease_s)),
                &row);

    if (error == DP_OK && dp_row_count(row) != 0) {
        claim_read(row, job);
    }

    dp_trip_clear(db);

    return error;
}

/* --- ending ----------------------------------------------------------------- */

static const dp_statement_t done = {
    .name = "job.done",
    .sql = "select case when app.job_done($1, $2) then 'done' end",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t released = {
    .name = "job.release",
    .sql = "select case when app.job_release($1, $2) then 'available' end",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t failed = {
    .name = "job.fail",
    .sql = "select app.job_fail($1, $2, $3, $4, $5)",
    .rows = DP_ROWS_ONE,
};

static dp_error_t
failure_ask(const dp_job_t *job, bool hopeless, dp_row_t *row)
{
    const char *note = job->note == NULL ? "" : job->note;
    uint32_t    random;
    dp_value_t  delay;

    dp_random(&random, sizeof(random));
    delay = dp_int4((int32_t) dp_job_delay_ms(job->attempt, random));

    return ask(job->db, &failed,
               DP_BIND(dp_uuid(job->id), dp_int8((int64_t) job->fence),
                       dp_text(dp_slice_text(dp_error_row(job->error)->code)),
                       dp_text_or_null(dp_slice_text(note)),
                       hopeless ? dp_null(delay) : delay),
               row);
}

static dp_error_t
end_ask(const dp_job_t *job, dp_job_outcome_t outcome, dp_row_t *row)
{
    switch (outcome) {
    case DP_JOB_DONE:
    case DP_JOB_RELEASED:
        return ask(job->db, outcome == DP_JOB_DONE ? &done : &released,
                   DP_BIND(dp_uuid(job->id), dp_int8((int64_t) job->fence)),
                   row);
    default:
        return failure_ask(job, outcome == DP_JOB_HOPELESS, row);
    }
}

dp_job_end_t
dp_queue_end(const dp_job_t *job, dp_job_outcome_t outcome)
{
    dp_row_t     row;
    dp_job_end_t end = DP_JOB_NOT_ENDED;

    if (end_ask(job, outcome, &row) == DP_OK) {
        dp_slice_t state = dp_row_bytes(row, 0);

        end = state.len == 0                               ? DP_JOB_LOST
              : dp_slice_equal(state, DP_SLICE("dead"))    ? DP_JOB_DIED
                                                           : DP_JOB_ENDED;
    }

    dp_trip_clear(job->db);

    return end;
}

/* --- renewing --------------------------------------------------------------- */

static const dp_statement_t renew = {
    .name = "job.renew",
    .sql = "select id, fence from app.job_renew($1, $2)",
};

dp_error_t
dp_queue_renew(dp_db_t *db, const dp_job_owner_t *owner,
               dp_job_leases_t *leases)
{
    dp_row_t   row;
    dp_error_t error = ask(db, &renew,
                           DP_BIND(dp_text(dp_slice_text(owner->name)),
                                   dp_int4((int32_t) owner->lease_s)),
                           &row);

    int        rows = error == DP_OK ? dp_row_count(row) : 0;

    leases->count = 0;

    for (int i = 0; i < rows && i < DP_JOB_LEASES_MAX; i++) {
        dp_row_t        lease = dp_row_at(row, i);
        dp_job_lease_t *item = &leases->items[leases->count++];

        memcpy(item->id, dp_row_uuid(lease, 0), DP_JOB_ID_SIZE);
        item->fence = (uint64_t) dp_row_int(lease, 1);
    }

    dp_trip_clear(db);

    return error;
}

/* --- for all ---------------------------------------------------------------- */

static const dp_statement_t lead = {
    .name = "job.lead",
    .sql = "select app.keeper_lead()",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t expire = {
    .name = "job.expire",
    .sql = "select expired, died from app.job_expire()",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t fire = {
    .name = "job.fire",
    .sql = "select app.schedules_fire($1::json)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t count_jobs = {
    .name = "job.count",
    .sql = "select ready, delayed, running, dead, oldest_ready_s::bigint"
           "  from app.job_counts()",
    .rows = DP_ROWS_ONE,
};

dp_error_t
dp_queue_lead(dp_db_t *db, bool *leads)
{
    dp_row_t   row;
    dp_error_t error = ask(db, &lead, DP_BIND_NONE, &row);

    *leads = error == DP_OK && dp_row_bool(row, 0);
    dp_trip_clear(db);

    return error;
}

dp_error_t
dp_queue_expire(dp_db_t *db, uint64_t *expired, uint64_t *died)
{
    dp_row_t   row;
    dp_error_t error = ask(db, &expire, DP_BIND_NONE, &row);

    *expired = error == DP_OK ? (uint64_t) dp_row_int(row, 0) : 0;
    *died = error == DP_OK ? (uint64_t) dp_row_int(row, 1) : 0;
    dp_trip_clear(db);

    return error;
}

dp_error_t
dp_queue_fire(dp_db_t *db)
{
    char        text[DP_JOB_KINDS_TEXT_SIZE];
    dp_writer_t kinds = dp_writer(text, sizeof(text));
    dp_row_t    row;
    dp_error_t  error;

    dp_job_schedules_render(&kinds);
    error = ask(db, &fire, DP_BIND(dp_text(dp_written(&kinds))), &row);
    dp_trip_clear(db);

    return error;
}

dp_error_t
dp_queue_count(dp_db_t *db, dp_job_counts_t *counts)
{
    dp_row_t   row;
    dp_error_t error = ask(db, &count_jobs, DP_BIND_NONE, &row);

    if (error == DP_OK) {
        *counts = (dp_job_counts_t) {
            .ready = dp_row_int(row, 0),
            .delayed = dp_row_int(row, 1),
            .running = dp_row_int(row, 2),
            .dead = dp_row_int(row, 3),
            .oldest_ready_s = dp_row_int(row, 4),
        };
    }

    dp_trip_clear(db);

    return error;
}
