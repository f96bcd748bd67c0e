/*
 * A listing's answer: one page of rows as {items, nextCursor, hasMore}, with a
 * Link to the next one.
 *
 * An operation describes its items and its statement reads one row more than
 * the page holds: it tells whether there are more.
 *
 *     if (!dp_page_read(op, &page)) {
 *         return false;
 *     }
 *     dp_transaction_begin(op);
 *     rows = dp_transaction_queue(op, &select_page, DP_BIND(DP_PAGE_VALUES(page)));
 *     ... dp_transaction_facts() ...
 *     return dp_listing_reply(op, &page, dp_transaction_row(op, rows), &items);
 *
 * The statement ends with
 *
 *     and (created_at, id) < ($1, $2) order by created_at desc, id desc limit $3
 */

#ifndef DP_LISTING_H
#define DP_LISTING_H

#include "db/row.h"
#include "db/statement.h"
#include "page.h"

/* What a listing's statement binds: behind which row, and how many. */
#define DP_PAGE_VALUES(page)                                        \
    dp_time((page).position.time_us), dp_uuid((page).position.id),  \
        dp_int8((int64_t) (page).limit + 1)

typedef struct {
    /* Bytes that `write` writes, at most. */
    size_t (*size)(dp_row_t row);

    /* Writes the members of an item, without braces. */
    void (*write)(dp_writer_t *writer, dp_row_t row);

    /* The columns by which the listing is ordered. */
    int time;
    int id;
} dp_listing_items_t;

/* Fills the reply: 200, the page and its entity tag.  Always true. */
bool dp_listing_reply(dp_op_t *op, const dp_page_t *page, dp_row_t rows,
                      const dp_listing_items_t *items);

#endif /* DP_LISTING_H */
