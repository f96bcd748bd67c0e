/*
 * Stage: refuses what the contract does not have.
 *
 * An unknown path is a 404; a known path with another method is a 405 that
 * lists the methods it takes.  OPTIONS lists them too, and needs no credential.
 */

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_headers.h"

static ngx_int_t
options_answer(ngx_http_request_t *r, uint32_t allowed)
{
    ngx_int_t rc = ngx_http_devpilot_methods_add(r, DP_SLICE("Allow"), allowed);

    return rc == NGX_OK ? NGX_HTTP_NO_CONTENT : rc;
}

ngx_int_t
ngx_http_devpilot_route(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    switch (ctx->match_result) {
    case DP_MATCH_FOUND:
        return NGX_HTTP_DEVPILOT_NEXT;

    case DP_MATCH_NO_METHOD:
        if (r->method == NGX_HTTP_OPTIONS) {
            return options_answer(r, ctx->match.allowed);
        }

        return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
            .code = DP_ERR_METHOD_NOT_ALLOWED,
            .allowed = ctx->match.allowed,
        });

    default:
        return ngx_http_devpilot_refuse(r, DP_ERR_ROUTE_NOT_FOUND);
    }
}
