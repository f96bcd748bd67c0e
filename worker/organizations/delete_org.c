/*
 * deleteOrg: ends the caller's organisation.
 *
 * Its rows stay; its credentials end with it, this request's as well.  The lock
 * keeps out projects that are being created: their rows refer to this one.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "policy/audit.h"
#include "policy/conflict.h"
#include "policy/etag.h"
#include "policy/outbox.h"

/* No other row can refer to this one until the transaction ends. */
static const dp_statement_t lock_org = {
    .name = "delete_org.lock",
    .sql = "select o.kind, o.row_version"
           "  from dp.org o"
           " where o.id = app.current_org()"
           "   for update of o",
    .rows = DP_ROWS_ONE,
};

enum {
    ORG_KIND,
    ORG_ROW_VERSION,
};

static const dp_statement_t select_projects = {
    .name = "delete_org.projects",
    .sql = "select exists (select"
           "                 from dp.project p"
           "                where p.org_id = app.current_org()"
           "                  and p.deleted_at is null)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t mark_deleted = {
    .name = "delete_org.mark_deleted",
    .sql = "update dp.org"
           "   set deleted_at = pg_catalog.now()"
           " where id = app.current_org()",
    .rows = DP_ROWS_ONE,
};

static bool
state_judge(dp_op_t *op, dp_slice_t kind, bool projects)
{
    if (dp_slice_equal(kind, DP_SLICE("personal"))) {
        return dp_conflict(op, "personal_organization");
    }

    return projects ? dp_conflict(op, "projects_exist") : true;
}

static void
change_queue(dp_op_t *op)
{
    char       text[DP_ID_TEXT_SIZE];
    dp_slice_t id = dp_slice(text, sizeof(text));

    dp_id_format(text, op->request->principal.org_id);
    dp_transaction_queue(op, &mark_deleted, DP_BIND_NONE);
    dp_audit_change(op, "org", id, dp_slice(NULL, 0));
    dp_outbox(op, op->route->audit_action, id, DP_SLICE("{}"));
}

bool
dp_op_delete_org(dp_op_t *op)
{
    unsigned locked, projects;
    dp_row_t row;

    dp_transaction_begin(op);
    locked = dp_transaction_queue(op, &lock_org, DP_BIND_NONE);
    projects = dp_transaction_queue(op, &select_projects, DP_BIND_NONE);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, locked);
    if (!dp_etag_judge(op, dp_row_int(row, ORG_ROW_VERSION))
        || !state_judge(op, dp_row_bytes(row, ORG_KIND),
                        dp_row_bool(dp_transaction_row(op, projects), 0))) {
        return false;
    }

    change_queue(op);
    op->reply.status = 204;

    return dp_transaction_commit(op);
}
