/*
 * Entity tags of what operations show.
 *
 * A tag is the version and a digest of the representation: "7-9f86d081884c7d65".
 * The whole of it changes with every byte of the answer, so it is a strong one.
 * If-Match is about the row alone: what else the representation shows, the
 * caller's role or an environment's state, changes without a client's doing
 * and is no conflict with what a client wants to change.
 */

#ifndef DP_POLICY_ETAG_H
#define DP_POLICY_ETAG_H

#include "runtime/operation.h"

/* The version of what is no single row, as a listing; If-Match names none. */
#define DP_ETAG_UNVERSIONED 0

/* Sets op->reply.etag for the finished op->reply.body. */
void dp_etag_fill(dp_op_t *op, int64_t version);

/*
 * True when a field value of If-Match, "*" or a list, names that version.  Weak
 * tags and what is not a tag of ours name none.
 */
bool dp_etag_matches(dp_slice_t if_match, int64_t version)
    __attribute__((warn_unused_result));

/*
 * Refuses a request without If-Match, where the route demands one, before a
 * transaction is begun.  False after dp_op_fail(): PRECONDITION_REQUIRED.
 */
bool dp_etag_check(dp_op_t *op) __attribute__((warn_unused_result));

/*
 * Judges If-Match by the row's version, read under its lock; a request without
 * the header passes.  False after dp_op_fail(): PRECONDITION_FAILED.
 */
bool dp_etag_judge(dp_op_t *op, int64_t version)
    __attribute__((warn_unused_result));

#endif /* DP_POLICY_ETAG_H */
