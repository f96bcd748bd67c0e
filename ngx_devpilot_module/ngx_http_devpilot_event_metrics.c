/*
 * What the events say of themselves, as Prometheus text.
 */

#include "dp_prometheus.h"
#include "ngx_http_devpilot_metrics.h"

void
ngx_http_devpilot_event_metrics_write(
    dp_writer_t *out, const ngx_http_devpilot_events_conf_t *conf)
{
    const ngx_http_devpilot_events_state_t *state =
        ngx_http_devpilot_events_state(conf);
    const struct {
        const char     *name;
        const char     *help;
        const uint64_t *value;
    } counters[] = {
        {"devpilot_audit_events_total", "Events raised for the audit trail.",
         &state->raised},
        {"devpilot_audit_events_stored_total",
         "Events that a worker has stored.", &state->stored},
        {"devpilot_audit_spool_dropped_total",
         "Events dropped: there was no room.", &state->dropped},
        {"devpilot_audit_spool_torn_total",
         "Events found unreadable, in memory or in the file.", &state->torn},
        {"devpilot_audit_spool_failures_total",
         "Writings of the file that failed.", &state->failures},
    };

    for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
        dp_prometheus_family(out, counters[i].name, "counter",
                             counters[i].help);
        ngx_http_devpilot_metric_write(
            out, counters[i].name, NULL,
            __atomic_load_n(counters[i].value, __ATOMIC_RELAXED));
    }

    dp_prometheus_family(out, "devpilot_audit_spool_events", "gauge",
                         "Events that no worker has stored yet.");
    ngx_http_devpilot_metric_write(
        out, "devpilot_audit_spool_events", NULL,
        dp_ring_used(ngx_http_devpilot_events_ring(conf)));

    dp_prometheus_family(out, "devpilot_audit_spool_full", "gauge",
                         "1 while only blocks are decided, for want of room.");
    ngx_http_devpilot_metric_write(
        out, "devpilot_audit_spool_full", NULL,
        __atomic_load_n(&state->full, __ATOMIC_RELAXED));
}
