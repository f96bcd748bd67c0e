/*
 * What identity providers say of themselves: discovery (OpenID Connect Discovery
 * 1.0) and their keys, kept in the database for all workers.
 *
 * What was fetched is used until it is fetched again, for a day at most when that
 * fails.  One worker at a time asks; nobody more than once a minute.
 */

#ifndef DP_ISSUER_H
#define DP_ISSUER_H

#include "outbound/outbound.h"
#include "provider_file.h"

/* Slices in the arena. */
typedef struct {
    dp_slice_t authorization_endpoint;
    dp_slice_t token_endpoint;
    dp_slice_t keys; /* a list of dp_control_issuer.h */
    uint64_t   fetched_us; /* since 1970 */
} dp_issuer_t;

/* Who asks, and until when. */
typedef struct {
    dp_db_t       *db;
    dp_arena_t    *arena;
    const uint8_t *request_id; /* or NULL */
    const uint8_t *trace_id;   /* likewise */
    uint8_t        trace_flags;
    uint64_t       until_us;   /* CLOCK_MONOTONIC */
} dp_issuer_asker_t;

/*
 * Reads what is known of a provider; asks it when that is nothing.  DP_OK; the
 * error of a call, with `retry_after_s`; or of the database.
 */
dp_error_t dp_issuer_get(const dp_identity_provider_t *provider,
                         const dp_issuer_asker_t *asker, dp_issuer_t *issuer,
                         uint32_t *retry_after_s);

/*
 * Asks the provider, unless somebody did in the last `pause_s` seconds; true
 * when there is something new.  On a failed call `answer` says why.
 */
bool dp_issuer_fetch(const dp_identity_provider_t *provider,
                     const dp_issuer_asker_t *asker, int32_t pause_s,
                     dp_answer_t *answer);

#endif /* DP_ISSUER_H */
