/*
 * What the abuse tiers say of themselves, as Prometheus text.
 */

#include "dp_prometheus.h"
#include "ngx_http_devpilot_metrics.h"

static void
subjects_write(dp_writer_t *out, const ngx_http_devpilot_abuse_conf_t *conf)
{
    const uint64_t *tiers = ngx_http_devpilot_abuse_tiers(conf);

    dp_prometheus_family(out, "devpilot_abuse_tier_subjects", "gauge",
                         "Addresses and credentials above NORMAL.");

    for (unsigned tier = DP_ABUSE_WARN; tier < DP_ABUSE_TIERS; tier++) {
        ngx_http_devpilot_metric_write(
            out, "devpilot_abuse_tier_subjects",
            (const char *const[]) {"tier", dp_abuse_tier_name(tier), NULL,
                                   NULL},
            __atomic_load_n(&tiers[tier], __ATOMIC_RELAXED));
    }
}

static void
transitions_write(dp_writer_t                            *out,
                  const ngx_http_devpilot_abuse_counts_t *counts)
{
    dp_prometheus_family(out, "devpilot_abuse_transitions_total", "counter",
                         "Changes of a tier, by subject and the tier of then.");

    for (unsigned kind = DP_ABUSE_ADDRESS; kind <= DP_ABUSE_CREDENTIAL; kind++) {
        for (unsigned to = 0; to < DP_ABUSE_TIERS; to++) {
            ngx_http_devpilot_metric_write(
                out, "devpilot_abuse_transitions_total",
                (const char *const[]) {"subject", dp_abuse_kind_name(kind),
                                       "to", dp_abuse_tier_name(to)},
                counts->transitions[kind - DP_ABUSE_ADDRESS][to]);
        }
    }
}

static void
signals_write(dp_writer_t                            *out,
              const ngx_http_devpilot_abuse_counts_t *counts)
{
    dp_prometheus_family(out, "devpilot_abuse_signals_total", "counter",
                         "What was held against somebody.");

    for (unsigned signal = 0; signal < DP_ABUSE_SIGNALS; signal++) {
        ngx_http_devpilot_metric_write(
            out, "devpilot_abuse_signals_total",
            (const char *const[]) {"signal", dp_abuse_signal_name(signal), NULL,
                                   NULL},
            counts->signals[signal]);
    }

    dp_prometheus_family(out, "devpilot_abuse_patterns_total", "counter",
                         "Failing paths that a pattern of probes matched.");
    ngx_http_devpilot_metric_write(out, "devpilot_abuse_patterns_total", NULL,
                                   counts->patterns);
}

static void
refused_write(dp_writer_t                            *out,
              const ngx_http_devpilot_abuse_counts_t *counts)
{
    dp_prometheus_family(out, "devpilot_abuse_refused_total", "counter",
                         "Requests refused for a tier.");
    ngx_http_devpilot_metric_write(
        out, "devpilot_abuse_refused_total",
        (const char *const[]) {"code", "ABUSE_BLOCKED", NULL, NULL},
        counts->refused[DP_ABUSE_BLOCK]);
    ngx_http_devpilot_metric_write(
        out, "devpilot_abuse_refused_total",
        (const char *const[]) {"code", "ABUSE_THROTTLED", NULL, NULL},
        counts->refused[DP_ABUSE_THROTTLE]);

    dp_prometheus_family(out, "devpilot_abuse_would_refuse_total", "counter",
                         "Requests of blocked subjects that the shadow let "
                         "pass.");
    ngx_http_devpilot_metric_write(out, "devpilot_abuse_would_refuse_total",
                                   NULL, counts->would_refuse);
}

void
ngx_http_devpilot_abuse_metrics_write(
    dp_writer_t *out, const ngx_http_devpilot_abuse_conf_t *conf,
    const ngx_http_devpilot_abuse_counts_t *counts)
{
    const dp_abuse_table_t *table = ngx_http_devpilot_abuse_table(conf);

    subjects_write(out, conf);
    transitions_write(out, counts);
    signals_write(out, counts);
    refused_write(out, counts);

    dp_prometheus_family(out, "devpilot_abuse_overflows_total", "counter",
                         "Signals of subjects that the zone had no room for.");
    ngx_http_devpilot_metric_write(
        out, "devpilot_abuse_overflows_total", NULL,
        __atomic_load_n(&table->overflows, __ATOMIC_RELAXED));
}
