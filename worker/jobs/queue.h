/*
 * The queue of jobs in the database: claiming, renewing, ending.
 *
 * What ends a job may be lost on the way; it is then asked again, or the lease
 * expires and the job is run again.
 */

#ifndef DP_QUEUE_H
#define DP_QUEUE_H

#include "job.h"

/* Who claims: this process, and for how long. */
typedef struct {
    const char *name; /* of no other process */
    uint32_t    lease_s;
} dp_job_owner_t;

/*
 * Claims the next job that may run while `switches` are on, DP_KILL_*.  DP_OK
 * with job->kind set and its slices in job->arena, or with NULL: there is none.
 */
dp_error_t dp_queue_claim(dp_db_t *db, const dp_job_owner_t *owner,
                          uint32_t switches, dp_job_t *job);

typedef enum {
    DP_JOB_ENDED,     /* as it said */
    DP_JOB_DIED,      /* it failed, and that was its last attempt */
    DP_JOB_LOST,      /* somebody else has it: what it did was for nothing */
    DP_JOB_NOT_ENDED, /* the database could not be asked */
} dp_job_end_t;

dp_job_end_t dp_queue_end(const dp_job_t *job, dp_job_outcome_t outcome);

typedef struct {
    uint8_t  id[DP_JOB_ID_SIZE];
    uint64_t fence;
} dp_job_lease_t;

#define DP_JOB_LEASES_MAX 64 /* of one worker */

typedef struct {
    dp_job_lease_t items[DP_JOB_LEASES_MAX];
    size_t         count;
} dp_job_leases_t;

/* Renews all leases of the owner.  DP_OK with those that it still has. */
dp_error_t dp_queue_renew(dp_db_t *db, const dp_job_owner_t *owner,
                          dp_job_leases_t *leases);

/* --- what one worker at a time does for all --- */

/* Whether this connection is, or becomes now, the one that does. */
dp_error_t dp_queue_lead(dp_db_t *db, bool *leads);

/* Ends attempts whose lease has expired. */
dp_error_t dp_queue_expire(dp_db_t *db, uint64_t *expired, uint64_t *died);

/* Queues a job of each kind whose time has come. */
dp_error_t dp_queue_fire(dp_db_t *db);

typedef struct {
    int64_t ready, delayed, running, dead;
    int64_t oldest_ready_s; /* for so long it could have run */
} dp_job_counts_t;

dp_error_t dp_queue_count(dp_db_t *db, dp_job_counts_t *counts);

#endif /* DP_QUEUE_H */
