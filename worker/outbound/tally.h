/*
 * What is counted of calls: by provider, operation and what came of them.
 *
 * A fixed table that any thread adds to; labels are literals of ours and
 * statuses, so it does not grow beyond it, and what did is counted as "other".
 */

#ifndef DP_TALLY_H
#define DP_TALLY_H

#include "providers.h"
#include "transfer.h"

/* One try, and whether it failed. */
void dp_tally_call(dp_provider_id_t provider, const char *operation,
                   const dp_transfer_result_t *result, bool failed);

/* A call that the guard refused. */
void dp_tally_refusal(dp_provider_id_t provider, const char *operation);

/* A call that was made `retries` times more than once. */
void dp_tally_retries(dp_provider_id_t provider, const char *operation,
                      unsigned retries);

/* A breaker that closed was open for so long. */
void dp_tally_outage(const dp_provider_t *provider, uint64_t duration_us);

/*
 * Writes retry_attempts of the calls, whose help stands before the samples of
 * the database's, integration_calls_total and circuit_breaker_open_seconds.
 */
void dp_tally_render(dp_writer_t *writer);

#endif /* DP_TALLY_H */
