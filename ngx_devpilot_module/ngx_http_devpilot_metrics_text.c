/*
 * The metrics as Prometheus text (format 0.0.4).
 *
 * The edge's counts are sums over all its processes.  Its metrics and a
 * worker's have no name in common, so one text follows the other.
 */

#include "dp_json_out.h"
#include "dp_kill_switch.h"
#include "dp_prometheus.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_zone.h"

/* Room for one sample with its labels, or for a metric's two comments. */
#define LINE_BYTES 192
#define LINES                                                               \
    ((DP_ROUTE_COUNT + 1) * NGX_HTTP_DEVPILOT_STATUS_CLASSES                \
     + DP_ERROR_COUNT + NGX_HTTP_DEVPILOT_WAIT_BUCKETS                      \
     + DP_KILL_SWITCH_COUNT * (DP_KILL_SOURCES + 2)                         \
     + NGX_HTTP_DEVPILOT_LIMIT_LINES + NGX_HTTP_DEVPILOT_ABUSE_LINES        \
     + NGX_HTTP_DEVPILOT_EVENT_LINES + 60)

static void
value_write(dp_writer_t *out, uint64_t value)
{
    dp_write_text(out, " ");
    dp_json_uint(out, value);
    dp_write_text(out, "\n");
}

/* Names and values need no escaping. */
void
ngx_http_devpilot_metric_write(dp_writer_t *out, const char *name,
                               const char *const labels[4], uint64_t value)
{
    dp_write_text(out, name);

    if (labels == NULL) {
        value_write(out, value);
        return;
    }

    dp_write_text(out, "{");
    dp_write_text(out, labels[0]);
    dp_write_text(out, "=\"");
    dp_write_text(out, labels[1]);

    if (labels[2] != NULL) {
        dp_write_text(out, "\",");
        dp_write_text(out, labels[2]);
        dp_write_text(out, "=\"");
        dp_write_text(out, labels[3]);
    }

    dp_write_text(out, "\"}");
    value_write(out, value);
}

static void
requests_write(dp_writer_t *out, const ngx_http_devpilot_counts_t *counts)
{
    static const char *const classes[NGX_HTTP_DEVPILOT_STATUS_CLASSES] = {
        "1xx", "2xx", "3xx", "4xx", "5xx",
    };

    dp_prometheus_family(out, "devpilot_edge_requests_total", "counter",
                         "Requests by operation and class of status.");

    for (ngx_uint_t i = 0; i <= DP_ROUTE_COUNT; i++) {
        const char *operation = i < DP_ROUTE_COUNT ? dp_routes[i].operation
                                                   : "none";

        for (ngx_uint_t k = 0; k < NGX_HTTP_DEVPILOT_STATUS_CLASSES; k++) {
            ngx_http_devpilot_metric_write(
                out, "devpilot_edge_requests_total",
                (const char *const[]) {"operation", operation,
                                       "status", classes[k]},
                counts->requests[i][k]);
        }
    }
}

static void
errors_write(dp_writer_t *out, const ngx_http_devpilot_counts_t *counts)
{
    dp_prometheus_family(out, "errors_total", "counter",
                         "Errors answered, by code and severity.");

    for (unsigned code = DP_OK + 1; code < DP_ERROR_COUNT; code++) {
        const dp_error_row_t *row = dp_error_row((dp_error_t) code);

        ngx_http_devpilot_metric_write(
            out, "errors_total",
            (const char *const[]) {"code", row->code,
                                   "severity", row->severity},
            counts->errors[code]);
    }
}

static void
waits_write(dp_writer_t *out, const ngx_http_devpilot_counts_t *counts)
{
    uint64_t sum = 0;

    dp_prometheus_family(out, "devpilot_edge_worker_seconds", "histogram",
                         "Time that requests waited for workers.");

    for (ngx_uint_t i = 0; i < NGX_HTTP_DEVPILOT_WAIT_BUCKETS; i++) {
        sum += counts->waits[i];
        ngx_http_devpilot_metric_write(
            out, "devpilot_edge_worker_seconds_bucket",
            (const char *const[]) {
                "le", ngx_http_devpilot_wait_bounds[i].seconds, NULL, NULL},
            sum);
    }

    dp_write_text(out, "devpilot_edge_worker_seconds_sum ");
    dp_prometheus_seconds(out, counts->wait_us);
    dp_write_text(out, "\n");
    ngx_http_devpilot_metric_write(out, "devpilot_edge_worker_seconds_count",
                                   NULL, sum);
}

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
kill_switch_write(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf,
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
        dp_prometheus_seconds(out, age_us);
    }

    dp_write_text(out, "\n");
}

static void
singles_write(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf,
              const ngx_http_devpilot_process_counts_t *processes,
              ngx_uint_t worker_up)
{
    const struct {
        const char *name;
        const char *type;
        uint64_t    value;
        const char *help;
    } singles[] = {
        {"devpilot_edge_in_flight", "gauge", processes->gauges.in_flight,
         "Requests that are being served."},
        {"devpilot_edge_channel_connects_total", "counter",
         processes->channel.connects, "Handshakes completed with workers."},
        {"devpilot_edge_channel_losses_total", "counter",
         processes->channel.losses, "Connections to workers that broke."},
        {"devpilot_edge_channel_busy_total", "counter",
         processes->channel.busy, "Messages refused: too much in flight."},
        {"devpilot_edge_channel_unavailable_total", "counter",
         processes->channel.unavailable, "Messages refused: no worker."},
        {"devpilot_edge_channel_timeouts_total", "counter",
         processes->channel.timeouts, "Messages not answered in time."},
        {"devpilot_edge_channel_late_replies_total", "counter",
         processes->channel.late_replies, "Replies nobody waited for."},
        {"devpilot_edge_replies_malformed_total", "counter",
         processes->malformed, "Replies with parts that were not passed on."},
        {"devpilot_edge_principals_found_total", "counter",
         processes->principals.found,
         "Credentials whose principal was known, or known to be none."},
        {"devpilot_edge_principals_asked_total", "counter",
         processes->principals.asked, "Credentials a worker was asked about."},
        {"devpilot_edge_principals_joined_total", "counter",
         processes->principals.joined,
         "Requests that waited for an answer which another had asked for."},
        {"devpilot_edge_principals_asked_again_total", "counter",
         processes->principals.asked_again,
         "Answers that were older than a revocation."},
        {"devpilot_kill_switch_generation", "gauge",
         ngx_http_devpilot_switches_generation(mcf),
         "How often the configuration put the kill switches in force."},
        {"devpilot_control_generation", "gauge",
         ngx_http_devpilot_control_generation(mcf),
         "Generation of the control state that was applied last."},
        {"devpilot_worker_up", "gauge", worker_up,
         "1 when a worker answered this scrape."},
    };

    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
        dp_prometheus_family(out, singles[i].name, singles[i].type,
                             singles[i].help);
        ngx_http_devpilot_metric_write(out, singles[i].name, NULL,
                                       singles[i].value);
    }
}

ngx_int_t
ngx_http_devpilot_metrics_text(ngx_http_request_t *r, ngx_uint_t worker_up,
                               dp_slice_t worker, dp_slice_t *text)
{
    u_char                            *start;
    dp_writer_t                        out;
    ngx_http_devpilot_counts_t         counts;
    ngx_http_devpilot_process_counts_t processes;
    size_t size = LINES * LINE_BYTES + worker.len;
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    start = ngx_pnalloc(r->pool, size);
    if (start == NULL) {
        return NGX_ERROR;
    }

    out = dp_writer(start, size);
    ngx_http_devpilot_metrics_sum(mcf, &counts, &processes);

    requests_write(&out, &counts);
    errors_write(&out, &counts);
    waits_write(&out, &counts);
    kill_switch_write(&out, mcf, &processes);
    ngx_http_devpilot_limit_metrics_write(&out, &mcf->limits, &counts.limits);
    ngx_http_devpilot_abuse_metrics_write(&out, &mcf->abuse, &counts.abuse);
    ngx_http_devpilot_event_metrics_write(&out, &mcf->events);
    feed_write(&out, mcf);
    singles_write(&out, mcf, &processes, worker_up);
    dp_write_bytes(&out, worker);
    *text = dp_written(&out);

    return out.failed ? NGX_ERROR : NGX_OK;
}
