/*
 * Abuse tiers and one request: its subjects, their tiers, and what its answer
 * says of them.
 */

#ifndef NGX_HTTP_DEVPILOT_ABUSE_TIER_H
#define NGX_HTTP_DEVPILOT_ABUSE_TIER_H

#include "ngx_http_devpilot.h"
#include "ngx_http_devpilot_charge.h"

/* ngx_http_devpilot_abuse_subject.c */

/* The subjects of a request; NGX_DECLINED: it has none of that kind. */
ngx_int_t ngx_http_devpilot_abuse_address(const ngx_http_request_t *r,
                                          dp_abuse_party_t         *party);
ngx_int_t ngx_http_devpilot_abuse_credential(
    const ngx_http_devpilot_ctx_t *ctx, dp_abuse_party_t *party);

/* Nothing is held against what comes from its address. */
ngx_uint_t ngx_http_devpilot_abuse_exempt(const ngx_http_request_t *r);

/* ngx_http_devpilot_abuse_report.c */

/* A keeper of this moment, and who is told of what it changes. */
typedef struct {
    dp_abuse_keeper_t              base;
    dp_abuse_policy_t              block_only; /* while events have no room */
    ngx_http_devpilot_main_conf_t *mcf;
    ngx_http_request_t            *r; /* NULL: no request is the cause */
    ngx_log_t                     *log;
} ngx_http_devpilot_abuse_keeper_t;

void ngx_http_devpilot_abuse_keeper(ngx_http_devpilot_abuse_keeper_t *keeper,
                                    ngx_http_request_t               *r);

/* Anybody is above NORMAL. */
ngx_uint_t ngx_http_devpilot_abuse_anybody(ngx_http_request_t *r);

/* Somebody is refused, or in the shadow would be, for the tier it has. */
void ngx_http_devpilot_abuse_enforced(ngx_http_request_t     *r,
                                      const dp_abuse_party_t *party);

/* Sweeps once a second from now on; called in init_process. */
void ngx_http_devpilot_abuse_open(ngx_http_devpilot_main_conf_t *mcf,
                                  ngx_cycle_t                   *cycle);

/*
 * What another keeper says of a subject: tier, level and signal; DP_ABUSE_NORMAL
 * lets it go.  `until_us` is of the wall's clock.  NGX_DECLINED: the zone has no room.
 */
ngx_int_t ngx_http_devpilot_abuse_impose(
    ngx_http_devpilot_main_conf_t *mcf, const dp_abuse_party_t *party,
    const dp_abuse_standing_t *said, uint64_t until_us);

/* ngx_http_devpilot_abuse_tier.c: stages */

ngx_int_t ngx_http_devpilot_tier(ngx_http_request_t      *r,
                                 ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_credential_tier(ngx_http_request_t      *r,
                                            ngx_http_devpilot_ctx_t *ctx);

/* ngx_http_devpilot_abuse_throttle.c */

/* The bucket's subject has a tier that throttles, be it in the shadow. */
static inline ngx_uint_t
ngx_http_devpilot_throttles(const ngx_http_devpilot_ctx_t *ctx,
                            ngx_http_devpilot_subject_t    subject)
{
    if (ngx_http_devpilot_abuse_tier(&ctx->abuse) < DP_ABUSE_THROTTLE) {
        return 0;
    }

    switch (subject) {
    case NGX_HTTP_DEVPILOT_PER_ADDRESS:
        return ctx->abuse.address_tier >= DP_ABUSE_THROTTLE;
    case NGX_HTTP_DEVPILOT_PER_USER:
    case NGX_HTTP_DEVPILOT_PER_USER_AND_PROJECT:
        return ctx->abuse.credential_tier >= DP_ABUSE_THROTTLE;
    default:
        return 0;
    }
}

static inline ngx_uint_t
ngx_http_devpilot_throttled(const ngx_http_devpilot_ctx_t *ctx,
                            ngx_http_devpilot_subject_t    subject)
{
    return !ctx->abuse.shadow && ngx_http_devpilot_throttles(ctx, subject);
}

/*
 * Charges buckets beside those of the rules, first to last, by what a subject
 * that is throttled in the shadow would owe, and notes that it would be refused.
 */
void ngx_http_devpilot_throttle_shadows(ngx_http_request_t      *r,
                                        ngx_http_devpilot_ctx_t *ctx,
                                        ngx_http_devpilot_rule_t first,
                                        ngx_http_devpilot_rule_t last);

/* What a request costs whose refill is a part of what it was. */
uint32_t ngx_http_devpilot_throttled_cost(ngx_http_request_t *r, uint32_t cost,
                                          uint32_t burst);

/* The code of a refusal by a bucket of a subject that is throttled. */
dp_error_t ngx_http_devpilot_throttled_code(ngx_http_request_t      *r,
                                            ngx_http_devpilot_ctx_t *ctx,
                                            ngx_http_devpilot_subject_t subject);

/* After a charge that passed, of a bucket that bursts are told by. */
void ngx_http_devpilot_burst_note(ngx_http_request_t               *r,
                                  const ngx_http_devpilot_ctx_t    *ctx,
                                  const ngx_http_devpilot_charge_t *charge);

/* ngx_http_devpilot_abuse_score.c */

/* What the answer says of the request's subjects. */
void ngx_http_devpilot_abuse_score(ngx_http_request_t      *r,
                                   ngx_http_devpilot_ctx_t *ctx,
                                   ngx_uint_t               status);

#endif /* NGX_HTTP_DEVPILOT_ABUSE_TIER_H */
