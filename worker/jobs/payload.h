/*
 * Payloads that hold secrets: sealed for the job they belong to, and opened by
 * its function only.
 */

#ifndef DP_PAYLOAD_H
#define DP_PAYLOAD_H

#include "job.h"

/* The payload as {"sealed": base64url}, for the job of that id, in the arena. */
dp_slice_t dp_payload_seal(dp_arena_t *arena, const uint8_t *job_id,
                           dp_slice_t payload);

/*
 * The job's payload as it was queued, in the job's arena; one that was not
 * sealed as it is.  False: it was tampered with, or is another job's, or the
 * master key is gone.
 */
bool dp_payload_open(const dp_job_t *job, dp_slice_t *payload)
    __attribute__((warn_unused_result));

#endif /* DP_PAYLOAD_H */
