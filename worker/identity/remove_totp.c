/*
 * removeTotp: an account without a second factor again, unless a role of its user
 * wants one.
 */

#include "dp_id.h"
#include "dp_operations.h"
#include "factor.h"
#include "mail/mail.h"
#include "policy/audit.h"
#include "session.h"

static const dp_statement_t remove_factor = {
    .name = "remove_totp.remove",
    .sql = "select app.factor_remove()",
    .rows = DP_ROWS_ONE,
};

static bool
factor_remove(dp_op_t *op, const dp_factor_t *factor)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, factor->id);
    dp_transaction_queue(op, &remove_factor, DP_BIND_NONE);
    dp_audit_change(op, "mfa_factor", dp_slice(text, sizeof(text)),
                    dp_slice(NULL, 0));
    dp_mail_queue(op, DP_MAIL_FACTOR_REMOVED, factor->email,
                  DP_MAIL_VALUES({DP_SLICE("time"), dp_mail_now(op->arena)}));
    op->reply.status = 204;

    return dp_transaction_commit(op);
}

bool
dp_op_remove_totp(dp_op_t *op)
{
    dp_factor_t factor;
    unsigned    locked;

    if (!dp_session_required(op)) {
        return false;
    }

    dp_transaction_begin(op);
    locked = dp_factor_lock(op, op->request->principal.user_id);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    factor = dp_factor_read(op, locked);

    if (factor.id == NULL) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    return factor.mandatory ? dp_op_fail(op, DP_ERR_AUTH_MFA_MANDATORY)
                            : factor_remove(op, &factor);
}
