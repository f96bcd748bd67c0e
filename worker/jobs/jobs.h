/*
 * Jobs: the threads that run them, and their keeper.
 *
 * A job is queued in the transaction that it follows from (enqueue.h), and run by
 * a thread of any worker that knows its kind.
 */

#ifndef DP_JOBS_H
#define DP_JOBS_H

#include "control/peers.h"
#include "settings.h"

typedef struct dp_jobs_s dp_jobs_t;

/*
 * Starts as many threads as the settings say; with none, this worker runs no
 * jobs and keeps no schedules.  Kill switches are obeyed that this worker has
 * on by itself, or that `peers` report.  NULL with errno: it cannot be started.
 */
dp_jobs_t *dp_jobs_start(const dp_settings_t *settings, dp_peers_t *peers);

/* No job is claimed any more; those that run are told to come to an end. */
void dp_jobs_drain(dp_jobs_t *jobs);

/* Drains, and waits for those that run. */
void dp_jobs_stop(dp_jobs_t *jobs);

#endif /* DP_JOBS_H */
