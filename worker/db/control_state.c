/*
 * The control state, asked for as one row under the role that sees all tenants.
 */

#include "control_state.h"

#include "ask.h"
#include "log.h"

static const dp_statement_t control_listen = {
    .name = "control.listen",
    .sql = "listen devpilot_control",
};

static const dp_statement_t control_read = {
    .name = "control.read",
    .sql = "select generation, floor, switches, expired, plans, revocations,"
           "       app.control_blocks($1, generation),"
           "       app.control_keys($1, generation),"
           "       app.control_issuers($1, generation)"
           "  from app.control_read($1)",
    .rows = DP_ROWS_ONE,
};

enum {
    STATE_GENERATION,
    STATE_FLOOR,
    STATE_SWITCHES,
    STATE_EXPIRED,
    STATE_PLANS,
    STATE_REVOCATIONS,
    STATE_BLOCKS,
    STATE_KEYS,
    STATE_ISSUERS,
};

static const dp_statement_t control_catch_up = {
    .name = "control.catch_up",
    .sql = "select app.control_catch_up($1)",
};

static const dp_statement_t kill_switches_expire = {
    .name = "control.expire",
    .sql = "select app.kill_switches_expire()",
};

bool
dp_control_state_read(dp_db_t *db, uint64_t known, uint64_t until_us,
                      dp_control_state_t *state)
{
    dp_row_t   row;
    dp_error_t error = dp_ask(db,
                              &(dp_question_t) {
                                  .before = &control_listen,
                                  .statement = &control_read,
                                  .values = DP_BIND(dp_int8((int64_t) known)),
                                  .until_us = until_us,
                              },
                              &row);

    if (error != DP_OK) {
        return false;
    }

    *state = (dp_control_state_t) {
        .generation = (uint64_t) dp_row_int(row, STATE_GENERATION),
        .floor = (uint64_t) dp_row_int(row, STATE_FLOOR),
        .switches = (uint32_t) dp_row_int(row, STATE_SWITCHES),
        .expired = dp_row_bool(row, STATE_EXPIRED),
        .plans = dp_row_bytes(row, STATE_PLANS),
        .revocations = dp_row_bytes(row, STATE_REVOCATIONS),
        .blocks = dp_row_bytes(row, STATE_BLOCKS),
        .keys = dp_row_bytes(row, STATE_KEYS),
        .issuers = dp_row_bytes(row, STATE_ISSUERS),
    };

    return true;
}

/* A repair that fails is made with the next reading. */
static void
repair(dp_db_t *db, const dp_statement_t *statement, dp_values_t values,
       uint64_t until_us)
{
    static dp_log_pace_t pace;

    dp_row_t   row;
    dp_error_t error = dp_ask(db,
                              &(dp_question_t) {
                                  .statement = statement,
                                  .values = values,
                                  .until_us = until_us,
                                  .writes = true,
                              },
                              &row);

    if (error != DP_OK && dp_log_is_due(&pace)) {
        dp_log(DP_LOG_WARN, NULL, error, "%s failed", statement->name);
    }
}

void
dp_control_state_catch_up(dp_db_t *db, uint64_t seen, uint64_t until_us)
{
    repair(db, &control_catch_up, DP_BIND(dp_int8((int64_t) seen)), until_us);
}

void
dp_kill_switches_expire(dp_db_t *db, uint64_t until_us)
{
    repair(db, &kill_switches_expire, DP_BIND_NONE, until_us);
}

int
dp_db_socket(const dp_db_t *db)
{
    return db->connection == NULL ? -1 : PQsocket(db->connection);
}

bool
dp_db_notified(dp_db_t *db)
{
    bool      notified = false;
    PGnotify *notification;

    if (db->connection == NULL) {
        return false;
    }

    if (PQconsumeInput(db->connection) == 0) {
        dp_connection_close(db);
        return true;
    }

    while ((notification = PQnotifies(db->connection)) != NULL) {
        PQfreemem(notification);
        notified = true;
    }

    return notified;
}
