/*
 * What the edge counts, in shared memory and as Prometheus text.
 *
 * Metrics have few labels, all known when the program is built: operations,
 * codes, classes of status.  Who a request came from is for the log.
 */

#ifndef NGX_HTTP_DEVPILOT_METRICS_H
#define NGX_HTTP_DEVPILOT_METRICS_H

#include "dp_error.h"
#include "dp_kill_switch.h"
#include "dp_prometheus.h"
#include "dp_routes_index.h"
#include "ngx_http_devpilot_measure.h"

/* ngx_http_devpilot_zone_metrics.c */

#define NGX_HTTP_DEVPILOT_STATUS_CLASSES 5 /* 1xx to 5xx */
#define NGX_HTTP_DEVPILOT_BUCKETS 14 /* of a histogram, at most */

extern const dp_prometheus_bound_t ngx_http_devpilot_request_bounds[];
extern const dp_prometheus_bound_t ngx_http_devpilot_wait_bounds[];
extern const dp_prometheus_bound_t ngx_http_devpilot_check_bounds[];
extern const dp_prometheus_bound_t ngx_http_devpilot_stage_bounds[];

/* By one of these arrays of bounds. */
typedef struct {
    uint64_t counts[NGX_HTTP_DEVPILOT_BUCKETS];
    uint64_t sum_ns;
} ngx_http_devpilot_histogram_t;

/* Of limits, by rule. */
typedef struct {
    uint64_t consumed[NGX_HTTP_DEVPILOT_RULES][DP_COST_CLASSES]; /* tokens */
    uint64_t refused[NGX_HTTP_DEVPILOT_RULES];
    uint64_t would_refuse[NGX_HTTP_DEVPILOT_RULES];
    ngx_http_devpilot_histogram_t checks;
} ngx_http_devpilot_limit_counts_t;

/*
 * Requests by the index of the operation; DP_ROUTE_COUNT: none was found.
 * Errors of requests by the index of the stage, plus 1; 0: there was none yet.
 */
typedef struct {
    uint64_t requests[DP_ROUTE_COUNT + 1][NGX_HTTP_DEVPILOT_STATUS_CLASSES];
    uint64_t errors[DP_ERROR_COUNT];
    uint64_t refusals[NGX_HTTP_DEVPILOT_STAGES + 1];

    ngx_http_devpilot_histogram_t durations[DP_ROUTE_COUNT + 1];
    ngx_http_devpilot_histogram_t stages[NGX_HTTP_DEVPILOT_STAGES];
    ngx_http_devpilot_histogram_t waits;

    ngx_http_devpilot_limit_counts_t limits;
    ngx_http_devpilot_abuse_counts_t abuse;
} ngx_http_devpilot_counts_t;

/* A request that ended. */
typedef struct {
    ngx_uint_t route;  /* as above */
    ngx_uint_t stage;  /* likewise */
    ngx_uint_t status;
    dp_error_t code;
    uint64_t   duration_ms;
    uint64_t   worker_us; /* spent waiting for workers; 0: none was asked */
} ngx_http_devpilot_ended_t;

/* What is while the process lives. */
typedef struct {
    ngx_uint_t processes; /* 1; as a sum, how many there are */
    ngx_uint_t in_flight;
    ngx_uint_t channels_ready;
    ngx_uint_t writes[DP_KILL_SWITCH_COUNT]; /* with workers; by bit */
} ngx_http_devpilot_gauges_t;

/* How credentials became principals. */
typedef struct {
    ngx_uint_t found;       /* in shared memory */
    ngx_uint_t verified;    /* by the token itself, good or not */
    ngx_uint_t asked;       /* of a worker */
    ngx_uint_t joined;      /* a question that was under way */
    ngx_uint_t asked_again; /* the answer was older than a revocation */
} ngx_http_devpilot_principal_counters_t;

/* What one nginx process alone writes. */
typedef struct {
    ngx_http_devpilot_channel_counters_t channel;
    ngx_http_devpilot_principal_counters_t principals;
    ngx_uint_t malformed; /* replies with parts that they must not have */
    ngx_http_devpilot_gauges_t gauges;
} ngx_http_devpilot_process_counts_t;

ngx_int_t ngx_http_devpilot_metrics_add(ngx_conf_t *cf,
                                        ngx_http_devpilot_main_conf_t *mcf);

/* Takes this process's place in the zone; called in init_process. */
void ngx_http_devpilot_metrics_join(const ngx_http_devpilot_main_conf_t *mcf);

/* This process's own; valid after ngx_http_devpilot_metrics_join(). */
ngx_http_devpilot_process_counts_t *ngx_http_devpilot_metrics_process(void);

/* A process that lives, of this configuration or one before. */
typedef struct {
    ngx_uint_t pid;
    uint64_t   generation; /* of the control state, as it told workers last */
    ngx_uint_t in_flight;
    ngx_uint_t draining;
} ngx_http_devpilot_process_t;

/* Fills NGX_MAX_PROCESSES places at most; returns how many. */
ngx_uint_t ngx_http_devpilot_metrics_processes(
    const ngx_http_devpilot_main_conf_t *mcf,
    ngx_http_devpilot_process_t         *processes);

/* This process told workers that it is at this generation. */
void ngx_http_devpilot_metrics_told(uint64_t generation);

/* Counts a request. */
void ngx_http_devpilot_metrics_count(const ngx_http_devpilot_ended_t *ended);

/* Counts the time that a request spent in a stage. */
void ngx_http_devpilot_metrics_staged(ngx_uint_t stage, uint64_t ns);

/* Counts tokens that a rule took for an operation of a class. */
void ngx_http_devpilot_metrics_consumed(ngx_http_devpilot_rule_t rule,
                                        dp_cost_class_t cost_class,
                                        uint32_t tokens);

/* Counts a request that a rule refused, or would have refused. */
void ngx_http_devpilot_metrics_refused(ngx_http_devpilot_rule_t rule);
void ngx_http_devpilot_metrics_would_refuse(ngx_http_devpilot_rule_t rule);

/* Counts the time that a request's charges took. */
void ngx_http_devpilot_metrics_checked(uint64_t check_ns);

/* Count what the abuse tiers noted, decided and did. */
void ngx_http_devpilot_metrics_abuse_signal(dp_abuse_signal_t signal);
void ngx_http_devpilot_metrics_abuse_pattern(void);
void ngx_http_devpilot_metrics_abuse_transition(unsigned kind, unsigned to);
void ngx_http_devpilot_metrics_abuse_refused(dp_abuse_tier_t tier);
void ngx_http_devpilot_metrics_abuse_would_refuse(void);

/* Sums over all processes that ever were; gauges over those that live. */
void ngx_http_devpilot_metrics_sum(const ngx_http_devpilot_main_conf_t *mcf,
    ngx_http_devpilot_counts_t *counts,
    ngx_http_devpilot_process_counts_t *processes);

/* ngx_http_devpilot_metrics.c */

/* Answers getMetrics: what the edge counted, and what the workers counted. */
ngx_int_t ngx_http_devpilot_metrics(ngx_http_request_t *r,
                                    ngx_http_devpilot_ctx_t *ctx);

/* ngx_http_devpilot_metrics_text.c */

/*
 * The text of all the edge's metrics and, behind them, the workers' own, from
 * the request's pool.  `answers` has one for each worker, NULL for one that
 * gave none.  NGX_ERROR: no memory.
 */
ngx_int_t ngx_http_devpilot_metrics_text(ngx_http_request_t *r,
    const dp_slice_t *answers, dp_slice_t *text);

/* A histogram of the edge's, with what stands between the braces. */
void ngx_http_devpilot_histogram_write(dp_writer_t *out, const char *name,
    const char *labels, const dp_prometheus_bound_t *bounds,
    const ngx_http_devpilot_histogram_t *histogram);

/* A sample with one label or two, or with none when `labels` is NULL. */
void ngx_http_devpilot_metric_write(dp_writer_t *out, const char *name,
                                    const char *const labels[4],
                                    uint64_t value);

/* ngx_http_devpilot_limit_metrics.c */

extern const char *const ngx_http_devpilot_cost_classes[DP_COST_CLASSES];

/* The lines of what follows, at most. */
#define NGX_HTTP_DEVPILOT_LIMIT_LINES                                       \
    (NGX_HTTP_DEVPILOT_RULES * (DP_COST_CLASSES + 2)                        \
     + NGX_HTTP_DEVPILOT_BUCKETS + 16)

/* Writes the metrics of limits. */
void ngx_http_devpilot_limit_metrics_write(dp_writer_t *out,
    const ngx_http_devpilot_limit_conf_t *conf,
    const ngx_http_devpilot_limit_counts_t *counts);

/* ngx_http_devpilot_event_metrics.c */

/* The lines of what follows, at most. */
#define NGX_HTTP_DEVPILOT_EVENT_LINES 16

/* Writes the metrics of events. */
void ngx_http_devpilot_event_metrics_write(dp_writer_t *out,
    const ngx_http_devpilot_events_conf_t *conf);

/* ngx_http_devpilot_control_metrics.c */

#define NGX_HTTP_DEVPILOT_CONTROL_LINES                                     \
    (DP_KILL_SWITCH_COUNT * (DP_KILL_SOURCES + 2) + 12)

void ngx_http_devpilot_control_metrics_write(dp_writer_t *out,
    const ngx_http_devpilot_main_conf_t *mcf,
    const ngx_http_devpilot_process_counts_t *processes);

#endif /* NGX_HTTP_DEVPILOT_METRICS_H */
