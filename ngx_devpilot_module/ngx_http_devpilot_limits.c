/*
 * Stage: do the caller, the project, the service or the operation's class have
 * tokens left?
 *
 * All or nothing: every bucket is looked at before any is charged.  Where another
 * request took the last tokens in between, what was charged is given back.
 */

#include "ngx_http_devpilot_abuse_tier.h"

#define FIRST NGX_HTTP_DEVPILOT_RULE_USER
#define LAST (NGX_HTTP_DEVPILOT_RULES - 1)

typedef struct {
    ngx_http_devpilot_charge_t list[NGX_HTTP_DEVPILOT_RULES];
    ngx_uint_t                 count;
} charges_t;

static void
charges_make(ngx_http_request_t *r, charges_t *charges)
{
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    charges->count = 0;

    for (ngx_uint_t rule = FIRST; mcf->limits.in_force >> rule != 0; rule++) {
        if (ngx_http_devpilot_charge_make(r, &charges->list[charges->count],
                                          rule, NGX_HTTP_DEVPILOT_ENFORCED)
            == NGX_OK)
        {
            charges->count++;
        }
    }
}

static ngx_uint_t
charges_look(ngx_http_request_t *r, charges_t *charges)
{
    ngx_uint_t allowed = 1;

    for (ngx_uint_t i = 0; i < charges->count; i++) {
        allowed &= ngx_http_devpilot_charge_look(r, &charges->list[i]);
    }

    return allowed;
}

static ngx_uint_t
charges_take(ngx_http_request_t *r, charges_t *charges)
{
    ngx_uint_t taken = 0;

    while (taken < charges->count
           && ngx_http_devpilot_charge_take(r, &charges->list[taken]))
    {
        taken++;
    }

    if (taken == charges->count) {
        return 1;
    }

    while (taken-- != 0) {
        ngx_http_devpilot_charge_refund(r, &charges->list[taken]);
    }

    return 0;
}

static ngx_uint_t
told_always(const ngx_http_devpilot_charge_t *charge)
{
    return charge->rule == NGX_HTTP_DEVPILOT_RULE_USER
           || charge->rule == NGX_HTTP_DEVPILOT_RULE_PROJECT;
}

static ngx_int_t
charges_refuse(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
               charges_t *charges)
{
    ngx_uint_t rule = NGX_HTTP_DEVPILOT_RULES;
    uint64_t   wait_ns = 0;

    for (ngx_uint_t i = charges->count; i-- != 0; ) {
        const ngx_http_devpilot_charge_t *charge = &charges->list[i];

        if (!charge->result.allowed) {
            rule = charge->rule;
            wait_ns = ngx_max(wait_ns, charge->result.wait_ns);
        }
    }

    for (ngx_uint_t i = 0; i < charges->count; i++) {
        ngx_http_devpilot_charge_t *charge = &charges->list[i];

        if (told_always(charge) || charge->rule == rule) {
            charge->base.cost = 0; /* what there is */
            (void) ngx_http_devpilot_charge_look(r, charge);
            ngx_http_devpilot_quota_note(&ctx->limits, charge);
        }
    }

    return ngx_http_devpilot_charge_refuse(r, ctx, rule, wait_ns);
}

static ngx_int_t
limits_judge(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    charges_t charges;

    charges_make(r, &charges);

    if (!charges_look(r, &charges) || !charges_take(r, &charges)) {
        return charges_refuse(r, ctx, &charges);
    }

    for (ngx_uint_t i = 0; i < charges.count; i++) {
        ngx_http_devpilot_charge_count(ctx, &charges.list[i]);

        if (charges.list[i].rule == NGX_HTTP_DEVPILOT_RULE_USER) {
            ngx_http_devpilot_burst_note(r, ctx, &charges.list[i]);
        }

        if (told_always(&charges.list[i])) {
            ngx_http_devpilot_quota_note(&ctx->limits, &charges.list[i]);
        }
    }

    ngx_http_devpilot_charge_shadows(r, ctx, FIRST, LAST);
    ngx_http_devpilot_throttle_shadows(r, ctx, FIRST, LAST);

    return NGX_HTTP_DEVPILOT_NEXT;
}

ngx_int_t
ngx_http_devpilot_limits(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx)
{
    ngx_int_t rc;

    if (ctx->limits.charged) {
        return NGX_HTTP_DEVPILOT_NEXT;
    }

    ctx->limits.charged = 1;
    ngx_http_devpilot_check_begin(r, ctx);
    rc = limits_judge(r, ctx);
    ngx_http_devpilot_check_end(ctx);

    return rc;
}
