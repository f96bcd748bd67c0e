/*
 * updateProject: changes a project's name and settings, if it still is what the
 * client has read.
 *
 * The slug stays: paths that somebody kept go on working.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_operations.h"
#include "policy/etag.h"
#include "policy/input.h"
#include "project.h"

static const dp_statement_t update = {
    .name = "update_project.update",
    .sql = "update dp.project"
           "   set name = $2,"
           "       preview_ttl_hours = $3"
           " where org_id = app.current_org()"
           "   and id = $1",
    .rows = DP_ROWS_ONE,
};

/* The project as it will be; the database counts its version up. */
static dp_project_t
project_change(const dp_op_t *op, dp_row_t locked)
{
    dp_project_t project = dp_project_row(locked);
    dp_slice_t   name = dp_body_text(op, "name");
    int64_t      preview_ttl_hours = dp_body_integer(op, "previewTtlHours");

    project.version++;

    if (name.len != 0) {
        project.name = name;
    }

    if (preview_ttl_hours != 0) {
        project.preview_ttl_hours = (int) preview_ttl_hours;
    }

    return project;
}

static void
change_queue(dp_op_t *op, const dp_project_t *project)
{
    dp_transaction_queue(op, &update,
                         DP_BIND(dp_uuid(project->id), dp_text(project->name),
                                 dp_int2((int16_t) project->preview_ttl_hours)));
    dp_project_announce(op, project);
}

bool
dp_op_update_project(dp_op_t *op)
{
    uint8_t      id[DP_ID_SIZE];
    dp_project_t project;
    unsigned     locked, environments;
    dp_row_t     row;

    if (!dp_id_parse(id, op->request->params[0])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    locked = dp_project_lock_queue(op, id);
    environments = dp_environments_queue(op, id);

    if (!dp_transaction_facts(op) || !dp_project_lock_judge(op, locked)) {
        return false;
    }

    row = dp_transaction_row(op, locked);
    if (!dp_etag_judge(op, dp_project_row(row).version)) {
        return false;
    }

    project = project_change(op, row);
    change_queue(op, &project);
    dp_project_reply(op, &project,
                     &(dp_project_detail_t) {
                         (int) dp_row_int(row, DP_PROJECT_LOCKED_RANK),
                         dp_transaction_row(op, environments),
                     });

    return dp_transaction_commit(op);
}
