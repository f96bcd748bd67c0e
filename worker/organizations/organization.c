/*
 * Rendering organisations, and holding one still.
 */

#include "organization.h"

#include "db/transaction.h"
#include "dp_json_out.h"
#include "json/render.h"
#include "policy/etag.h"

/* Names, punctuation, an id, a time and a role. */
#define SYNTAX_SIZE 224

static const dp_statement_t lock_organization = {
    .name = "organization.lock",
    .sql = "select " DP_ORGANIZATION_COLUMNS ", o.row_version"
           "  from dp.org o"
           " where o.id = app.current_org()"
           "   for no key update of o",
};

dp_organization_t
dp_organization_row(dp_row_t row, int column)
{
    return (dp_organization_t) {
        .id = dp_row_uuid(row, column + DP_ORGANIZATION_ID),
        .slug = dp_row_bytes(row, column + DP_ORGANIZATION_SLUG),
        .name = dp_row_bytes(row, column + DP_ORGANIZATION_NAME),
        .kind = dp_row_bytes(row, column + DP_ORGANIZATION_KIND),
        .created_us = dp_row_time_us(row, column + DP_ORGANIZATION_CREATED_AT),
    };
}

size_t
dp_organization_size(const dp_organization_t *organization)
{
    return SYNTAX_SIZE
           + 6 * (organization->slug.len + organization->name.len
                  + organization->kind.len);
}

void
dp_organization_members(dp_writer_t             *writer,
                        const dp_organization_t *organization)
{
    dp_write_text(writer, "\"id\":");
    dp_json_id(writer, organization->id);
    dp_write_text(writer, ",\"slug\":");
    dp_json_string(writer, organization->slug);
    dp_write_text(writer, ",\"name\":");
    dp_json_string(writer, organization->name);
    dp_write_text(writer, ",\"kind\":");
    dp_json_string(writer, organization->kind);
    dp_write_text(writer, ",\"createdAt\":");
    dp_json_time(writer, organization->created_us);
}

void
dp_organization_reply(dp_op_t *op, uint16_t status,
                      const dp_organization_t *organization, int64_t version)
{
    dp_writer_t writer = dp_render_begin(op->arena,
                                         dp_organization_size(organization));

    dp_write_text(&writer, "{");
    dp_organization_members(&writer, organization);
    dp_write_text(&writer, "}");

    op->reply.status = status;
    op->reply.body = dp_render_end(&writer);
    dp_etag_fill(op, version);
}

void
dp_organization_membership_reply(dp_op_t                 *op,
                                 const dp_organization_t *organization,
                                 dp_slice_t               role)
{
    dp_writer_t writer = dp_render_begin(op->arena,
                                         dp_organization_size(organization));

    dp_write_text(&writer, "{");
    dp_organization_members(&writer, organization);
    dp_write_text(&writer, ",\"role\":");
    dp_json_string(&writer, role);
    dp_write_text(&writer, "}");

    op->reply.status = 200;
    op->reply.body = dp_render_end(&writer);
}

unsigned
dp_organization_lock_queue(dp_op_t *op)
{
    return dp_transaction_queue(op, &lock_organization, DP_BIND_NONE);
}
