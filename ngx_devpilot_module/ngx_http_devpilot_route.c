/*
 * Stage: refuses what the contract does not have.
 *
 * An unknown path is a 404; a known path with another method is a 405 that
 * lists the methods it takes.
 */

#include "ngx_http_devpilot.h"

ngx_int_t
ngx_http_devpilot_route(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    switch (ctx->match_result) {
    case DP_MATCH_FOUND:
        return NGX_HTTP_DEVPILOT_NEXT;

    case DP_MATCH_NO_METHOD:
        return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
            .code = DP_ERR_METHOD_NOT_ALLOWED,
            .allowed = ctx->match.allowed,
        });

    default:
        return ngx_http_devpilot_refuse(r, DP_ERR_ROUTE_NOT_FOUND);
    }
}
