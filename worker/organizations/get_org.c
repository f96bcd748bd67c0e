/*
 * getOrg: the caller's organisation.
 */

#include "db/transaction.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/etag.h"

/* Names, punctuation, an id and a time. */
#define SYNTAX_SIZE 192

static const dp_statement_t select_org = {
    .name = "get_org.org",
    .sql = "select o.id, o.slug, o.name, o.kind, o.created_at, o.row_version"
           "  from dp.org o"
           " where o.id = app.current_org()",
};

enum {
    ORG_ID,
    ORG_SLUG,
    ORG_NAME,
    ORG_KIND,
    ORG_CREATED_AT,
    ORG_ROW_VERSION,
};

static dp_slice_t
org_render(dp_op_t *op, dp_row_t row)
{
    dp_slice_t  slug = dp_row_bytes(row, ORG_SLUG);
    dp_slice_t  name = dp_row_bytes(row, ORG_NAME);
    dp_slice_t  kind = dp_row_bytes(row, ORG_KIND);
    size_t      size = SYNTAX_SIZE + 6 * (slug.len + name.len + kind.len);
    dp_writer_t writer = dp_render_begin(op->arena, size);

    dp_write_text(&writer, "{\"id\":");
    dp_json_id(&writer, dp_row_uuid(row, ORG_ID));
    dp_write_text(&writer, ",\"slug\":");
    dp_json_string(&writer, slug);
    dp_write_text(&writer, ",\"name\":");
    dp_json_string(&writer, name);
    dp_write_text(&writer, ",\"kind\":");
    dp_json_string(&writer, kind);
    dp_write_text(&writer, ",\"createdAt\":");
    dp_json_time(&writer, dp_row_time_us(row, ORG_CREATED_AT));
    dp_write_text(&writer, "}");

    return dp_render_end(&writer);
}

bool
dp_op_get_org(dp_op_t *op)
{
    unsigned org;
    dp_row_t row;

    dp_transaction_begin(op);
    org = dp_transaction_queue(op, &select_org, DP_BIND_NONE);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    row = dp_transaction_row(op, org);
    op->reply.status = 200;
    op->reply.body = org_render(op, row);
    dp_etag_fill(op, dp_row_int(row, ORG_ROW_VERSION));

    return true;
}
