/*
 * verifyMfa: the token that a login was answered with, and a code of the second
 * factor, become a session.
 *
 * A wrong code counts like a wrong password, and with the fifth one the token is
 * good no more.
 */

#include "attempt.h"
#include "db/ask.h"
#include "dp_operations.h"
#include "factor.h"
#include "one_time_token.h"
#include "policy/input.h"
#include "runtime/deadline.h"
#include "secret_text.h"
#include "session.h"

#define FAILURES_MAX 5
#define PURPOSE "mfa"

static const dp_statement_t look = {
    .name = "verify_mfa.look",
    .sql = "select t.user_id, t.data ->> 'transport' = 'cookie'"
           "  from dp.one_time_token t"
           "  join dp.app_user u on u.id = t.user_id"
           " where t.digest = $1"
           "   and t.purpose = '" PURPOSE "'"
           "   and t.used_at is null"
           "   and t.expires_at > pg_catalog.now()"
           "   and t.attempts < $2"
           "   and u.status = 'active'",
};

enum {
    LOOK_USER_ID,
    LOOK_COOKIE,
};

/* Whose login waits, and how it is to be answered. */
typedef struct {
    const uint8_t *user_id;
    dp_slice_t     token;
    bool           cookie;
} login_t;

/* False after dp_op_fail(). */
static bool
login_find(dp_op_t *op, login_t *login)
{
    uint8_t    digest[DP_SHA256_SIZE];
    dp_row_t   row;
    dp_fault_t fault;

    login->user_id = NULL;
    dp_secret_text_digest(digest, login->token);
    fault = dp_ask_fault(
        op->db,
        &(dp_question_t) {
            .statement = &look,
            .values = DP_BIND(dp_bytea(dp_slice(digest, sizeof(digest))),
                              dp_int2(FAILURES_MAX)),
            .request_id = op->request->request_id,
            .until_us = dp_monotonic_us() + dp_op_time_left_us(op),
        },
        &row);

    if (fault.error != DP_OK) {
        op->reply.causes = dp_cause_name(fault.cause);
        return dp_op_fail(op, fault.error);
    }

    if (dp_row_count(row) != 0) {
        login->cookie = dp_row_bool(row, LOOK_COOKIE);
        login->user_id = dp_arena_copy(
            op->arena, dp_slice(dp_row_uuid(row, LOOK_USER_ID), DP_ID_SIZE)).data;
    }

    dp_trip_clear(op->db);

    return login->user_id == NULL ? dp_op_fail(op, DP_ERR_AUTH_TOKEN_INVALID)
                                  : true;
}

/* As the login wanted it, unless this request says otherwise. */
static bool
transport_choose(dp_op_t *op, login_t *login)
{
    if (dp_body_text(op, "transport").len != 0) {
        return dp_session_transport(op, &login->cookie);
    }

    return !login->cookie || (op->request->flags & DP_WIRE_SECURE) != 0
               ? true
               : dp_op_fail(op, DP_ERR_AUTH_TLS_REQUIRED);
}

static bool
admit(dp_op_t *op, const dp_attempt_t *attempt, const login_t *login,
      unsigned member, const char *method)
{
    const dp_login_t opened = {
        .method = method,
        .cookie = login->cookie,
        .auth_level = 2,
    };

    dp_one_time_use(op, login->token);
    dp_attempt_succeed(op, attempt);

    return dp_session_open(op, dp_transaction_row(op, member), &opened)
           && dp_transaction_commit(op);
}

static bool
code_judge(dp_op_t *op, const dp_attempt_t *attempt, const login_t *login)
{
    const char *method;
    dp_factor_t factor;
    unsigned    locked, token, factors, member;

    dp_transaction_begin(op);
    locked = dp_attempt_lock(op, attempt);
    token = dp_one_time_find(op, PURPOSE, login->token);
    factors = dp_factor_lock(op, login->user_id);
    member = dp_session_member(op, login->user_id);

    if (!dp_transaction_facts(op) || !dp_attempt_judge(op, locked)) {
        return false;
    }

    if (dp_row_count(dp_transaction_row(op, token)) == 0) {
        return dp_op_fail(op, DP_ERR_AUTH_TOKEN_INVALID);
    }

    factor = dp_factor_read(op, factors);

    if (!dp_factor_use(op, &factor, login->user_id, dp_body_text(op, "code"),
                       &method)) {
        dp_one_time_fail(op, login->token);
        return dp_attempt_fail(op, attempt, locked, DP_ERR_AUTH_MFA_INVALID,
                               "wrong_code");
    }

    return admit(op, attempt, login, member, method);
}

bool
dp_op_verify_mfa(dp_op_t *op)
{
    login_t      login = {.token = dp_body_text(op, "mfaToken")};
    dp_attempt_t attempt;

    if (!login_find(op, &login) || !transport_choose(op, &login)
        || !dp_attempt_find_user(op, login.user_id, &attempt)) {
        return false;
    }

    return attempt.locked_s != 0
               ? dp_attempt_refuse(op, &attempt, DP_ERR_AUTH_ACCOUNT_LOCKED,
                                   "locked")
               : code_judge(op, &attempt, &login);
}
