/*
 * Asks a worker, on the side, how it and its database do.
 *
 * An edge that nobody asks asks nobody.  The timer is cancelable: it keeps no
 * exiting nginx process alive, and in one it drops the question under way, which
 * would.
 */

#include "ngx_http_devpilot_probe.h"
#include "ngx_http_devpilot_zone.h"

#define PERIOD_MS 1000
#define WATCHED_S 60

/* A word of findings, from its lowest bits on; all zero: there are none. */
#define DATABASE_BITS 2
#define LATENCY_BITS 15
#define LATENCY_MAX ((1u << LATENCY_BITS) - 1)

static struct {
    ngx_http_devpilot_main_conf_t *mcf;
    ngx_http_devpilot_exchange_t   exchange;
    dp_wire_measures_t             reply;
    ngx_event_t                    timer;
    time_t                         watched_until;
    unsigned                       asking:1;
    unsigned                       overdue:1;
} probe;

static uint64_t
milliseconds(uint64_t us)
{
    return ngx_min((us + 999) / 1000, LATENCY_MAX);
}

static uint64_t
findings_pack(const dp_wire_measures_t *measures, uint64_t took_us)
{
    uint64_t word = (uint32_t) ngx_time();

    word = word << LATENCY_BITS | milliseconds(took_us);
    word = word << LATENCY_BITS | milliseconds(measures->database_us);

    return word << DATABASE_BITS
           | ngx_min(measures->database, DP_WIRE_DATABASE_DOWN);
}

static ngx_http_devpilot_findings_t
findings_unpack(uint64_t word)
{
    return (ngx_http_devpilot_findings_t) {
        .database = (dp_wire_database_t) (word & ((1u << DATABASE_BITS) - 1)),
        .database_ms = word >> DATABASE_BITS & LATENCY_MAX,
        .worker_ms = word >> (DATABASE_BITS + LATENCY_BITS) & LATENCY_MAX,
        .age_s = (uint32_t) ngx_time()
                 - (uint32_t) (word >> (DATABASE_BITS + 2 * LATENCY_BITS)),
        .overdue = probe.overdue,
    };
}

void
ngx_http_devpilot_probe_note(const dp_wire_measures_t *measures,
                             uint64_t took_us)
{
    __atomic_store_n(ngx_http_devpilot_findings(probe.mcf),
                     findings_pack(measures, took_us), __ATOMIC_RELEASE);
}

static ngx_http_devpilot_findings_t
findings_read(void)
{
    return findings_unpack(__atomic_load_n(ngx_http_devpilot_findings(probe.mcf),
                                           __ATOMIC_ACQUIRE));
}

void
ngx_http_devpilot_probe_note_ready(uint64_t took_us)
{
    const dp_wire_measures_t     ready = {.database = DP_WIRE_DATABASE_OK};
    ngx_http_devpilot_findings_t known = findings_read();

    if (known.database != DP_WIRE_DATABASE_OK || known.age_s > WATCHED_S) {
        ngx_http_devpilot_probe_note(&ready, took_us);
    }
}

static void
probe_answered(ngx_http_devpilot_exchange_t *exchange, dp_error_t outcome)
{
    probe.asking = 0;
    probe.overdue = outcome == DP_ERR_WORKER_TIMEOUT;

    if (outcome == DP_OK) {
        ngx_http_devpilot_probe_note(&probe.reply,
                                     ngx_http_devpilot_exchange_age_us(exchange));
    }
}

static void
probe_ask(void)
{
    const dp_wire_measure_t       message = {.format = DP_WIRE_NO_TEXT};
    ngx_http_devpilot_channels_t *channels = &probe.mcf->channels;

    if (probe.asking) {
        probe.overdue = 1;
        return;
    }

    probe.asking = ngx_http_devpilot_channels_ready(channels) != 0
                   && ngx_http_devpilot_exchange_send(channels, &probe.exchange,
                                                      &dp_wire_measure,
                                                      &message)
                          == NGX_OK;
}

static void
timer_fired(ngx_event_t *timer)
{
    if (ngx_exiting) {
        ngx_http_devpilot_exchange_cancel(&probe.exchange);
        return;
    }

    if (ngx_time() < probe.watched_until) {
        probe_ask();
        ngx_add_timer(&probe.timer, PERIOD_MS);
    }
}

void
ngx_http_devpilot_probe_init(ngx_http_devpilot_main_conf_t *mcf,
                             ngx_cycle_t *cycle)
{
    probe.mcf = mcf;
    probe.exchange.handler = probe_answered;
    probe.exchange.reply_spec = &dp_wire_measures;
    probe.exchange.reply = &probe.reply;
    probe.exchange.repeatable = 1;
    probe.timer.handler = timer_fired;
    probe.timer.log = cycle->log;
    probe.timer.data = &probe;
    probe.timer.cancelable = 1;
}

ngx_http_devpilot_findings_t
ngx_http_devpilot_probe_read(void)
{
    probe.watched_until = ngx_time() + WATCHED_S;

    if (!probe.timer.timer_set && !ngx_exiting) {
        probe_ask();
        ngx_add_timer(&probe.timer, PERIOD_MS);
    }

    return findings_read();
}
