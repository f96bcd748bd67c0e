/*
 * listProjects: the organisation's living projects, newest first, in pages.
 *
 * One row more than the page holds is read: it tells whether there are more.
 */

#include "db/transaction.h"
#include "dp_operations.h"
#include "json/render.h"
#include "policy/page.h"
#include "policy/permission.h"
#include "project.h"

/* {"items":[ and a comma and two braces for each item */
#define FRAME_SIZE 16
#define ITEM_FRAME_SIZE 3

static const dp_statement_t select_first_page = {
    .name = "list_projects.first_page",
    .sql = "select " DP_PROJECT_COLUMNS
           "  from dp.project p"
           " where p.org_id = app.current_org()"
           "   and p.deleted_at is null"
           " order by p.created_at desc, p.id desc"
           " limit $1",
};

static const dp_statement_t select_next_page = {
    .name = "list_projects.next_page",
    .sql = "select " DP_PROJECT_COLUMNS
           "  from dp.project p"
           " where p.org_id = app.current_org()"
           "   and p.deleted_at is null"
           "   and (p.created_at, p.id) < ($1, $2)"
           " order by p.created_at desc, p.id desc"
           " limit $3",
};

static unsigned
page_queue(dp_op_t *op, const dp_page_t *page)
{
    dp_value_t limit = dp_int8((int64_t) page->limit + 1);

    if (!page->continued) {
        return dp_transaction_queue(op, &select_first_page, DP_BIND(limit));
    }

    return dp_transaction_queue(op, &select_next_page,
                                DP_BIND(dp_time(page->position.time_us),
                                        dp_uuid(page->position.id), limit));
}

static size_t
page_size(dp_row_t rows, int count)
{
    size_t size = FRAME_SIZE + DP_PAGE_FINISH_SIZE;

    for (int i = 0; i < count; i++) {
        dp_project_t project = dp_project_row(dp_row_at(rows, i));

        size += ITEM_FRAME_SIZE + dp_project_size(&project);
    }

    return size;
}

static dp_slice_t
page_render(dp_op_t *op, dp_row_t rows, int limit)
{
    bool               more = dp_row_count(rows) > limit;
    int                count = more ? limit : dp_row_count(rows);
    size_t             size = page_size(rows, count);
    dp_writer_t        writer = dp_render_begin(op->arena, size);
    dp_page_position_t last = {0};

    dp_write_text(&writer, "{\"items\":[");

    for (int i = 0; i < count; i++) {
        dp_project_t project = dp_project_row(dp_row_at(rows, i));

        dp_write_text(&writer, i == 0 ? "{" : ",{");
        dp_project_members(&writer, &project);
        dp_write_text(&writer, "}");

        last.time_us = project.created_us;
        memcpy(last.id, project.id, DP_ID_SIZE);
    }

    dp_page_finish(op, &writer, more ? &last : NULL);

    return dp_render_end(&writer);
}

bool
dp_op_list_projects(dp_op_t *op)
{
    dp_page_t page;
    unsigned  projects;

    if (!dp_page_read(op, &page)) {
        return false;
    }

    dp_transaction_begin(op);
    projects = page_queue(op, &page);

    if (!dp_transaction_facts(op) || !dp_permission_check(op, 0)) {
        return false;
    }

    op->reply.status = 200;
    op->reply.body = page_render(op, dp_transaction_row(op, projects),
                                 (int) page.limit);

    return true;
}
