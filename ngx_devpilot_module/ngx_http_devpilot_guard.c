/*
 * The stages that only guarded locations have; the others they share with the
 * operations of the contract.
 *
 * Nothing of nginx's own is decided here: a request that is not refused goes on
 * as it came, but for headers by which it claimed to be somebody.
 */

#include "ngx_http_devpilot_guard.h"
#include "ngx_http_devpilot_measure.h"
#include "dp_cookie.h"
#include "dp_headers.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_principals.h"
#include "ngx_http_devpilot_zone.h"

#define READING                                                               \
    (NGX_HTTP_GET | NGX_HTTP_HEAD | NGX_HTTP_OPTIONS | NGX_HTTP_TRACE)

static const ngx_http_devpilot_guard_conf_t *
guard_conf(ngx_http_request_t *r)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    return &lcf->guard;
}

/* A redirect may have led here from an operation, or from what was refused. */
ngx_int_t
ngx_http_devpilot_guard_begin(ngx_http_request_t      *r,
                              ngx_http_devpilot_ctx_t *ctx)
{
    ngx_memzero(&ctx->match, sizeof(ctx->match));
    ngx_str_null(&ctx->envelope);
    ngx_http_devpilot_measure_begin(ctx);

    return NGX_HTTP_DEVPILOT_NEXT;
}

/*
 * Without workers the switches of this host are all there are.  With them, those
 * that the database may have on must be known before anything is changed.
 */
ngx_int_t
ngx_http_devpilot_guard_switch(ngx_http_request_t      *r,
                               ngx_http_devpilot_ctx_t *ctx)
{
    uint32_t                              on;
    ngx_uint_t                            changes = !(r->method & READING);
    const ngx_http_devpilot_guard_conf_t *conf = guard_conf(r);
    const ngx_http_devpilot_main_conf_t  *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    on = (conf->closing | (changes ? conf->closing_changes : 0))
         & ngx_http_devpilot_switches(mcf);

    if (on != 0) {
        return ngx_http_devpilot_refuse(r, dp_error_for_switch(on & -on));
    }

    return changes && mcf->channels.endpoints != NULL
               ? ngx_http_devpilot_feed_judge(r, conf->closing
                                                     | conf->closing_changes)
               : NGX_HTTP_DEVPILOT_NEXT;
}

/* A key of ours, good or not, or a token by somebody whose keys we have. */
static ngx_uint_t
authorization_ours(dp_slice_t header)
{
    dp_slice_t token;

    return dp_api_key_meant(header)
           || (dp_bearer_find(header, &token)
               && ngx_http_devpilot_token_ours(token));
}

/*
 * Any that means to be one: among several the upstream could take it.  Beside an
 * Authorization of whatever kind no cookie is looked at.
 */
static ngx_uint_t
credential_sent(ngx_http_request_t *r)
{
    const dp_slice_t                  name = DP_SLICE("authorization");
    ngx_uint_t                        count = 0;
    dp_slice_t                        cookie;
    ngx_http_devpilot_header_search_t search = {&r->headers_in.headers.part, 0};
    const ngx_table_elt_t            *header;

    for ( ; (header = ngx_http_devpilot_header_next(&search, name)) != NULL;
         count++)
    {
        if (authorization_ours(dp_slice(header->value.data, header->value.len)))
        {
            return 1;
        }
    }

    return count == 0
           && ngx_http_devpilot_cookie_get(r, DP_SLICE(DP_COOKIE_SESSION),
                                           DP_SLICE("dps_"), &cookie)
                  != NGX_DECLINED;
}

/* Who is known stays known behind a redirect. */
ngx_int_t
ngx_http_devpilot_guard_credential(ngx_http_request_t      *r,
                                   ngx_http_devpilot_ctx_t *ctx)
{
    const ngx_http_devpilot_guard_conf_t *conf = guard_conf(r);

    if (conf->credential == NGX_HTTP_DEVPILOT_CREDENTIAL_OFF
        || ctx->principal.kind != DP_PRINCIPAL_NONE)
    {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    if (credential_sent(r)) {
        return ngx_http_devpilot_authenticate_sent(r, ctx);
    }

    return conf->credential == NGX_HTTP_DEVPILOT_CREDENTIAL_REQUIRED
               ? ngx_http_devpilot_refuse(r, DP_ERR_AUTH_REQUIRED)
               : NGX_HTTP_DEVPILOT_NEXT;
}
