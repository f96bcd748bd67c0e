/*
 * One rule and one request: whose bucket, which rate, how much.
 *
 * A bucket that owes more than its burst, since the rate was another one when it
 * was charged, is brought down to the burst when a request meets it, and judged
 * again.
 */

#include "dp_id.h"
#include "dp_json_out.h"
#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_client.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_zone.h"

#define SUBJECT_MAX (2 * DP_ID_SIZE)

static ngx_http_devpilot_limit_conf_t *
limit_conf(ngx_http_request_t *r)
{
    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    return &mcf->limits;
}

/* --- whose bucket ----------------------------------------------------------- */

static ngx_int_t
address_write(dp_writer_t *out, const ngx_http_request_t *r)
{
    uint8_t address[16];

    if (ngx_http_devpilot_client_address(r, address) != NGX_OK) {
        return NGX_DECLINED;
    }

    dp_write_bytes(out, ngx_http_devpilot_client_network(address));

    return NGX_OK;
}

static ngx_int_t
project_write(dp_writer_t *out, const ngx_http_devpilot_ctx_t *ctx)
{
    uint8_t id[DP_ID_SIZE];

    if (ngx_http_devpilot_project_id(ctx, id) != NGX_OK) {
        return NGX_DECLINED;
    }

    dp_write_bytes(out, dp_slice(id, sizeof(id)));

    return NGX_OK;
}

static ngx_int_t
subject_write(dp_writer_t *out, const ngx_http_request_t *r,
              const ngx_http_devpilot_ctx_t *ctx,
              ngx_http_devpilot_subject_t subject)
{
    const dp_principal_t *principal = &ctx->principal;

    if (subject == NGX_HTTP_DEVPILOT_PER_ADDRESS) {
        return address_write(out, r);
    }

    if (subject == NGX_HTTP_DEVPILOT_PER_SERVICE) {
        return NGX_OK;
    }

    if (principal->kind == DP_PRINCIPAL_NONE) {
        return NGX_DECLINED;
    }

    dp_write_bytes(out, dp_slice(subject == NGX_HTTP_DEVPILOT_PER_PROJECT
                                     ? principal->org_id
                                     : principal->user_id,
                                 DP_ID_SIZE));

    return subject == NGX_HTTP_DEVPILOT_PER_USER ? NGX_OK
                                                 : project_write(out, ctx);
}

/* --- how much --------------------------------------------------------------- */

/* A guarded location has no operation, so it is of no class. */
static uint32_t
cost_of(ngx_http_request_t *r, const ngx_http_devpilot_rule_row_t *row,
        const dp_route_t *route)
{
    const ngx_http_devpilot_loc_conf_t *lcf =
        ngx_http_get_module_loc_conf(r, ngx_http_devpilot_module);

    switch (row->charging) {
    case NGX_HTTP_DEVPILOT_CHARGES_REQUESTS:
        return 1;
    case NGX_HTTP_DEVPILOT_CHARGES_COSTS:
        return route == NULL ? (uint32_t) lcf->guard.cost : route->cost;
    default:
        return route != NULL && route->cost_class == row->cost_class;
    }
}

/*
 * The rates of the caller's plan go before the configured ones.  The dearest
 * operation must be possible with them, too.
 */
static void
plan_apply(ngx_http_request_t *r, const ngx_http_devpilot_ctx_t *ctx,
           ngx_http_devpilot_charge_t *charge)
{
    dp_rate_t                            rate;
    dp_plan_rates_t                      rates;
    const ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_get_module_main_conf(r, ngx_http_devpilot_module);

    if (!ngx_http_devpilot_plan_rates(mcf, ctx->plan, &rates)) {
        return;
    }

    rate = charge->rule == NGX_HTTP_DEVPILOT_RULE_USER ? rates.user
                                                       : rates.project;

    if (rate.burst != 0 && rate.per_minute != 0) {
        rate.burst = ngx_max(rate.burst, mcf->limits.dearest[charge->rule]);
        charge->policy = dp_gcra_policy(rate, charge->policy.refill);
    }
}

ngx_int_t
ngx_http_devpilot_charge_make(ngx_http_request_t *r,
                              ngx_http_devpilot_charge_t *charge,
                              ngx_http_devpilot_rule_t rule,
                              ngx_http_devpilot_bucket_t bucket)
{
    uint8_t                               subject[SUBJECT_MAX];
    dp_writer_t                           out = dp_writer(subject, SUBJECT_MAX);
    const ngx_http_devpilot_ctx_t        *ctx = ngx_http_devpilot_context(r);
    const ngx_http_devpilot_limit_conf_t *conf = limit_conf(r);
    const ngx_http_devpilot_rule_row_t   *row = &ngx_http_devpilot_rules[rule];
    ngx_uint_t shadow = bucket == NGX_HTTP_DEVPILOT_SHADOW;
    uint32_t   cost, rules = shadow ? conf->in_shadow : conf->in_force;

    if (!(rules >> rule & 1)) {
        return NGX_DECLINED;
    }

    cost = cost_of(r, row, ctx->match.route);

    if (cost == 0 || subject_write(&out, r, ctx, row->subject) != NGX_OK) {
        return NGX_DECLINED;
    }

    charge->rule = (uint8_t) rule;
    charge->policy = (shadow ? conf->shadow : conf->enforced)[rule];

    if (!shadow && (rule == NGX_HTTP_DEVPILOT_RULE_USER
                    || rule == NGX_HTTP_DEVPILOT_RULE_PROJECT))
    {
        plan_apply(r, ctx, charge);
    }

    if (bucket == NGX_HTTP_DEVPILOT_THROTTLED
        || (!shadow && ngx_http_devpilot_throttled(ctx, row->subject)))
    {
        cost = ngx_http_devpilot_throttled_cost(r, cost, charge->policy.burst);
    }

    charge->base = (dp_bucket_charge_t) {
        .kind = ngx_http_devpilot_bucket_kind(rule, bucket),
        .cost = cost,
        .policy = &charge->policy,
        .moment = ctx->limits.moment,
    };
    charge->base.hash = ngx_http_devpilot_bucket_hash(conf, charge->base.kind,
                                                      dp_written(&out));
    dp_buckets_prefetch(ngx_http_devpilot_buckets(conf), &charge->base);

    return NGX_OK;
}

/* --- charging --------------------------------------------------------------- */

static void
overdraft_trim(ngx_http_request_t *r, ngx_http_devpilot_charge_t *charge)
{
    const ngx_http_devpilot_limit_conf_t *conf = limit_conf(r);

    charge->base.moment = ngx_http_devpilot_moment(conf);
    dp_buckets_trim(ngx_http_devpilot_buckets(conf), &charge->base);
}

ngx_uint_t
ngx_http_devpilot_charge_look(ngx_http_request_t *r,
                              ngx_http_devpilot_charge_t *charge)
{
    const dp_buckets_t *table = ngx_http_devpilot_buckets(limit_conf(r));

    charge->result = dp_buckets_look(table, &charge->base);

    if (charge->result.overdrawn) {
        overdraft_trim(r, charge);
        charge->result = dp_buckets_look(table, &charge->base);
    }

    return charge->result.allowed;
}

ngx_uint_t
ngx_http_devpilot_charge_take(ngx_http_request_t *r,
                              ngx_http_devpilot_charge_t *charge)
{
    dp_buckets_t *table = ngx_http_devpilot_buckets(limit_conf(r));

    charge->result = dp_buckets_charge(table, &charge->base);

    if (charge->result.overdrawn) {
        overdraft_trim(r, charge);
        charge->result = dp_buckets_charge(table, &charge->base);
    }

    return charge->result.allowed;
}

void
ngx_http_devpilot_charge_refund(ngx_http_request_t *r,
                                const ngx_http_devpilot_charge_t *charge)
{
    dp_buckets_refund(ngx_http_devpilot_buckets(limit_conf(r)), &charge->base);
}

void
ngx_http_devpilot_charge_count(const ngx_http_devpilot_ctx_t *ctx,
                               const ngx_http_devpilot_charge_t *charge)
{
    const dp_route_t *route = ctx->match.route;

    ngx_http_devpilot_metrics_consumed(charge->rule,
                                       route == NULL ? DP_COST_FREE
                                                     : route->cost_class,
                                       charge->base.cost);
}

static void
shadow_charge(ngx_http_request_t *r, ngx_http_devpilot_ctx_t *ctx,
              ngx_http_devpilot_rule_t rule)
{
    ngx_http_devpilot_charge_t charge;

    if (ngx_http_devpilot_charge_make(r, &charge, rule,
                                      NGX_HTTP_DEVPILOT_SHADOW)
            != NGX_OK
        || ngx_http_devpilot_charge_take(r, &charge))
    {
        return;
    }

    ngx_http_devpilot_metrics_would_refuse(rule);

    if (!ctx->limits.would_refuse) {
        ctx->limits.would_refuse = 1;
        ctx->limits.would_refuse_by = (uint8_t) rule;
    }
}

void
ngx_http_devpilot_charge_shadows(ngx_http_request_t *r,
                                 ngx_http_devpilot_ctx_t *ctx,
                                 ngx_http_devpilot_rule_t first,
                                 ngx_http_devpilot_rule_t last)
{
    uint32_t rules = limit_conf(r)->in_shadow;

    for (ngx_uint_t rule = first; rule <= last && rules >> rule != 0; rule++) {
        shadow_charge(r, ctx, rule);
    }
}

/* --- the time it takes ------------------------------------------------------ */

void
ngx_http_devpilot_check_begin(ngx_http_request_t *r,
                              ngx_http_devpilot_ctx_t *ctx)
{
    ngx_http_devpilot_limits_t *limits = &ctx->limits;

    limits->moment = ngx_http_devpilot_turn_moment(limit_conf(r));

    if (ctx->timed) {
        limits->check_began_ns = ngx_http_devpilot_zone_now_ns();
    }
}

void
ngx_http_devpilot_check_end(ngx_http_devpilot_ctx_t *ctx)
{
    ngx_http_devpilot_limits_t *limits = &ctx->limits;

    if (ctx->timed) {
        limits->check_ns += ngx_http_devpilot_zone_now_ns()
                            - limits->check_began_ns;
    }
}

/* --- what is said of it ----------------------------------------------------- */

void
ngx_http_devpilot_quota_note(ngx_http_devpilot_limits_t *limits,
                             const ngx_http_devpilot_charge_t *charge)
{
    const dp_gcra_policy_t *policy = &charge->policy;

    limits->quotas[limits->quota_count++] = (ngx_http_devpilot_quota_t) {
        .rule = charge->rule,
        .limit = policy->burst,
        .remaining = charge->result.remaining,
        .window_s = dp_gcra_seconds(policy->interval_ns * policy->burst),
        .full_s = dp_gcra_seconds(charge->result.full_ns),
    };
}

ngx_int_t
ngx_http_devpilot_charge_refuse(ngx_http_request_t *r,
                                ngx_http_devpilot_ctx_t *ctx,
                                ngx_http_devpilot_rule_t rule, uint64_t wait_ns)
{
    char                                text[64];
    dp_writer_t                         details = dp_writer(text, sizeof(text));
    const ngx_http_devpilot_rule_row_t *row = &ngx_http_devpilot_rules[rule];

    ctx->limits.refused = 1;
    ctx->limits.refused_by = (uint8_t) rule;
    ngx_http_devpilot_metrics_refused(rule);

    dp_write_text(&details, "{\"rule\":");
    dp_json_string(&details, dp_slice_text(row->name));
    dp_write_text(&details, "}");

    return ngx_http_devpilot_refuse_with(r, &(ngx_http_devpilot_refusal_t) {
        .code = ngx_http_devpilot_throttled(ctx, row->subject)
                    ? ngx_http_devpilot_throttled_code(r, ctx, row->subject)
                    : row->code,
        .retry_after_s = dp_gcra_seconds(wait_ns),
        .details = dp_written(&details),
    });
}
