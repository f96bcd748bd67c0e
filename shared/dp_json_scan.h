/*
 * The scan of a JSON text: its state and its steps.  Private to the dp_json_*
 * files; dp_json_check.h is the interface.
 *
 * A step takes what it knows from the front of the text.  On a fault it leaves
 * `pos` there, sets `fault` and returns false.
 */

#ifndef DP_JSON_SCAN_H
#define DP_JSON_SCAN_H

#include "dp_json_check.h"

typedef struct {
    dp_json_t      *json;
    const uint8_t  *pos;
    const uint8_t  *end;
    dp_json_fault_t fault;
    uint32_t        depth; /* of containers that are open */
    uint32_t        open[DP_JSON_DEPTH]; /* their tokens, innermost last */
} dp_scan_t;

/* Always false, so that callers write return dp_scan_fail(). */
static inline bool
dp_scan_fail(dp_scan_t *scan, dp_json_fault_t fault)
{
    scan->fault = fault;

    return false;
}

static inline bool
dp_scan_fail_at(dp_scan_t *scan, const uint8_t *pos, dp_json_fault_t fault)
{
    scan->pos = pos;

    return dp_scan_fail(scan, fault);
}

static inline void
dp_scan_skip_space(dp_scan_t *scan)
{
    while (scan->pos < scan->end
           && (*scan->pos == ' ' || *scan->pos == '\n' || *scan->pos == '\r'
               || *scan->pos == '\t')) {
        scan->pos++;
    }
}

/* The byte at the position; 0, which begins nothing, at the end. */
static inline uint8_t
dp_scan_peek(const dp_scan_t *scan)
{
    return scan->pos < scan->end ? *scan->pos : 0;
}

static inline bool
dp_scan_take(dp_scan_t *scan, uint8_t byte)
{
    if (dp_scan_peek(scan) != byte) {
        return dp_scan_fail(scan, DP_JSON_SYNTAX);
    }

    scan->pos++;

    return true;
}

static inline uint32_t
dp_scan_offset(const dp_scan_t *scan, const uint8_t *pos)
{
    return (uint32_t) (pos - scan->json->text.data);
}

/* Puts a token that holds nothing, yet, on the tape. */
bool dp_scan_token(dp_scan_t *scan, dp_json_type_t type, const uint8_t *start,
                   size_t len);

/* A string with its quotes, to a token. */
bool dp_scan_string(dp_scan_t *scan);

/* A number, to a token. */
bool dp_scan_number(dp_scan_t *scan);

/*
 * The members of the object, the tape's last, are complete: no two may have one
 * name.  The count of each name's token is its hash before, and what
 * dp_json_check.h says behind.
 */
bool dp_scan_names(dp_scan_t *scan, uint32_t object);

#endif /* DP_JSON_SCAN_H */
