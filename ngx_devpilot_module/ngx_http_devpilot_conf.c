/*
 * What directives leave unsaid: values by default, and those of an outer level.
 */

#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_guard.h"
#include "ngx_http_devpilot_kill_switch.h"

void *
ngx_http_devpilot_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_devpilot_main_conf_t *mcf = ngx_pcalloc(cf->pool, sizeof(*mcf));

    if (mcf != NULL) {
        mcf->channels.deadline = NGX_CONF_UNSET_MSEC;
        mcf->channels.max_in_flight = NGX_CONF_UNSET_UINT;
        mcf->channels.max_reply = NGX_CONF_UNSET_SIZE;
        mcf->feed_timeout = NGX_CONF_UNSET_MSEC;
        mcf->limits.zone_size = NGX_CONF_UNSET_SIZE;
        mcf->abuse.zone_size = NGX_CONF_UNSET_SIZE;
        mcf->events.size = NGX_HTTP_DEVPILOT_EVENTS_SIZE;
        mcf->principal_zone = NGX_CONF_UNSET_SIZE;
        mcf->principal_ttl = NGX_CONF_UNSET_MSEC;
        mcf->principal_refused_ttl = NGX_CONF_UNSET_MSEC;
        mcf->deterministic_ids = NGX_CONF_UNSET;
        mcf->log_mask_user = NGX_CONF_UNSET;
    }

    return mcf;
}

/* As the worker has it: production, unless nginx's environment says otherwise. */
static ngx_uint_t
in_production(void)
{
    static const char *const others[] = {"local", "development", "staging"};
    const char              *environment = getenv("APP_ENV");

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (environment != NULL && ngx_strcmp(environment, others[i]) == 0) {
            return 0;
        }
    }

    return 1;
}

char *
ngx_http_devpilot_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_devpilot_main_conf_t *mcf = conf;

    ngx_conf_init_msec_value(mcf->channels.deadline, 5000);
    ngx_conf_init_uint_value(mcf->channels.max_in_flight, 1024);
    ngx_conf_init_size_value(mcf->channels.max_reply, 8 * 1024 * 1024);
    ngx_conf_init_msec_value(mcf->feed_timeout, 5000);
    ngx_conf_init_size_value(mcf->limits.zone_size, 16 * 1024 * 1024);
    ngx_conf_init_size_value(mcf->principal_zone, 16 * 1024 * 1024);
    ngx_conf_init_msec_value(mcf->principal_ttl, 60000);
    ngx_conf_init_msec_value(mcf->principal_refused_ttl, 5000);
    ngx_conf_init_value(mcf->deterministic_ids, 0);
    ngx_conf_init_value(mcf->log_mask_user, 0);

    if (mcf->instance.len == 0) {
        mcf->instance = cf->cycle->hostname;
    }

    if (mcf->token_issuer.len == 0) {
        ngx_str_set(&mcf->token_issuer, "devpilot");
    }

    if (mcf->token_audience.len == 0) {
        ngx_str_set(&mcf->token_audience, "devpilot");
    }

    mcf->production = in_production();

    if (mcf->deterministic_ids && mcf->production) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"devpilot_deterministic_ids\" is refused in "
                           "production, which the environment is unless "
                           "APP_ENV says local, development or staging");
        return NGX_CONF_ERROR;
    }

    return ngx_http_devpilot_limit_conf_init(cf, &mcf->limits) == NGX_OK
                   && ngx_http_devpilot_abuse_conf_init(cf, &mcf->abuse)
                          == NGX_OK
                   && ngx_http_devpilot_kill_switch_conf(cf, mcf) == NGX_OK
               ? NGX_CONF_OK : NGX_CONF_ERROR;
}

void *
ngx_http_devpilot_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_devpilot_loc_conf_t *lcf = ngx_pcalloc(cf->pool, sizeof(*lcf));

    if (lcf != NULL) {
        lcf->enable = NGX_CONF_UNSET;
        lcf->error_envelope = NGX_CONF_UNSET;
        lcf->trace_trusted = NGX_CONF_UNSET_PTR;
        ngx_http_devpilot_guard_conf_unset(&lcf->guard);
        lcf->abuse = NGX_CONF_UNSET_UINT;
    }

    return lcf;
}

/*
 * An unset devpilot_error_envelope follows `devpilot` of the same level.  Where
 * devpilot_status answers there are no operations.
 */
char *
ngx_http_devpilot_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_devpilot_loc_conf_t *prev = parent;
    ngx_http_devpilot_loc_conf_t *conf = child;

    ngx_conf_merge_value(conf->enable, prev->enable, 0);
    ngx_conf_merge_ptr_value(conf->trace_trusted, prev->trace_trusted, NULL);
    ngx_conf_merge_uint_value(conf->abuse, prev->abuse,
                              NGX_HTTP_DEVPILOT_ABUSE_ON);

    if (conf->error_envelope == NGX_CONF_UNSET) {
        conf->error_envelope = prev->error_envelope;
    }

    if (conf->cors_origins == NULL) {
        conf->cors_origins = prev->cors_origins;
    }

    conf->envelope = conf->error_envelope == NGX_CONF_UNSET
                         ? conf->enable != 0
                         : conf->error_envelope != 0;
    conf->guard.envelope = conf->error_envelope != 0;

    if (conf->status) {
        conf->enable = 0;
    }

    return ngx_http_devpilot_guard_conf_merge(cf, &prev->guard, &conf->guard);
}
