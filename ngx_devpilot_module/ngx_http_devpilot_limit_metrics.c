/*
 * What the limits say of themselves, as Prometheus text.
 *
 * How full the table is comes from a sample of its sets: a scrape reads a few
 * hundred cache lines, however large the zone is.
 */

#include "dp_prometheus.h"
#include "ngx_http_devpilot_charge.h"
#include "ngx_http_devpilot_metrics.h"

#define SAMPLE_SETS 512

const char *const ngx_http_devpilot_cost_classes[DP_COST_CLASSES] = {
    [DP_COST_FREE] = "free",
    [DP_COST_READ] = "read",
    [DP_COST_WRITE] = "write",
    [DP_COST_PROVISION] = "provision",
    [DP_COST_CREATE_PROJECT] = "create_project",
    [DP_COST_AUTH] = "auth",
    [DP_COST_SIGNUP] = "signup",
};

static void
consumed_write(dp_writer_t *out, const ngx_http_devpilot_limit_counts_t *counts)
{
    dp_prometheus_family(out, "rate_limit_consumed_total", "counter",
                         "Tokens taken, by rule and cost class.");

    for (ngx_uint_t i = 0; i < NGX_HTTP_DEVPILOT_RULES; i++) {
        for (ngx_uint_t k = 0; k < DP_COST_CLASSES; k++) {
            ngx_http_devpilot_metric_write(
                out, "rate_limit_consumed_total",
                (const char *const[]) {"scope", ngx_http_devpilot_rules[i].name,
                                       "endpointClass",
                                       ngx_http_devpilot_cost_classes[k]},
                counts->consumed[i][k]);
        }
    }
}

static void
by_rule_write(dp_writer_t *out, const char *name, const uint64_t *values)
{
    for (ngx_uint_t i = 0; i < NGX_HTTP_DEVPILOT_RULES; i++) {
        ngx_http_devpilot_metric_write(
            out, name,
            (const char *const[]) {"scope", ngx_http_devpilot_rules[i].name,
                                   NULL, NULL},
            values[i]);
    }
}

/* What the service as a whole has left; other scopes have a bucket for each. */
static void
remaining_write(dp_writer_t *out, const ngx_http_devpilot_limit_conf_t *conf)
{
    dp_gcra_result_t   result;
    dp_bucket_charge_t charge = {
        .kind = ngx_http_devpilot_bucket_kind(NGX_HTTP_DEVPILOT_RULE_GLOBAL,
                                              NGX_HTTP_DEVPILOT_ENFORCED),
        .policy = &conf->enforced[NGX_HTTP_DEVPILOT_RULE_GLOBAL],
        .moment = ngx_http_devpilot_moment(conf),
    };

    dp_prometheus_family(out, "rate_limit_remaining", "gauge",
                         "Tokens left in the bucket of the whole service.");

    if (charge.policy->burst == 0) {
        return;
    }

    charge.hash = ngx_http_devpilot_bucket_hash(conf, charge.kind, DP_SLICE(""));
    result = dp_buckets_look(ngx_http_devpilot_buckets(conf), &charge);

    ngx_http_devpilot_metric_write(
        out, "rate_limit_remaining",
        (const char *const[]) {"scope", "global", NULL, NULL},
        result.remaining);
}

static void
table_write(dp_writer_t *out, const ngx_http_devpilot_limit_conf_t *conf)
{
    const dp_buckets_t *table = ngx_http_devpilot_buckets(conf);
    dp_gcra_moment_t    moment = ngx_http_devpilot_moment(conf);
    uint64_t            sample = ngx_min(SAMPLE_SETS, table->set_count);
    uint64_t            indebted = dp_buckets_indebted(table, &moment, sample);

    dp_prometheus_family(out, "devpilot_edge_bucket_slots", "gauge",
                         "Buckets that the zone has room for.");
    ngx_http_devpilot_metric_write(out, "devpilot_edge_bucket_slots", NULL,
                                   table->set_count * DP_BUCKETS_SET_SLOTS);

    dp_prometheus_family(out, "devpilot_edge_bucket_slots_used", "gauge",
                         "Buckets that are not full, by a sample.");
    ngx_http_devpilot_metric_write(out, "devpilot_edge_bucket_slots_used", NULL,
                                   indebted * table->set_count / sample);

    dp_prometheus_family(out, "devpilot_edge_bucket_overflows_total", "counter",
                         "Charges of buckets that had no room of their own.");
    ngx_http_devpilot_metric_write(
        out, "devpilot_edge_bucket_overflows_total", NULL,
        __atomic_load_n(&table->overflows, __ATOMIC_RELAXED));
}

void
ngx_http_devpilot_limit_metrics_write(dp_writer_t *out,
                                      const ngx_http_devpilot_limit_conf_t *conf,
                                      const ngx_http_devpilot_limit_counts_t *counts)
{
    consumed_write(out, counts);

    dp_prometheus_family(out, "rate_limit_refused_total", "counter",
                         "Requests refused, by rule.");
    by_rule_write(out, "rate_limit_refused_total", counts->refused);

    dp_prometheus_family(out, "rate_limit_would_refuse_total", "counter",
                         "Requests that a rule in shadow mode let pass.");
    by_rule_write(out, "rate_limit_would_refuse_total", counts->would_refuse);

    dp_prometheus_family(out, "rate_limit_check_seconds", "histogram",
                         "Time that the limits took of a request.");
    ngx_http_devpilot_histogram_write(out, "rate_limit_check_seconds", "",
                                      ngx_http_devpilot_check_bounds,
                                      &counts->checks);
    remaining_write(out, conf);
    table_write(out, conf);
}
