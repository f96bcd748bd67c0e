/*
 * regenerateRecoveryCodes: ten new codes; what is left of the old ones is void.
 */

#include "dp_id.h"
#include "dp_operations.h"
#include "factor.h"
#include "mail/mail.h"
#include "policy/audit.h"
#include "policy/idempotency.h"
#include "session.h"

static bool
codes_regenerate(dp_op_t *op, const dp_factor_t *factor)
{
    char text[DP_ID_TEXT_SIZE];

    dp_id_format(text, factor->id);
    dp_factor_codes_queue(op);
    dp_idempotency_seal(op);
    dp_audit_change(op, "mfa_factor", dp_slice(text, sizeof(text)),
                    dp_slice(NULL, 0));
    dp_mail_queue(op, DP_MAIL_RECOVERY_CODES_MADE, factor->email,
                  DP_MAIL_VALUES({DP_SLICE("time"), dp_mail_now(op->arena)}));
    op->reply.status = 200;

    return dp_transaction_commit(op);
}

bool
dp_op_regenerate_recovery_codes(dp_op_t *op)
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

    return factor.id == NULL ? dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND)
                             : codes_regenerate(op, &factor);
}
