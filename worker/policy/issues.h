/*
 * All faults of a request's form, collected: details.issues of
 * VALIDATION_FAILED.
 *
 * A list has room for DP_ISSUES; what comes behind them is not reported.
 */

#ifndef DP_ISSUES_H
#define DP_ISSUES_H

#include "runtime/operation.h"

#define DP_ISSUES 32

typedef struct {
    const char *in;      /* "body", "query", "header" or "path" */
    dp_slice_t  pointer; /* RFC 6901, into what `in` says */
    const char *keyword; /* of JSON Schema */
    const char *message;
} dp_issue_t;

typedef struct {
    dp_arena_t *arena;
    size_t      count;
    dp_issue_t  issues[DP_ISSUES];
} dp_issues_t;

dp_issues_t dp_issues(dp_arena_t *arena);

/* Adds one; texts are static, the pointer is a literal. */
void dp_issue_add(dp_issues_t *issues, const char *in, const char *pointer,
                  const char *keyword, const char *message);

/* Likewise for a member whose name the client chose; it is escaped. */
void dp_issue_add_name(dp_issues_t *issues, const char *in, dp_slice_t name,
                       const char *keyword, const char *message);

/* True when there are none; else false after dp_op_fail_details(). */
bool dp_issues_judge(dp_op_t *op, const dp_issues_t *issues)
    __attribute__((warn_unused_result));

#endif /* DP_ISSUES_H */
