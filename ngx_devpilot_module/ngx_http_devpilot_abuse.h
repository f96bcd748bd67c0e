/*
 * Abuse tiers at the edge: who may ask at all, by what they did before.
 *
 * Two stages look the tiers of the address and of the credential up; as the
 * request ends its answer is scored.  The arithmetic is in dp_abuse.h, who is
 * where in dp_abuse_table.h.
 */

#ifndef NGX_HTTP_DEVPILOT_ABUSE_H
#define NGX_HTTP_DEVPILOT_ABUSE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "dp_abuse_table.h"
#include "dp_gcra.h"
#include "dp_probe.h"

/* devpilot_abuse */
typedef enum {
    NGX_HTTP_DEVPILOT_ABUSE_OFF,
    NGX_HTTP_DEVPILOT_ABUSE_SHADOW, /* decides and tells, refuses nothing */
    NGX_HTTP_DEVPILOT_ABUSE_ON,
} ngx_http_devpilot_abuse_mode_t;

/* Times and counts of 0 are not set yet. */
typedef struct {
    dp_abuse_policy_t policy;
    uint32_t          refill_percent; /* of who is throttled */
    uint32_t          honeypot_score;
    uint32_t          probe_score; /* of a path that matches a pattern */
    ngx_array_t      *exempt;      /* of ngx_cidr_t; NULL: nobody */
    ngx_array_t      *honeypots;   /* of ngx_str_t, lower case; NULL: none */
    ngx_str_t         probes_file;
    dp_probe_t        probes;
    size_t            zone_size;
    ngx_shm_zone_t   *zone;
} ngx_http_devpilot_abuse_conf_t;

/* What is known of a request's subjects; all zero: nothing. */
typedef struct {
    dp_slice_t path; /* as it was asked for, normalised */
    uint8_t    address_tier;
    uint8_t    credential_tier;
    uint8_t    signal; /* that decided the higher of them */
    unsigned   address_judged:1;
    unsigned   credential_judged:1;
    unsigned   shadow:1;       /* nothing is refused */
    unsigned   refused:1;      /* for a tier */
    unsigned   would_refuse:1; /* in the shadow */
} ngx_http_devpilot_abuse_t;

/* The higher of its tiers. */
static inline unsigned
ngx_http_devpilot_abuse_tier(const ngx_http_devpilot_abuse_t *abuse)
{
    return ngx_max(abuse->address_tier, abuse->credential_tier);
}

/* ngx_http_devpilot_abuse_conf.c: directives */

char *ngx_http_devpilot_abuse_mode_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                       void *conf);
char *ngx_http_devpilot_abuse_tiers_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                        void *conf);
char *ngx_http_devpilot_abuse_threshold_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                            void *conf);
char *ngx_http_devpilot_abuse_exempt_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                         void *conf);
char *ngx_http_devpilot_abuse_honeypot_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                           void *conf);
char *ngx_http_devpilot_abuse_probes_set(ngx_conf_t *cf, ngx_command_t *cmd,
                                         void *conf);

extern ngx_conf_enum_t ngx_http_devpilot_abuse_modes[];

/* Fills in what no directive says; NGX_ERROR after a message. */
ngx_int_t ngx_http_devpilot_abuse_conf_init(ngx_conf_t *cf,
    ngx_http_devpilot_abuse_conf_t *conf);

/* ngx_http_devpilot_zone_abuse.c */

ngx_int_t ngx_http_devpilot_abuse_add(ngx_conf_t *cf,
                                      ngx_http_devpilot_abuse_conf_t *conf);
dp_abuse_table_t *
ngx_http_devpilot_abuse_table(const ngx_http_devpilot_abuse_conf_t *conf);

/* Subjects of each tier above NORMAL, as the last sweep counted them. */
const uint64_t *
ngx_http_devpilot_abuse_tiers(const ngx_http_devpilot_abuse_conf_t *conf);

/* Counts them, for one process a second; 0: another one does. */
ngx_uint_t ngx_http_devpilot_abuse_sweep(const dp_abuse_keeper_t *keeper,
    const ngx_http_devpilot_abuse_conf_t *conf);

/* ngx_http_devpilot_abuse_metrics.c */

/* The lines of what follows, at most. */
#define NGX_HTTP_DEVPILOT_ABUSE_LINES 60

/* What is counted; all members are of one width. */
typedef struct {
    uint64_t transitions[2][DP_ABUSE_TIERS]; /* by kind and tier of then */
    uint64_t signals[DP_ABUSE_SIGNALS];
    uint64_t patterns; /* failing paths that matched one */
    uint64_t refused[DP_ABUSE_TIERS];
    uint64_t would_refuse;
} ngx_http_devpilot_abuse_counts_t;

void ngx_http_devpilot_abuse_metrics_write(dp_writer_t *out,
    const ngx_http_devpilot_abuse_conf_t   *conf,
    const ngx_http_devpilot_abuse_counts_t *counts);

#endif /* NGX_HTTP_DEVPILOT_ABUSE_H */
