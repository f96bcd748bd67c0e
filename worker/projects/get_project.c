/*
 * getProject: one project with its environments and the caller's role in it.
 *
 * Row security shows the caller's organisation only: a stranger's project is
 * not there.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "policy/permission.h"
#include "project.h"

static const dp_statement_t select_project = {
    .name = "get_project.project",
    .sql = "select " DP_PROJECT_COLUMNS ", coalesce(r.rank, 0::int2)"
           "  from dp.project p" DP_PROJECT_RANK_JOIN
           " where p.org_id = app.current_org()"
           "   and p.id = $1"
           "   and p.deleted_at is null",
};

enum { PROJECT_RANK = DP_PROJECT_COLUMN_COUNT };

bool
dp_op_get_project(dp_op_t *op)
{
    uint8_t             id[DP_ID_SIZE];
    unsigned            found, environments;
    dp_row_t            row;
    dp_project_t        project;
    dp_project_detail_t detail;

    if (!dp_id_parse(id, op->request->params[0])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    found = dp_transaction_queue(op, &select_project, DP_BIND(dp_uuid(id)));
    environments = dp_environments_queue(op, id);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, found);
    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    project = dp_project_row(row);
    detail = (dp_project_detail_t) {
        .project_rank = (int) dp_row_int(row, PROJECT_RANK),
        .environments = dp_transaction_row(op, environments),
    };

    if (!dp_permission_check(op, detail.project_rank)) {
        return false;
    }

    dp_project_reply(op, &project, &detail);

    return true;
}
