/*
 * The first statements of every transaction: BEGIN, then who acts, under which
 * role, for which tenant, and for how long at most.
 *
 * Private to db/ and identity/.  Everything is gone with the transaction.
 */

#ifndef DP_CONTEXT_H
#define DP_CONTEXT_H

#include "connection.h"

/* Ids of 16 bytes; NULL: none. */
typedef struct {
    const char    *role; /* dp_api, dp_system ...: see sql/README.md */
    bool           read_only;
    const uint8_t *org_id;
    const uint8_t *user_id;
    const uint8_t *credential_id;
    dp_principal_kind_t kind; /* of the credential */
    const uint8_t *request_id;
    const uint8_t *trace_id;
    const uint8_t *span_id; /* ours */
    unsigned       trace_flags;
    const char    *action; /* what is done, where there is a trace */
} dp_context_t;

/*
 * Queues both.  What is left until `until_us` (CLOCK_MONOTONIC) becomes the
 * limit of each statement.
 */
void dp_context_queue(dp_db_t *db, const dp_context_t *context,
                      uint64_t until_us);

/* Queues COMMIT. */
void dp_commit_queue(dp_db_t *db);

#endif /* DP_CONTEXT_H */
