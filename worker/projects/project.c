/*
 * Rendering projects and their environments, and telling of their changes.
 */

#include "project.h"

#include "dp_id.h"
#include "dp_json_out.h"
#include "json/render.h"
#include "policy/audit.h"
#include "policy/outbox.h"

/* Names, punctuation, numbers, an id and a time, generously. */
#define SYNTAX_SIZE 320

/* dp_json_string() */
#define STRING_SIZE(text) (2 + 6 * (text).len)

dp_project_t
dp_project_row(dp_row_t row)
{
    return (dp_project_t) {
        .id = dp_row_uuid(row, DP_PROJECT_ID),
        .name = dp_row_bytes(row, DP_PROJECT_NAME),
        .slug = dp_row_bytes(row, DP_PROJECT_SLUG),
        .template = dp_row_bytes(row, DP_PROJECT_TEMPLATE),
        .template_version = (int) dp_row_int(row, DP_PROJECT_TEMPLATE_VERSION),
        .preview_ttl_hours = (int) dp_row_int(row, DP_PROJECT_PREVIEW_TTL_HOURS),
        .created_us = dp_row_time_us(row, DP_PROJECT_CREATED_AT),
        .version = dp_row_int(row, DP_PROJECT_ROW_VERSION),
    };
}

size_t
dp_project_size(const dp_project_t *project)
{
    return SYNTAX_SIZE + STRING_SIZE(project->name) + STRING_SIZE(project->slug)
           + STRING_SIZE(project->template);
}

void
dp_project_members(dp_writer_t *writer, const dp_project_t *project)
{
    dp_write_text(writer, "\"id\":");
    dp_json_id(writer, project->id);
    dp_write_text(writer, ",\"name\":");
    dp_json_string(writer, project->name);
    dp_write_text(writer, ",\"slug\":");
    dp_json_string(writer, project->slug);
    dp_write_text(writer, ",\"template\":");
    dp_json_string(writer, project->template);
    dp_write_text(writer, ",\"templateVersion\":");
    dp_json_uint(writer, (uint64_t) project->template_version);
    dp_write_text(writer, ",\"previewTtlHours\":");
    dp_json_uint(writer, (uint64_t) project->preview_ttl_hours);
    dp_write_text(writer, ",\"createdAt\":");
    dp_json_time(writer, project->created_us);
}

size_t
dp_environments_size(const dp_environment_t *environments, size_t count)
{
    size_t size = SYNTAX_SIZE;

    for (size_t i = 0; i < count; i++) {
        size += SYNTAX_SIZE + STRING_SIZE(environments[i].name)
                + STRING_SIZE(environments[i].kind)
                + STRING_SIZE(environments[i].state);
    }

    return size;
}

void
dp_environments(dp_writer_t *writer, const dp_environment_t *environments,
                size_t count)
{
    dp_write_text(writer, "\"environments\":[");

    for (size_t i = 0; i < count; i++) {
        dp_write_text(writer, i == 0 ? "{\"id\":" : ",{\"id\":");
        dp_json_id(writer, environments[i].id);
        dp_write_text(writer, ",\"name\":");
        dp_json_string(writer, environments[i].name);
        dp_write_text(writer, ",\"kind\":");
        dp_json_string(writer, environments[i].kind);
        dp_write_text(writer, ",\"state\":");
        dp_json_string(writer, environments[i].state);
        dp_write_text(writer, "}");
    }

    dp_write_text(writer, "],\"integrations\":[]");
}

void
dp_project_announce(dp_op_t *op, const dp_project_t *project)
{
    char        text[DP_ID_TEXT_SIZE];
    dp_slice_t  id;
    dp_writer_t writer = dp_render_begin(op->arena, dp_project_size(project));

    dp_id_format(text, project->id);
    id = dp_slice(text, sizeof(text));

    dp_write_text(&writer, "{");
    dp_project_members(&writer, project);
    dp_write_text(&writer, "}");

    dp_audit_change(op, "project", id, dp_render_end(&writer));
    dp_outbox(op, op->route->audit_action, id, dp_render_end(&writer));
}
