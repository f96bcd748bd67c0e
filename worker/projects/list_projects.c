/*
 * listProjects: the organisation's living projects, newest first, in pages.
 */

#include "db/transaction.h"
#include "dp_operations.h"
#include "policy/listing.h"
#include "project.h"

static const dp_statement_t select_page = {
    .name = "list_projects.page",
    .sql = "select " DP_PROJECT_COLUMNS
           "  from dp.project p"
           " where p.org_id = app.current_org()"
           "   and p.deleted_at is null"
           "   and (p.created_at, p.id) < ($1, $2)"
           " order by p.created_at desc, p.id desc"
           " limit $3",
};

static size_t
item_size(dp_row_t row)
{
    dp_project_t project = dp_project_row(row);

    return dp_project_size(&project);
}

static void
item_write(dp_writer_t *writer, dp_row_t row)
{
    dp_project_t project = dp_project_row(row);

    dp_project_members(writer, &project);
}

static const dp_listing_items_t items = {
    .size = item_size,
    .write = item_write,
    .time = DP_PROJECT_CREATED_AT,
    .id = DP_PROJECT_ID,
};

bool
dp_op_list_projects(dp_op_t *op)
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
