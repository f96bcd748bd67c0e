/*
 * Rendering a page of rows.
 */

#include "listing.h"

#include "etag.h"
#include "json/render.h"
#include "link.h"

/* {"items":[ and a comma and two braces for each item */
#define FRAME_SIZE 16
#define ITEM_FRAME_SIZE 3

/* ],"nextCursor":"...","hasMore":false} */
#define END_SIZE (DP_CURSOR_SIZE + 64)

static size_t
page_size(dp_row_t rows, int count, const dp_listing_items_t *items)
{
    size_t size = FRAME_SIZE + END_SIZE;

    for (int i = 0; i < count; i++) {
        size += ITEM_FRAME_SIZE + items->size(dp_row_at(rows, i));
    }

    return size;
}

static void
items_write(dp_writer_t *writer, dp_row_t rows, int count,
            const dp_listing_items_t *items)
{
    dp_write_text(writer, "{\"items\":[");

    for (int i = 0; i < count; i++) {
        dp_write_text(writer, i == 0 ? "{" : ",{");
        items->write(writer, dp_row_at(rows, i));
        dp_write_text(writer, "}");
    }
}

static dp_page_position_t
item_position(const dp_listing_items_t *items, dp_row_t row)
{
    return dp_page_position(dp_row_time_us(row, items->time),
                            dp_row_uuid(row, items->id));
}

/* Says where the page after the row `last` begins, also in the Link header. */
static void
continuation_write(dp_op_t *op, dp_writer_t *writer, const dp_page_t *page,
                   dp_page_position_t last)
{
    dp_slice_t cursor = dp_page_cursor(op, &last);

    dp_link_next(op, page->limit, cursor);
    dp_write_text(writer, "],\"nextCursor\":\"");
    dp_write_bytes(writer, cursor);
    dp_write_text(writer, "\",\"hasMore\":true}");
}

bool
dp_listing_reply(dp_op_t *op, const dp_page_t *page, dp_row_t rows,
                 const dp_listing_items_t *items)
{
    int         limit = (int) page->limit;
    bool        more = dp_row_count(rows) > limit;
    int         count = more ? limit : dp_row_count(rows);
    size_t      size = page_size(rows, count, items);
    dp_writer_t writer = dp_render_begin(op->arena, size);

    items_write(&writer, rows, count, items);

    if (more) {
        continuation_write(op, &writer, page,
                           item_position(items, dp_row_at(rows, count - 1)));
    } else {
        dp_write_text(&writer, "],\"nextCursor\":null,\"hasMore\":false}");
    }

    op->reply.status = 200;
    op->reply.body = dp_render_end(&writer);
    dp_etag_fill(op, DP_ETAG_UNVERSIONED);

    return true;
}
