/*
 * What is known about the worker's dependencies, from a record that a thread
 * of its own refreshes; reading it never waits for the database.
 *
 * dp_health_start() and dp_health_stop() belong to main; any thread may call
 * dp_health_read().
 */

#ifndef DP_HEALTH_H
#define DP_HEALTH_H

#include "settings.h"

/* One probe's findings, as dp_db_probe() fills it. */
typedef struct {
    bool     database_ok; /* connected, and a statement was answered */
    bool     schema_ok;   /* deployed as this worker expects it */
    uint32_t switches;    /* kill switches on in the database, DP_KILL_* */
    uint64_t latency_us;  /* of the probe's statement */
} dp_health_t;

typedef struct dp_health_thread_s dp_health_thread_t;

/* Starts probing every settings->health_interval_us; NULL when it cannot. */
dp_health_thread_t *dp_health_start(const dp_settings_t *settings)
    __attribute__((warn_unused_result));

/*
 * Ends the thread and frees it.  False when a probe still hangs after a
 * second: the thread then keeps what it has, and the process should end.
 */
bool dp_health_stop(dp_health_thread_t *thread)
    __attribute__((warn_unused_result));

/*
 * The newest findings.  When no probe has been finished for three intervals
 * (the database hangs), or none yet, everything is reported as failing.
 */
dp_health_t dp_health_read(dp_health_thread_t *thread);

#endif /* DP_HEALTH_H */
