/*
 * removeMember: ends a membership, with the member's roles in the organisation's
 * projects, his API keys and his sessions in it.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "organization.h"

static const dp_statement_t remove_member = {
    .name = "remove_member.remove",
    .sql = "select app.member_remove($1)",
    .rows = DP_ROWS_ONE,
};

bool
dp_op_remove_member(dp_op_t *op)
{
    enum { ORG_ID, USER_ID };
    uint8_t     id[DP_ID_SIZE];
    dp_org_member_t member;
    unsigned    locked;

    if (!dp_id_parse(id, op->request->params[USER_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    locked = dp_member_lock_queue(op, id);

    if (!dp_transaction_facts(op) || !dp_org_member_read(op, locked, &member)
        || !dp_member_may_leave(op, &member)) {
        return false;
    }

    dp_transaction_queue(op, &remove_member, DP_BIND(dp_uuid(id)));
    dp_member_announce(op, &member);
    op->reply.status = 204;

    return dp_transaction_commit(op);
}
