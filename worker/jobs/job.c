/*
 * What functions of jobs share.
 */

#include "job.h"

#include "own_switches.h"

#define FIRST_DELAY_MS 1000
#define LONGEST_DELAY_MS 600000

bool
dp_job_may_go_on(const dp_job_t *job)
{
    uint32_t on = dp_own_switches() | dp_peers_switches(job->peers);

    return !atomic_load_explicit(job->lost, memory_order_relaxed)
           && !atomic_load_explicit(job->stopping, memory_order_relaxed)
           && (on & (job->kind->switches | DP_JOB_SWITCHES)) == 0;
}

dp_job_outcome_t
dp_job_fail(dp_job_t *job, dp_error_t error)
{
    job->error = error;

    return DP_JOB_FAILED;
}

uint32_t
dp_job_delay_ms(uint32_t attempt, uint32_t random)
{
    uint32_t longest = FIRST_DELAY_MS;

    while (attempt > 1 && longest < LONGEST_DELAY_MS) {
        longest *= 2;
        attempt--;
    }

    if (longest > LONGEST_DELAY_MS) {
        longest = LONGEST_DELAY_MS;
    }

    return longest / 2 + random % (longest / 2 + 1);
}
