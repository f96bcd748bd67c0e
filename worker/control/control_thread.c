/*
 * The control thread's loop: read, then wait for a notification, the end of the
 * period or the end of the thread.
 */

#define _GNU_SOURCE /* pthread_setname_np */

#include "control_thread.h"

#include "dp_control.h"
#include "identity/key_ring.h"
#include "identity/signing_keys.h"
#include "log.h"
#include "metrics.h"
#include "runtime/deadline.h"

#include <openssl/crypto.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PERIOD_MS 500
#define READ_LIMIT_US 1000000

struct dp_control_thread_s {
    pthread_t   thread;
    const char *database;
    dp_feed_t  *feed;
    dp_peers_t *peers;
    int         stop; /* an eventfd */
    dp_db_t    *db;
    uint64_t    known; /* the generation that was put last */
    bool        failing; /* and that has been logged */
    uint8_t     keys[DP_CONTROL_KEYS_SIZE]; /* on their way into the feed */
};

/* Says it once, not twice a second. */
static void
failure_note(dp_control_thread_t *control, bool failed)
{
    dp_metric_add(failed ? DP_METRIC_CONTROL_READS_FAILED
                         : DP_METRIC_CONTROL_READS, 1);

    if (failed != control->failing) {
        control->failing = failed;
        dp_log(failed ? DP_LOG_ERROR : DP_LOG_INFO, NULL,
               failed ? DP_ERR_OPS_CONTROL_STALE : DP_OK,
               failed ? "the control state cannot be read"
                      : "the control state is read");
    }
}

/*
 * An edge that is ahead saw a database that is no more.  `ahead` was reported
 * before the reading: of what was committed meanwhile nobody can know.
 */
static void
state_repair(dp_control_thread_t *control, const dp_control_state_t *state,
             uint64_t ahead)
{
    uint64_t until_us = dp_monotonic_us() + READ_LIMIT_US;

    if (state->expired) {
        dp_kill_switches_expire(control->db, until_us);
    }

    if (ahead > state->generation && ahead < DP_CONTROL_GENERATION_MAX) {
        dp_log(DP_LOG_WARN, NULL, DP_OK,
               "edges are ahead of the database: the control state passes them");
        dp_control_state_catch_up(control->db, ahead, until_us);
    }
}

/* Unseals the keys: for the feed, and for what this worker signs itself. */
static void
keys_open(dp_control_thread_t *control, dp_control_state_t *state)
{
    if (state->generation != control->known) {
        state->keys = dp_key_ring_put(state->keys, control->keys);
    }
}

static int64_t
key_age_s(dp_control_key_purpose_t purpose)
{
    uint64_t since = dp_key_ring_since_us(purpose);
    uint64_t now = dp_now_us();

    return since == 0 || since > now ? 0 : (int64_t) ((now - since) / 1000000);
}

/* An empty database gets its keys from the first worker that reads it. */
static void
keys_keep(dp_control_thread_t *control)
{
    static dp_log_pace_t pace;

    dp_metric_set(DP_METRIC_KEY_AGE_JWT, key_age_s(DP_CONTROL_KEY_JWT));
    dp_metric_set(DP_METRIC_KEY_AGE_CSRF, key_age_s(DP_CONTROL_KEY_CSRF));

    if (dp_key_ring_has(DP_CONTROL_KEY_JWT)
        && dp_key_ring_has(DP_CONTROL_KEY_CSRF)) {
        return;
    }

    if (dp_keys_ensure(control->db, "worker", dp_monotonic_us() + READ_LIMIT_US)
            != DP_OK
        && dp_log_is_due(&pace)) {
        dp_log(DP_LOG_ERROR, NULL, DP_OK, "signing keys cannot be made");
    }
}

static void
state_read(dp_control_thread_t *control)
{
    uint64_t           ahead = dp_peers_generation(control->peers);
    uint64_t           now = dp_monotonic_us();
    dp_control_state_t state;
    bool               read = dp_control_state_read(control->db, control->known,
                                                    now + READ_LIMIT_US, &state);

    failure_note(control, !read);

    if (!read) {
        return;
    }

    keys_open(control, &state);
    dp_feed_put(control->feed, &state, now);
    OPENSSL_cleanse(control->keys, sizeof(control->keys));
    dp_metric_set(DP_METRIC_CONTROL_GENERATION, (int64_t) state.generation);
    control->known = state.generation;
    state_repair(control, &state, ahead);
    keys_keep(control);
}

/* False when it is time to stop. */
static bool
wait_change(dp_control_thread_t *control)
{
    uint64_t until_us = dp_monotonic_us() + PERIOD_MS * 1000;
    uint64_t now;

    while (!dp_db_notified(control->db)
           && (now = dp_monotonic_us()) < until_us) {
        struct pollfd events[] = {
            {.fd = control->stop, .events = POLLIN},
            {.fd = dp_db_socket(control->db), .events = POLLIN},
        };

        (void) poll(events, 2, (int) ((until_us - now) / 1000 + 1));

        if (events[0].revents != 0) {
            return false;
        }
    }

    return true;
}

static void *
thread_main(void *data)
{
    dp_control_thread_t *control = data;

    control->db = dp_db_create(control->database);

    do {
        state_read(control);
    } while (wait_change(control));

    dp_db_destroy(control->db);
    dp_key_ring_clear();

    return NULL;
}

dp_control_thread_t *
dp_control_thread_start(const dp_settings_t *settings, dp_feed_t *feed,
                        dp_peers_t *peers)
{
    dp_control_thread_t *control = calloc(1, sizeof(*control));

    if (control == NULL) {
        return NULL;
    }

    control->database = settings->database;
    control->feed = feed;
    control->peers = peers;
    control->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (control->stop < 0
        || pthread_create(&control->thread, NULL, thread_main, control) != 0) {
        free(control);
        return NULL;
    }

    pthread_setname_np(control->thread, "control");

    return control;
}

void
dp_control_thread_stop(dp_control_thread_t *control)
{
    eventfd_write(control->stop, 1);
    pthread_join(control->thread, NULL);
    close(control->stop);
    free(control);
}
