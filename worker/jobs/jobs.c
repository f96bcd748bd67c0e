/*
 * A job thread's loop: claim, run, end; or wait when nothing is there.
 */

#define _GNU_SOURCE /* pthread_setname_np */

#include "jobs.h"

#include "crypto/random.h"
#include "dp_id.h"
#include "keeper.h"
#include "log.h"
#include "metrics.h"
#include "own_switches.h"
#include "runtime/deadline.h"
#include "wake.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define OWNER_SIZE (DP_ID_TEXT_SIZE + 1)
#define END_TRIES 3
#define END_PAUSE_MS 500

typedef struct {
    dp_jobs_t *jobs;
    size_t     seat;
    pthread_t  thread;
} job_thread_t;

struct dp_jobs_s {
    const dp_settings_t *settings;
    dp_peers_t          *peers;
    char                 owner_text[OWNER_SIZE];
    dp_job_owner_t       owner;
    dp_seats_t          *seats;
    dp_keeper_t         *keeper;
    atomic_bool          stopping;
    int                  stop; /* an eventfd, readable from then on */
    int                  wake; /* of wake.h */
    size_t               count;
    job_thread_t         threads[DP_JOB_LEASES_MAX];
};

/* False when it is time to stop. */
static bool
wait_ms(const dp_jobs_t *jobs, int timeout_ms)
{
    struct pollfd event = {.fd = jobs->stop, .events = POLLIN};

    return poll(&event, 1, timeout_ms) <= 0;
}

/* Likewise, but not while a job was queued that nobody was woken for. */
static bool
wait_for_job(const dp_jobs_t *jobs, int timeout_ms)
{
    struct pollfd events[] = {
        {.fd = jobs->stop, .events = POLLIN},
        {.fd = jobs->wake, .events = POLLIN},
    };

    if (poll(events, 2, timeout_ms) > 0 && events[1].revents != 0) {
        dp_wake_take(jobs->wake);
    }

    return events[0].revents == 0;
}

/* --- one attempt ------------------------------------------------------------ */

static const dp_log_context_t *
log_context(const dp_job_t *job, dp_log_context_t *context)
{
    static const uint8_t none[DP_JOB_ID_SIZE];

    *context = (dp_log_context_t) {.operation = job->kind->name};

    if (memcmp(job->request_id, none, sizeof(none)) != 0) {
        context->request_id = job->request_id;
    }

    if (memcmp(job->org_id, none, sizeof(none)) != 0) {
        context->org_id = job->org_id;
    }

    if (job->trace_id.len == DP_JOB_ID_SIZE) {
        context->trace_id = job->trace_id.data;
    }

    return context;
}

/* Until the database says what became of it, or the lease is lost anyway. */
static dp_job_end_t
end_insist(const dp_jobs_t *jobs, const dp_job_t *job, dp_job_outcome_t outcome)
{
    dp_job_end_t end = dp_queue_end(job, outcome);

    for (unsigned i = 1; i < END_TRIES && end == DP_JOB_NOT_ENDED; i++) {
        (void) wait_ms(jobs, END_PAUSE_MS);
        end = dp_queue_end(job, outcome);
    }

    return end;
}

static void
failure_log(const dp_job_t *job, dp_job_end_t end)
{
    dp_log_context_t context;

    dp_log(end == DP_JOB_DIED ? DP_LOG_ERROR : DP_LOG_WARN,
           log_context(job, &context), job->error, "attempt %u of job %s failed%s%s%s",
           job->attempt, job->kind->name, job->note == NULL ? "" : ": ",
           job->note == NULL ? "" : job->note,
           end == DP_JOB_DIED ? ", and there is no other" : "");
}

static dp_metric_t
metric_of(dp_job_outcome_t outcome, dp_job_end_t end)
{
    switch (end) {
    case DP_JOB_LOST:
    case DP_JOB_NOT_ENDED:
        return DP_METRIC_JOBS_LOST;
    case DP_JOB_DIED:
        return DP_METRIC_JOBS_DIED;
    default:
        return outcome == DP_JOB_DONE       ? DP_METRIC_JOBS_DONE
               : outcome == DP_JOB_RELEASED ? DP_METRIC_JOBS_RELEASED
                                            : DP_METRIC_JOBS_FAILED;
    }
}

static void
attempt_run(const dp_jobs_t *jobs, dp_job_t *job)
{
    uint64_t         started_us = dp_monotonic_us();
    dp_job_outcome_t outcome = job->kind->run(job);
    dp_job_end_t     end = end_insist(jobs, job, outcome);

    dp_histogram_observe(DP_HISTOGRAM_JOB, dp_monotonic_us() - started_us);
    dp_metric_add(metric_of(outcome, end), 1);

    if (outcome == DP_JOB_FAILED || outcome == DP_JOB_HOPELESS) {
        failure_log(job, end);
    }
}

/* --- the loop --------------------------------------------------------------- */

/* False: there was none, or the database could not be asked. */
static bool
job_take(job_thread_t *thread, dp_arena_t *arena, dp_db_t *db)
{
    dp_jobs_t *jobs = thread->jobs;
    uint64_t   now_us = dp_monotonic_us();
    dp_job_t   job = {
        .arena = arena,
        .db = db,
        .stopping = &jobs->stopping,
        .peers = jobs->peers,
    };
    uint32_t   switches = dp_own_switches() | dp_peers_switches(jobs->peers);

    if (dp_queue_claim(db, &jobs->owner, switches, &job) != DP_OK
        || job.kind == NULL) {
        return false;
    }

    dp_seat_take(jobs->seats, thread->seat, &job, now_us);
    attempt_run(jobs, &job);
    dp_seat_leave(jobs->seats, thread->seat);

    return true;
}

/* Threads that wait do not all come back at the same moment. */
static int
idle_ms(const dp_settings_t *settings)
{
    uint64_t interval_ms = settings->job_poll_interval_us / 1000;
    uint32_t random;

    dp_random(&random, sizeof(random));

    return (int) (interval_ms / 2 + random % (interval_ms / 2 + 1));
}

static void *
thread_main(void *data)
{
    job_thread_t *thread = data;
    dp_arena_t   *arena = dp_arena_create();
    dp_db_t      *db = dp_db_create(thread->jobs->settings->database);
    int           timeout_ms;

    do {
        bool took = job_take(thread, arena, db);

        timeout_ms = took ? 0 : idle_ms(thread->jobs->settings);
        dp_arena_reset(arena);
    } while (wait_for_job(thread->jobs, timeout_ms));

    dp_db_destroy(db);
    dp_arena_destroy(arena);

    return NULL;
}

/* --- start and stop --------------------------------------------------------- */

static int
threads_start(dp_jobs_t *jobs)
{
    while (jobs->count < jobs->settings->job_threads) {
        job_thread_t *thread = &jobs->threads[jobs->count];
        int           error;

        *thread = (job_thread_t) {.jobs = jobs, .seat = jobs->count};
        error = pthread_create(&thread->thread, NULL, thread_main, thread);

        if (error != 0) {
            return error;
        }

        pthread_setname_np(thread->thread, "job");
        jobs->count++;
    }

    return 0;
}

static int
all_start(dp_jobs_t *jobs)
{
    if (jobs->settings->job_threads == 0) {
        return 0;
    }

    jobs->wake = dp_wake_open();

    if (jobs->wake < 0) {
        return errno;
    }

    jobs->keeper = dp_keeper_start(jobs->settings, &jobs->owner, jobs->seats);

    return jobs->keeper == NULL ? errno : threads_start(jobs);
}

static void
owner_name(dp_jobs_t *jobs)
{
    uint8_t id[DP_JOB_ID_SIZE];

    dp_random(id, sizeof(id));
    dp_id_from_random(id);
    dp_id_format(jobs->owner_text, id);
    jobs->owner.name = jobs->owner_text;
    jobs->owner.lease_s = (uint32_t) (jobs->settings->job_lease_us / 1000000);
}

dp_jobs_t *
dp_jobs_start(const dp_settings_t *settings, dp_peers_t *peers)
{
    dp_jobs_t *jobs = calloc(1, sizeof(*jobs));
    int        error;

    if (jobs == NULL) {
        return NULL;
    }

    jobs->settings = settings;
    jobs->peers = peers;
    jobs->wake = -1;
    jobs->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    jobs->seats = dp_seats_create();
    owner_name(jobs);
    error = jobs->stop < 0 ? errno : all_start(jobs);

    if (error != 0) {
        dp_jobs_stop(jobs);
        errno = error;
        return NULL;
    }

    return jobs;
}

void
dp_jobs_drain(dp_jobs_t *jobs)
{
    atomic_store(&jobs->stopping, true);
    eventfd_write(jobs->stop, 1);
}

void
dp_jobs_stop(dp_jobs_t *jobs)
{
    dp_jobs_drain(jobs);

    for (size_t i = 0; i < jobs->count; i++) {
        pthread_join(jobs->threads[i].thread, NULL);
    }

    if (jobs->keeper != NULL) {
        dp_keeper_stop(jobs->keeper);
    }

    dp_seats_destroy(jobs->seats);
    dp_wake_close(jobs->wake);
    close(jobs->stop);
    free(jobs);
}
