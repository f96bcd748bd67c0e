/*
 * One attempt of a job, as its function sees it.
 *
 * The function works under a lease that is renewed for it.  It may be run again
 * after any of its statements: it is idempotent, and what it may not do twice
 * stands in one transaction with app.job_done().  Between two portions of work
 * it asks dp_job_may_go_on().
 */

#ifndef DP_JOB_H
#define DP_JOB_H

#include "control/peers.h"
#include "db/db.h"
#include "dp_error.h"
#include "dp_kill_switch.h"
#include "runtime/arena.h"

#include <stdatomic.h>

typedef struct dp_job_s dp_job_t;

typedef enum {
    DP_JOB_DONE,
    DP_JOB_FAILED,   /* job->error says why; there may be another attempt */
    DP_JOB_HOPELESS, /* likewise, and there is none */
    DP_JOB_RELEASED, /* it may not go on now; this was no attempt */
} dp_job_outcome_t;

typedef dp_job_outcome_t dp_job_fn(dp_job_t *job);

typedef struct {
    const char *name;
    dp_job_fn  *run;
    int16_t     version; /* of the payload; lower ones are understood, too */
    int16_t     priority; /* lower goes first */
    uint32_t    switches; /* DP_KILL_*, besides those that stop all jobs */
    uint32_t    max_attempts;
    uint32_t    every_s; /* 0: does not come by itself */
} dp_job_kind_t;

#define DP_JOB_ID_SIZE 16

/* The kill switches that stop all jobs. */
#define DP_JOB_SWITCHES (DP_KILL_GLOBAL_WRITE | DP_KILL_BACKGROUND_JOBS)

struct dp_job_s {
    const dp_job_kind_t *kind;
    dp_arena_t          *arena; /* lives as long as the attempt */
    dp_db_t             *db;    /* the thread's connection */
    uint8_t              id[DP_JOB_ID_SIZE];
    uint64_t             fence; /* of the claim */
    uint8_t              org_id[DP_JOB_ID_SIZE]; /* all zero: the platform's */
    uint8_t              request_id[DP_JOB_ID_SIZE]; /* it follows from */
    dp_slice_t           trace_id; /* empty: none */
    int16_t              version;
    dp_slice_t           payload; /* JSON */
    uint32_t             attempt; /* from 1 */
    const atomic_bool   *lost;     /* the lease */
    const atomic_bool   *stopping; /* the worker */
    dp_peers_t          *peers;    /* whose switches count, too */

    /* outcome */
    dp_error_t  error;
    const char *note; /* for operators, without secrets; NULL: none */
};

/*
 * False when the lease was lost, the worker stops, or a kill switch of this worker
 * or of an nginx is on: then return RELEASED.  What the database has on is the
 * statements' to ask.
 */
bool dp_job_may_go_on(const dp_job_t *job);

/* Sets the error of a failure; returns DP_JOB_FAILED. */
dp_job_outcome_t dp_job_fail(dp_job_t *job, dp_error_t error);

/*
 * Milliseconds until the attempt after the given one, of a job that failed: a
 * random share, at least half, of 1 s that doubles with each attempt up to ten
 * minutes.  `random` is any number.
 */
uint32_t dp_job_delay_ms(uint32_t attempt, uint32_t random);

#endif /* DP_JOB_H */
