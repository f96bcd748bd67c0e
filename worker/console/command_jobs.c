/*
 * Jobs: those that are not done, one of them, and what an operator decides about
 * it.  Payloads are not shown: they may hold what is nobody's business.
 */

#include "commands_private.h"

#include "db/ask.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "log.h"
#include "runtime/deadline.h"

#include <sysexits.h>

#define EXIT_NOT_AS_ASKED 1

#define TIME(column)                                                          \
    "pg_catalog.coalesce(pg_catalog.to_char(" column " at time zone 'UTC',"   \
    " 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '')"

#define JOB_LIST                                                              \
    "select j.id::text, j.kind, j.state,"                                     \
    "       j.attempt || '/' || j.max_attempts,"                              \
    "       pg_catalog.coalesce(j.code, ''),"                                 \
    "       " TIME("pg_catalog.coalesce(j.finished_at, j.run_at)") ","        \
    "       pg_catalog.coalesce(j.org_id::text, 'platform'),"                 \
    "       " TIME("j.created_at") ","                                        \
    "       pg_catalog.coalesce(j.request_id::text, ''),"                     \
    "       pg_catalog.coalesce(j.lease_owner, ''),"                          \
    "       pg_catalog.coalesce(j.note, '')"                                  \
    "  from dp.job j"

/* The dead ones first: somebody has to decide. */
static const dp_statement_t select_jobs = {
    .name = "command.jobs",
    .sql = JOB_LIST " where j.state <> 'done'"
                    " order by j.state = 'dead' desc, j.state = 'running' desc,"
                    "          j.run_at, j.id"
                    " limit 200",
};

static const dp_statement_t select_job = {
    .name = "command.job",
    .sql = JOB_LIST " where j.id = $1",
};

static const dp_statement_t requeue = {
    .name = "command.job_requeue",
    .sql = "select app.job_requeue($1, $2, $3)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t cancel = {
    .name = "command.job_cancel",
    .sql = "select app.job_cancel($1, $2, $3)",
    .rows = DP_ROWS_ONE,
};

static const char *const columns[] = {
    "id",           "kind",      "state",     "attempt", "code", "at",
    "organization", "createdAt", "requestId", "worker",  "note",
};

#define COLUMNS ((int) (sizeof(columns) / sizeof(columns[0])))
#define COLUMNS_IN_A_LINE 7

static void
job_line(dp_writer_t *out, dp_row_t row)
{
    for (int column = 0; column < COLUMNS_IN_A_LINE; column++) {
        dp_slice_t value = dp_row_bytes(row, column);

        dp_write_text(out, column == 0 ? "" : "  ");
        dp_write_bytes(out, value.len == 0 ? DP_SLICE("-") : value);
    }

    dp_write_text(out, "\n");
}

static void
job_lines(dp_writer_t *out, dp_row_t row)
{
    for (int column = 0; column < COLUMNS; column++) {
        dp_write_text(out, columns[column]);
        dp_write_text(out, ": ");
        dp_write_bytes(out, dp_row_bytes(row, column));
        dp_write_text(out, "\n");
    }
}

static void
job_json(dp_writer_t *out, dp_row_t row)
{
    for (int column = 0; column < COLUMNS; column++) {
        dp_write_text(out, column == 0 ? "{\"" : ",\"");
        dp_write_text(out, columns[column]);
        dp_write_text(out, "\":");
        dp_json_string(out, dp_row_bytes(row, column));
    }

    dp_write_text(out, "}");
}

void
dp_command_jobs_list(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    const dp_list_view_t view = {
        .statement = &select_jobs,
        .values = DP_BIND_NONE,
        .title = "id  kind  state  attempt  code  at  organization\n",
        .name = "jobs",
        .text = job_line,
        .json = job_json,
    };

    dp_errand_list(errand, &view, outcome);
}

/* The job's id; false: concluded, it is none. */
static bool
id_take(const dp_errand_t *errand, uint8_t *id, dp_outcome_t *outcome)
{
    if (dp_id_parse(id, errand->command->name)) {
        return true;
    }

    dp_errand_conclude(errand, outcome, EX_USAGE, "that is no id of a job");

    return false;
}

void
dp_command_jobs_show(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    uint8_t        id[DP_ID_SIZE];
    dp_list_view_t view = {
        .statement = &select_job,
        .title = "",
        .name = "jobs",
        .text = job_lines,
        .json = job_json,
    };

    if (id_take(errand, id, outcome)) {
        view.values = DP_BIND(dp_uuid(id));
        dp_errand_list(errand, &view, outcome);
    }
}

/* What a change came to. */
static void
change_conclude(const dp_errand_t *errand, dp_error_t error, bool done,
                dp_outcome_t *outcome)
{
    if (error != DP_OK) {
        dp_errand_conclude(errand, outcome, EX_UNAVAILABLE,
                           "the database does not take it: see the worker's log");
    } else if (done) {
        dp_errand_conclude(errand, outcome, EX_OK, "done, and recorded");
    } else {
        dp_errand_conclude(errand, outcome, EXIT_NOT_AS_ASKED,
                           "there is no such job in the right state: see jobs "
                           "show");
    }
}

static void
change(const dp_errand_t *errand, const dp_statement_t *statement,
       dp_outcome_t *outcome)
{
    const dp_command_t *command = errand->command;
    uint8_t             id[DP_ID_SIZE];
    dp_row_t            row;
    dp_error_t          error;

    if (!id_take(errand, id, outcome)) {
        return;
    }

    if (command->reason.len == 0
        || !dp_kill_switch_reason_valid(command->reason)) {
        dp_errand_conclude(errand, outcome, EX_USAGE,
                           "the reason must be one line of 1 to 200 bytes of "
                           "UTF-8");
        return;
    }

    if (command->dry_run) {
        dp_errand_conclude(errand, outcome, EX_OK, "it would be done");
        return;
    }

    error = dp_ask(errand->db,
                   &(dp_question_t) {
                       .statement = statement,
                       .values = DP_BIND(dp_uuid(id),
                                         dp_text(dp_slice_text(errand->actor)),
                                         dp_text(command->reason)),
                       .until_us = dp_monotonic_us() + DP_ERRAND_DATABASE_US,
                       .role = "dp_ops",
                       .writes = true,
                   },
                   &row);
    change_conclude(errand, error, error == DP_OK && dp_row_bool(row, 0),
                    outcome);
    dp_trip_clear(errand->db);
}

void
dp_command_jobs_requeue(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    change(errand, &requeue, outcome);
}

void
dp_command_jobs_cancel(const dp_errand_t *errand, dp_outcome_t *outcome)
{
    change(errand, &cancel, outcome);
}
