/*
 * Limits: the rules, as configured, and the zone of their buckets.
 *
 * A rule is a row of ngx_http_devpilot_limit_rules.c.  It may be in force, and
 * it may be watched in its shadow, with buckets of its own; both at once as well.
 * What is done with them for a request is in ngx_http_devpilot_charge.h.
 */

#ifndef NGX_HTTP_DEVPILOT_LIMIT_H
#define NGX_HTTP_DEVPILOT_LIMIT_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "dp_buckets.h"
#include "dp_error.h"

/* In the order in which they are judged; of several that refuse the first is told. */
typedef enum {
    NGX_HTTP_DEVPILOT_RULE_ADDRESS,
    NGX_HTTP_DEVPILOT_RULE_USER,
    NGX_HTTP_DEVPILOT_RULE_PROJECT,
    NGX_HTTP_DEVPILOT_RULE_GLOBAL,
    NGX_HTTP_DEVPILOT_RULE_AUTH,
    NGX_HTTP_DEVPILOT_RULE_AUTH_HOUR,
    NGX_HTTP_DEVPILOT_RULE_SIGNUP,
    NGX_HTTP_DEVPILOT_RULE_SIGNUP_DAY,
    NGX_HTTP_DEVPILOT_RULE_AI,
    NGX_HTTP_DEVPILOT_RULE_RESTART,
    NGX_HTTP_DEVPILOT_RULE_PROJECT_CREATION,
    NGX_HTTP_DEVPILOT_RULE_WEBHOOK,
    NGX_HTTP_DEVPILOT_RULES
} ngx_http_devpilot_rule_t;

#define NGX_HTTP_DEVPILOT_NO_RULE NGX_HTTP_DEVPILOT_RULES

/* What a bucket is of. */
typedef enum {
    NGX_HTTP_DEVPILOT_PER_ADDRESS, /* IPv4, or the /64 of IPv6 */
    NGX_HTTP_DEVPILOT_PER_USER,
    NGX_HTTP_DEVPILOT_PER_PROJECT, /* of the caller's organisation */
    NGX_HTTP_DEVPILOT_PER_USER_AND_PROJECT,
    NGX_HTTP_DEVPILOT_PER_SERVICE,
} ngx_http_devpilot_subject_t;

/* Which operations it charges, and how much. */
typedef enum {
    NGX_HTTP_DEVPILOT_CHARGES_REQUESTS, /* 1 for each, whatever it means */
    NGX_HTTP_DEVPILOT_CHARGES_COSTS,    /* the operation's cost */
    NGX_HTTP_DEVPILOT_CHARGES_CLASS,    /* 1 for each of its cost class */
} ngx_http_devpilot_charging_t;

#define NGX_HTTP_DEVPILOT_NO_CLASS UINT8_MAX

typedef struct {
    const char      *name;
    dp_error_t       code;
    uint8_t          subject;
    uint8_t          charging;
    uint8_t          cost_class; /* dp_cost_class_t or NO_CLASS */
    dp_gcra_policy_t standard;   /* where no directive says otherwise */
} ngx_http_devpilot_rule_row_t;

/* A burst of 0: it is off. */
typedef struct {
    dp_gcra_policy_t enforced[NGX_HTTP_DEVPILOT_RULES];
    dp_gcra_policy_t shadow[NGX_HTTP_DEVPILOT_RULES];
    uint32_t         dearest[NGX_HTTP_DEVPILOT_RULES]; /* charge there is */
    uint32_t         named; /* bits of rules that directives speak of */
    uint32_t         in_force; /* likewise, of rules that can refuse */
    uint32_t         in_shadow;
    unsigned         by_minute:1;
    size_t           zone_size;
    ngx_shm_zone_t  *zone;
} ngx_http_devpilot_limit_conf_t;

/* A bucket as the client is told of it. */
typedef struct {
    uint8_t  rule;
    uint32_t limit;
    uint32_t remaining;
    uint32_t window_s; /* in which an empty one fills */
    uint32_t full_s;   /* until it is full again */
} ngx_http_devpilot_quota_t;

#define NGX_HTTP_DEVPILOT_QUOTAS 3 /* the user's, the project's, the refusing one */

/* What became of a request's charges. */
typedef struct {
    dp_gcra_moment_t          moment; /* of the stage that charges */
    uint64_t                  check_began_ns;
    uint64_t                  check_ns; /* that charging took, where timed */
    ngx_http_devpilot_quota_t quotas[NGX_HTTP_DEVPILOT_QUOTAS];
    uint8_t                   quota_count;
    uint8_t                   refused_by; /* a rule, when refused */
    uint8_t                   would_refuse_by;
    unsigned                  address_charged:1;
    unsigned                  charged:1;
    unsigned                  refused:1;
    unsigned                  would_refuse:1; /* in a shadow */
} ngx_http_devpilot_limits_t;

/* ngx_http_devpilot_limit_rules.c */

extern const ngx_http_devpilot_rule_row_t
    ngx_http_devpilot_rules[NGX_HTTP_DEVPILOT_RULES];

/* Directive: devpilot_limit. */
char *ngx_http_devpilot_limit_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                  void *conf);

/* Fills in the standard rates; NGX_ERROR after a message. */
ngx_int_t ngx_http_devpilot_limit_conf_init(ngx_conf_t *cf,
    ngx_http_devpilot_limit_conf_t *conf);

/* ngx_http_devpilot_zone_buckets.c */

ngx_int_t ngx_http_devpilot_buckets_add(ngx_conf_t *cf,
                                        ngx_http_devpilot_limit_conf_t *conf);

dp_buckets_t *
ngx_http_devpilot_buckets(const ngx_http_devpilot_limit_conf_t *conf);

/* This moment, on the clock of the zone. */
uint64_t ngx_http_devpilot_zone_now_ns(void);
dp_gcra_moment_t
ngx_http_devpilot_moment(const ngx_http_devpilot_limit_conf_t *conf);

/*
 * The moment at which somebody first asked for it in this turn of the event loop:
 * what came with the same turn came at the same time.
 */
dp_gcra_moment_t
ngx_http_devpilot_turn_moment(const ngx_http_devpilot_limit_conf_t *conf);

/*
 * The hash of a rule's bucket; `subject` holds at most 32 bytes.  A rule in force
 * and its shadow have different ones.
 */
uint64_t ngx_http_devpilot_bucket_hash(
    const ngx_http_devpilot_limit_conf_t *conf, unsigned kind,
    dp_slice_t subject);

#endif /* NGX_HTTP_DEVPILOT_LIMIT_H */
