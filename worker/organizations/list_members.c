/*
 * listMembers: the organisation's members with their roles, newest first, in
 * pages.
 */

#include "db/transaction.h"
#include "dp_operations.h"
#include "organization.h"
#include "policy/listing.h"

static const dp_statement_t select_page = {
    .name = "list_members.page",
    .sql = "select " DP_MEMBER_COLUMNS
           "  from dp.org_member m"
           "  join dp.app_user u on u.id = m.user_id"
           " where m.org_id = app.current_org()"
           "   and (m.created_at, m.user_id) < ($1, $2)"
           " order by m.created_at desc, m.user_id desc"
           " limit $3",
};

static dp_org_member_t
member_row(dp_row_t row)
{
    return (dp_org_member_t) {
        .user_id = dp_row_uuid(row, DP_MEMBER_USER_ID),
        .display_name = dp_row_bytes(row, DP_MEMBER_DISPLAY_NAME),
        .role = dp_row_bytes(row, DP_MEMBER_ROLE),
        .joined_us = dp_row_time_us(row, DP_MEMBER_CREATED_AT),
    };
}

static size_t
item_size(dp_row_t row)
{
    dp_org_member_t member = member_row(row);

    return dp_org_member_size(&member);
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    dp_org_member_t member = member_row(row);

    dp_org_member_members(writer, &member);
}

static const dp_listing_items_t items = {
    .size = item_size,
    .write = item_write,
    .time = DP_MEMBER_CREATED_AT,
    .id = DP_MEMBER_USER_ID,
};

bool
dp_op_list_members(dp_op_t *op)
{
    dp_page_t page;
    unsigned  rows;

    if (!dp_page_read(op, &page)) {
        return false;
    }

    dp_transaction_begin(op);
    rows = dp_transaction_queue(op, &select_page,
                                DP_BIND(DP_PAGE_VALUES(page)));

    if (!dp_transaction_facts(op)) {
        return false;
    }

    return dp_listing_reply(op, &page, dp_transaction_row(op, rows), &items);
}
