/*
 * Headers that answers have whatever they say: the request's id, what becomes of
 * the operation, what is left of the caller's quotas, and what browsers may do
 * with it.
 *
 * What comes from elsewhere (an upstream, a file, a configured error_page) gets
 * no more than the id and the quotas: its own policies are not ours to write.
 */

#include "dp_id.h"
#include "ngx_http_devpilot_charge.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_standing.h"

/* We serve data, never pages: nothing of it is to be run, framed or guessed. */
static ngx_int_t
security_add(ngx_http_request_t *r)
{
    ngx_uint_t secure = 0;

#if (NGX_HTTP_SSL)
    secure = r->connection->ssl != NULL;
#endif

    const ngx_http_devpilot_header_t headers[] = {
        {DP_SLICE("X-Content-Type-Options"), DP_SLICE("nosniff")},
        {DP_SLICE("X-Frame-Options"), DP_SLICE("DENY")},
        {DP_SLICE("Referrer-Policy"), DP_SLICE("no-referrer")},
        {DP_SLICE("Content-Security-Policy"),
         DP_SLICE("default-src 'none'; frame-ancestors 'none'")},
        {DP_SLICE("Strict-Transport-Security"),
         dp_slice_text(secure ? "max-age=31536000" : "")},
    };

    return ngx_http_devpilot_headers_add(r, headers,
                                         sizeof(headers) / sizeof(headers[0]));
}

ngx_int_t
ngx_http_devpilot_standing_add(ngx_http_request_t *r,
                               const ngx_http_devpilot_ctx_t *ctx,
                               ngx_uint_t ours)
{
    const dp_route_t *route = ctx->match.route;
    const ngx_http_devpilot_header_t headers[] = {
        {DP_SLICE("X-Request-Id"),
         dp_slice(ctx->request_id_text, DP_ID_TEXT_SIZE)},
        {DP_SLICE("Deprecation"),
         dp_slice_text(route == NULL ? NULL : route->deprecation)},
        {DP_SLICE("Sunset"), dp_slice_text(route == NULL ? NULL : route->sunset)},
    };

    if (ngx_http_devpilot_headers_add(r, headers, 3) != NGX_OK
        || ngx_http_devpilot_limit_headers_add(r, &ctx->limits) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (!ours) {
        return NGX_OK;
    }

    return security_add(r) != NGX_OK ? NGX_ERROR
                                     : ngx_http_devpilot_cors_add(r, ctx);
}
