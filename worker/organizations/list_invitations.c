/*
 * listInvitations: the organisation's invitations, newest first, in pages.
 * Nobody can read a token.
 */

#include "db/transaction.h"
#include "dp_operations.h"
#include "organization.h"
#include "policy/listing.h"

static const dp_statement_t select_page = {
    .name = "list_invitations.page",
    .sql = "select i.id, i.email, i.role,"
           "       case when i.accepted_at is not null then 'accepted'"
           "            when i.revoked_at is not null then 'revoked'"
           "            when i.expires_at <= pg_catalog.now() then 'expired'"
           "            else 'open'"
           "       end,"
           "       i.invited_by, i.created_at, i.expires_at"
           "  from dp.invitation i"
           " where i.org_id = app.current_org()"
           "   and (i.created_at, i.id) < ($1, $2)"
           " order by i.created_at desc, i.id desc"
           " limit $3",
};

enum {
    INVITATION_ID,
    INVITATION_EMAIL,
    INVITATION_ROLE,
    INVITATION_STATUS,
    INVITATION_INVITED_BY,
    INVITATION_CREATED_AT,
    INVITATION_EXPIRES_AT,
};

static dp_invitation_t
invitation_row(dp_row_t row)
{
    return (dp_invitation_t) {
        .id = dp_row_uuid(row, INVITATION_ID),
        .email = dp_row_bytes(row, INVITATION_EMAIL),
        .role = dp_row_bytes(row, INVITATION_ROLE),
        .status = dp_row_bytes(row, INVITATION_STATUS),
        .invited_by = dp_row_uuid(row, INVITATION_INVITED_BY),
        .created_us = dp_row_time_us(row, INVITATION_CREATED_AT),
        .expires_us = dp_row_time_us(row, INVITATION_EXPIRES_AT),
    };
}

static size_t
item_size(dp_row_t row)
{
    dp_invitation_t invitation = invitation_row(row);

    return dp_invitation_size(&invitation);
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    dp_invitation_t invitation = invitation_row(row);

    dp_invitation_members(writer, &invitation);
}

static const dp_listing_items_t items = {
    .size = item_size,
    .write = item_write,
    .time = INVITATION_CREATED_AT,
    .id = INVITATION_ID,
};

bool
dp_op_list_invitations(dp_op_t *op)
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
