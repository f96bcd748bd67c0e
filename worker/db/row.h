/*
 * Reading rows, column by column, in the order of the statement's list.
 *
 * Values arrive in binary format.  A reader whose type does not fit the
 * column is a mistake of ours and stops the process; a null reads as zero or
 * empty.  What a row lends lives until the transaction ends: copy into the
 * arena what the reply needs.
 */

#ifndef DP_ROW_H
#define DP_ROW_H

#include "dp_bytes.h"
#include "dp_principal.h"

struct pg_result;

typedef struct {
    const struct pg_result *result;
    int                     index;
} dp_row_t;

/* Rows of the result that `row` belongs to. */
int dp_row_count(dp_row_t row);

/* The row at `index` of the same result. */
dp_row_t dp_row_at(dp_row_t row, int index);

bool           dp_row_null(dp_row_t row, int column);
dp_slice_t     dp_row_bytes(dp_row_t row, int column); /* text, json, bytea */
const uint8_t *dp_row_uuid(dp_row_t row, int column);  /* all zero for null */
int64_t        dp_row_int(dp_row_t row, int column);   /* int2, int4, int8 */
bool           dp_row_bool(dp_row_t row, int column);

/* timestamptz as microseconds since 1970; 0 for null */
uint64_t dp_row_time_us(dp_row_t row, int column);

#endif /* DP_ROW_H */
