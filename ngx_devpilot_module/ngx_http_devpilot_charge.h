/*
 * Charging a request to the buckets of the rules that apply to it.
 */

#ifndef NGX_HTTP_DEVPILOT_CHARGE_H
#define NGX_HTTP_DEVPILOT_CHARGE_H

#include "ngx_http_devpilot.h"

/* One rule's charge of one request; `base.policy` points to `policy`. */
typedef struct {
    dp_bucket_charge_t base;
    dp_gcra_policy_t   policy;
    dp_gcra_result_t   result;
    uint8_t            rule;
} ngx_http_devpilot_charge_t;

/* ngx_http_devpilot_charge.c */

/* Around the charges of a stage: they are all of one moment. */
void ngx_http_devpilot_check_begin(ngx_http_request_t *r,
                                   ngx_http_devpilot_ctx_t *ctx);
void ngx_http_devpilot_check_end(ngx_http_devpilot_ctx_t *ctx);

/* The buckets that a subject has of one rule. */
typedef enum {
    NGX_HTTP_DEVPILOT_ENFORCED,
    NGX_HTTP_DEVPILOT_SHADOW,    /* of a rule that is tried out */
    NGX_HTTP_DEVPILOT_THROTTLED, /* of a throttling that is tried out */
    NGX_HTTP_DEVPILOT_BUCKETS
} ngx_http_devpilot_bucket_t;

_Static_assert(NGX_HTTP_DEVPILOT_BUCKETS * NGX_HTTP_DEVPILOT_RULES
                   <= DP_BUCKETS_KINDS,
               "a rule's buckets have no kind");

/* The kind of a rule's bucket in the table. */
static inline unsigned
ngx_http_devpilot_bucket_kind(ngx_http_devpilot_rule_t   rule,
                              ngx_http_devpilot_bucket_t bucket)
{
    return NGX_HTTP_DEVPILOT_BUCKETS * rule + bucket;
}

/*
 * What the request owes to one of a rule's buckets, at the stage's moment.
 * NGX_DECLINED: nothing, as the rule is off or is not about such requests.
 */
ngx_int_t ngx_http_devpilot_charge_make(ngx_http_request_t *r,
                                        ngx_http_devpilot_charge_t *charge,
                                        ngx_http_devpilot_rule_t rule,
                                        ngx_http_devpilot_bucket_t bucket);

/* Looks, or charges, and keeps the result; the answer is its `allowed`. */
ngx_uint_t ngx_http_devpilot_charge_look(ngx_http_request_t *r,
                                         ngx_http_devpilot_charge_t *charge);
ngx_uint_t ngx_http_devpilot_charge_take(ngx_http_request_t *r,
                                         ngx_http_devpilot_charge_t *charge);

/* Gives back what was taken. */
void ngx_http_devpilot_charge_refund(ngx_http_request_t *r,
                                     const ngx_http_devpilot_charge_t *charge);

/* Counts what was taken for good. */
void ngx_http_devpilot_charge_count(const ngx_http_devpilot_ctx_t *ctx,
                                    const ngx_http_devpilot_charge_t *charge);

/* Charges the rules' shadows, first to last, and notes who would refuse. */
void ngx_http_devpilot_charge_shadows(ngx_http_request_t *r,
                                      ngx_http_devpilot_ctx_t *ctx,
                                      ngx_http_devpilot_rule_t first,
                                      ngx_http_devpilot_rule_t last);

/* Notes what the client is to be told of a charged bucket. */
void ngx_http_devpilot_quota_note(ngx_http_devpilot_limits_t *limits,
                                  const ngx_http_devpilot_charge_t *charge);

/* Refuses for a rule; `wait_ns`: until it would pass. */
ngx_int_t ngx_http_devpilot_charge_refuse(ngx_http_request_t *r,
                                          ngx_http_devpilot_ctx_t *ctx,
                                          ngx_http_devpilot_rule_t rule,
                                          uint64_t wait_ns);

/* ngx_http_devpilot_address.c, ngx_http_devpilot_limits.c: stages */

ngx_int_t ngx_http_devpilot_address(ngx_http_request_t *r,
                                    ngx_http_devpilot_ctx_t *ctx);
ngx_int_t ngx_http_devpilot_limits(ngx_http_request_t *r,
                                   ngx_http_devpilot_ctx_t *ctx);

/*
 * Charges the client's address for work that was done for it.  It refuses
 * nothing: what is not there any more is missing at the next request.
 */
void ngx_http_devpilot_address_charge(ngx_http_request_t *r, uint32_t cost);

/* ngx_http_devpilot_limit_headers.c */

/* Tells the client of its quotas, when there are any. */
ngx_int_t
ngx_http_devpilot_limit_headers_add(ngx_http_request_t *r,
                                    const ngx_http_devpilot_limits_t *limits);

#endif /* NGX_HTTP_DEVPILOT_CHARGE_H */
