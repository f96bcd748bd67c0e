/*
 * devpilot_status: the directive, the answer, and the table of its parts.
 *
 * Read-only and out of the way of the stages: it answers while a switch is on,
 * the worker down and everybody blocked.  Who may ask is for nginx's own access
 * rules to say.
 */

#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_status.h"
#include "ngx_http_devpilot_zone.h"

/* Bytes of the text, at most: of all that there is once, and for each of these. */
#define ONCE_BYTES 8192
#define PROCESS_BYTES 128
#define WORKER_BYTES 1024 /* a path of 107 bytes, escaped */
#define PLAN_BYTES 192
#define SUBJECT_BYTES 384
#define ESCAPED 6 /* a byte in a string */

static const struct {
    const char                 *name;
    ngx_http_devpilot_status_pt write;
} parts[] = {
    {"build", ngx_http_devpilot_status_build},
    {"instance and pid", ngx_http_devpilot_status_instance},
    {"processes", ngx_http_devpilot_status_processes},
    {"configuration", ngx_http_devpilot_status_configuration},
    {"control", ngx_http_devpilot_status_control},
    {"killSwitches", ngx_http_devpilot_status_kill_switches},
    {"workers", ngx_http_devpilot_status_workers},
    {"zones", ngx_http_devpilot_status_zones},
    {"plans", ngx_http_devpilot_status_plans},
    {"abuse", ngx_http_devpilot_status_abuse},
    {"spool", ngx_http_devpilot_status_spool},
};

static ngx_int_t
gather(ngx_http_request_t *r, ngx_http_devpilot_status_t *status)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    status->mcf = ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);
    status->abuse_mode = lcf->abuse;
    status->processes = ngx_palloc(r->pool, NGX_MAX_PROCESSES
                                                * sizeof(*status->processes));
    if (status->processes == NULL) {
        return NGX_ERROR;
    }

    status->process_count =
        ngx_http_devpilot_metrics_processes(status->mcf, status->processes);

    return ngx_http_devpilot_status_subjects_gather(
        r->pool, &status->mcf->abuse, &status->subjects);
}

static size_t
room_for(const ngx_http_devpilot_status_t *status)
{
    const ngx_http_devpilot_main_conf_t *mcf = status->mcf;

    return ONCE_BYTES + status->process_count * PROCESS_BYTES
           + mcf->channels.count * WORKER_BYTES
           + NGX_HTTP_DEVPILOT_PLANS * PLAN_BYTES
           + status->subjects.count * SUBJECT_BYTES
           + ESCAPED * (ngx_cycle->conf_file.len + mcf->events.spool.len
                        + mcf->instance.len);
}

/* NGX_ERROR: no memory, or no room, and then the part's name is logged. */
static ngx_int_t
status_write(ngx_http_request_t *r, const ngx_http_devpilot_status_t *status,
             dp_slice_t *text)
{
    size_t      room = room_for(status);
    u_char     *start = ngx_pnalloc(r->pool, room);
    dp_writer_t out = dp_writer(start, start == NULL ? 0 : room);

    if (start == NULL) {
        return NGX_ERROR;
    }

    ngx_http_devpilot_status_begin(&out, NULL, '{');

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        parts[i].write(&out, status);

        if (out.failed) {
            ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                          "devpilot_status has no room for \"%s\"",
                          parts[i].name);
            return NGX_ERROR;
        }
    }

    ngx_http_devpilot_status_end(&out, '}');
    *text = dp_written(&out);

    return out.failed ? NGX_ERROR : NGX_OK;
}

static ngx_int_t
status_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    dp_slice_t                 text;
    ngx_http_devpilot_status_t status;

    if (!(r->method & (NGX_HTTP_GET | NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    if (gather(r, &status) != NGX_OK
        || status_write(r, &status, &text) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_devpilot_respond_text(r, DP_SLICE("application/json"),
                                          text);
}

char *
ngx_http_devpilot_status_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_devpilot_loc_conf_t *lcf = conf;
    ngx_http_core_loc_conf_t     *clcf =
        ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (lcf->status) {
        return "is duplicate";
    }

    lcf->status = 1;
    clcf->handler = status_handler;
    ngx_http_devpilot_in_use(cf);

    return NGX_CONF_OK;
}
