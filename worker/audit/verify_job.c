/*
 * The job audit.verify: walks every chain from its beginning, and notes what it found.
 */

#include "audit.h"

#include "db/ask.h"
#include "dp_id.h"
#include "jobs/handlers.h"
#include "log.h"
#include "runtime/deadline.h"

#define TRIP_LIMIT_US 20000000
#define PORTION 5000 /* events, or seals */

static const dp_statement_t select_chain = {
    .name = "audit_verify.chain",
    .sql = "select s.chain_id"
           "  from dp.audit_seal s"
           " where $1 is null or s.chain_id > $1"
           " order by s.chain_id"
           " limit 1",
};

static const dp_statement_t select_walk = {
    .name = "audit_verify.walk",
    .sql = DP_AUDIT_WALK_SQL("s.chain_id = $3"),
};

static const dp_statement_t verified = {
    .name = "audit_verify.verified",
    .sql = "select app.audit_verified($1, $2, $3, $4, $5, $6)",
    .rows = DP_ROWS_ONE,
};

static dp_error_t
ask(dp_job_t *job, const dp_statement_t *statement, dp_values_t values,
    bool writes, dp_row_t *rows)
{
    return dp_ask(job->db,
                  &(dp_question_t) {
                      .statement = statement,
                      .values = values,
                      .until_us = dp_monotonic_us() + TRIP_LIMIT_US,
                      .writes = writes,
                  },
                  rows);
}

static dp_error_t
verdict_note(dp_job_t *job, const dp_audit_walk_t *walk)
{
    bool       sound = walk->fault == DP_AUDIT_SOUND;
    dp_value_t seal = dp_int8((int64_t) walk->fault_seal);
    dp_value_t seq = dp_int8(walk->fault_seq);
    dp_value_t fault =
        dp_text(dp_slice_text(dp_audit_fault_name(walk->fault)));
    char       chain[DP_ID_TEXT_SIZE];
    dp_row_t   row;

    if (!sound) {
        dp_id_format(chain, walk->check.chain_id);
        dp_log(DP_LOG_CRITICAL, NULL, DP_OK,
               "the audit trail of %.*s is broken at seal %llu, event %lld: %s",
               DP_ID_TEXT_SIZE, chain, (unsigned long long) walk->fault_seal,
               (long long) walk->fault_seq, dp_audit_fault_text(walk->fault));
    }

    return ask(job, &verified,
               DP_BIND(dp_uuid(walk->check.chain_id),
                       dp_int8((int64_t) walk->check.no),
                       dp_int8((int64_t) walk->check.events),
                       sound ? dp_null(fault) : fault,
                       sound ? dp_null(seal) : seal,
                       sound || walk->fault_seq < 0 ? dp_null(seq) : seq),
               true, &row);
}

/* RELEASED when it may not go on; DONE when the walk is at its end or at a fault. */
static dp_job_outcome_t
chain_walk(dp_job_t *job, dp_audit_walk_t *walk)
{
    dp_row_t   rows;
    dp_error_t error;

    do {
        error = ask(job, &select_walk,
                    DP_BIND(dp_int8((int64_t) walk->check.no), dp_int8(PORTION),
                            dp_uuid(walk->check.chain_id)),
                    false, &rows);

        if (error != DP_OK) {
            return dp_job_fail(job, error);
        }

        if (dp_row_count(rows) == 0 || !dp_audit_walk_rows(walk, rows)) {
            error = verdict_note(job, walk);
            return error == DP_OK ? DP_JOB_DONE : dp_job_fail(job, error);
        }
    } while (dp_job_may_go_on(job));

    return DP_JOB_RELEASED;
}

static dp_job_outcome_t
chain_verify(dp_job_t *job, const uint8_t *chain_id)
{
    static const dp_hash_t none;
    dp_audit_walk_t       *walk = dp_arena_alloc(job->arena, sizeof(*walk));
    dp_job_outcome_t       outcome;

    outcome = dp_audit_walk_open(walk, chain_id, 0, &none)
                  ? chain_walk(job, walk)
                  : dp_job_fail(job, DP_ERR_INTERNAL);
    dp_audit_walk_close(walk);

    return outcome;
}

dp_job_outcome_t
dp_job_audit_verify(dp_job_t *job)
{
    uint8_t          chain_id[DP_ID_SIZE];
    dp_job_outcome_t outcome = DP_JOB_DONE;
    dp_value_t       after = dp_null(dp_uuid(NULL));

    while (outcome == DP_JOB_DONE) {
        dp_row_t   row;
        dp_error_t error = ask(job, &select_chain, DP_BIND(after), false, &row);

        if (error != DP_OK) {
            return dp_job_fail(job, error);
        }

        if (dp_row_count(row) == 0) {
            return DP_JOB_DONE;
        }

        memcpy(chain_id, dp_row_uuid(row, 0), sizeof(chain_id));
        after = dp_uuid(chain_id);
        outcome = chain_verify(job, chain_id);
    }

    return outcome;
}
