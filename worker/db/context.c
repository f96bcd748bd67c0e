/*
 * BEGIN, the context, and COMMIT.
 */

#include "context.h"

#include "runtime/deadline.h"
#include "trail_private.h"

static const dp_statement_t begin = {
    .name = "context.begin",
    .sql = "begin isolation level read committed read write",
};

static const dp_statement_t begin_read_only = {
    .name = "context.begin_read_only",
    .sql = "begin isolation level read committed read only",
};

static const dp_statement_t commit = {
    .name = "context.commit",
    .sql = "commit",
};

/* Runs as dp_worker, and is therefore the one statement parsed under it. */
static const dp_statement_t set_context = {
    .name = "context.set",
    .sql =
        "select pg_catalog.set_config('role', $1::text, true),"
        "       pg_catalog.set_config('app.org_id', coalesce($2::uuid::text, ''), true),"
        "       pg_catalog.set_config('app.actor_id', coalesce($3::uuid::text, ''), true),"
        "       pg_catalog.set_config('app.credential_id', coalesce($4::uuid::text, ''), true),"
        "       pg_catalog.set_config('app.credential_kind', $5::text, true),"
        "       pg_catalog.set_config('app.request_id', coalesce($6::uuid::text, ''), true),"
        "       pg_catalog.set_config('statement_timeout', $7::int4::text, true),"
        "       pg_catalog.set_config('application_name', $8::text, true),"
        "       pg_catalog.set_config('lock_timeout', '2000', true)",
    .rows = DP_ROWS_ONE,
};

/* At least 1: to PostgreSQL, 0 means no limit. */
static int32_t
milliseconds_left(uint64_t until_us)
{
    uint64_t now = dp_monotonic_us();
    uint64_t left = until_us > now ? (until_us - now) / 1000 : 0;

    if (left > INT32_MAX) {
        return INT32_MAX;
    }

    return left == 0 ? 1 : (int32_t) left;
}

/* By dp_principal_kind_t. */
static const char *const credential_kinds[] = {
    [DP_PRINCIPAL_NONE] = "",
    [DP_PRINCIPAL_API_KEY] = "api_key",
    [DP_PRINCIPAL_SESSION] = "session",
    [DP_PRINCIPAL_EXTERNAL] = "external",
};

static dp_value_t
id_or_null(const uint8_t *id)
{
    return id == NULL ? dp_null(dp_uuid(id)) : dp_uuid(id);
}

/* With a comment it is another text each time, and not worth preparing. */
static void
begin_queue(dp_db_t *db, const dp_context_t *context)
{
    char                  text[DP_TRAIL_TEXT_SIZE];
    const dp_statement_t *statement = context->read_only ? &begin_read_only
                                                         : &begin;

    if (dp_trail_comment(text, statement->sql, context)) {
        dp_trip_queue_text(db, statement, text);
    } else {
        dp_trip_queue(db, statement, DP_BIND_NONE);
    }
}

void
dp_context_queue(dp_db_t *db, const dp_context_t *context, uint64_t until_us)
{
    char name[DP_TRAIL_NAME_SIZE];

    begin_queue(db, context);
    dp_trail_name(name, db, context);
    dp_trip_queue(db, &set_context,
                  DP_BIND(dp_text(dp_slice_text(context->role)),
                          id_or_null(context->org_id),
                          id_or_null(context->user_id),
                          id_or_null(context->credential_id),
                          dp_text(dp_slice_text(credential_kinds[context->kind])),
                          id_or_null(context->request_id),
                          dp_int4(milliseconds_left(until_us)),
                          dp_text(dp_slice_text(name))));
}

void
dp_commit_queue(dp_db_t *db)
{
    dp_trip_queue(db, &commit, DP_BIND_NONE);
}
