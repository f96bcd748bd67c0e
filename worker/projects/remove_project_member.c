/*
 * removeProjectMember: takes a member's own role in a project away.  What his role
 * in the organisation allows he may still do.
 */

#include "db/transaction.h"
#include "dp_operations.h"
#include "project.h"

static const dp_statement_t remove_member = {
    .name = "remove_project_member.remove",
    .sql = "delete from dp.project_member"
           " where org_id = app.current_org()"
           "   and project_id = $1"
           "   and user_id = $2",
    .rows = DP_ROWS_ONE,
};

bool
dp_op_remove_project_member(dp_op_t *op)
{
    dp_project_member_t member;

    if (!dp_project_member_open(op, &member)) {
        return false;
    }

    if (member.role.len == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    if (!dp_project_member_may_leave(op, &member)) {
        return false;
    }

    dp_transaction_queue(op, &remove_member,
                         DP_BIND(dp_uuid(member.project_id),
                                 dp_uuid(member.user_id)));
    dp_project_member_announce(op, &member);
    op->reply.status = 204;

    return dp_transaction_commit(op);
}
