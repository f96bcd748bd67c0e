/*
 * listRoles: the roles that people can have, and what each may do, as the
 * database has it.
 */

#include "db/transaction.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/etag.h"

/* {"items":[...],"nextCursor":null,"hasMore":false} */
#define FRAME_SIZE 64

/* Names, punctuation, a scope, a name and a number. */
#define ITEM_SIZE 192

static const dp_statement_t select_roles = {
    .name = "list_roles.roles",
    .sql = "select r.scope, r.name, r.rank,"
           "       pg_catalog.json_agg("
           "           pg_catalog.json_build_object('name', p.name,"
           "                                        'description', p.description)"
           "           order by p.name)"
           "  from dp.role r"
           "  join dp.role_permission g on g.scope = r.scope and g.role = r.name"
           "  join dp.permission p on p.name = g.permission"
           " where r.scope in ('org', 'project')"
           " group by r.scope, r.name, r.rank"
           " order by r.scope, r.rank desc",
};

enum {
    ROLE_SCOPE,
    ROLE_NAME,
    ROLE_RANK,
    ROLE_PERMISSIONS,
};

static size_t
roles_size(dp_row_t rows)
{
    size_t size = FRAME_SIZE;

    for (int i = 0; i < dp_row_count(rows); i++) {
        size += ITEM_SIZE + dp_row_bytes(dp_row_at(rows, i), ROLE_PERMISSIONS).len;
    }

    return size;
}

static void
role_write(dp_writer_t *writer, dp_row_t row)
{
    dp_write_text(writer, "{\"scope\":");
    dp_json_string(writer, dp_row_bytes(row, ROLE_SCOPE));
    dp_write_text(writer, ",\"name\":");
    dp_json_string(writer, dp_row_bytes(row, ROLE_NAME));
    dp_write_text(writer, ",\"rank\":");
    dp_json_uint(writer, (uint64_t) dp_row_int(row, ROLE_RANK));
    dp_write_text(writer, ",\"permissions\":");
    dp_write_bytes(writer, dp_row_bytes(row, ROLE_PERMISSIONS));
    dp_write_text(writer, "}");
}

static dp_slice_t
roles_render(dp_op_t *op, dp_row_t rows)
{
    dp_writer_t writer = dp_render_begin(op->arena, roles_size(rows));

    dp_write_text(&writer, "{\"items\":[");

    for (int i = 0; i < dp_row_count(rows); i++) {
        if (i != 0) {
            dp_write_text(&writer, ",");
        }
        role_write(&writer, dp_row_at(rows, i));
    }

    dp_write_text(&writer, "],\"nextCursor\":null,\"hasMore\":false}");

    return dp_render_end(&writer);
}

bool
dp_op_list_roles(dp_op_t *op)
{
    unsigned roles;

    dp_transaction_begin(op);
    roles = dp_transaction_queue(op, &select_roles, DP_BIND_NONE);

    if (!dp_transaction_facts(op)) {
        return false;
    }

    op->reply.status = 200;
    op->reply.body = roles_render(op, dp_transaction_row(op, roles));
    dp_etag_fill(op, DP_ETAG_UNVERSIONED);

    return true;
}
