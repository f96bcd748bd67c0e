/*
 * The configuration: what http, and what each location, was told by directives.
 *
 * Filled by ngx_http_devpilot_directives.c, inherited by ngx_http_devpilot_conf.c.
 */

#ifndef NGX_HTTP_DEVPILOT_CONF_H
#define NGX_HTTP_DEVPILOT_CONF_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "dp_kill_switch.h"
#include "ngx_http_devpilot_abuse.h"
#include "ngx_http_devpilot_channel.h"
#include "ngx_http_devpilot_events.h"
#include "ngx_http_devpilot_limit.h"

typedef struct {
    ngx_http_devpilot_channels_t channels;
    ngx_http_devpilot_limit_conf_t limits;
    ngx_http_devpilot_abuse_conf_t abuse;
    ngx_http_devpilot_events_conf_t events;
    ngx_shm_zone_t              *control;
    ngx_shm_zone_t              *metrics;
    ngx_shm_zone_t              *principals;
    ngx_shm_zone_t              *keys;
    ngx_str_t                    token_issuer; /* of our own tokens */
    ngx_str_t                    token_audience;
    size_t                       principal_zone; /* bytes */
    ngx_msec_t                   principal_ttl;
    ngx_msec_t                   principal_refused_ttl;
    ngx_str_t                    instance; /* what workers know us by */
    ngx_str_t                    switch_file; /* empty: none */
    uint32_t                     switches_named; /* by devpilot_kill_switch */
    uint32_t switches_on[DP_KILL_DATABASE]; /* as configured */
    ngx_msec_t                   feed_timeout;   /* then writes are closed */
    ngx_flag_t                   deterministic_ids;
    ngx_flag_t                   log_mask_user;
    unsigned                     in_use:1;       /* any directive is set */
    unsigned                     production:1;   /* by APP_ENV */
} ngx_http_devpilot_main_conf_t;

enum {
    NGX_HTTP_DEVPILOT_CREDENTIAL_OFF, /* nobody looks at it */
    NGX_HTTP_DEVPILOT_CREDENTIAL_OPTIONAL,
    NGX_HTTP_DEVPILOT_CREDENTIAL_REQUIRED,
};

/* Guard mode; switches are bits of dp_kill_switch_t. */
typedef struct {
    ngx_flag_t enable;
    ngx_uint_t credential;
    ngx_flag_t pass_credential;   /* to what is behind the location */
    ngx_uint_t cost;              /* of a request, in tokens */
    uint32_t   closing;           /* switches that close the location */
    uint32_t   closing_changes;   /* those that let requests read */
    unsigned   switches_named:1;
    unsigned   switches_off:1;
    unsigned   envelope:1;        /* our refusals wear it */
} ngx_http_devpilot_guard_conf_t;

typedef struct {
    ngx_http_devpilot_guard_conf_t guard;
    ngx_flag_t   enable;
    ngx_flag_t   error_envelope; /* as configured; may stay unset */
    ngx_array_t *cors_origins;   /* of ngx_str_t; NULL: none */
    ngx_array_t *trace_trusted;  /* of ngx_cidr_t; NULL: everybody */
    ngx_uint_t   abuse;          /* ngx_http_devpilot_abuse_mode_t */
    unsigned     envelope:1;     /* errors wear it here */
    unsigned     status:1;       /* it tells devpilot_status */
} ngx_http_devpilot_loc_conf_t;

#endif /* NGX_HTTP_DEVPILOT_CONF_H */
