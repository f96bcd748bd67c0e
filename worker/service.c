/*
 * The service's life and the signals that shape it.
 *
 * TERM and INT drain: what was accepted is finished, as long as drain_timeout
 * allows, and everything new is refused.  What is still running then dies with
 * the process; PostgreSQL rolls it back, and nginx tells its clients.
 */

#include "service.h"

#include "console/console.h"
#include "control/control_thread.h"
#include "crypto/password.h"
#include "db/trail.h"
#include "dp_contract.h"
#include "identity/oauth.h"
#include "identity/session.h"
#include "identity/token.h"
#include "jobs/jobs.h"
#include "log.h"
#include "metrics.h"
#include "notify.h"
#include "outbound/outbound.h"
#include "runtime/deadline.h"
#include "runtime/router.h"
#include "runtime/transaction_thread.h"
#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

typedef struct {
    dp_settings_t            *settings;
    const char               *path;
    int                       signals;
    dp_mailboxes_t            mailboxes;
    dp_replies_t             *replies;
    dp_router_t              *router;
    dp_transaction_threads_t *transactions;
    dp_transaction_threads_t *passwords;
    dp_health_t              *health;
    dp_feed_t                *feed;
    dp_peers_t               *peers;
    dp_publisher_t           *publisher;
    dp_control_thread_t      *control;
    dp_jobs_t                *jobs;
    dp_console_t             *console;
    uint64_t                  watchdog_us; /* its interval; 0: nobody watches */
    uint64_t                  feed_us; /* CLOCK_MONOTONIC, when it is due */
    bool                      draining;
    uint64_t                  stop_us; /* CLOCK_MONOTONIC, while draining */
} service_t;

void
dp_service_observe(const dp_settings_t *settings)
{
    dp_log_set_level((dp_log_level_t) settings->log_level);
    dp_log_mask_users(settings->log_mask_user != 0);
    dp_trail_follow(settings->slow_statement_us,
                    (dp_comments_t) settings->sql_comments);
}

static int
fail_start(const char *what)
{
    dp_log(DP_LOG_CRITICAL, NULL, DP_OK, "cannot start %s: %s", what,
           strerror(errno));
    return EX_OSERR;
}

/* The threads that look at the database beside the requests. */
static int
start_watchers(service_t *service)
{
    service->health = dp_health_start(service->settings);

    if (service->health == NULL) {
        return fail_start("the health thread");
    }

    service->feed = dp_feed_create();
    service->peers = dp_peers_create();
    service->publisher = dp_publisher_create(service->feed, service->peers);
    service->control = dp_control_thread_start(service->settings, service->feed,
                                               service->peers);

    if (service->control == NULL) {
        return fail_start("the control thread");
    }

    if (!dp_outbound_start(service->settings, service->peers)) {
        return fail_start("the outbound thread");
    }

    dp_router_set_helpers(service->router, service->health, service->publisher);
    service->jobs = dp_jobs_start(service->settings, service->peers);

    if (service->jobs == NULL) {
        return fail_start("job threads");
    }

    return dp_console_start(service->settings, service->peers,
                            service->health, &service->console);
}

/* The threads that run requests. */
static int
start_pools(service_t *service)
{
    const dp_settings_t *settings = service->settings;
    dp_pool_t            transactions = {
        .name = "transaction",
        .count = settings->transaction_threads,
        .mailbox = service->mailboxes.transactions,
        .replies = service->replies,
        .database = settings->database,
        .total = DP_METRIC_THREADS,
        .busy = DP_METRIC_THREADS_BUSY,
    };
    dp_pool_t passwords = {
        .name = "password",
        .count = settings->password_threads,
        .mailbox = service->mailboxes.passwords,
        .replies = service->replies,
        .database = settings->database,
        .total = DP_METRIC_PASSWORD_THREADS,
        .busy = DP_METRIC_PASSWORD_THREADS_BUSY,
    };

    if (!dp_password_open((unsigned) settings->password_passes,
                          settings->password_memory_bytes)) {
        return fail_start("the hashing of passwords");
    }

    service->transactions = dp_transaction_threads_start(&transactions);

    if (service->transactions == NULL) {
        return fail_start("transaction threads");
    }

    service->passwords = dp_transaction_threads_start(&passwords);

    return service->passwords == NULL ? fail_start("password threads") : 0;
}

/* A part that cannot start ends the process; the system takes back the rest. */
static int
start(service_t *service)
{
    int failure;

    if (!dp_contract_open()) {
        dp_log(DP_LOG_CRITICAL, NULL, DP_OK, "cannot open the contract's schemas");
        return EX_SOFTWARE;
    }

    dp_token_configure(service->settings->token_issuer,
                       service->settings->token_audience);
    service->signals = dp_signals_open();

    if (service->signals < 0) {
        return fail_start("signals");
    }

    service->mailboxes = (dp_mailboxes_t) {
        .transactions = dp_mailbox_create(service->settings->queue_depth),
        .passwords = dp_mailbox_create(service->settings->password_queue),
    };
    service->replies = dp_replies_create();
    dp_session_configure(service->settings);
    dp_oauth_configure(service->settings);
    failure = dp_router_create(service->settings, service->mailboxes,
                               service->replies, &service->router);

    if (failure == 0) {
        failure = start_pools(service);
    }

    if (failure != 0) {
        return failure;
    }

    failure = start_watchers(service);

    if (failure != 0) {
        return failure;
    }

    service->watchdog_us = dp_notify_interval_us();
    service->feed_us = dp_monotonic_us() + service->watchdog_us;
    dp_metric_set(DP_METRIC_START_TIME, (int64_t) (dp_now_us() / 1000000));

    return 0;
}

/* The second one does not wait. */
static void
handle_stop(service_t *service)
{
    uint64_t now = dp_monotonic_us();

    service->stop_us = service->draining
                           ? now
                           : now + service->settings->drain_timeout_us;
    service->draining = true;
    dp_router_drain(service->router);
    dp_jobs_drain(service->jobs);
    dp_notify("STOPPING=1");
    dp_log(DP_LOG_INFO, NULL, DP_OK, "stopping, %zu requests in flight",
           dp_router_in_flight(service->router));
}

static void
handle_reload(service_t *service)
{
    const dp_settings_t *settings = service->settings;
    dp_settings_error_t  error;
    char                 restart[512];

    if (!dp_settings_reload(service->settings, service->path, restart,
                            sizeof(restart), &error)) {
        dp_log(DP_LOG_ERROR, NULL, DP_OK, "settings stay as they are: %s",
               error.text);
        return;
    }

    dp_service_observe(settings);

    if (!dp_log_open(settings->log_file)) {
        dp_log(DP_LOG_ERROR, NULL, DP_OK, "cannot open the log %s: %s",
               settings->log_file, strerror(errno));
    }

    dp_log(DP_LOG_INFO, NULL, DP_OK, "settings read again%s%s",
           restart[0] == '\0' ? "" : "; these need a restart: ", restart);
}

static void
handle_reopen(service_t *service)
{
    (void) service;

    if (!dp_log_reopen()) {
        dp_log(DP_LOG_ERROR, NULL, DP_OK, "cannot open the log again: %s",
               strerror(errno));
    }
}

static const struct {
    int number;
    void (*handle)(service_t *service);
} handlers[] = {
    {SIGTERM, handle_stop},
    {SIGINT, handle_stop},
    {SIGHUP, handle_reload},
    {SIGUSR1, handle_reopen},
};

static void
handle_signals(service_t *service)
{
    int number;

    while ((number = dp_signals_next(service->signals)) != 0) {
        for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
            if (handlers[i].number == number) {
                handlers[i].handle(service);
            }
        }
    }
}

/* Until the watchdog is due or draining ends, whichever comes first. */
static long
timeout_ms(const service_t *service)
{
    uint64_t now = dp_monotonic_us();
    uint64_t until_us = UINT64_MAX;

    if (service->watchdog_us != 0) {
        until_us = service->feed_us;
    }

    if (service->draining && service->stop_us < until_us) {
        until_us = service->stop_us;
    }

    if (until_us == UINT64_MAX) {
        return -1;
    }

    return until_us > now ? (long) ((until_us - now) / 1000 + 1) : 0;
}

static bool
is_finished(const service_t *service)
{
    return service->draining
           && (dp_router_in_flight(service->router) == 0
               || dp_monotonic_us() >= service->stop_us);
}

static void
watchdog_feed(service_t *service)
{
    uint64_t now = dp_monotonic_us();

    if (service->watchdog_us != 0 && now >= service->feed_us) {
        dp_notify("WATCHDOG=1");
        service->feed_us = now + service->watchdog_us;
    }
}

static void
serve(service_t *service)
{
    while (!is_finished(service)) {
        if (dp_router_turn(service->router, service->signals,
                           timeout_ms(service))) {
            handle_signals(service);
        }

        watchdog_feed(service);
    }

    dp_router_refuse_rest(service->router, service->stop_us);
}

static void
stop(service_t *service)
{
    size_t abandoned = dp_router_in_flight(service->router);

    dp_router_close(service->router);

    if (abandoned != 0) {
        dp_log(DP_LOG_WARN, NULL, DP_OK, "stopped with %zu requests abandoned",
               abandoned);
        _exit(EX_OK);
    }

    dp_transaction_threads_stop(service->transactions);
    dp_outbound_drain();
    dp_transaction_threads_stop(service->passwords);
    dp_jobs_stop(service->jobs);
    dp_outbound_stop();
    dp_console_stop(service->console);
    dp_health_stop(service->health);
    dp_control_thread_stop(service->control);
    dp_publisher_destroy(service->publisher);
    dp_peers_destroy(service->peers);
    dp_feed_destroy(service->feed);
    dp_router_destroy(service->router);
    dp_replies_destroy(service->replies);
    dp_mailbox_destroy(service->mailboxes.transactions);
    dp_mailbox_destroy(service->mailboxes.passwords);
    close(service->signals);
    dp_contract_close();
    dp_log(DP_LOG_INFO, NULL, DP_OK, "stopped");
}

int
dp_service_run(dp_settings_t *settings, const char *path)
{
    service_t service = {.settings = settings, .path = path};
    int       failure = start(&service);

    if (failure != 0) {
        exit(failure);
    }

    dp_notify("READY=1");
    dp_log(DP_LOG_INFO, NULL, DP_OK, "serving %s with %llu threads",
           settings->endpoint,
           (unsigned long long) settings->transaction_threads);
    serve(&service);
    stop(&service);

    return EX_OK;
}
