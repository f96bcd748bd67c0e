/*
 * Stage: is the operation switched off?
 *
 * Runs early, so that a switch costs nothing, and again just before the request
 * is forwarded, so that it binds what was still reading its body.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_zone.h"

ngx_int_t
ngx_http_devpilot_kill_switch(ngx_http_request_t *r,
                              ngx_http_devpilot_ctx_t *ctx)
{
    uint32_t                             on;
    const dp_route_t                    *route = ctx->match.route;
    const ngx_http_devpilot_main_conf_t *mcf;

    if (route == NULL || route->kill_classes == 0) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    mcf = ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);
    on = route->kill_classes & ngx_http_devpilot_switches(mcf);

    if (on == 0) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    return ngx_http_devpilot_refuse(r, dp_error_for_switch(on & -on));
}
