/*
 * Statements and the values bound to them.
 *
 * A statement is a static row beside the function that uses it.  It is
 * prepared on each connection when it is first run there, inside the
 * transaction and thus under the role that runs it: parse analysis needs that
 * role's rights on the schema, and the plan holds that role's row security.
 * A statement is therefore run under one role only.  Preparing survives a
 * ROLLBACK.
 *
 * A value carries its type, so a statement does not repeat its parameters'
 * types; all values travel in PostgreSQL's binary format.  Slices and ids
 * are borrowed until the statement was queued.
 */

#ifndef DP_STATEMENT_H
#define DP_STATEMENT_H

#include "dp_bytes.h"
#include "dp_principal.h"

/* How many rows a statement must touch or return. */
typedef enum {
    DP_ROWS_ANY,
    DP_ROWS_ONE, /* any other number fails the transaction: INTERNAL */
} dp_rows_t;

typedef struct {
    const char *name; /* of the prepared statement; unique in the program */
    const char *sql;
    dp_rows_t   rows;
} dp_statement_t;

typedef struct {
    uint32_t    type; /* the type's object id */
    int32_t     len;
    const void *data;     /* NULL: the value is in `fixed`, or is null */
    bool        null;
    uint8_t     fixed[8]; /* integers, in network order */
} dp_value_t;

typedef struct {
    const dp_value_t *values;
    unsigned          count; /* at most DP_VALUES */
} dp_values_t;

#define DP_VALUES 20

/* 2000-01-01, PostgreSQL's epoch, in microseconds since 1970 */
#define DP_POSTGRES_EPOCH_US INT64_C(946684800000000)

/* The values of one statement, in its order: DP_BIND(dp_uuid(id), ...). */
#define DP_BIND(...)                                        \
    ((dp_values_t) {(const dp_value_t[]) {__VA_ARGS__},     \
                    sizeof((const dp_value_t[]) {__VA_ARGS__}) \
                        / sizeof(dp_value_t)})

#define DP_BIND_NONE ((dp_values_t) {NULL, 0})

dp_value_t dp_uuid(const uint8_t *id);
dp_value_t dp_text(dp_slice_t text);
dp_value_t dp_text_or_null(dp_slice_t text); /* empty: null */
dp_value_t dp_bytea(dp_slice_t bytes);
dp_value_t dp_int2(int16_t value);
dp_value_t dp_int4(int32_t value);
dp_value_t dp_int8(int64_t value);

/* timestamptz; microseconds since 1970 */
dp_value_t dp_time(uint64_t unix_us);

/* A null of that type: dp_null(dp_uuid(NULL)). */
dp_value_t dp_null(dp_value_t of);

#endif /* DP_STATEMENT_H */
