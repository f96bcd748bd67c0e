/*
 * Stage: is it known whether the change is switched off?
 *
 * Runs just before a request is forwarded.  Without a fresh record of the
 * control state nothing is changed that a switch could forbid: that may have
 * been missed.  Reading goes on, and so does what no switch forbids, such as
 * the revocation of a leaked key.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_zone.h"

ngx_int_t
ngx_http_devpilot_feed_judge(ngx_http_request_t *r, uint32_t switches)
{
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    if (switches == 0 || ngx_http_devpilot_feed_fresh(mcf)) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    return ngx_http_devpilot_refuse(
        r, ngx_http_devpilot_channels_ready(&mcf->channels) != 0
               ? DP_ERR_OPS_CONTROL_STALE : DP_ERR_WORKER_UNAVAILABLE);
}

ngx_int_t
ngx_http_devpilot_feed(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    return ngx_http_devpilot_feed_judge(r, ctx->match.route->kill_classes);
}
