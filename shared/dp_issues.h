/*
 * What is wrong with a request's form, fault by fault: details.issues of
 * VALIDATION_FAILED, as both programs tell it.
 *
 * A list has room for DP_ISSUES and for their texts; what comes behind them is
 * not told.
 */

#ifndef DP_ISSUES_H
#define DP_ISSUES_H

#include "dp_bytes.h"

#define DP_ISSUES 32
#define DP_ISSUE_POINTER_SIZE 256
#define DP_ISSUE_MESSAGE_SIZE 160

typedef enum {
    DP_IN_BODY,
    DP_IN_PATH,
    DP_IN_QUERY,
    DP_IN_HEADER,
} dp_issue_place_t;

typedef struct {
    dp_issue_place_t place;
    const char      *keyword; /* of JSON Schema */
    size_t           pointer_len;
    size_t           message_len;
    uint8_t          pointer[DP_ISSUE_POINTER_SIZE]; /* RFC 6901 */
    uint8_t          message[DP_ISSUE_MESSAGE_SIZE];
} dp_issue_t;

/* Empty when `count` is 0; nothing else needs to be set. */
typedef struct {
    size_t     count;
    dp_issue_t list[DP_ISSUES];
} dp_issues_t;

/*
 * Adds an issue at the place's root.  `message` goes on where "/limit " ends
 * and is cut to what there is room for.  NULL when the list is full.
 */
dp_issue_t *dp_issue_add(dp_issues_t *issues, dp_issue_place_t place,
                         const char *keyword, dp_slice_t message);

/*
 * Goes one step down: to the member, parameter or item of that name.  False,
 * and nothing changes, when the pointer would grow too long: it then tells what
 * the fault is in.
 */
bool dp_issue_step(dp_issue_t *issue, dp_slice_t name);

/* Room for dp_issues_render(). */
size_t dp_issues_size(const dp_issues_t *issues);

/* Writes {"issues":[{"in","pointer","keyword","message"},...]}. */
void dp_issues_render(dp_writer_t *writer, const dp_issues_t *issues);

#endif /* DP_ISSUES_H */
