/*
 * deleteProject: ends a project.
 *
 * Its rows stay, it is not shown any more and takes no change, its slug and its
 * place in the quota are free.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "policy/etag.h"
#include "policy/quota.h"
#include "project.h"

static const dp_statement_t mark_deleted = {
    .name = "delete_project.mark_deleted",
    .sql = "update dp.project"
           "   set deleted_at = pg_catalog.now()"
           " where org_id = app.current_org()"
           "   and id = $1",
    .rows = DP_ROWS_ONE,
};

bool
dp_op_delete_project(dp_op_t *op)
{
    uint8_t      id[DP_ID_SIZE];
    dp_project_t project;
    unsigned     locked;

    if (!dp_id_parse(id, op->request->params[0])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    locked = dp_project_lock_queue(op, id);

    if (!dp_transaction_facts(op) || !dp_project_lock_judge(op, locked)) {
        return false;
    }

    project = dp_project_row(dp_transaction_row(op, locked));
    if (!dp_etag_judge(op, project.version)) {
        return false;
    }

    dp_transaction_queue(op, &mark_deleted, DP_BIND(dp_uuid(id)));
    dp_project_announce(op, &project);
    dp_quota_give_back(op, DP_PROJECT_QUOTA, 1);
    op->reply.status = 204;

    return dp_transaction_commit(op);
}
