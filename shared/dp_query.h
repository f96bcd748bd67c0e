/*
 * The query string, against the names that an operation knows.
 *
 * name=value pairs separated by '&', both percent-decoded, '+' is a space (as
 * the URL standard's application/x-www-form-urlencoded has it).  A pair without
 * '=' has an empty value; an empty pair is skipped.
 */

#ifndef DP_QUERY_H
#define DP_QUERY_H

#include "dp_bytes.h"

typedef enum {
    DP_QUERY_OK,
    DP_QUERY_UNKNOWN,   /* a name that is not among those expected */
    DP_QUERY_DUPLICATE, /* a name that comes twice */
    DP_QUERY_MALFORMED, /* a bad escape, U+0000, or not UTF-8 */
    DP_QUERY_TOO_LONG,  /* more than the caller's buffer holds */
} dp_query_fault_t;

typedef struct {
    const char *name;
    bool        present; /* set by dp_query_parse() */
    dp_slice_t  value;   /* likewise; decoded */
} dp_query_param_t;

/* The caller's memory and, after a call, the result. */
typedef struct {
    dp_query_param_t *params; /* what the operation knows */
    size_t            count;
    uint8_t          *buffer; /* what is decoded, names and values */
    size_t            capacity;
    dp_slice_t        name; /* set on a fault; see below */
} dp_query_t;

/*
 * Fills query->params from the raw text.  As much buffer as the text is long
 * always suffices; values borrow from it.  On a fault query->name is the
 * decoded name at fault, or, when the name itself is malformed or too long, as
 * much of it as could be read.
 */
dp_query_fault_t dp_query_parse(dp_query_t *query, dp_slice_t text)
    __attribute__((warn_unused_result));

#endif /* DP_QUERY_H */
