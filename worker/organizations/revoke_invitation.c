/*
 * revokeInvitation: its link works no more.
 *
 * Revoking one again changes nothing and is answered like the first time.  One
 * that was accepted has made a member, who can be removed.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "organization.h"
#include "policy/conflict.h"

static const dp_statement_t lock_invitation = {
    .name = "revoke_invitation.lock",
    .sql = "select i.role, i.accepted_at is not null, i.revoked_at is not null"
           "  from dp.invitation i"
           " where i.org_id = app.current_org()"
           "   and i.id = $1"
           "   for no key update of i",
};

enum {
    INVITATION_ROLE,
    INVITATION_ACCEPTED,
    INVITATION_REVOKED,
};

static const dp_statement_t mark_revoked = {
    .name = "revoke_invitation.mark_revoked",
    .sql = "update dp.invitation"
           "   set revoked_at = pg_catalog.now()"
           " where org_id = app.current_org()"
           "   and id = $1",
    .rows = DP_ROWS_ONE,
};

static bool
state_judge(dp_op_t *op, dp_row_t row)
{
    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    return dp_row_bool(row, INVITATION_ACCEPTED)
               ? dp_conflict(op, "already_accepted")
               : true;
}

bool
dp_op_revoke_invitation(dp_op_t *op)
{
    enum { ORG_ID, INVITATION_ID };
    uint8_t  id[DP_ID_SIZE];
    unsigned locked;
    dp_row_t row;

    if (!dp_id_parse(id, op->request->params[INVITATION_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    locked = dp_transaction_queue(op, &lock_invitation, DP_BIND(dp_uuid(id)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, locked);
    if (!state_judge(op, row)) {
        return false;
    }

    op->reply.status = 204;
    if (dp_row_bool(row, INVITATION_REVOKED)) {
        return true;
    }

    dp_transaction_queue(op, &mark_revoked, DP_BIND(dp_uuid(id)));
    dp_invitation_announce(op, id, dp_row_bytes(row, INVITATION_ROLE));

    return dp_transaction_commit(op);
}
