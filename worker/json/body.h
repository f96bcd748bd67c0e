/*
 * Reading a JSON body: an object whose members a table names.
 *
 * All faults are collected: unknown members, missing ones, and those that a
 * member's own reader finds.
 */

#ifndef DP_BODY_H
#define DP_BODY_H

#include "dp_json_check.h"
#include "policy/issues.h"

/* A body at hand: its tokens, and the issues found so far. */
typedef struct {
    dp_arena_t *arena;
    dp_json_t   json;
    dp_issues_t issues;
} dp_body_t;

typedef struct {
    const char *name;
    bool        required;

    /* Reads the value into `input`, or adds issues. */
    void (*read)(dp_body_t *body, uint32_t value, void *input);
} dp_body_member_t;

#define DP_BODY_MEMBERS 64

/*
 * Checks the syntax of the request's body.  False after dp_op_fail_details():
 * REQUEST_MALFORMED with {"reason","offset"}.
 */
bool dp_body_open(dp_op_t *op, dp_body_t *body)
    __attribute__((warn_unused_result));

/*
 * Reads the members of the body's object into `input`.  False after
 * dp_op_fail_details(): VALIDATION_FAILED with all issues.
 */
bool dp_body_read(dp_op_t *op, dp_body_t *body, const dp_body_member_t *members,
                  size_t count, void *input) __attribute__((warn_unused_result));

/* What a member's value may be, and where it stands. */
typedef struct {
    const char *pointer; /* RFC 6901 */
    int64_t     min;
    int64_t     max;
} dp_body_range_t;

/*
 * A string of range->min to range->max characters (code points), unescaped.
 * Adds an issue and leaves `text` alone when the value is anything else.
 */
void dp_body_text(dp_body_t *body, uint32_t value, const dp_body_range_t *range,
                  dp_slice_t *text);

/* A whole number from range->min to range->max, likewise. */
void dp_body_integer(dp_body_t *body, uint32_t value,
                     const dp_body_range_t *range, int64_t *number);

#endif /* DP_BODY_H */
