/*
 * Pages of a listing that is ordered by time and id, newest first.
 *
 * A cursor says behind which row the next page begins.  It is opaque to
 * clients: base64url of a MAC of 16 bytes, the row's time and its id.  The MAC
 * covers the operation and the organisation too, so a cursor is of use nowhere
 * else and none can be made up.
 */

#ifndef DP_PAGE_H
#define DP_PAGE_H

#include "runtime/operation.h"

#define DP_CURSOR_SIZE 54 /* characters */

typedef struct {
    uint64_t time_us; /* since 1970 */
    uint8_t  id[DP_ID_SIZE];
} dp_page_position_t;

/* What a cursor is bound to. */
typedef struct {
    dp_slice_t     key; /* DP_KEY_CURSOR */
    dp_slice_t     operation;
    const uint8_t *org_id;
} dp_cursor_scope_t;

typedef struct {
    unsigned           limit;
    bool               continued; /* after `position` */
    dp_page_position_t position;
} dp_page_t;

/* Writes DP_CURSOR_SIZE characters, no terminating zero. */
void dp_cursor_format(char *text, const dp_cursor_scope_t *scope,
                      const dp_page_position_t *position);

/* False when the text is not a cursor of this scope. */
bool dp_cursor_parse(dp_page_position_t *position,
                     const dp_cursor_scope_t *scope, dp_slice_t text)
    __attribute__((warn_unused_result));

/*
 * Reads cursor and limit, parameters that were judged.  False after
 * dp_op_fail(): PAGINATION_CURSOR_INVALID.
 */
bool dp_page_read(dp_op_t *op, dp_page_t *page)
    __attribute__((warn_unused_result));

/* Writes ],"nextCursor":...,"hasMore":...}: `next` is NULL on the last page. */
void dp_page_finish(dp_op_t *op, dp_writer_t *writer,
                    const dp_page_position_t *next);

/* Bytes that dp_page_finish() writes, at most. */
#define DP_PAGE_FINISH_SIZE (DP_CURSOR_SIZE + 64)

#endif /* DP_PAGE_H */
