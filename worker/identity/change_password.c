/*
 * changePassword: another one for who knows the old one.  His other sessions end.
 *
 * A wrong one counts like one at a login: a session in the wrong hands is no place
 * to try passwords in.
 */

#include "attempt.h"
#include "crypto/password.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "mail/mail.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "session.h"

static const dp_statement_t change = {
    .name = "change_password.change",
    .sql = "select app.password_change($1, $2)",
    .rows = DP_ROWS_ONE,
};

/* Changed under our eyes, the old password is wrong by now. */
static bool
password_change(dp_op_t *op, const dp_attempt_t *attempt)
{
    char       text[DP_ID_TEXT_SIZE];
    dp_slice_t hash = dp_password_hash(op->arena, dp_body_text(op, "newPassword"));
    unsigned   locked, changed;

    dp_transaction_begin(op);
    locked = dp_attempt_lock(op, attempt);
    changed = dp_transaction_queue(op, &change,
                                   DP_BIND(dp_text(attempt->hash), dp_text(hash)));

    if (!dp_transaction_facts(op) || !dp_attempt_judge(op, locked)) {
        return false;
    }

    if (!dp_row_bool(dp_transaction_row(op, changed), 0)) {
        return dp_attempt_fail(op, attempt, locked, DP_ERR_AUTH_LOGIN_FAILED,
                               "wrong_password");
    }

    dp_id_format(text, attempt->user_id);
    dp_attempt_succeed(op, attempt);
    dp_audit_change(op, "user", dp_slice(text, sizeof(text)), dp_slice(NULL, 0));
    dp_mail_queue(op, DP_MAIL_PASSWORD_CHANGED, attempt->email,
                  DP_MAIL_VALUES({DP_SLICE("time"), dp_mail_now(op->arena)}));
    op->reply.status = 204;

    return dp_transaction_commit(op);
}

bool
dp_op_change_password(dp_op_t *op)
{
    dp_attempt_t attempt;

    if (!dp_session_required(op)
        || !dp_attempt_find_user(op, op->request->principal.user_id, &attempt)) {
        return false;
    }

    if (attempt.locked_s != 0) {
        return dp_attempt_refuse(op, &attempt, DP_ERR_AUTH_ACCOUNT_LOCKED,
                                 "locked");
    }

    return dp_password_verify(op->arena, attempt.hash,
                              dp_body_text(op, "currentPassword"))
               ? password_change(op, &attempt)
               : dp_attempt_refuse(op, &attempt, DP_ERR_AUTH_LOGIN_FAILED,
                                   "wrong_password");
}
