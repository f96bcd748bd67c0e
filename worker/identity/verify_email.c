/*
 * verifyEmail: who has the mail's token has the address, and the account begins,
 * with the password that was chosen when that mail was sent.
 */

#include "dp_id.h"
#include "dp_operations.h"
#include "one_time_token.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "session.h"

/* Pending only: an account that was disabled since stays so, and keeps its password. */
static const dp_statement_t activate_user = {
    .name = "verify_email.activate",
    .sql = "update dp.app_user"
           "   set status = 'active'"
           " where id = $1"
           "   and status = 'pending'",
};

static const dp_statement_t set_password = {
    .name = "verify_email.password",
    .sql = "update dp.user_credential"
           "   set password_hash = $2::json ->> 'hash',"
           "       changed_at = pg_catalog.now()"
           " where user_id = $1"
           "   and exists (select"
           "                 from dp.app_user u"
           "                where u.id = $1"
           "                  and u.status = 'pending')",
};

static bool
account_begin(dp_op_t *op, const uint8_t *user_id, dp_slice_t data)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, user_id);
    dp_transaction_queue(op, &set_password,
                         DP_BIND(dp_uuid(user_id), dp_text(data)));
    dp_transaction_queue(op, &activate_user, DP_BIND(dp_uuid(user_id)));
    dp_one_time_void(op, "verify_email", user_id);
    dp_session_act_as(op, NULL, user_id, NULL);
    dp_audit(op, &(dp_audit_t) {
                     .action = op->route->audit_action,
                     .target_type = "user",
                     .target_id = dp_slice(text, sizeof(text)),
                     .outcome = "success",
                     .by_user = true,
                 });
    op->reply.status = 200;
    op->reply.body = DP_SLICE("{\"status\":\"active\"}");

    return dp_transaction_commit(op);
}

bool
dp_op_verify_email(dp_op_t *op)
{
    unsigned token;
    dp_row_t row;

    dp_transaction_begin(op);
    token = dp_one_time_find(op, "verify_email", dp_body_text(op, "token"));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, token);

    return dp_row_count(row) == 0
               ? dp_op_fail(op, DP_ERR_AUTH_TOKEN_INVALID)
               : account_begin(op, dp_row_uuid(row, DP_ONE_TIME_USER_ID),
                               dp_row_bytes(row, DP_ONE_TIME_DATA));
}
