/*
 * A project in detail: with its environments, its integrations and the caller's
 * role in it.
 */

#include "db/transaction.h"
#include "dp_json_out.h"
#include "json/render.h"
#include "policy/etag.h"
#include "policy/permission.h"
#include "project.h"

/* ,"role":"Contributor"} and the opening brace */
#define FRAME_SIZE 32

static const dp_statement_t select_environments = {
    .name = "project.environments",
    .sql = "select e.id, e.name, e.kind, e.state"
           "  from dp.environment e"
           " where e.org_id = app.current_org()"
           "   and e.project_id = $1"
           "   and e.state <> 'archived'"
           " order by e.preview_slot nulls first,"
           "          array_position(array['" DP_ENVIRONMENT_DEV "',"
           "                               '" DP_ENVIRONMENT_STAGING "',"
           "                               '" DP_ENVIRONMENT_PROD "'], e.name)",
};

enum {
    ENVIRONMENT_ID,
    ENVIRONMENT_NAME,
    ENVIRONMENT_KIND,
    ENVIRONMENT_STATE,
};

unsigned
dp_environments_queue(dp_op_t *op, const uint8_t *project_id)
{
    return dp_transaction_queue(op, &select_environments,
                                DP_BIND(dp_uuid(project_id)));
}

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
project_render(dp_op_t *op, const dp_project_t *project,
               const dp_project_detail_t *detail)
{
    size_t            count = (size_t) dp_row_count(detail->environments);
    dp_environment_t *environments = environments_read(op, detail->environments,
                                                       count);
    size_t      size = FRAME_SIZE + dp_project_size(project)
                  + dp_environments_size(environments, count);
    dp_writer_t writer = dp_render_begin(op->arena, size);
    int         rank = dp_permission_rank(dp_transaction(op)->caller,
                                  detail->project_rank);

    dp_write_text(&writer, "{");
    dp_project_members(&writer, project);
    dp_write_text(&writer, ",");
    dp_environments(&writer, environments, count);
    dp_write_text(&writer, ",\"role\":");
    dp_json_string(&writer, dp_slice_text(dp_permission_role(rank)));
    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

void
dp_project_reply(dp_op_t *op, const dp_project_t *project,
                 const dp_project_detail_t *detail)
{
    op->reply.status = 200;
    op->reply.body = project_render(op, project, detail);
    dp_etag_fill(op, project->version);
}
