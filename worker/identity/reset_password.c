/*
 * resetPassword: who has the mail's token has the account.  All its sessions end.
 *
 * A token that is none costs no hash.
 */

#include "crypto/password.h"
#include "db/ask.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "lockout.h"
#include "mail/mail.h"
#include "one_time_token.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "runtime/deadline.h"
#include "secret_text.h"
#include "session.h"

static const dp_statement_t look = {
    .name = "reset_password.look",
    .sql = "select u.id, u.email"
           "  from dp.one_time_token t"
           "  join dp.app_user u on u.id = t.user_id"
           " where t.digest = $1"
           "   and t.purpose = 'reset_password'"
           "   and t.used_at is null"
           "   and t.expires_at > pg_catalog.now()"
           "   and u.status = 'active'",
};

enum {
    LOOK_USER_ID,
    LOOK_EMAIL,
};

static const dp_statement_t write_hash = {
    .name = "reset_password.write_hash",
    .sql = "insert into dp.user_credential (user_id, password_hash)"
           " values ($1, $2)"
           " on conflict (user_id) do update"
           " set password_hash = excluded.password_hash,"
           "     changed_at = pg_catalog.now()",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t end_sessions = {
    .name = "reset_password.end_sessions",
    .sql = "update dp.session"
           "   set revoked_at = pg_catalog.now(),"
           "       revoke_reason = 'password_reset'"
           " where user_id = $1"
           "   and revoked_at is null"
           "   and expires_at > pg_catalog.now()",
};

/* Who forgot his password has tried some. */
static const dp_statement_t forget_failures = {
    .name = "reset_password.forget_failures",
    .sql = "delete from dp.login_failure where account = $1",
};

/* Whose a token is; in the arena. */
typedef struct {
    const uint8_t *user_id;
    dp_slice_t     email;
} owner_t;

/* False after dp_op_fail(). */
static bool
owner_find(dp_op_t *op, dp_slice_t token, owner_t *owner)
{
    uint8_t    digest[DP_SHA256_SIZE];
    dp_row_t   row;
    dp_fault_t fault;

    dp_secret_text_digest(digest, token);
    fault = dp_ask_fault(op->db,
                         &(dp_question_t) {
                             .statement = &look,
                             .values = DP_BIND(
                                 dp_bytea(dp_slice(digest, sizeof(digest)))),
                             .request_id = op->request->request_id,
                             .until_us = dp_monotonic_us() + dp_op_time_left_us(op),
                         },
                         &row);

    if (fault.error != DP_OK) {
        op->reply.causes = dp_cause_name(fault.cause);
        return dp_op_fail(op, fault.error);
    }

    owner->user_id = NULL;

    if (dp_row_count(row) != 0) {
        owner->user_id = dp_arena_copy(
            op->arena, dp_slice(dp_row_uuid(row, LOOK_USER_ID), DP_ID_SIZE)).data;
        owner->email = dp_arena_copy(op->arena, dp_row_bytes(row, LOOK_EMAIL));
    }

    dp_trip_clear(op->db);

    return owner->user_id == NULL ? dp_op_fail(op, DP_ERR_AUTH_TOKEN_INVALID)
                                  : true;
}

static void
change_queue(dp_op_t *op, const owner_t *owner, dp_slice_t hash)
{
    uint8_t account[DP_SHA256_SIZE];
    char    text[DP_ID_TEXT_SIZE];

    dp_lockout_account(account, owner->email);
    dp_id_format(text, owner->user_id);
    dp_transaction_queue(op, &write_hash,
                         DP_BIND(dp_uuid(owner->user_id), dp_text(hash)));
    dp_transaction_queue(op, &end_sessions, DP_BIND(dp_uuid(owner->user_id)));
    dp_transaction_queue(op, &forget_failures,
                         DP_BIND(dp_bytea(dp_slice(account, sizeof(account)))));
    dp_one_time_void(op, "reset_password", owner->user_id);
    dp_one_time_void(op, "mfa", owner->user_id);
    dp_mail_queue(op, DP_MAIL_PASSWORD_CHANGED, owner->email,
                  DP_MAIL_VALUES({DP_SLICE("time"), dp_mail_now(op->arena)}));
    dp_session_act_as(op, NULL, owner->user_id, NULL);
    dp_audit(op, &(dp_audit_t) {
                     .action = op->route->audit_action,
                     .target_type = "user",
                     .target_id = dp_slice(text, sizeof(text)),
                     .outcome = "success",
                     .by_user = true,
                 });
}

bool
dp_op_reset_password(dp_op_t *op)
{
    dp_slice_t token = dp_body_text(op, "token");
    owner_t    owner;
    dp_slice_t hash;
    unsigned   found;

    if (!owner_find(op, token, &owner)) {
        return false;
    }

    hash = dp_password_hash(op->arena, dp_body_text(op, "newPassword"));
    dp_transaction_begin(op);
    found = dp_one_time_find(op, "reset_password", token);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    if (dp_row_count(dp_transaction_row(op, found)) == 0) {
        return dp_op_fail(op, DP_ERR_AUTH_TOKEN_INVALID);
    }

    change_queue(op, &owner, hash);
    op->reply.status = 204;

    return dp_transaction_commit(op);
}
