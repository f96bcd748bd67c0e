/*
 * listOrgs: the organisations that the caller belongs to, newest first, in
 * pages.  An API key belongs to one.
 */

#include "db/transaction.h"
#include "dp_json_out.h"
#include "dp_operations.h"
#include "organization.h"
#include "policy/listing.h"

static const dp_statement_t select_page = {
    .name = "list_orgs.page",
    .sql = "select " DP_ORGANIZATION_COLUMNS ", o.role"
           "  from app.actor_orgs($1, $2, $3) o",
};

enum {
    ORG_ROLE = DP_ORGANIZATION_COLUMN_COUNT,
};

static size_t
item_size(dp_row_t row)
{
    dp_organization_t organization = dp_organization_row(row, 0);

    return dp_organization_size(&organization);
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    dp_organization_t organization = dp_organization_row(row, 0);

    dp_organization_members(writer, &organization);
    dp_write_text(writer, ",\"role\":");
    dp_json_string(writer, dp_row_bytes(row, ORG_ROLE));
}

static const dp_listing_items_t items = {
    .size = item_size,
    .write = item_write,
    .time = DP_ORGANIZATION_CREATED_AT,
    .id = DP_ORGANIZATION_ID,
};

bool
dp_op_list_orgs(dp_op_t *op)
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
