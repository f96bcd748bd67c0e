/*
 * setMemberRole: gives a member another role in the organisation.
 *
 * Giving him the one he has changes nothing.  The organisation's lock makes
 * changes of its members one at a time, so that the last administrator is told
 * from the last but one.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "json/render.h"
#include "organization.h"
#include "policy/input.h"

static const dp_statement_t set_role = {
    .name = "set_member_role.set_role",
    .sql = "update dp.org_member"
           "   set role = $2"
           " where org_id = app.current_org()"
           "   and user_id = $1",
    .rows = DP_ROWS_ONE,
};

static void
reply_fill(dp_op_t *op, const dp_org_member_t *member)
{
    dp_writer_t writer = dp_render_begin(op->arena, dp_org_member_size(member));

    dp_write_text(&writer, "{");
    dp_org_member_members(&writer, member);
    dp_write_text(&writer, "}");

    op->reply.status = 200;
    op->reply.body = dp_render_end(&writer);
}

bool
dp_op_set_member_role(dp_op_t *op)
{
    enum { ORG_ID, USER_ID };
    dp_slice_t  role = dp_body_text(op, "role");
    uint8_t     id[DP_ID_SIZE];
    dp_org_member_t member;
    unsigned    locked;

    if (!dp_id_parse(id, op->request->params[USER_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    locked = dp_member_lock_queue(op, id);

    if (!dp_transaction_facts(op) || !dp_org_member_read(op, locked, &member)) {
        return false;
    }

    if (dp_slice_equal(role, member.role)) {
        reply_fill(op, &member);
        return true;
    }

    if (!dp_member_may_leave(op, &member)) {
        return false;
    }

    member.role = role;
    dp_transaction_queue(op, &set_role, DP_BIND(dp_uuid(id), dp_text(role)));
    dp_member_announce(op, &member);
    reply_fill(op, &member);

    return dp_transaction_commit(op);
}
