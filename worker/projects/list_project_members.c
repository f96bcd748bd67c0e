/*
 * listProjectMembers: who has a role in a project of its own, newest first, in
 * pages.  Roles that people have in the whole organisation are not repeated
 * here.
 */

#include "db/transaction.h"
#include "dp_id.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/listing.h"
#include "project.h"

/* Names, punctuation, an id and a role. */
#define SYNTAX_SIZE 128

static const dp_statement_t select_page = {
    .name = "list_project_members.page",
    .sql = "select m.user_id, u.display_name, m.role, m.created_at"
           "  from dp.project_member m"
           "  join dp.app_user u on u.id = m.user_id"
           " where m.org_id = app.current_org()"
           "   and m.project_id = $4"
           "   and (m.created_at, m.user_id) < ($1, $2)"
           " order by m.created_at desc, m.user_id desc"
           " limit $3",
};

enum {
    MEMBER_USER_ID,
    MEMBER_DISPLAY_NAME,
    MEMBER_ROLE,
    MEMBER_CREATED_AT,
};

static size_t
item_size(dp_row_t row)
{
    return SYNTAX_SIZE + 6 * dp_row_bytes(row, MEMBER_DISPLAY_NAME).len;
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    dp_write_text(writer, "\"userId\":");
    dp_json_id(writer, dp_row_uuid(row, MEMBER_USER_ID));
    dp_write_text(writer, ",\"displayName\":");
    dp_render_text_or_null(writer, dp_row_bytes(row, MEMBER_DISPLAY_NAME));
    dp_write_text(writer, ",\"role\":");
    dp_json_string(writer, dp_row_bytes(row, MEMBER_ROLE));
}

static const dp_listing_items_t items = {
    .size = item_size,
    .write = item_write,
    .time = MEMBER_CREATED_AT,
    .id = MEMBER_USER_ID,
};

bool
dp_op_list_project_members(dp_op_t *op)
{
    uint8_t   id[DP_ID_SIZE];
    dp_page_t page;
    unsigned  rank, rows;

    if (!dp_id_parse(id, op->request->params[0])) {
        return dp_op_fail(op, DP_ERR_RESOURCE_NOT_FOUND);
    }

    if (!dp_page_read(op, &page)) {
        return false;
    }

    dp_transaction_begin(op);
    rank = dp_project_rank_queue(op, id);
    rows = dp_transaction_queue(op, &select_page,
                                DP_BIND(DP_PAGE_VALUES(page), dp_uuid(id)));

    if (!dp_transaction_facts(op) || !dp_project_rank_judge(op, rank)) {
        return false;
    }

    return dp_listing_reply(op, &page, dp_transaction_row(op, rows), &items);
}
