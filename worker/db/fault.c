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

#define COLLISION                                              \
    {                                                          \
        .error = DP_ERR_DATABASE_CONTENTION,                   \
        .retry = DP_RETRY_PAUSED, .expected = true             \
    }
#define UNAVAILABLE                                            \
    {                                                          \
        .error = DP_ERR_DATABASE_UNAVAILABLE,                  \
        .retry = DP_RETRY_CONNECTED, .reconnect = true         \
    }
#define STALE                                                  \
    {                                                          \
        .error = DP_ERR_INTERNAL,                              \
        .retry = DP_RETRY_CONNECTED, .reconnect = true         \
    }

const dp_fault_t dp_fault_lost = UNAVAILABLE;
const dp_fault_t dp_fault_unavailable = {
    .error = DP_ERR_DATABASE_UNAVAILABLE,
    .expected = true,
};
const dp_fault_t dp_fault_late = {
    .error = DP_ERR_WORKER_TIMEOUT,
    .reconnect = true,
};
const dp_fault_t dp_fault_expired = {
    .error = DP_ERR_WORKER_TIMEOUT,
    .expected = true,
};
const dp_fault_t dp_fault_rows = {.error = DP_ERR_INTERNAL};

static const dp_fault_t unknown = {.error = DP_ERR_INTERNAL};

static const fault_row_t states[] = {
    {"40001", COLLISION}, /* serialization_failure */
    {"40P01", COLLISION}, /* deadlock_detected */
    {"55P03", {.error = DP_ERR_DATABASE_CONTENTION, .expected = true}},
    {"DP409", {.error = DP_ERR_STATE_CONFLICT, .expected = true}},
    {"DP410", {.error = DP_ERR_PROJECT_DELETED, .expected = true}},
    {"57014", {.error = DP_ERR_WORKER_TIMEOUT, .expected = true}},

    {"25P03", UNAVAILABLE}, /* idle_in_transaction_session_timeout */
    {"25006", UNAVAILABLE}, /* read only: we are connected to a standby */
    {"57P", UNAVAILABLE},   /* shutting down, crashed, starting up */
    {"53", UNAVAILABLE},    /* out of connections, memory, disk */
    {"08", UNAVAILABLE},    /* connection and protocol failures */

    /* The connection's prepared statements do not fit the schema any more. */
    {"0A000", STALE}, /* cached plan must not change result type */
    {"26000", STALE}, /* prepared statement does not exist */
    {"42P05", STALE}, /* prepared statement exists already */
};

/* A name was free when it was looked for and is taken at the insert. */
static const fault_row_t constraints[] = {
    {"project_slug_key", COLLISION},
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
