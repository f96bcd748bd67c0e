/*
 * The edge's shared memory: zones of a fixed size that survive a reload.
 *
 * Old and new nginx processes use the same bytes while the old ones drain, so
 * nothing in a zone is a pointer, and every word is changed atomically or by
 * one process only.  A process that is killed anywhere leaves a valid zone.
 */

#ifndef NGX_HTTP_DEVPILOT_ZONE_H
#define NGX_HTTP_DEVPILOT_ZONE_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "dp_routes_index.h"
#include "ngx_http_devpilot.h"

/* Words that different processes write stay on different cache lines. */
#define NGX_HTTP_DEVPILOT_CACHE_LINE 64

/* ngx_http_devpilot_zone.c */

typedef struct {
    ngx_str_t name;
    uint32_t  magic;
    uint32_t  layout; /* grows with every change of the zone's struct */
    size_t    size;   /* of the struct */
} ngx_http_devpilot_zone_spec_t;

/* The head of every zone's struct. */
typedef struct {
    uint32_t magic;
    uint32_t layout;
} ngx_http_devpilot_zone_head_t;

/*
 * Asks nginx for the zone; `spec` lives as long as the program.  NULL after an
 * error message.
 */
ngx_shm_zone_t *ngx_http_devpilot_zone_add(ngx_conf_t *cf,
    const ngx_http_devpilot_zone_spec_t *spec);

/* The zone's struct, zeroed when the zone was new. */
void *ngx_http_devpilot_zone_data(const ngx_shm_zone_t *zone);

/* ngx_http_devpilot_zone_control.c */

ngx_int_t ngx_http_devpilot_control_add(ngx_conf_t *cf,
                                        ngx_http_devpilot_main_conf_t *mcf);

/*
 * Puts the directives' switches in force, for draining processes too.  Called
 * in init_module: by the master, after the configuration is committed.
 */
void ngx_http_devpilot_control_commit(const ngx_http_devpilot_main_conf_t *mcf);

/* The kill switches that are on at this moment, as bits DP_KILL_*. */
uint32_t ngx_http_devpilot_switches(const ngx_http_devpilot_main_conf_t *mcf);

/* How often the switches were put in force. */
uint32_t ngx_http_devpilot_switches_generation(
    const ngx_http_devpilot_main_conf_t *mcf);

/* ngx_http_devpilot_zone_metrics.c */

#define NGX_HTTP_DEVPILOT_STATUS_CLASSES 5 /* 1xx to 5xx */
#define NGX_HTTP_DEVPILOT_WAIT_BUCKETS 12  /* the last is +Inf */

/* A bucket's upper bound, and the same in seconds, as Prometheus writes it. */
typedef struct {
    uint64_t    us;
    const char *seconds;
} ngx_http_devpilot_wait_bound_t;

extern const ngx_http_devpilot_wait_bound_t
    ngx_http_devpilot_wait_bounds[NGX_HTTP_DEVPILOT_WAIT_BUCKETS];

/* A request's operation, or DP_ROUTE_COUNT for none. */
typedef struct {
    uint64_t requests[DP_ROUTE_COUNT + 1][NGX_HTTP_DEVPILOT_STATUS_CLASSES];
    uint64_t errors[DP_ERROR_COUNT];
    uint64_t waits[NGX_HTTP_DEVPILOT_WAIT_BUCKETS];
    uint64_t wait_us;
} ngx_http_devpilot_counts_t;

/* What one nginx process alone writes. */
typedef struct {
    ngx_http_devpilot_channel_counters_t channel;
    ngx_uint_t                           in_flight;
} ngx_http_devpilot_process_counts_t;

ngx_int_t ngx_http_devpilot_metrics_add(ngx_conf_t *cf,
                                        ngx_http_devpilot_main_conf_t *mcf);

/* Takes this process's place in the zone; called in init_process. */
void ngx_http_devpilot_metrics_join(const ngx_http_devpilot_main_conf_t *mcf);

/* This process's own; valid after ngx_http_devpilot_metrics_join(). */
ngx_http_devpilot_process_counts_t *ngx_http_devpilot_metrics_process(void);

/* Counts a request that ended; `wait_us` 0: it asked no worker. */
void ngx_http_devpilot_metrics_count(ngx_uint_t route, ngx_uint_t status,
                                     dp_error_t code, uint64_t wait_us);

/* Sums over all processes that ever were. */
void ngx_http_devpilot_metrics_sum(const ngx_http_devpilot_main_conf_t *mcf,
    ngx_http_devpilot_counts_t *counts,
    ngx_http_devpilot_process_counts_t *processes);

#endif /* NGX_HTTP_DEVPILOT_ZONE_H */
