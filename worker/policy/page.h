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
    dp_page_position_t position; /* of the row before; DP_PAGE_START: none */
} dp_page_t;

/* A position before every row: the end of the year 9999. */
#define DP_PAGE_START                                                     \
    ((dp_page_position_t) {                                               \
        .time_us = UINT64_C(253402300799999999),                          \
        .id = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,            \
               0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},           \
    })

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

/* The position of a row. */
dp_page_position_t dp_page_position(uint64_t time_us, const uint8_t *id);

/* The cursor of the page behind that row, in the arena. */
dp_slice_t dp_page_cursor(dp_op_t *op, const dp_page_position_t *position);

#endif /* DP_PAGE_H */
