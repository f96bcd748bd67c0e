/*
 * The statements of an attempt.
 *
 * What failed is written in a transaction that is committed although the client
 * is refused.  Log lines and audit events name the user by id, never an address.
 */

#include "attempt.h"

#include "db/ask.h"
#include "dp_id.h"
#include "policy/audit.h"
#include "runtime/deadline.h"
#include "secret_text.h"
#include "session.h"

/* By address, or by id. */
static const dp_statement_t find_account = {
    .name = "attempt.find_account",
    .sql = "select u.id, u.email, u.status, c.password_hash,"
           "       exists (select"
           "                 from dp.device d"
           "                where d.digest = $3"
           "                  and d.user_id = u.id),"
           "       (select m.org_id"
           "          from dp.member_profile m"
           "         where m.user_id = u.id"
           "           and m.org_deleted_at is null"
           "         order by m.created_at, m.org_id"
           "         limit 1)"
           "  from (select 1) one"
           "  left join dp.app_user u"
           "         on pg_catalog.lower(u.email) = pg_catalog.lower($1)"
           "         or u.id = $2"
           "  left join dp.user_credential c on c.user_id = u.id",
    .rows = DP_ROWS_ONE,
};

enum {
    ACCOUNT_USER_ID,
    ACCOUNT_EMAIL,
    ACCOUNT_STATUS,
    ACCOUNT_HASH,
    ACCOUNT_DEVICE_KNOWN,
    ACCOUNT_ORG_ID,
};

static const dp_statement_t find_locks = {
    .name = "attempt.find_locks",
    .sql = "select (select f.locked_until"
           "          from dp.login_failure f"
           "         where f.account = $1 and f.origin = $2),"
           "       (select f.locked_until"
           "          from dp.login_failure f"
           "         where f.account = $1 and f.origin = $3),"
           "       pg_catalog.now()",
    .rows = DP_ROWS_ONE,
};

enum {
    LOCKS_NETWORK,
    LOCKS_DEVICE,
    LOCKS_NOW,
};

static const dp_statement_t lock_failures = {
    .name = "attempt.lock_failures",
    .sql = "select failures, since, locks, locked_until, pg_catalog.now()"
           "  from app.attempt_lock($1, $2)",
    .rows = DP_ROWS_ONE,
};

enum {
    FAILURES_COUNT,
    FAILURES_SINCE,
    FAILURES_LOCKS,
    FAILURES_LOCKED_UNTIL,
    FAILURES_NOW,
};

static const dp_statement_t write_failures = {
    .name = "attempt.write_failures",
    .sql = "select app.attempt_fail($1, $2, $3, $4, $5, $6)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t forget_failures = {
    .name = "attempt.forget_failures",
    .sql = "select app.attempt_forget($1, $2)",
    .rows = DP_ROWS_ONE,
};

/* --- whom it is about --------------------------------------------------------- */

static bool
ask(dp_op_t *op, const dp_statement_t *statement, dp_values_t values,
    dp_row_t *row)
{
    dp_fault_t fault = dp_ask_fault(
        op->db,
        &(dp_question_t) {
            .statement = statement,
            .values = values,
            .request_id = op->request->request_id,
            .until_us = dp_monotonic_us() + dp_op_time_left_us(op),
        },
        row);

    if (fault.error == DP_OK) {
        return true;
    }

    op->reply.causes = dp_cause_name(fault.cause);

    return dp_op_fail(op, fault.error);
}

static const uint8_t *
id_keep(dp_op_t *op, dp_row_t row, int column)
{
    return dp_row_null(row, column)
               ? NULL
               : dp_arena_copy(op->arena, dp_slice(dp_row_uuid(row, column),
                                                   DP_ID_SIZE)).data;
}

static void
account_read(dp_op_t *op, dp_row_t row, dp_attempt_t *attempt)
{
    dp_arena_t *arena = op->arena;

    attempt->user_id = id_keep(op, row, ACCOUNT_USER_ID);
    attempt->org_id = id_keep(op, row, ACCOUNT_ORG_ID);
    attempt->email = dp_arena_copy(arena, dp_row_bytes(row, ACCOUNT_EMAIL));
    attempt->status = dp_arena_copy(arena, dp_row_bytes(row, ACCOUNT_STATUS));
    attempt->hash = dp_arena_copy(arena, dp_row_bytes(row, ACCOUNT_HASH));
    attempt->network = dp_lockout_network(arena, op->request->client_address);

    if (dp_row_bool(row, ACCOUNT_DEVICE_KNOWN)) {
        attempt->device = dp_lockout_device(arena, op->request->device);
    }
}

/* The first origin that is not locked; when all are, the network's lock counts. */
static void
origin_choose(dp_attempt_t *attempt, dp_row_t row)
{
    uint64_t now_us = dp_row_time_us(row, LOCKS_NOW);
    uint32_t network_s, device_s;

    network_s = dp_lockout_left_s(dp_row_time_us(row, LOCKS_NETWORK), now_us);
    device_s = dp_lockout_left_s(dp_row_time_us(row, LOCKS_DEVICE), now_us);

    if (attempt->device.len != 0 && device_s == 0) {
        attempt->origin = attempt->device;
        attempt->locked_s = 0;
        return;
    }

    attempt->origin = attempt->network;
    attempt->locked_s = network_s;
}

static bool
find(dp_op_t *op, dp_values_t by, dp_attempt_t *attempt, dp_slice_t email)
{
    dp_row_t row;

    *attempt = (dp_attempt_t) {.locked_s = 0};

    if (!ask(op, &find_account, by, &row)) {
        return false;
    }

    account_read(op, row, attempt);
    dp_lockout_account(attempt->account,
                       email.len == 0 ? attempt->email : email);
    dp_trip_clear(op->db);

    if (!ask(op, &find_locks,
             DP_BIND(dp_bytea(dp_slice(attempt->account, DP_SHA256_SIZE)),
                     dp_text(attempt->network), dp_text(attempt->device)),
             &row)) {
        return false;
    }

    origin_choose(attempt, row);
    dp_trip_clear(op->db);

    return true;
}

static dp_value_t
device_bind(const dp_op_t *op, uint8_t digest[DP_SHA256_SIZE])
{
    dp_secret_text_digest(digest, op->request->device);

    return dp_bytea(dp_slice(digest, DP_SHA256_SIZE));
}

bool
dp_attempt_find(dp_op_t *op, dp_slice_t email, dp_attempt_t *attempt)
{
    static const uint8_t none[DP_ID_SIZE];
    uint8_t              digest[DP_SHA256_SIZE];

    return find(op,
                DP_BIND(dp_text(email), dp_null(dp_uuid(none)),
                        device_bind(op, digest)),
                attempt, email);
}

bool
dp_attempt_find_user(dp_op_t *op, const uint8_t *user_id, dp_attempt_t *attempt)
{
    uint8_t digest[DP_SHA256_SIZE];

    return find(op,
                DP_BIND(dp_null(dp_text(dp_slice("", 0))), dp_uuid(user_id),
                        device_bind(op, digest)),
                attempt, dp_slice(NULL, 0));
}

/* --- what becomes of it --------------------------------------------------------- */

unsigned
dp_attempt_lock(dp_op_t *op, const dp_attempt_t *attempt)
{
    return dp_transaction_queue(
        op, &lock_failures,
        DP_BIND(dp_bytea(dp_slice(attempt->account, DP_SHA256_SIZE)),
                dp_text(attempt->origin)));
}

static dp_lockout_t
lockout_read(dp_row_t row)
{
    return (dp_lockout_t) {
        .failures = dp_row_int(row, FAILURES_COUNT),
        .since_us = dp_row_time_us(row, FAILURES_SINCE),
        .locks = dp_row_int(row, FAILURES_LOCKS),
        .locked_until_us = dp_row_time_us(row, FAILURES_LOCKED_UNTIL),
    };
}

static bool
fail_locked(dp_op_t *op, uint32_t left_s)
{
    op->reply.retry_after_s = left_s;

    return dp_op_fail(op, DP_ERR_AUTH_ACCOUNT_LOCKED);
}

bool
dp_attempt_judge(dp_op_t *op, unsigned locked)
{
    dp_row_t row = dp_transaction_row(op, locked);
    uint32_t left_s = dp_lockout_left_s(dp_row_time_us(row, FAILURES_LOCKED_UNTIL),
                                        dp_row_time_us(row, FAILURES_NOW));

    return left_s == 0 ? true : fail_locked(op, left_s);
}

void
dp_attempt_succeed(dp_op_t *op, const dp_attempt_t *attempt)
{
    dp_transaction_queue(
        op, &forget_failures,
        DP_BIND(dp_bytea(dp_slice(attempt->account, DP_SHA256_SIZE)),
                dp_text(attempt->origin)));
}

static void
failure_queue(dp_op_t *op, const dp_attempt_t *attempt, dp_row_t row)
{
    dp_lockout_t lockout = dp_lockout_fail(lockout_read(row),
                                           dp_row_time_us(row, FAILURES_NOW));
    dp_value_t   until = dp_time(lockout.locked_until_us);

    dp_transaction_queue(
        op, &write_failures,
        DP_BIND(dp_bytea(dp_slice(attempt->account, DP_SHA256_SIZE)),
                dp_text(attempt->origin), dp_int4((int32_t) lockout.failures),
                dp_time(lockout.since_us), dp_int4((int32_t) lockout.locks),
                lockout.locked_until_us == 0 ? dp_null(until) : until));
}

static void
refusal_audit(dp_op_t *op, const dp_attempt_t *attempt, dp_error_t error,
              const char *reason)
{
    char       text[DP_ID_TEXT_SIZE];
    dp_slice_t target = DP_SLICE("unknown");

    if (attempt->user_id != NULL) {
        dp_id_format(text, attempt->user_id);
        target = dp_slice(text, sizeof(text));
    }

    dp_session_act_as(op, attempt->org_id, NULL, NULL);
    dp_audit(op, &(dp_audit_t) {
                     .action = "auth.login.failure",
                     .target_type = "user",
                     .target_id = target,
                     .outcome = "failure",
                     .code = dp_error_row(error)->code,
                     .detail = dp_arena_printf(op->arena, "{\"reason\":\"%s\"}",
                                               reason),
                 });
}

bool
dp_attempt_fail(dp_op_t *op, const dp_attempt_t *attempt, unsigned locked,
                dp_error_t error, const char *reason)
{
    if (error == DP_ERR_AUTH_LOGIN_FAILED || error == DP_ERR_AUTH_MFA_INVALID) {
        failure_queue(op, attempt, dp_transaction_row(op, locked));
    }

    refusal_audit(op, attempt, error, reason);

    if (!dp_transaction_commit(op)) {
        return false;
    }

    return error == DP_ERR_AUTH_ACCOUNT_LOCKED ? fail_locked(op, attempt->locked_s)
                                               : dp_op_fail(op, error);
}

bool
dp_attempt_refuse(dp_op_t *op, const dp_attempt_t *attempt, dp_error_t error,
                  const char *reason)
{
    unsigned locked = 0;

    dp_transaction_begin(op);

    if (error != DP_ERR_AUTH_ACCOUNT_LOCKED) {
        locked = dp_attempt_lock(op, attempt);
    }

    if (!dp_transaction_facts(op)
        || (error != DP_ERR_AUTH_ACCOUNT_LOCKED
            && !dp_attempt_judge(op, locked))) {
        return false;
    }

    return dp_attempt_fail(op, attempt, locked, error, reason);
}
