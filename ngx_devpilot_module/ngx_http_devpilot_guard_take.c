/*
 * Stage: what is behind a guarded location learns who is calling, not how he proved
 * it.
 *
 * A credential of ours is good for all of the platform, so it is taken out of the
 * request once it has been judged: cookies of ours always, Authorization when it
 * was the one that named the caller.  What others use for themselves stays.
 */

#include "dp_cookie.h"
#include "ngx_http_devpilot_guard.h"
#include "ngx_http_devpilot_headers.h"

static ngx_uint_t
header_named(const ngx_table_elt_t *header, dp_slice_t name)
{
    return dp_slice_equal(dp_slice(header->lowcase_key, header->key.len), name);
}

static ngx_uint_t
authorization_is(const ngx_table_elt_t *header)
{
    return header_named(header, DP_SLICE("authorization"));
}

static ngx_uint_t
cookie_empty(const ngx_table_elt_t *header)
{
    return header->value.len == 0 && header_named(header, DP_SLICE("cookie"));
}

/* nginx points at the element, which gets another value. */
static ngx_int_t
cookie_take(ngx_http_request_t *r, ngx_table_elt_t *header)
{
    dp_slice_t value = dp_slice(header->value.data, header->value.len);
    dp_slice_t found;
    u_char    *rest;

    if (dp_cookie_find(value, DP_SLICE(DP_COOKIE_SESSION), &found) == 0
        && dp_cookie_find(value, DP_SLICE(DP_COOKIE_DEVICE), &found) == 0)
    {
        return NGX_OK;
    }

    rest = ngx_pnalloc(r->pool, value.len + 1);
    if (rest == NULL) {
        return NGX_ERROR;
    }

    header->value.len = dp_cookie_without_ours(value, rest);
    header->value.data = rest;
    rest[header->value.len] = '\0';

    return NGX_OK;
}

static ngx_int_t
cookies_take(ngx_http_request_t *r)
{
    ngx_list_part_t *part = &r->headers_in.headers.part;

    for ( ; part != NULL; part = part->next) {
        ngx_table_elt_t *headers = part->elts;

        for (ngx_uint_t i = 0; i < part->nelts; i++) {
            if (header_named(&headers[i], DP_SLICE("cookie"))
                && cookie_take(r, &headers[i]) != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return ngx_http_devpilot_headers_remove(r, cookie_empty);
}

static ngx_int_t
authorization_take(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx)
{
    if (ctx->principal.kind == DP_PRINCIPAL_NONE || ctx->by_cookie) {
        return NGX_OK;
    }

    r->headers_in.authorization = NULL; /* what variables show */

    return ngx_http_devpilot_headers_remove(r, authorization_is);
}

ngx_int_t
ngx_http_devpilot_guard_take(ngx_http_request_t      *r,
                             ngx_http_devpilot_ctx_t *ctx)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (lcf->guard.credential == NGX_HTTP_DEVPILOT_CREDENTIAL_OFF
        || lcf->guard.pass_credential)
    {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    return cookies_take(r) == NGX_OK && authorization_take(r, ctx) == NGX_OK
               ? NGX_HTTP_DEVPILOT_NEXT
               : ngx_http_devpilot_refuse(r, DP_ERR_INTERNAL);
}
