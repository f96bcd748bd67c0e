/*
 * The keeper's loop: a turn a second.
 */

#define _GNU_SOURCE /* pthread_setname_np */

#include "keeper.h"

#include "audit/counts.h"
#include "log.h"
#include "metrics.h"
#include "runtime/deadline.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define TURN_MS 1000
#define COUNT_INTERVAL_US 5000000
#define SECOND_US 1000000

struct dp_keeper_s {
    pthread_t             thread;
    const char           *database;
    const dp_job_owner_t *owner;
    dp_seats_t           *seats;
    int                   stop; /* an eventfd */
    dp_db_t              *db;
    bool                  leads;
    uint64_t              renew_us; /* CLOCK_MONOTONIC, when it is due */
    uint64_t              count_us; /* likewise */
};

/* --- for this worker -------------------------------------------------------- */

static uint64_t
lease_us(const dp_keeper_t *keeper)
{
    return (uint64_t) keeper->owner->lease_s * SECOND_US;
}

/* False: the database could not be asked. */
static bool
leases_renew(dp_keeper_t *keeper)
{
    dp_job_leases_t claims;
    dp_job_leases_t leases;
    uint64_t        now = dp_monotonic_us();

    dp_seats_copy(keeper->seats, &claims);

    if (claims.count == 0) {
        return true;
    }

    if (dp_queue_renew(keeper->db, keeper->owner, &leases) != DP_OK) {
        return false;
    }

    dp_seats_renewed(keeper->seats, &claims, &leases, now);

    return true;
}

/*
 * A claim that the database does not have any more, or could not be asked about
 * for nearly as long as a lease, is given up before somebody else has it.
 */
static void
leases_keep(dp_keeper_t *keeper)
{
    uint64_t lease = lease_us(keeper);
    uint64_t now = dp_monotonic_us();

    if (now >= keeper->renew_us && leases_renew(keeper)) {
        keeper->renew_us = now + lease / 3;
    }

    now = dp_monotonic_us();

    if (now > lease) {
        dp_seats_doubt(keeper->seats, now - lease * 5 / 6);
    }
}

/* --- for all workers -------------------------------------------------------- */

static void
leases_expire(dp_keeper_t *keeper)
{
    uint64_t expired;
    uint64_t died;

    if (dp_queue_expire(keeper->db, &expired, &died) == DP_OK && expired != 0) {
        dp_metric_add(DP_METRIC_JOBS_EXPIRED, (int64_t) expired);
        dp_log(died == 0 ? DP_LOG_WARN : DP_LOG_ERROR, NULL, DP_OK,
               "%llu jobs were left by their worker, %llu for the last time",
               (unsigned long long) expired, (unsigned long long) died);
    }
}

static void
counts_show(const dp_job_counts_t *counts)
{
    dp_metric_set(DP_METRIC_JOBS_READY, counts->ready);
    dp_metric_set(DP_METRIC_JOBS_DELAYED, counts->delayed);
    dp_metric_set(DP_METRIC_JOBS_RUNNING, counts->running);
    dp_metric_set(DP_METRIC_JOBS_DEAD, counts->dead);
    dp_metric_set(DP_METRIC_JOBS_OLDEST, counts->oldest_ready_s);
}

static void
audit_show(const dp_audit_counts_t *counts)
{
    dp_metric_set(DP_METRIC_AUDIT_UNSEALED, counts->unsealed);
    dp_metric_set(DP_METRIC_AUDIT_UNSEALED_OLDEST, counts->oldest_s);
    dp_metric_set(DP_METRIC_AUDIT_BROKEN, counts->broken);
    dp_metric_set(DP_METRIC_AUDIT_VERIFIED_AGE, counts->verified_s);
}

static void
count_if_due(dp_keeper_t *keeper)
{
    dp_job_counts_t   counts;
    dp_audit_counts_t audit;
    uint64_t          now = dp_monotonic_us();

    if (now < keeper->count_us) {
        return;
    }

    keeper->count_us = now + COUNT_INTERVAL_US;

    if (dp_queue_count(keeper->db, &counts) == DP_OK) {
        counts_show(&counts);
    }

    if (dp_audit_count(keeper->db, &audit) == DP_OK) {
        audit_show(&audit);
    }
}

/* Who does not lead any more says nothing of what waits. */
static void
lead_note(dp_keeper_t *keeper, bool leads)
{
    if (leads == keeper->leads) {
        return;
    }

    keeper->leads = leads;
    keeper->count_us = 0;
    dp_metric_set(DP_METRIC_KEEPER_LEADS, leads);
    dp_log(DP_LOG_INFO, NULL, DP_OK,
           leads ? "this worker keeps the schedules"
                 : "this worker does not keep the schedules any more");

    if (!leads) {
        counts_show(&(dp_job_counts_t) {0});
        audit_show(&(dp_audit_counts_t) {0});
    }
}

static void
lead_turn(dp_keeper_t *keeper)
{
    bool leads;

    (void) dp_queue_lead(keeper->db, &leads);
    lead_note(keeper, leads);

    if (leads) {
        leases_expire(keeper);
        (void) dp_queue_fire(keeper->db);
        count_if_due(keeper);
    }
}

static bool
wait_turn(const dp_keeper_t *keeper)
{
    struct pollfd event = {.fd = keeper->stop, .events = POLLIN};

    return poll(&event, 1, TURN_MS) <= 0;
}

static void *
thread_main(void *data)
{
    dp_keeper_t *keeper = data;

    keeper->db = dp_db_create(keeper->database);

    do {
        leases_keep(keeper);
        lead_turn(keeper);
    } while (wait_turn(keeper));

    dp_db_destroy(keeper->db);

    return NULL;
}

dp_keeper_t *
dp_keeper_start(const dp_settings_t *settings, const dp_job_owner_t *owner,
                dp_seats_t *seats)
{
    int          stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    dp_keeper_t *keeper = stop < 0 ? NULL : calloc(1, sizeof(*keeper));
    int          error;

    if (keeper == NULL) {
        return NULL;
    }

    keeper->database = settings->database;
    keeper->owner = owner;
    keeper->seats = seats;
    keeper->stop = stop;
    error = pthread_create(&keeper->thread, NULL, thread_main, keeper);

    if (error != 0) {
        close(stop);
        free(keeper);
        errno = error;
        return NULL;
    }

    pthread_setname_np(keeper->thread, "keeper");

    return keeper;
}

void
dp_keeper_stop(dp_keeper_t *keeper)
{
    eventfd_write(keeper->stop, 1);
    pthread_join(keeper->thread, NULL);
    close(keeper->stop);
    free(keeper);
}
