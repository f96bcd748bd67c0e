/*
 * Counts every request as it ends, in nginx's log phase.
 *
 * Requests are counted where the module serves or dresses errors; a request
 * that no operation was found for counts under none.
 */

#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_metrics.h"

void
ngx_http_devpilot_measure_begin(ngx_http_devpilot_ctx_t *ctx)
{
    if (!ctx->in_flight) {
        ctx->in_flight = 1;
        ngx_http_devpilot_metrics_process()->gauges.in_flight++;
    }
}

static ngx_uint_t
status_sent(const ngx_http_request_t *r)
{
    return r->err_status != 0 ? r->err_status : r->headers_out.status;
}

static ngx_int_t
log_handler(ngx_http_request_t *r)
{
    ngx_uint_t                          route;
    ngx_http_devpilot_ctx_t            *ctx;
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    ctx = r == r->main ? ngx_http_devpilot_context_known(r) : NULL;

    if (ctx == NULL || !(lcf->enable || lcf->envelope || ctx->in_flight)) {
        return NGX_OK;
    }

    if (ctx->in_flight) {
        ctx->in_flight = 0;
        ngx_http_devpilot_metrics_process()->gauges.in_flight--;
    }

    route = ctx->match.route == NULL ? DP_ROUTE_COUNT
                                     : (ngx_uint_t) (ctx->match.route - dp_routes);

    ngx_http_devpilot_metrics_count(route, status_sent(r), ctx->code,
                                    ctx->worker_us);

    ngx_http_devpilot_abuse_score(r, ctx, status_sent(r));

    if (ctx->limits.check_ns != 0) {
        ngx_http_devpilot_metrics_checked(ctx->limits.check_ns);
    }

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_measure_install(ngx_conf_t *cf)
{
    ngx_http_core_main_conf_t *cmcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    ngx_http_handler_pt *handler =
        ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);

    if (handler == NULL) {
        return NGX_ERROR;
    }

    *handler = log_handler;

    return NGX_OK;
}
