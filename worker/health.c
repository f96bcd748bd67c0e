/*
 * The health thread: probes on a connection of its own and publishes what it
 * found under a mutex that nobody holds for longer than a copy takes.  Being
 * nobody's to wait for, it also writes when API keys were used.
 */

#define _GNU_SOURCE /* pthread_setname_np */

#include "health.h"

#include "dp_kill_switch.h"
#include "identity/last_used.h"
#include "log.h"
#include "metrics.h"
#include "runtime/deadline.h"

#include <pthread.h>
#include <stdlib.h>

#define PROBE_TIMEOUT_US 1000000
#define STALE_INTERVALS 3

struct dp_health_s {
    pthread_t       thread;
    pthread_mutex_t mutex;
    pthread_cond_t  stopped; /* on CLOCK_MONOTONIC */
    const char     *database;
    uint64_t        interval_us;
    uint64_t        write_interval_us;

    /* under the mutex */
    bool          stopping;
    dp_db_probe_t probe;
    uint64_t      probed_us; /* CLOCK_MONOTONIC; 0: never */
};

static void
log_change(const dp_db_probe_t *before, const dp_db_probe_t *now)
{
    if (before->reachable != now->reachable) {
        dp_log(now->reachable ? DP_LOG_INFO : DP_LOG_CRITICAL, NULL,
               now->reachable ? DP_OK : DP_ERR_DATABASE_UNAVAILABLE,
               now->reachable ? "database answers" : "database does not answer");
    }

    if (now->reachable && before->schema_ok != now->schema_ok) {
        dp_log(now->schema_ok ? DP_LOG_INFO : DP_LOG_CRITICAL, NULL,
               now->schema_ok ? DP_OK : DP_ERR_OPS_NOT_READY,
               now->schema_ok ? "schema is the expected one"
                              : "schema is not the one this worker expects");
    }
}

static void
publish(dp_health_t *health, const dp_db_probe_t *probe)
{
    /* nobody else writes it */
    log_change(&health->probe, probe);

    pthread_mutex_lock(&health->mutex);
    health->probe = *probe;
    health->probed_us = dp_monotonic_us();
    pthread_mutex_unlock(&health->mutex);

    dp_metric_set(DP_METRIC_DATABASE_UP, probe->reachable);
    dp_metric_set(DP_METRIC_SCHEMA_UP, probe->schema_ok);

    if (probe->reachable) {
        dp_histogram_observe(DP_HISTOGRAM_PROBE, probe->latency_us);
    }
}

/* Sleeps for an interval; false when it is time to stop. */
static bool
wait_interval(dp_health_t *health)
{
    uint64_t        until_us = dp_monotonic_us() + health->interval_us;
    struct timespec until = {
        .tv_sec = (time_t) (until_us / 1000000),
        .tv_nsec = (long) (until_us % 1000000 * 1000),
    };
    int  error = 0;
    bool stopping;

    pthread_mutex_lock(&health->mutex);

    while (!health->stopping && error == 0) {
        error = pthread_cond_timedwait(&health->stopped, &health->mutex, &until);
    }

    stopping = health->stopping;
    pthread_mutex_unlock(&health->mutex);

    return !stopping;
}

static void
write_last_used(const dp_health_t *health, dp_db_t *db)
{
    if (health->probe.reachable
        && !(health->probe.switches & DP_KILL_GLOBAL_WRITE)) {
        dp_last_used_write(db, dp_monotonic_us() + PROBE_TIMEOUT_US);
    }
}

static void *
thread_main(void *data)
{
    dp_health_t *health = data;
    dp_db_t     *db = dp_db_create(health->database);
    uint64_t     due_us = dp_monotonic_us() + health->write_interval_us;

    do {
        dp_db_probe_t probe = {.reachable = false};

        if (!dp_db_probe(db, PROBE_TIMEOUT_US, &probe)) {
            probe = (dp_db_probe_t) {.reachable = false};
        }

        publish(health, &probe);

        if (dp_monotonic_us() >= due_us) {
            write_last_used(health, db);
            due_us = dp_monotonic_us() + health->write_interval_us;
        }
    } while (wait_interval(health));

    write_last_used(health, db);
    dp_db_destroy(db);

    return NULL;
}

dp_health_t *
dp_health_start(const dp_settings_t *settings)
{
    dp_health_t       *health = calloc(1, sizeof(*health));
    pthread_condattr_t attributes;

    if (health == NULL) {
        return NULL;
    }

    health->database = settings->database;
    health->interval_us = settings->health_interval_us;
    health->write_interval_us = settings->last_used_interval_us;
    pthread_mutex_init(&health->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&health->stopped, &attributes);
    pthread_condattr_destroy(&attributes);

    if (pthread_create(&health->thread, NULL, thread_main, health) != 0) {
        free(health);
        return NULL;
    }

    pthread_setname_np(health->thread, "health");

    return health;
}

void
dp_health_stop(dp_health_t *health)
{
    pthread_mutex_lock(&health->mutex);
    health->stopping = true;
    pthread_cond_signal(&health->stopped);
    pthread_mutex_unlock(&health->mutex);

    pthread_join(health->thread, NULL);
    pthread_cond_destroy(&health->stopped);
    pthread_mutex_destroy(&health->mutex);
    free(health);
}

dp_db_probe_t
dp_health_read(dp_health_t *health)
{
    dp_db_probe_t probe;
    uint64_t      stale_us = STALE_INTERVALS * health->interval_us;
    uint64_t      probed_us;

    pthread_mutex_lock(&health->mutex);
    probe = health->probe;
    probed_us = health->probed_us;
    pthread_mutex_unlock(&health->mutex);

    if (probed_us == 0
        || dp_monotonic_us() - probed_us > stale_us + PROBE_TIMEOUT_US) {
        probe = (dp_db_probe_t) {.reachable = false};
    }

    return probe;
}
