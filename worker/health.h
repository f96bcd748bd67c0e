/*
 * What is known about the database, from a record that a thread of its own
 * refreshes; reading it never waits for the database.
 *
 * dp_health_start() and dp_health_stop() belong to the service; any thread may
 * call dp_health_read().
 */

#ifndef DP_HEALTH_H
#define DP_HEALTH_H

#include "db/db.h"
#include "settings.h"

typedef struct dp_health_s dp_health_t;

/* Starts probing every settings->health_interval_us; NULL when it cannot. */
dp_health_t *dp_health_start(const dp_settings_t *settings)
    __attribute__((warn_unused_result));

/* Ends the thread, after the probe it may be in, and frees all. */
void dp_health_stop(dp_health_t *health);

/*
 * The newest findings.  When no probe has been finished for three intervals,
 * or none yet, nothing is reachable.
 */
dp_db_probe_t dp_health_read(dp_health_t *health);

#endif /* DP_HEALTH_H */
