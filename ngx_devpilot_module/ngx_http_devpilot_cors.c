/*
 * Cross-origin requests: whose scripts may read our answers.
 *
 * Only origins that the configuration lists are named in an answer; it never
 * says "*".  A preflight is an OPTIONS like any other, answered by the route
 * stage without a credential; here it gets the headers that browsers look for.
 */

#include "dp_headers.h"
#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_headers.h"
#include "ngx_http_devpilot_standing.h"

/* What a script may send, and read, beyond what browsers let it anyway. */
#define REQUEST_HEADERS                                                       \
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, "  \
    "X-CSRF-Token, X-Request-Id, traceparent"
#define RESPONSE_HEADERS                                                      \
    "Allow, Deprecation, ETag, Idempotency-Replayed, Link, Location, "         \
    "RateLimit, RateLimit-Policy, Retry-After, Sunset, "                       \
    "X-RateLimit-Limit-Project, X-RateLimit-Limit-User, "                      \
    "X-RateLimit-Remaining-Project, X-RateLimit-Remaining-User, X-Request-Id"

#define PREFLIGHT_MAX_AGE_S "600"

static ngx_uint_t
origin_known(const ngx_array_t *origins, dp_slice_t origin)
{
    const ngx_str_t *known = origins->elts;

    for (ngx_uint_t i = 0; i < origins->nelts; i++) {
        if (dp_slice_equal(dp_slice(known[i].data, known[i].len), origin)) {
            return 1;
        }
    }

    return 0;
}

char *
ngx_http_devpilot_cors_origin(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                    *value = cf->args->elts;
    ngx_http_devpilot_loc_conf_t *lcf = conf;

    ngx_http_devpilot_in_use(cf);

    if (lcf->cors_origins == NULL) {
        lcf->cors_origins = ngx_array_create(cf->pool, 4, sizeof(ngx_str_t));
        if (lcf->cors_origins == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    for (ngx_uint_t i = 1; i < cf->args->nelts; i++) {
        dp_slice_t origin = dp_slice(value[i].data, value[i].len);
        ngx_str_t *place;

        if (!dp_origin_valid(origin)) {
            return ngx_http_devpilot_refuse_value(
                cf, cmd, &value[i],
                "an origin such as https://app.example.org:8443: http or "
                "https, a host in lower case, perhaps a port, and no path");
        }

        if (origin_known(lcf->cors_origins, origin)) {
            return "is duplicate";
        }

        place = ngx_array_push(lcf->cors_origins);
        if (place == NULL) {
            return NGX_CONF_ERROR;
        }

        *place = value[i];
    }

    return NGX_CONF_OK;
}

ngx_uint_t
ngx_http_devpilot_cors_knows(ngx_http_request_t *r, dp_slice_t origin)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    return lcf->cors_origins != NULL && origin_known(lcf->cors_origins, origin);
}

/* The methods that a preflight asks for; 0: it is none. */
static uint32_t
preflight_methods(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx)
{
    dp_slice_t method;

    if (r->method != NGX_HTTP_OPTIONS
        || ngx_http_devpilot_header_get(
               r, DP_SLICE("access-control-request-method"), &method)
               != NGX_OK)
    {
        return 0;
    }

    return ctx->match.allowed;
}

static ngx_int_t
origin_answer(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
              dp_slice_t origin)
{
    uint32_t methods = preflight_methods(r, ctx);
    const ngx_http_devpilot_header_t headers[] = {
        {DP_SLICE("Access-Control-Allow-Origin"), origin},
        {DP_SLICE("Access-Control-Allow-Credentials"), DP_SLICE("true")},
        {DP_SLICE("Access-Control-Expose-Headers"),
         DP_SLICE(RESPONSE_HEADERS)},
    };
    const ngx_http_devpilot_header_t preflight[] = {
        {DP_SLICE("Access-Control-Allow-Headers"), DP_SLICE(REQUEST_HEADERS)},
        {DP_SLICE("Access-Control-Max-Age"), DP_SLICE(PREFLIGHT_MAX_AGE_S)},
    };

    if (ngx_http_devpilot_headers_add(r, headers, 3) != NGX_OK) {
        return NGX_ERROR;
    }

    if (methods == 0) {
        return NGX_OK;
    }

    return ngx_http_devpilot_methods_add(
               r, DP_SLICE("Access-Control-Allow-Methods"), methods)
                   != NGX_OK
               ? NGX_ERROR
               : ngx_http_devpilot_headers_add(r, preflight, 2);
}

ngx_int_t
ngx_http_devpilot_cors_add(ngx_http_request_t *r,
                           const ngx_http_devpilot_ctx_t *ctx)
{
    dp_slice_t                          origin;
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (lcf->cors_origins == NULL) {
        return NGX_OK;
    }

    if (ngx_http_devpilot_header_add(r, DP_SLICE("Vary"), DP_SLICE("Origin"))
        == NULL)
    {
        return NGX_ERROR;
    }

    if (ngx_http_devpilot_header_get(r, DP_SLICE("origin"), &origin) != NGX_OK
        || !origin_known(lcf->cors_origins, origin))
    {
        return NGX_OK;
    }

    return origin_answer(r, ctx, origin);
}
