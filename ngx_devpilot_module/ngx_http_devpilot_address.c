/*
 * Stage: does this address ask too often?
 *
 * It comes before the path is judged and before anybody is asked who the caller
 * is, so that guessing either costs as well.
 */

#include "ngx_http_devpilot_abuse_tier.h"

#define RULE NGX_HTTP_DEVPILOT_RULE_ADDRESS

static ngx_int_t
address_judge(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_http_devpilot_charge_t charge;

    ngx_http_devpilot_charge_shadows(r, ctx, RULE, RULE);
    ngx_http_devpilot_throttle_shadows(r, ctx, RULE, RULE);

    if (ngx_http_devpilot_charge_make(r, &charge, RULE,
                                      NGX_HTTP_DEVPILOT_ENFORCED)
        != NGX_OK)
    {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    if (ngx_http_devpilot_charge_take(r, &charge)) {
        ngx_http_devpilot_charge_count(ctx, &charge);
        ngx_http_devpilot_burst_note(r, ctx, &charge);
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    ngx_http_devpilot_quota_note(&ctx->limits, &charge);

    return ngx_http_devpilot_charge_refuse(r, ctx, RULE, charge.result.wait_ns);
}

ngx_int_t
ngx_http_devpilot_address(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t rc;

    if (ctx->limits.address_charged) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    ctx->limits.address_charged = 1;
    ngx_http_devpilot_check_begin(r, ctx);
    rc = address_judge(r, ctx);
    ngx_http_devpilot_check_end(ctx);

    return rc;
}

void
ngx_http_devpilot_address_charge(ngx_http_request_t *r, uint32_t cost)
{
    ngx_http_devpilot_charge_t           charge;
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    ngx_http_devpilot_check_begin(r, ngx_http_devpilot_context(r));

    for (ngx_uint_t bucket = NGX_HTTP_DEVPILOT_ENFORCED;
         bucket <= NGX_HTTP_DEVPILOT_SHADOW; bucket++)
    {
        if (ngx_http_devpilot_charge_make(r, &charge, RULE, bucket) == NGX_OK) {
            charge.base.cost = cost;
            dp_buckets_drain(ngx_http_devpilot_buckets(&mcf->limits),
                             &charge.base);
        }
    }
}
