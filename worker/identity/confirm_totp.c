/*
 * confirmTotp: the first code of an authenticator app makes it the second factor,
 * gives out recovery codes, and lets this session count as one of two factors.
 */

#include "dp_id.h"
#include "dp_operations.h"
#include "factor.h"
#include "mail/mail.h"
#include "policy/audit.h"
#include "policy/input.h"
#include "session.h"

static const dp_statement_t confirm = {
    .name = "confirm_totp.confirm",
    .sql = "select app.factor_confirm($1, $2)",
    .rows = DP_ROWS_ONE,
};

static bool
factor_confirm(dp_op_t *op, const dp_factor_t *factor, uint64_t step)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, factor->pending_id);
    dp_transaction_queue(op, &confirm, DP_BIND(dp_uuid(factor->pending_id),
                                               dp_int8((int64_t) step)));
    dp_factor_codes_queue(op);
    dp_audit_change(op, "mfa_factor", dp_slice(text, sizeof(text)),
                    dp_slice(NULL, 0));
    dp_mail_queue(op, DP_MAIL_FACTOR_ADDED, factor->email,
                  DP_MAIL_VALUES({DP_SLICE("time"), dp_mail_now(op->arena)}));
    op->reply.status = 200;

    return dp_transaction_commit(op);
}

bool
dp_op_confirm_totp(dp_op_t *op)
{
    dp_factor_t factor;
    unsigned    locked;
    uint64_t    step;

    if (!dp_session_required(op)) {
        return false;
    }

    dp_transaction_begin(op);
    locked = dp_factor_lock(op, op->request->principal.user_id);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    factor = dp_factor_read(op, locked);

    if (factor.pending_id == NULL) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    step = dp_factor_first_step(op, &factor, dp_body_text(op, "code"));

    return step == 0 ? dp_op_fail(op, DP_ERR_AUTH_MFA_INVALID)
                     : factor_confirm(op, &factor, step);
}
