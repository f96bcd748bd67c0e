/*
 * Stage: was it the page itself that sent this?
 *
 * A browser sends the session's cookie with whatever a page of any site makes it
 * request.  So what changes something by a cookie must carry a token that only our
 * own pages can read, and come from an origin of ours, when the browser says which.
 * A header that a client sets by itself, Authorization, needs no such proof.
 *
 * Here is also who gives the token out: getCsrfToken.
 */

#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_keys.h"
#include "ngx_http_devpilot_standing.h"

#define SAFE                                                                  \
    (NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS | NGX_HTTP_TRACE)

/* The scheme may be another's where TLS ends before nginx; the host may not. */
static ngx_uint_t
origin_own(ngx_http_request_t *r, dp_slice_t origin)
{
    const dp_slice_t       secure = DP_SLICE("https://");
    const dp_slice_t       plain = DP_SLICE("http://");
    const ngx_table_elt_t *host = r->headers_in.host;
    dp_slice_t             scheme = secure;

    if (r->connection->ssl == NULL
        && (origin.len <= secure.len
            || ngx_strncmp(origin.data, secure.data, secure.len) != 0))
    {
        scheme = plain;
    }

    return host != NULL && origin.len == scheme.len + host->value.len
           && ngx_strncmp(origin.data, scheme.data, scheme.len) == 0
           && ngx_strncasecmp((u_char *) origin.data + scheme.len,
                              host->value.data, host->value.len)
                  == 0;
}

/* Browsers that say where it comes from say so of every such request. */
static ngx_uint_t
origin_good(ngx_http_request_t *r)
{
    dp_slice_t origin, site;

    switch (ngx_http_devpilot_header_get(r, DP_SLICE("origin"), &origin)) {
    case NGX_OK:
        return origin_own(r, origin) || ngx_http_devpilot_cors_knows(r, origin);
    case NGX_DECLINED:
        break;
    default:
        return 0;
    }

    switch (ngx_http_devpilot_header_get(r, DP_SLICE("sec-fetch-site"), &site)) {
    case NGX_OK:
        return !dp_slice_equal(site, DP_SLICE("cross-site"));
    case NGX_DECLINED:
        return 1;
    default:
        return 0;
    }
}

static ngx_uint_t
token_good(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx)
{
    dp_slice_t token;

    return ngx_http_devpilot_header_get(r, DP_SLICE("x-csrf-token"), &token)
               == NGX_OK
           && ngx_http_devpilot_keys_csrf_good(ctx->principal.credential_id,
                                               token);
}

ngx_int_t
ngx_http_devpilot_csrf(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    if (!ctx->by_cookie || ctx->principal.kind == DP_PRINCIPAL_NONE
        || r->method & SAFE)
    {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    return origin_good(r) && token_good(r, ctx)
               ? NGX_HTTP_DEVPILOT_NEXT
               : ngx_http_devpilot_refuse(r, DP_ERR_AUTH_CSRF_INVALID);
}

ngx_int_t
ngx_http_devpilot_csrf_answer(ngx_http_request_t      *r,
                              ngx_http_devpilot_ctx_t *ctx)
{
    char        token[DP_CSRF_TEXT_SIZE];
    dp_slice_t  body;
    u_char      buffer[64];
    dp_writer_t writer = dp_writer(buffer, sizeof(buffer));

    if (!ngx_http_devpilot_keys_csrf(ctx->principal.credential_id, token)) {
        return ngx_http_devpilot_refuse(r, DP_ERR_WORKER_UNAVAILABLE);
    }

    dp_write_text(&writer, "{\"csrfToken\":\"");
    dp_write_bytes(&writer, dp_slice(token, sizeof(token)));
    dp_write_text(&writer, "\"}");
    body = dp_written(&writer);

    return ngx_http_devpilot_slice_keep(r, &body) != NGX_OK
               ? NGX_ERROR
               : ngx_http_devpilot_respond_text(
                     r, DP_SLICE("application/json"), body);
}
