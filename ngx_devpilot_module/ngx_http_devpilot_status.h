/*
 * devpilot_status: a location that tells, as JSON, what the edge knows of
 * itself, from shared memory and this process's own state; nobody is asked.
 *
 * The table of its parts is in ngx_http_devpilot_status.c; each part is a
 * function that writes one member.  docs/status.md describes them all.
 */

#ifndef NGX_HTTP_DEVPILOT_STATUS_H
#define NGX_HTTP_DEVPILOT_STATUS_H

#include "dp_json_out.h"
#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_metrics.h"

#define NGX_HTTP_DEVPILOT_STATUS_SUBJECTS 256 /* that are listed */

/* Who is above NORMAL: how many of each tier, and the worst of them. */
typedef struct {
    uint64_t           tiers[DP_ABUSE_TIERS];
    dp_abuse_change_t *worst; /* the worst first */
    ngx_uint_t         count;
    ngx_uint_t         more; /* that are not among them */
} ngx_http_devpilot_status_subjects_t;

/* What is told, as it was when the request came. */
typedef struct {
    const ngx_http_devpilot_main_conf_t *mcf;
    ngx_uint_t                           abuse_mode; /* of the location */
    ngx_http_devpilot_process_t         *processes;
    ngx_uint_t                           process_count;
    ngx_http_devpilot_status_subjects_t  subjects;
} ngx_http_devpilot_status_t;

typedef void (*ngx_http_devpilot_status_pt)(
    dp_writer_t *out, const ngx_http_devpilot_status_t *status);

/* ngx_http_devpilot_status.c */

/* Reads the directive devpilot_status. */
char *ngx_http_devpilot_status_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                   void *conf);

/* ngx_http_devpilot_status_edge.c: parts */

void ngx_http_devpilot_status_build(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);
void ngx_http_devpilot_status_instance(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);
void ngx_http_devpilot_status_processes(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);
void ngx_http_devpilot_status_configuration(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);
void ngx_http_devpilot_status_workers(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);
void ngx_http_devpilot_status_spool(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);

/* ngx_http_devpilot_status_control.c: parts */

void ngx_http_devpilot_status_control(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);
void ngx_http_devpilot_status_kill_switches(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);
void ngx_http_devpilot_status_plans(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);

/* ngx_http_devpilot_status_zones.c: a part */

void ngx_http_devpilot_status_zones(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);

/* ngx_http_devpilot_status_abuse.c: a part, and what it tells of */

void ngx_http_devpilot_status_abuse(dp_writer_t *out,
    const ngx_http_devpilot_status_t *status);

/* NGX_ERROR: no memory. */
ngx_int_t ngx_http_devpilot_status_subjects_gather(
    ngx_pool_t *pool, const ngx_http_devpilot_abuse_conf_t *conf,
    ngx_http_devpilot_status_subjects_t *subjects);

/*
 * ngx_http_devpilot_status_json.c: members and elements, with the commas between
 * them; an element of an array has no name, which is NULL
 */

void ngx_http_devpilot_status_begin(dp_writer_t *out, const char *name,
                                    char bracket);
void ngx_http_devpilot_status_end(dp_writer_t *out, char bracket);
void ngx_http_devpilot_status_text(dp_writer_t *out, const char *name,
                                   dp_slice_t text);
void ngx_http_devpilot_status_number(dp_writer_t *out, const char *name,
                                     uint64_t number);
void ngx_http_devpilot_status_time(dp_writer_t *out, const char *name,
                                   uint64_t unix_us);
void ngx_http_devpilot_status_flag(dp_writer_t *out, const char *name,
                                   ngx_uint_t flag);
void ngx_http_devpilot_status_null(dp_writer_t *out, const char *name);

#endif /* NGX_HTTP_DEVPILOT_STATUS_H */
