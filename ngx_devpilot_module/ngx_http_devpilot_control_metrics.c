/*
 * What is known of the control state, as Prometheus text: kill switches with
 * their sources, and how old the feed is.
 */

#include "dp_kill_switch.h"
#include "dp_prometheus.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_zone.h"

/* A sample for each switch: a bit of `on`, or a number of `values`. */
static void
switches_write(dp_writer_t *out, const char *name, const char *source,
               uint32_t on, const ngx_uint_t *values)
{
    for (unsigned bit = 0; bit < DP_KILL_SWITCH_COUNT; bit++) {
        ngx_http_devpilot_metric_write(
            out, name,
            (const char *const[]) {"name", dp_kill_switch_name(1u << bit),
                                   source == NULL ? NULL : "source", source},
            values == NULL ? on >> bit & 1 : values[bit]);
    }
}

static void
kill_switches_write(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf,
                  const ngx_http_devpilot_process_counts_t *processes)
{
    dp_prometheus_family(out, "devpilot_kill_switch", "gauge",
                 "1 while the kill switch is on, whatever its source.");
    switches_write(out, "devpilot_kill_switch", NULL,
                   ngx_http_devpilot_switches(mcf), NULL);

    dp_prometheus_family(out, "devpilot_kill_switch_source", "gauge",
                 "1 while the source has the kill switch on.");

    for (ngx_uint_t i = 0; i < DP_KILL_SOURCES; i++) {
        switches_write(out, "devpilot_kill_switch_source",
                       dp_kill_source_name(i),
                       ngx_http_devpilot_switches_of(mcf, i), NULL);
    }

    dp_prometheus_family(out, "devpilot_edge_writes_pending", "gauge",
                 "Writes at workers that the kill switch would refuse.");
    switches_write(out, "devpilot_edge_writes_pending", NULL, 0,
                   processes->gauges.writes);
}

static void
feed_write(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf)
{
    uint64_t age_us = ngx_http_devpilot_feed_age_us(mcf);

    dp_prometheus_family(out, "devpilot_control_feed_age_seconds", "gauge",
                         "Since the newest record of the control state was "
                         "read.");
    dp_write_text(out, "devpilot_control_feed_age_seconds ");

    if (age_us == UINT64_MAX) {
        dp_write_text(out, "+Inf");
    } else {
        dp_prometheus_seconds(out, age_us * 1000);
    }

    dp_write_text(out, "\n");
}

static void
gauge_write(dp_writer_t *out, const char *name, const char *help,
            uint64_t value)
{
    dp_prometheus_family(out, name, "gauge", help);
    ngx_http_devpilot_metric_write(out, name, NULL, value);
}

void
ngx_http_devpilot_control_metrics_write(dp_writer_t *out,
    const ngx_http_devpilot_main_conf_t *mcf,
    const ngx_http_devpilot_process_counts_t *processes)
{
    kill_switches_write(out, mcf, processes);
    gauge_write(out, "devpilot_kill_switch_generation",
                "How often the configuration put the kill switches in force.",
                ngx_http_devpilot_switches_generation(mcf));
    gauge_write(out, "devpilot_control_generation",
                "Generation of the control state that was applied last.",
                ngx_http_devpilot_control_generation(mcf));
    feed_write(out, mcf);
}
