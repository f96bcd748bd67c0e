/*
 * What every operation on an existing project asks first: is it there, and what
 * may the caller do in it?
 *
 * Row security shows the caller's organisation only: a stranger's project is
 * not there.
 */

#include "db/transaction.h"
#include "policy/permission.h"
#include "project.h"

static const dp_statement_t select_rank = {
    .name = "project.rank",
    .sql = "select coalesce(r.rank, 0::int2)"
           "  from dp.project p" DP_PROJECT_RANK_JOIN
           " where p.org_id = app.current_org()"
           "   and p.id = $1"
           "   and p.deleted_at is null",
};

static const dp_statement_t lock_project = {
    .name = "project.lock",
    .sql = "select " DP_PROJECT_COLUMNS ", coalesce(r.rank, 0::int2),"
           "       p.deleted_at is not null"
           "  from dp.project p" DP_PROJECT_RANK_JOIN
           " where p.org_id = app.current_org()"
           "   and p.id = $1"
           "   for no key update of p",
};

unsigned
dp_project_rank_queue(dp_op_t *op, const uint8_t *project_id)
{
    return dp_transaction_queue(op, &select_rank, DP_BIND(dp_uuid(project_id)));
}

/* `column` has the caller's rank in the project, if the project is there. */
static bool
rank_judge(dp_op_t *op, dp_row_t row, int column)
{
    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    return dp_permission_check(op, (int) dp_row_int(row, column));
}

bool
dp_project_rank_judge(dp_op_t *op, unsigned result)
{
    return rank_judge(op, dp_transaction_row(op, result), 0);
}

unsigned
dp_project_lock_queue(dp_op_t *op, const uint8_t *project_id)
{
    return dp_transaction_queue(op, &lock_project, DP_BIND(dp_uuid(project_id)));
}

bool
dp_project_lock_judge(dp_op_t *op, unsigned result)
{
    dp_row_t row = dp_transaction_row(op, result);

    if (!rank_judge(op, row, DP_PROJECT_LOCKED_RANK)) {
        return false;
    }

    return dp_row_bool(row, DP_PROJECT_LOCKED_DELETED)
               ? dp_op_fail(op, DP_ERR_PROJECT_DELETED)
               : true;
}
