/*
 * One member of a project, held still for a change, and the telling of it.
 *
 * The project's lock makes changes of its members one at a time, so that the
 * last Owner is told from the last but one.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "policy/audit.h"
#include "policy/conflict.h"
#include "policy/outbox.h"
#include "project.h"

/* Behind the project's lock. */
static const dp_statement_t select_member = {
    .name = "project_member.locked",
    .sql = "select u.display_name, m.role,"
           "       m.role = 'Owner'"
           "       and not exists (select"
           "                         from dp.project_member a"
           "                        where a.org_id = m.org_id"
           "                          and a.project_id = m.project_id"
           "                          and a.role = 'Owner'"
           "                          and a.user_id <> m.user_id)"
           "  from dp.org_member o"
           "  join dp.app_user u on u.id = o.user_id"
           "  left join dp.project_member m on m.org_id = o.org_id"
           "                               and m.user_id = o.user_id"
           "                               and m.project_id = $1"
           " where o.org_id = app.current_org()"
           "   and o.user_id = $2",
};

enum {
    MEMBER_DISPLAY_NAME,
    MEMBER_ROLE,
    MEMBER_LAST_OWNER,
};

bool
dp_project_member_open(dp_op_t *op, dp_project_member_t *member)
{
    enum { PROJECT_ID, USER_ID };
    unsigned locked, found;
    dp_row_t row;

    if (!dp_id_parse(member->project_id, op->request->params[PROJECT_ID])
        || !dp_id_parse(member->user_id, op->request->params[USER_ID])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    locked = dp_project_lock_queue(op, member->project_id);
    found = dp_transaction_queue(op, &select_member,
                                 DP_BIND(dp_uuid(member->project_id),
                                         dp_uuid(member->user_id)));

    if (!dp_transaction_facts(op) || !dp_project_lock_judge(op, locked)) {
        return false;
    }

    row = dp_transaction_row(op, found);
    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    member->display_name = dp_row_bytes(row, MEMBER_DISPLAY_NAME);
    member->role = dp_row_bytes(row, MEMBER_ROLE);
    member->last_owner = dp_row_bool(row, MEMBER_LAST_OWNER);

    return true;
}

bool
dp_project_member_may_leave(dp_op_t *op, const dp_project_member_t *member)
{
    return member->last_owner ? dp_conflict(op, "last_owner") : true;
}

void
dp_project_member_announce(dp_op_t *op, const dp_project_member_t *member)
{
    char       project[DP_ID_TEXT_SIZE], user[DP_ID_TEXT_SIZE];
    dp_slice_t detail;

    dp_id_format(project, member->project_id);
    dp_id_format(user, member->user_id);
    detail = dp_arena_printf(op->arena,
                             "{\"userId\":\"%.*s\",\"role\":\"%.*s\"}",
                             DP_ID_TEXT_SIZE, user, (int) member->role.len,
                             member->role.data);

    dp_audit_change(op, "project", dp_slice(project, sizeof(project)), detail);
    dp_outbox(op, op->route->audit_action, dp_slice(project, sizeof(project)),
              detail);
}
