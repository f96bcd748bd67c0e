/*
 * getProject: one project with its environments and the caller's role in it.
 *
 * Row security shows the caller's organisation only: a stranger's project is
 * not there.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/permission.h"
#include "project.h"

/* ,"role":"Contributor"} and the opening brace */
#define FRAME_SIZE 32

static const dp_statement_t select_project = {
    .name = "get_project.project",
    .sql = "select " DP_PROJECT_COLUMNS ", coalesce(r.rank, 0::int2)"
           "  from dp.project p"
           "  left join dp.project_member m"
           "         on m.org_id = p.org_id"
           "        and m.project_id = p.id"
           "        and m.user_id = app.current_actor()"
           "  left join dp.role r on r.scope = m.scope and r.name = m.role"
           " where p.org_id = app.current_org()"
           "   and p.id = $1"
           "   and p.deleted_at is null",
};

enum { PROJECT_RANK = DP_PROJECT_COLUMN_COUNT };

static const dp_statement_t select_environments = {
    .name = "get_project.environments",
    .sql = "select e.id, e.name, e.kind, e.state"
           "  from dp.environment e"
           " where e.org_id = app.current_org()"
           "   and e.project_id = $1"
           "   and e.state <> 'archived'"
           " order by e.preview_slot nulls first,"
           "          array_position(array['dev', 'staging', 'prod'], e.name)",
};

enum {
    ENVIRONMENT_ID,
    ENVIRONMENT_NAME,
    ENVIRONMENT_KIND,
    ENVIRONMENT_STATE,
};

static dp_environment_t *
environments_read(dp_op_t *op, dp_row_t first, size_t count)
{
    dp_environment_t *environments =
        dp_arena_alloc(op->arena, (count + 1) * sizeof(*environments));

    for (size_t i = 0; i < count; i++) {
        dp_row_t row = dp_row_at(first, (int) i);

        environments[i] = (dp_environment_t) {
            .id = dp_row_uuid(row, ENVIRONMENT_ID),
            .name = dp_row_bytes(row, ENVIRONMENT_NAME),
            .kind = dp_row_bytes(row, ENVIRONMENT_KIND),
            .state = dp_row_bytes(row, ENVIRONMENT_STATE),
        };
    }

    return environments;
}

static dp_slice_t
project_render(dp_op_t *op, dp_row_t project_row, dp_row_t environment_rows)
{
    dp_project_t      project = dp_project_row(project_row);
    size_t            count = (size_t) dp_row_count(environment_rows);
    dp_environment_t *environments = environments_read(op, environment_rows,
                                                       count);
    size_t      size = FRAME_SIZE + dp_project_size(&project)
                  + dp_environments_size(environments, count);
    dp_writer_t writer = dp_render_begin(op->arena, size);
    int         rank = dp_permission_rank(dp_transaction(op)->caller,
                                  (int) dp_row_int(project_row, PROJECT_RANK));

    dp_write_text(&writer, "{");
    dp_project_members(&writer, &project);
    dp_write_text(&writer, ",");
    dp_environments(&writer, environments, count);
    dp_write_text(&writer, ",\"role\":");
    dp_json_string(&writer, dp_slice_text(dp_permission_role(rank)));
    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

bool
dp_op_get_project(dp_op_t *op)
{
    uint8_t  id[DP_ID_SIZE];
    unsigned project, environments;
    dp_row_t row;

    if (!dp_id_parse(id, op->request->params[0])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    dp_transaction_begin(op);
    project = dp_transaction_queue(op, &select_project, DP_BIND(dp_uuid(id)));
    environments = dp_transaction_queue(op, &select_environments,
                                        DP_BIND(dp_uuid(id)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, project);
    if (dp_row_count(row) == 0) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    if (!dp_permission_check(op, (int) dp_row_int(row, PROJECT_RANK))) {
        return false;
    }

    op->reply.status = 200;
    op->reply.body = project_render(op, row,
                                    dp_transaction_row(op, environments));

    return true;
}
