/*
 * Counts every request as it ends, in nginx's log phase, and times the stages
 * and the limits of one in TIMED_OF.
 *
 * Requests are counted where the module serves or dresses errors; a request
 * that no operation was found for counts under none.
 */

#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_metrics.h"

#define TIMED_OF 64

void
ngx_http_devpilot_measure_begin(ngx_http_devpilot_ctx_t *ctx)
{
    if (!ctx->in_flight) {
        ctx->in_flight = 1;
        ngx_http_devpilot_metrics_process()->gauges.in_flight++;
    }
}

void
ngx_http_devpilot_measure_stage(ngx_http_devpilot_ctx_t *ctx)
{
    static ngx_uint_t requests;

    if (ctx->stages_begun == ctx->stage + 1) {
        return; /* it waited */
    }

    if (ctx->stages_begun == 0) {
        ctx->timed = requests++ % TIMED_OF == 0;
    }

    ctx->stages_begun = ctx->stage + 1;

    if (ctx->timed) {
        ctx->stage_ns = ngx_http_devpilot_monotonic_ns();
    }
}

void
ngx_http_devpilot_measure_stage_end(ngx_http_devpilot_ctx_t *ctx)
{
    if (ctx->timed) {
        ngx_http_devpilot_metrics_staged(
            ctx->stage, ngx_http_devpilot_monotonic_ns() - ctx->stage_ns);
    }
}

ngx_uint_t
ngx_http_devpilot_status_sent(const ngx_http_request_t *r)
{
    return r->err_status != 0 ? r->err_status : r->headers_out.status;
}

uint64_t
ngx_http_devpilot_duration_ms(const ngx_http_request_t *r)
{
    const ngx_time_t *now = ngx_timeofday();
    ngx_msec_int_t    ms = (ngx_msec_int_t) ((now->sec - r->start_sec) * 1000)
                        + (ngx_msec_int_t) (now->msec - r->start_msec);

    return (uint64_t) ngx_max(ms, 0);
}

static ngx_uint_t
route_index(const ngx_http_devpilot_ctx_t *ctx)
{
    const dp_route_t *route = ctx->match.route;

    return route == NULL ? DP_ROUTE_COUNT : (ngx_uint_t) (route - dp_routes);
}

static ngx_int_t
log_handler(ngx_http_request_t *r)
{
    ngx_http_devpilot_ended_t           ended;
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

    ended = (ngx_http_devpilot_ended_t) {
        .route = route_index(ctx),
        .stage = ctx->stages_begun,
        .status = ngx_http_devpilot_status_sent(r),
        .code = ctx->code,
        .duration_ms = ngx_http_devpilot_duration_ms(r),
        .worker_us = ctx->worker_us,
    };
    ngx_http_devpilot_metrics_count(&ended);

    ngx_http_devpilot_abuse_score(r, ctx, ended.status);

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
