/*
 * The table of database failures.  A state that has no row is a mistake of
 * ours: INTERNAL, logged with the server's message.
 */

#include <libpq-fe.h>
#include <string.h>

#include "fault.h"

typedef struct {
    const char *name; /* a SQLSTATE, its class (two characters), a constraint */
    dp_fault_t  fault;
} fault_row_t;

#define COLLISION(what)                                        \
    {                                                          \
        .error = DP_ERR_DATABASE_CONTENTION,                   \
        .cause = DP_CAUSE_DATABASE_##what,                     \
        .retry = DP_RETRY_PAUSED, .expected = true             \
    }
#define UNAVAILABLE(what)                                      \
    {                                                          \
        .error = DP_ERR_DATABASE_UNAVAILABLE,                  \
        .cause = DP_CAUSE_DATABASE_##what,                     \
        .retry = DP_RETRY_CONNECTED, .reconnect = true         \
    }
#define EXPECTED(code, what)                                   \
    {                                                          \
        .error = DP_ERR_##code,                                \
        .cause = DP_CAUSE_DATABASE_##what, .expected = true    \
    }
#define STALE                                                  \
    {                                                          \
        .error = DP_ERR_INTERNAL,                              \
        .cause = DP_CAUSE_DATABASE_SCHEMA_CHANGED,             \
        .retry = DP_RETRY_CONNECTED, .reconnect = true         \
    }

const dp_fault_t dp_fault_lost = UNAVAILABLE(CONNECTION_LOST);
const dp_fault_t dp_fault_unavailable = EXPECTED(DATABASE_UNAVAILABLE,
                                                 UNREACHABLE);
const dp_fault_t dp_fault_late = {
    .error = DP_ERR_WORKER_TIMEOUT,
    .cause = DP_CAUSE_DATABASE_NO_ANSWER,
    .reconnect = true,
};
const dp_fault_t dp_fault_expired = {
    .error = DP_ERR_WORKER_TIMEOUT,
    .expected = true,
};
const dp_fault_t dp_fault_rows = {
    .error = DP_ERR_INTERNAL,
    .cause = DP_CAUSE_DATABASE_ROWS_UNEXPECTED,
};

static const dp_fault_t unknown = {
    .error = DP_ERR_INTERNAL,
    .cause = DP_CAUSE_DATABASE_FAULT,
};

static const fault_row_t states[] = {
    {"40001", COLLISION(SERIALIZATION)},
    {"40P01", COLLISION(DEADLOCK)},
    {"55P03", EXPECTED(DATABASE_CONTENTION, LOCK_TIMEOUT)},
    {"DP409", EXPECTED(STATE_CONFLICT, GUARD)},
    {"DP410", EXPECTED(PROJECT_DELETED, GUARD)},
    {"57014", EXPECTED(WORKER_TIMEOUT, STATEMENT_TIMEOUT)},

    /* idle_in_transaction_session_timeout */
    {"25P03", UNAVAILABLE(CONNECTION_LOST)},
    {"25006", UNAVAILABLE(READ_ONLY)}, /* we are connected to a standby */
    {"57P", UNAVAILABLE(RESTARTING)},  /* shutting down, crashed, starting */
    {"53", UNAVAILABLE(EXHAUSTED)},    /* out of connections, memory, disk */
    {"08", UNAVAILABLE(CONNECTION_LOST)},

    /* The connection's prepared statements do not fit the schema any more. */
    {"0A000", STALE}, /* cached plan must not change result type */
    {"26000", STALE}, /* prepared statement does not exist */
    {"42P05", STALE}, /* prepared statement exists already */
};

/* A name was free when it was looked for and is taken at the insert. */
static const fault_row_t constraints[] = {
    {"project_slug_key", COLLISION(NAME_TAKEN)},
    {"app_user_email_key", COLLISION(NAME_TAKEN)},
    {"api_key_prefix_key", COLLISION(NAME_TAKEN)},
    {"org_slug_key", COLLISION(NAME_TAKEN)},
    {"invitation_open_key", COLLISION(NAME_TAKEN)},

    /* He was a member when that was looked for, or was none. */
    {"project_member_member_fkey", COLLISION(NAME_TAKEN)},
    {"org_member_pkey", COLLISION(NAME_TAKEN)},
};

static const dp_fault_t *
row_find(const fault_row_t *rows, size_t count, const char *name, bool prefix)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = prefix ? strlen(rows[i].name) : strlen(name) + 1;

        if (strncmp(rows[i].name, name, len) == 0) {
            return &rows[i].fault;
        }
    }

    return NULL;
}

dp_fault_t
dp_fault_find(const char *sqlstate, const char *constraint)
{
    const dp_fault_t *found = NULL;

    if (constraint != NULL) {
        found = row_find(constraints, sizeof(constraints) / sizeof(*constraints),
                         constraint, false);
    }

    if (found == NULL && sqlstate != NULL) {
        found = row_find(states, sizeof(states) / sizeof(*states), sqlstate,
                         true);
    }

    return found == NULL ? unknown : *found;
}

dp_fault_t
dp_fault_of(const struct pg_result *result)
{
    return dp_fault_find(PQresultErrorField(result, PG_DIAG_SQLSTATE),
                         PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME));
}
