/*
 * What is known about that which stands behind the edge, for getHealth.
 *
 * Nobody waits for it: a worker is asked on the side, and its answer is kept in
 * one word of shared memory, for all nginx processes.
 */

#ifndef NGX_HTTP_DEVPILOT_PROBE_H
#define NGX_HTTP_DEVPILOT_PROBE_H

#include "ngx_http_devpilot.h"

typedef struct {
    dp_wire_database_t database;
    uint64_t           database_ms;
    uint64_t           worker_ms; /* until the worker had answered */
    uint64_t           age_s;     /* of the answer */
    ngx_uint_t         overdue;   /* this process waits for the next one */
} ngx_http_devpilot_findings_t;

/* ngx_http_devpilot_probe.c */

/* Called in init_process. */
void ngx_http_devpilot_probe_init(ngx_http_devpilot_main_conf_t *mcf,
                                  ngx_cycle_t *cycle);

/*
 * What is known by now.  Whoever reads it will read again: what is older than a
 * second is asked for anew, and for a minute from now on each second.
 */
ngx_http_devpilot_findings_t ngx_http_devpilot_probe_read(void);

/* Takes what a worker said of itself, which took it so long. */
void ngx_http_devpilot_probe_note(const dp_wire_measures_t *measures,
                                  uint64_t took_us);

/* A worker said that it is ready: kept where nothing newer is known. */
void ngx_http_devpilot_probe_note_ready(uint64_t took_us);

/* ngx_http_devpilot_health.c */

/* Answers getHealth. */
ngx_int_t ngx_http_devpilot_health(ngx_http_request_t *r,
                                   ngx_http_devpilot_ctx_t *ctx);

#endif /* NGX_HTTP_DEVPILOT_PROBE_H */
