/*
 * The module as nginx sees it, and what happens at each moment of its life.
 *
 * Without a directive of ours in the configuration nothing is installed: no
 * handler, no filter, no shared memory.  That matters where a package loads
 * every installed module by itself.
 */

#include <sys/prctl.h>

#include "dp_contract.h"
#include "ngx_http_devpilot_abuse_tier.h"
#include "ngx_http_devpilot_build.h"
#include "ngx_http_devpilot_directives.h"
#include "ngx_http_devpilot_keys.h"
#include "ngx_http_devpilot_kill_switch.h"
#include "ngx_http_devpilot_control.h"
#include "ngx_http_devpilot_late.h"
#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_principals.h"
#include "ngx_http_devpilot_probe.h"
#include "ngx_http_devpilot_variables.h"
#include "ngx_http_devpilot_zone.h"

static char *main_conf_init(ngx_conf_t *cf, void *conf);
static ngx_int_t module_install(ngx_conf_t *cf);
static ngx_int_t module_init(ngx_cycle_t *cycle);
static ngx_int_t process_init(ngx_cycle_t *cycle);
static void process_exit(ngx_cycle_t *cycle);

static ngx_http_module_t module_ctx = {
    .preconfiguration = ngx_http_devpilot_variables_add,
    .postconfiguration = module_install,
    .create_main_conf = ngx_http_devpilot_create_main_conf,
    .init_main_conf = main_conf_init,
    .create_loc_conf = ngx_http_devpilot_create_loc_conf,
    .merge_loc_conf = ngx_http_devpilot_merge_loc_conf,
};

ngx_module_t ngx_http_devpilot_module = {
    NGX_MODULE_V1,
    &module_ctx,
    ngx_http_devpilot_commands,
    NGX_HTTP_MODULE,
    NULL, /* init master */
    module_init,
    process_init,
    NULL, /* init thread */
    NULL, /* exit thread */
    process_exit,
    NULL, /* exit master */
    NGX_MODULE_V1_PADDING
};

static ngx_uint_t opened; /* what process_init() opens */

typedef ngx_int_t (*install_pt)(ngx_conf_t *cf);

static const install_pt installs[] = {
    ngx_http_devpilot_error_log_install,
    ngx_http_devpilot_stages_install,
    ngx_http_devpilot_body_install,
    ngx_http_devpilot_envelope_install,
    ngx_http_devpilot_late_install,
    ngx_http_devpilot_measure_install,
};

/*
 * Without a master nginx goes on in the same process, and calls no init_process
 * for a new configuration: what we opened for the old one could only be torn
 * out from under its requests.  Refused here nothing has changed yet; later the
 * chains of filters have.
 */
static char *
main_conf_init(ngx_conf_t *cf, void *conf)
{
    const ngx_http_devpilot_main_conf_t *mcf = conf;
    ngx_uint_t                           reload =
        ngx_process == NGX_PROCESS_SINGLE && !ngx_is_init_cycle(ngx_cycle);

    if (reload && (mcf->in_use || opened)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "with \"master_process off\" a configuration that uses "
                      "devpilot directives takes a restart, not a reload");
        return NGX_CONF_ERROR;
    }

    return ngx_http_devpilot_init_main_conf(cf, conf);
}

static ngx_int_t
module_install(ngx_conf_t *cf)
{
    ngx_http_devpilot_main_conf_t *mcf =
        ngx_http_conf_get_module_main_conf(cf, ngx_http_devpilot_module);

    if (!mcf->in_use) {
        return NGX_OK;
    }

    if (ngx_http_devpilot_control_add(cf, mcf) != NGX_OK
        || ngx_http_devpilot_metrics_add(cf, mcf) != NGX_OK
        || ngx_http_devpilot_events_add(cf, &mcf->events) != NGX_OK
        || ngx_http_devpilot_buckets_add(cf, &mcf->limits) != NGX_OK
        || ngx_http_devpilot_abuse_add(cf, &mcf->abuse) != NGX_OK
        || ngx_http_devpilot_principals_add(cf, mcf) != NGX_OK
        || ngx_http_devpilot_keys_add(cf, mcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (size_t i = 0; i < sizeof(installs) / sizeof(installs[0]); i++) {
        if (installs[i](cf) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}

/* The configuration, or NULL where we have nothing to do. */
static ngx_http_devpilot_main_conf_t *
configuration(ngx_cycle_t *cycle)
{
    ngx_http_devpilot_main_conf_t *mcf = NULL;

    if (ngx_get_conf(cycle->conf_ctx, ngx_http_module) != NULL) {
        mcf = ngx_http_cycle_get_module_main_conf(cycle,
                                                  ngx_http_devpilot_module);
    }

    return mcf != NULL && mcf->in_use ? mcf : NULL;
}

static ngx_int_t
module_init(ngx_cycle_t *cycle)
{
    ngx_http_devpilot_main_conf_t *mcf = configuration(cycle);

    if (mcf != NULL) {
        if (!ngx_test_config) {
            ngx_http_devpilot_build_log(cycle->log);
        }

        ngx_http_devpilot_control_commit(mcf);
        ngx_http_devpilot_keys_commit(mcf);
        ngx_http_devpilot_spool_commit(&mcf->events);
    }

    return NGX_OK;
}

/* Only these serve requests; nginx's cache manager and loader come here too. */
static ngx_uint_t
process_serves(void)
{
    return ngx_process == NGX_PROCESS_WORKER
           || ngx_process == NGX_PROCESS_SINGLE;
}

/*
 * A core dump would hold credentials: there is none, unless the configuration
 * asks for it with worker_rlimit_core.
 */
static ngx_int_t
core_forbid(ngx_cycle_t *cycle)
{
    const ngx_core_conf_t *ccf =
        (ngx_core_conf_t *) ngx_get_conf(cycle->conf_ctx, ngx_core_module);

    if (ccf->rlimit_core != NGX_CONF_UNSET) {
        return NGX_OK;
    }

    if (prctl(PR_SET_DUMPABLE, 0) != 0) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, ngx_errno,
                      "prctl(PR_SET_DUMPABLE) failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}

static ngx_int_t
process_init(ngx_cycle_t *cycle)
{
    ngx_http_devpilot_main_conf_t *mcf = configuration(cycle);

    if (mcf == NULL || !process_serves()) {
        return NGX_OK;
    }

    if (mcf->production && core_forbid(cycle) != NGX_OK) {
        return NGX_ERROR;
    }

    opened = 1;
    ngx_http_devpilot_metrics_join(mcf);
    mcf->channels.counters = &ngx_http_devpilot_metrics_process()->channel;
    mcf->channels.writes = ngx_http_devpilot_metrics_process()->gauges.writes;
    mcf->channels.ready =
        &ngx_http_devpilot_metrics_process()->gauges.channels_ready;

    ngx_http_devpilot_probe_init(mcf, cycle);
    ngx_http_devpilot_questions_open();
    ngx_http_devpilot_switch_file_watch(mcf, cycle);
    ngx_http_devpilot_abuse_open(mcf, cycle);

    if (!dp_contract_open() || ngx_http_devpilot_digest_init(cycle) != NGX_OK
        || ngx_http_devpilot_keys_open(mcf, cycle->log) != NGX_OK
        || ngx_http_devpilot_control_init(mcf, cycle) != NGX_OK
        || ngx_http_devpilot_events_open(&mcf->events, &mcf->channels,
                                         &mcf->instance, cycle) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_devpilot_channels_open(&mcf->channels, cycle);
}

static void
process_exit(ngx_cycle_t *cycle)
{
    ngx_http_devpilot_main_conf_t *mcf = configuration(cycle);

    if (mcf != NULL && process_serves()) {
        ngx_http_devpilot_channels_close(&mcf->channels);
        ngx_http_devpilot_questions_close();
        ngx_http_devpilot_keys_close();
        dp_contract_close();
    }
}
