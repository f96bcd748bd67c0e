/*
 * The metrics as Prometheus text (format 0.0.4).
 *
 * The edge's counts are sums over all its processes.  Its metrics and workers'
 * have no name in common, so one text follows the other.  Several workers' texts
 * are merged, and "instance" says whose a sample is.
 */

#include "dp_json_out.h"
#include "dp_prometheus.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_principals.h"
#include "ngx_http_devpilot_zone.h"

#define SAMPLE_SETS 512 /* of the table of principals */

/* Room for one sample with its labels, or for a metric's two comments. */
#define LINE_BYTES 192
#define LINES                                                               \
    ((DP_ROUTE_COUNT + 1) * NGX_HTTP_DEVPILOT_STATUS_CLASSES                \
     + DP_ERROR_COUNT + NGX_HTTP_DEVPILOT_STAGES                            \
     + (DP_ROUTE_COUNT + NGX_HTTP_DEVPILOT_STAGES + 2)                      \
           * (NGX_HTTP_DEVPILOT_BUCKETS + 2)                                \
     + NGX_HTTP_DEVPILOT_CONTROL_LINES + NGX_HTTP_DEVPILOT_LIMIT_LINES      \
     + NGX_HTTP_DEVPILOT_ABUSE_LINES + NGX_HTTP_DEVPILOT_EVENT_LINES + 66)

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

/* An error before the first stage is one that nginx found. */
static void
refusals_write(dp_writer_t *out, const ngx_http_devpilot_counts_t *counts)
{
    const char *stage = "none";

    dp_prometheus_family(out, "devpilot_edge_refusals_total", "counter",
                         "Errors answered, by the stage that ended the "
                         "request.");

    for (ngx_uint_t i = 0; stage != NULL;
         stage = ngx_http_devpilot_stage_name(i++))
    {
        ngx_http_devpilot_metric_write(
            out, "devpilot_edge_refusals_total",
            (const char *const[]) {"stage", stage, NULL, NULL},
            counts->refusals[i]);
    }
}

void
ngx_http_devpilot_histogram_write(dp_writer_t *out, const char *name,
    const char *labels, const dp_prometheus_bound_t *bounds,
    const ngx_http_devpilot_histogram_t *histogram)
{
    const dp_prometheus_histogram_t of = {
        .bounds = bounds,
        .counts = histogram->counts,
        .sum_ns = histogram->sum_ns,
    };

    dp_prometheus_histogram(out, name, labels, &of);
}

static ngx_uint_t
histogram_empty(const ngx_http_devpilot_histogram_t *histogram)
{
    uint64_t any = 0;

    for (ngx_uint_t i = 0; i < NGX_HTTP_DEVPILOT_BUCKETS; i++) {
        any |= histogram->counts[i];
    }

    return any == 0;
}

/* Of operations that were asked for: there are too many to show all of them. */
static void
durations_write(dp_writer_t *out, const ngx_http_devpilot_counts_t *counts)
{
    dp_prometheus_family(out, "devpilot_edge_request_seconds", "histogram",
                         "Durations of requests, by operation and cost "
                         "class.");

    for (ngx_uint_t i = 0; i <= DP_ROUTE_COUNT; i++) {
        u_char            labels[LINE_BYTES];
        const dp_route_t *route = i < DP_ROUTE_COUNT ? &dp_routes[i] : NULL;

        if (histogram_empty(&counts->durations[i])) {
            continue;
        }

        *ngx_snprintf(labels, sizeof(labels) - 1, "operation=\"%s\",class=\"%s\"",
                      route == NULL ? "none" : route->operation,
                      route == NULL ? "none"
                          : ngx_http_devpilot_cost_classes[route->cost_class])
            = '\0';
        ngx_http_devpilot_histogram_write(
            out, "devpilot_edge_request_seconds", (const char *) labels,
            ngx_http_devpilot_request_bounds, &counts->durations[i]);
    }
}

static void
stages_write(dp_writer_t *out, const ngx_http_devpilot_counts_t *counts)
{
    const char *stage;

    dp_prometheus_family(out, "devpilot_edge_stage_seconds", "histogram",
                         "Time from the beginning of a stage to its end, of "
                         "one request in 64.");

    for (ngx_uint_t i = 0; (stage = ngx_http_devpilot_stage_name(i)) != NULL;
         i++)
    {
        u_char labels[LINE_BYTES];

        *ngx_snprintf(labels, sizeof(labels) - 1, "stage=\"%s\"", stage) = '\0';
        ngx_http_devpilot_histogram_write(
            out, "devpilot_edge_stage_seconds", (const char *) labels,
            ngx_http_devpilot_stage_bounds, &counts->stages[i]);
    }
}

static void
waits_write(dp_writer_t *out, const ngx_http_devpilot_counts_t *counts)
{
    dp_prometheus_family(out, "devpilot_edge_worker_seconds", "histogram",
                         "Time that requests waited for workers.");
    ngx_http_devpilot_histogram_write(out, "devpilot_edge_worker_seconds", "",
                                      ngx_http_devpilot_wait_bounds,
                                      &counts->waits);
}

static void
singles_write(dp_writer_t *out,
              const ngx_http_devpilot_process_counts_t *processes)
{
    const struct {
        const char *name;
        const char *type;
        uint64_t    value;
        const char *help;
    } singles[] = {
        {"devpilot_edge_processes", "gauge", processes->gauges.processes,
         "nginx processes that serve, or end what they served."},
        {"devpilot_edge_channels_ready", "gauge",
         processes->gauges.channels_ready,
         "Connections of nginx processes to workers that answer."},
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
        {"devpilot_edge_tokens_verified_total", "counter",
         processes->principals.verified,
         "Tokens whose signature was looked at, good or not."},
        {"devpilot_edge_principals_asked_total", "counter",
         processes->principals.asked, "Credentials a worker was asked about."},
        {"devpilot_edge_principals_joined_total", "counter",
         processes->principals.joined,
         "Requests that waited for an answer which another had asked for."},
        {"devpilot_edge_principals_asked_again_total", "counter",
         processes->principals.asked_again,
         "Answers that were older than a revocation."},
    };

    for (size_t i = 0; i < sizeof(singles) / sizeof(singles[0]); i++) {
        dp_prometheus_family(out, singles[i].name, singles[i].type,
                             singles[i].help);
        ngx_http_devpilot_metric_write(out, singles[i].name, NULL,
                                       singles[i].value);
    }
}

static void
principals_write(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf)
{
    const dp_principal_table_t *table = ngx_http_devpilot_principals(mcf);

    dp_prometheus_family(out, "devpilot_edge_principal_slots", "gauge",
                         "Principals that the zone has room for.");
    ngx_http_devpilot_metric_write(out, "devpilot_edge_principal_slots", NULL,
                                   dp_principal_table_slots(table));

    dp_prometheus_family(out, "devpilot_edge_principal_slots_used", "gauge",
                         "Principals in it, old ones too, by a sample.");
    ngx_http_devpilot_metric_write(out, "devpilot_edge_principal_slots_used",
                                   NULL,
                                   dp_principal_table_used(table, SAMPLE_SETS));
}

/* One for each worker; NGX_ERROR: no memory. */
static ngx_int_t
workers_label(ngx_pool_t *pool, const ngx_http_devpilot_channels_t *channels,
              const dp_slice_t *answers, dp_prometheus_part_t *parts)
{
    const ngx_addr_t *endpoints = channels->count == 0
                                      ? NULL : channels->endpoints->elts;

    for (ngx_uint_t i = 0; i < channels->count; i++) {
        dp_slice_t  name = dp_slice(endpoints[i].name.data,
                                    endpoints[i].name.len);
        size_t      size = sizeof("instance=\"\"") + 2 * name.len;
        u_char     *label = ngx_pnalloc(pool, size);
        dp_writer_t out = dp_writer(label, label == NULL ? 0 : size);

        if (label == NULL) {
            return NGX_ERROR;
        }

        dp_prometheus_label(&out, "instance", name);
        parts[i].label = dp_written(&out);
        parts[i].text = answers[i];
    }

    return NGX_OK;
}

static void
workers_write(dp_writer_t *out, dp_prometheus_part_t *parts, ngx_uint_t count)
{
    dp_prometheus_family(out, "devpilot_worker_up", "gauge",
                         "1 when the worker answered this scrape.");

    for (ngx_uint_t i = 0; i < count; i++) {
        dp_write_text(out, "devpilot_worker_up{");
        dp_write_bytes(out, parts[i].label);
        dp_write_text(out, parts[i].text.data == NULL ? "} 0\n" : "} 1\n");
    }

    dp_prometheus_merge(out, parts, count);
}

static void
edge_write(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf,
           ngx_http_devpilot_counts_t *counts)
{
    ngx_http_devpilot_process_counts_t processes;

    ngx_http_devpilot_metrics_sum(mcf, counts, &processes);

    requests_write(out, counts);
    errors_write(out, counts);
    refusals_write(out, counts);
    durations_write(out, counts);
    stages_write(out, counts);
    waits_write(out, counts);
    singles_write(out, &processes);
    principals_write(out, mcf);
    ngx_http_devpilot_limit_metrics_write(out, &mcf->limits, &counts->limits);
    ngx_http_devpilot_abuse_metrics_write(out, &mcf->abuse, &counts->abuse);
    ngx_http_devpilot_event_metrics_write(out, &mcf->events);
    ngx_http_devpilot_control_metrics_write(out, mcf, &processes);
}

ngx_int_t
ngx_http_devpilot_metrics_text(ngx_http_request_t *r, const dp_slice_t *answers,
                               dp_slice_t *text)
{
    size_t                      size;
    u_char                     *start;
    dp_writer_t                 out;
    dp_prometheus_part_t       *parts;
    ngx_http_devpilot_counts_t *counts;
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);
    ngx_uint_t count = mcf->channels.count;

    parts = ngx_pcalloc(r->pool, (count + 1) * sizeof(*parts));
    counts = ngx_palloc(r->pool, sizeof(*counts));

    if (parts == NULL || counts == NULL
        || workers_label(r->pool, &mcf->channels, answers, parts) != NGX_OK)
    {
        return NGX_ERROR;
    }

    size = (LINES + 2 * count) * LINE_BYTES
           + dp_prometheus_merge_size(parts, count);
    start = ngx_pnalloc(r->pool, size);
    if (start == NULL) {
        return NGX_ERROR;
    }

    out = dp_writer(start, size);
    edge_write(&out, mcf, counts);
    workers_write(&out, parts, count);
    *text = dp_written(&out);

    return out.failed ? NGX_ERROR : NGX_OK;
}
