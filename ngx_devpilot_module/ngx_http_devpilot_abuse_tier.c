/*
 * Stages: is the address, or the credential, blocked for what it did before?
 *
 * A blocked subject is refused before any other work.  Who is throttled passes
 * here: its buckets refuse it.
 */

#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_metrics.h"

static ngx_int_t
blocked_refuse(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
               const dp_abuse_party_t *party, uint64_t left_ms)
{
    ngx_http_devpilot_abuse_enforced(r, party);

    if (ctx->abuse.shadow) {
        ctx->abuse.would_refuse = 1;
        ngx_http_devpilot_metrics_abuse_would_refuse();
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    ctx->abuse.refused = 1;
    ngx_http_devpilot_metrics_abuse_refused(DP_ABUSE_BLOCK);

    return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
        .code = DP_ERR_ABUSE_BLOCKED,
        .retry_after_s = (uint32_t) ((left_ms + 999) / 1000),
    });
}

/* Notes the subject's tier where the context has room for it. */
static ngx_int_t
subject_judge(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
              const dp_abuse_party_t *party, uint8_t *tier)
{
    dp_abuse_standing_t              standing;
    ngx_http_devpilot_abuse_keeper_t keeper;

    ngx_http_devpilot_abuse_keeper(&keeper, r);
    standing = dp_abuse_table_look(&keeper.base, party);

    if (standing.tier == DP_ABUSE_NORMAL || ngx_http_devpilot_abuse_exempt(r)) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    if (standing.tier > ngx_http_devpilot_abuse_tier(&ctx->abuse)) {
        ctx->abuse.signal = standing.signal;
    }

    *tier = standing.tier;

    return standing.tier == DP_ABUSE_BLOCK
               ? blocked_refuse(r, ctx, party,
                                standing.until_ms - keeper.base.now_ms)
               : NGX_HTTP_DEVPILOT_NEXT;
}

ngx_int_t
ngx_http_devpilot_tier(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    dp_abuse_party_t                    party;
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    if (lcf->abuse == NGX_HTTP_DEVPILOT_ABUSE_OFF
        || ctx->abuse.address_judged) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    ctx->abuse.address_judged = 1;
    ctx->abuse.shadow = lcf->abuse == NGX_HTTP_DEVPILOT_ABUSE_SHADOW;
    ctx->abuse.path = dp_slice(r->uri.data, r->uri.len);

    if (!ngx_http_devpilot_abuse_anybody(r)
        || ngx_http_devpilot_abuse_address(r, &party) != NGX_OK)
    {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    return subject_judge(r, ctx, &party, &ctx->abuse.address_tier);
}

ngx_int_t
ngx_http_devpilot_credential_tier(ngx_http_request_t      *r,
                                  ngx_http_devpilot_ctx_t *ctx)
{
    dp_abuse_party_t party;

    if (!ctx->abuse.address_judged || ctx->abuse.credential_judged) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    ctx->abuse.credential_judged = 1;

    if (!ngx_http_devpilot_abuse_anybody(r)
        || ngx_http_devpilot_abuse_credential(ctx, &party) != NGX_OK)
    {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    return subject_judge(r, ctx, &party, &ctx->abuse.credential_tier);
}
