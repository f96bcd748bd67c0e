/*
 * login: an address and a password become a session, or a token with which the
 * second factor is asked for.
 *
 * One answer for an account that is none, a wrong password, and an account that
 * may not log in; each of them costs one hash.  Only who knows the password
 * learns that the address is not verified.
 */

#include "attempt.h"
#include "crypto/password.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "factor.h"
#include "json/render.h"
#include "one_time_token.h"
#include "policy/input.h"
#include "session.h"

#define FACTOR_WAITS_S 300

/* Names, punctuation, a token and a number. */
#define SYNTAX_SIZE 256

static const dp_statement_t lock_credential = {
    .name = "login.lock_credential",
    .sql = "select 1"
           "  from dp.user_credential c"
           " where c.user_id = $1"
           "   and c.password_hash = $2"
           "   for no key update",
};

static const dp_statement_t replace_hash = {
    .name = "login.replace_hash",
    .sql = "update dp.user_credential"
           "   set password_hash = $2"
           " where user_id = $1",
    .rows = DP_ROWS_ONE,
};

/* Of the first trip. */
typedef struct {
    unsigned locked;
    unsigned credential;
    unsigned factor;
    unsigned member;
} results_t;

/* What an attempt comes to; the reason is for the audit trail. */
typedef struct {
    dp_error_t  error; /* DP_OK: he is who he says */
    const char *reason;
} verdict_t;

static verdict_t
password_judge(dp_op_t *op, const dp_attempt_t *attempt)
{
    bool matches = dp_password_verify(op->arena, attempt->hash,
                                      dp_body_text(op, "password"));

    if (attempt->user_id == NULL) {
        return (verdict_t) {DP_ERR_AUTH_LOGIN_FAILED, "unknown_account"};
    }

    if (!matches) {
        return (verdict_t) {DP_ERR_AUTH_LOGIN_FAILED, "wrong_password"};
    }

    if (dp_slice_equal(attempt->status, DP_SLICE("pending"))) {
        return (verdict_t) {DP_ERR_AUTH_EMAIL_UNVERIFIED, "email_unverified"};
    }

    if (!dp_slice_equal(attempt->status, DP_SLICE("active"))) {
        return (verdict_t) {DP_ERR_AUTH_LOGIN_FAILED, "account_disabled"};
    }

    return (verdict_t) {DP_OK, NULL};
}

/* A hash of another kind or cost is replaced now that the password is there. */
static dp_slice_t
hash_renew(dp_op_t *op, const dp_attempt_t *attempt)
{
    return dp_password_outdated(op->arena, attempt->hash)
               ? dp_password_hash(op->arena, dp_body_text(op, "password"))
               : dp_slice(NULL, 0);
}

static bool
factor_ask(dp_op_t *op, const dp_attempt_t *attempt, bool cookie)
{
    dp_slice_t token = dp_one_time_issue(
        op, &(dp_one_time_t) {
                .purpose = "mfa",
                .user_id = attempt->user_id,
                .lasts_s = FACTOR_WAITS_S,
                .data = dp_slice_text(cookie ? "{\"transport\":\"cookie\"}"
                                             : "{\"transport\":\"token\"}"),
            });
    dp_writer_t writer = dp_render_begin(op->arena, SYNTAX_SIZE);

    dp_write_text(&writer, "{\"mfaRequired\":true,\"mfaToken\":");
    dp_json_string(&writer, token);
    dp_write_text(&writer, ",\"methods\":[\"totp\",\"recovery_code\"],\"expiresIn\":");
    dp_json_uint(&writer, FACTOR_WAITS_S);
    dp_write_text(&writer, "}");
    op->reply.status = 200;
    op->reply.body = dp_render_end(&writer);

    return dp_transaction_commit(op);
}

static bool
session_open(dp_op_t *op, const dp_attempt_t *attempt, unsigned member,
             const dp_login_t *login)
{
    dp_attempt_succeed(op, attempt);

    return dp_session_open(op, dp_transaction_row(op, member), login)
           && dp_transaction_commit(op);
}

/* The factor is asked for, or its code came with the password. */
static bool
factor_judge(dp_op_t *op, const dp_attempt_t *attempt, const dp_factor_t *factor,
             const results_t *results, bool cookie)
{
    dp_slice_t code = dp_body_text(op, "code");
    dp_login_t login = {.cookie = cookie, .auth_level = 2};

    if (code.len == 0) {
        return factor_ask(op, attempt, cookie);
    }

    return dp_factor_use(op, factor, attempt->user_id, code, &login.method)
               ? session_open(op, attempt, results->member, &login)
               : dp_attempt_fail(op, attempt, results->locked,
                                 DP_ERR_AUTH_MFA_INVALID, "wrong_code");
}

static bool
proven(dp_op_t *op, const dp_attempt_t *attempt, const results_t *results,
       bool cookie)
{
    dp_factor_t factor = dp_factor_read(op, results->factor);
    dp_login_t  login = {.method = "password", .cookie = cookie, .auth_level = 1};

    return factor.id == NULL
               ? session_open(op, attempt, results->member, &login)
               : factor_judge(op, attempt, &factor, results, cookie);
}

static bool
admit(dp_op_t *op, const dp_attempt_t *attempt, bool cookie)
{
    dp_slice_t renewed = hash_renew(op, attempt);
    results_t  results;

    dp_transaction_begin(op);
    results.locked = dp_attempt_lock(op, attempt);
    results.credential = dp_transaction_queue(op, &lock_credential,
                                              DP_BIND(dp_uuid(attempt->user_id),
                                                      dp_text(attempt->hash)));
    results.factor = dp_factor_lock(op, attempt->user_id);
    results.member = dp_session_member(op, attempt->user_id);

    if (!dp_transaction_facts(op) || !dp_attempt_judge(op, results.locked)) {
        return false;
    }

    if (dp_row_count(dp_transaction_row(op, results.credential)) == 0) {
        return dp_attempt_fail(op, attempt, results.locked,
                               DP_ERR_AUTH_LOGIN_FAILED, "wrong_password");
    }

    if (renewed.len != 0) {
        dp_transaction_queue(op, &replace_hash,
                             DP_BIND(dp_uuid(attempt->user_id), dp_text(renewed)));
    }

    return proven(op, attempt, &results, cookie);
}

bool
dp_op_login(dp_op_t *op)
{
    dp_attempt_t attempt;
    verdict_t    verdict;
    bool         cookie;

    if (!dp_session_transport(op, &cookie)
        || !dp_attempt_find(op, dp_body_text(op, "email"), &attempt)) {
        return false;
    }

    if (attempt.locked_s != 0) {
        return dp_attempt_refuse(op, &attempt, DP_ERR_AUTH_ACCOUNT_LOCKED,
                                 "locked");
    }

    verdict = password_judge(op, &attempt);

    return verdict.error == DP_OK
               ? admit(op, &attempt, cookie)
               : dp_attempt_refuse(op, &attempt, verdict.error, verdict.reason);
}
