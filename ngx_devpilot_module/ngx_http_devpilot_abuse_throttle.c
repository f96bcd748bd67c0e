/*
 * Throttling: the buckets of a throttled subject fill slowly.
 *
 * A request that costs four times as much is a refill of a quarter, whoever else
 * is charged to the same bucket.  The buckets also tell of bursts.
 */

#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_metrics.h"

#define MS_NS UINT64_C(1000000)

static uint32_t
times_slower(const ngx_http_devpilot_main_conf_t *mcf, uint32_t value)
{
    uint32_t percent = mcf->abuse.refill_percent;

    return (uint32_t) (((uint64_t) value * 100 + percent - 1) / percent);
}

uint32_t
ngx_http_devpilot_throttled_cost(ngx_http_request_t *r, uint32_t cost,
                                 uint32_t burst)
{
    uint32_t                             slower;
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    slower = times_slower(mcf, cost);

    return ngx_min(slower, ngx_max(burst, cost));
}

static ngx_int_t
party_find(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
           ngx_http_devpilot_subject_t subject, dp_abuse_party_t *party)
{
    return subject == NGX_HTTP_DEVPILOT_PER_ADDRESS
               ? ngx_http_devpilot_abuse_address(r, party)
               : ngx_http_devpilot_abuse_credential(ctx, party);
}

static void
subject_enforced(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
                 ngx_http_devpilot_subject_t subject)
{
    dp_abuse_party_t party;

    if (party_find(r, ctx, subject, &party) == NGX_OK) {
        ngx_http_devpilot_abuse_enforced(r, &party);
    }
}

dp_error_t
ngx_http_devpilot_throttled_code(ngx_http_request_t          *r,
                                 ngx_http_devpilot_ctx_t     *ctx,
                                 ngx_http_devpilot_subject_t  subject)
{
    subject_enforced(r, ctx, subject);
    ctx->abuse.refused = 1;
    ngx_http_devpilot_metrics_abuse_refused(DP_ABUSE_THROTTLE);

    return DP_ERR_ABUSE_THROTTLED;
}

/* --- in the shadow ---------------------------------------------------------- */

static void
shadow_charge(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
              ngx_http_devpilot_rule_t rule)
{
    ngx_http_devpilot_charge_t  charge;
    ngx_http_devpilot_subject_t subject = ngx_http_devpilot_rules[rule].subject;

    if (!ngx_http_devpilot_throttles(ctx, subject)
        || ngx_http_devpilot_charge_make(r, &charge, rule,
                                         NGX_HTTP_DEVPILOT_THROTTLED)
               != NGX_OK
        || ngx_http_devpilot_charge_take(r, &charge)
        || ctx->abuse.would_refuse)
    {
        return;
    }

    ctx->abuse.would_refuse = 1;
    subject_enforced(r, ctx, subject);
    ngx_http_devpilot_metrics_abuse_would_refuse();
}

void
ngx_http_devpilot_throttle_shadows(ngx_http_request_t      *r,
                                   ngx_http_devpilot_ctx_t *ctx,
                                   ngx_http_devpilot_rule_t first,
                                   ngx_http_devpilot_rule_t last)
{
    if (!ctx->abuse.shadow) {
        return;
    }

    for (ngx_uint_t rule = first; rule <= last; rule++) {
        shadow_charge(r, ctx, rule);
    }
}

/* --- bursts ----------------------------------------------------------------- */

static ngx_uint_t
debt_tells(const ngx_http_devpilot_main_conf_t *mcf,
           const ngx_http_devpilot_ctx_t       *ctx, uint64_t debt_ms)
{
    return ctx->abuse.address_judged && debt_ms >= mcf->abuse.policy.burst_ms;
}

void
ngx_http_devpilot_burst_note(ngx_http_request_t               *r,
                             const ngx_http_devpilot_ctx_t    *ctx,
                             const ngx_http_devpilot_charge_t *charge)
{
    dp_abuse_party_t                     party;
    uint32_t                             ratio;
    uint64_t                             debt_ms = charge->result.full_ns / MS_NS;
    ngx_http_devpilot_abuse_keeper_t     keeper;
    ngx_http_devpilot_subject_t          subject =
        ngx_http_devpilot_rules[charge->rule].subject;
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    if (!debt_tells(mcf, ctx, debt_ms)
        || party_find(r, ctx, subject, &party) != NGX_OK
        || ngx_http_devpilot_abuse_exempt(r))
    {
        return;
    }

    ratio = mcf->abuse.policy.burst_ratio;

    if (ngx_http_devpilot_throttled(ctx, subject)) {
        ratio = times_slower(mcf, ratio);
    }

    ngx_http_devpilot_abuse_keeper(&keeper, r);

    if (dp_abuse_table_note_debt(&keeper.base, &party, ratio, debt_ms)) {
        ngx_http_devpilot_metrics_abuse_signal(DP_ABUSE_BURST);
    }
}
