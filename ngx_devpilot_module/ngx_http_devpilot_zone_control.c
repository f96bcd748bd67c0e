/*
 * The control zone: the kill switches that are on, one atomic word per source,
 * and a few words that all nginx processes share.
 *
 * All nginx processes read the words, also those that drain after a reload: a
 * switch that is turned on binds requests which they have not forwarded yet.
 * A source writes its own word only, so none can clear another's switch.
 */

#include "ngx_http_devpilot_zone.h"

typedef struct {
    ngx_http_devpilot_zone_head_t head;
    uint32_t switches[DP_KILL_SOURCES]; /* DP_KILL_* */
    uint32_t generation; /* configurations that were put in force */
    uint64_t started_s; /* since 1970 */
    uint64_t findings;  /* of ngx_http_devpilot_probe.c */
    uint64_t ids[2];    /* made so far, where they are deterministic */
} control_t;

static const ngx_http_devpilot_zone_spec_t control_spec = {
    .name = ngx_string("devpilot_control"),
    .magic = 0x64704374,
    .layout = 4,
    .size = sizeof(control_t),
};

ngx_int_t
ngx_http_devpilot_control_add(ngx_conf_t *cf,
                              ngx_http_devpilot_main_conf_t *mcf)
{
    mcf->control = ngx_http_devpilot_zone_add(cf, &control_spec);

    return mcf->control == NULL ? NGX_ERROR : NGX_OK;
}

static control_t *
control_of(const ngx_http_devpilot_main_conf_t *mcf)
{
    return ngx_http_devpilot_zone_data(mcf->control);
}

void
ngx_http_devpilot_switches_set(const ngx_http_devpilot_main_conf_t *mcf,
                               dp_kill_source_t source,
                               uint32_t switches)
{
    __atomic_store_n(&control_of(mcf)->switches[source], switches,
                     __ATOMIC_RELEASE);
}

void
ngx_http_devpilot_control_commit(const ngx_http_devpilot_main_conf_t *mcf)
{
    control_t *control = control_of(mcf);

    if (control->started_s == 0) {
        control->started_s = (uint64_t) ngx_time();
    }

    /* from here on older processes leave the file's word alone */
    __atomic_store_n(&control->generation, control->generation + 1,
                     __ATOMIC_RELEASE);

    for (ngx_uint_t i = 0; i < DP_KILL_DATABASE; i++) {
        ngx_http_devpilot_switches_set(mcf, i, mcf->switches_on[i]);
    }
}

uint32_t
ngx_http_devpilot_switches_of(const ngx_http_devpilot_main_conf_t *mcf,
                              dp_kill_source_t source)
{
    return __atomic_load_n(&control_of(mcf)->switches[source],
                           __ATOMIC_ACQUIRE);
}

uint32_t
ngx_http_devpilot_switches(const ngx_http_devpilot_main_conf_t *mcf)
{
    uint32_t on = 0;

    for (ngx_uint_t i = 0; i < DP_KILL_SOURCES; i++) {
        on |= ngx_http_devpilot_switches_of(mcf, i);
    }

    return on;
}

uint32_t
ngx_http_devpilot_switches_generation(const ngx_http_devpilot_main_conf_t *mcf)
{
    return __atomic_load_n(&control_of(mcf)->generation, __ATOMIC_ACQUIRE);
}

uint64_t
ngx_http_devpilot_started_s(const ngx_http_devpilot_main_conf_t *mcf)
{
    return control_of(mcf)->started_s;
}

uint64_t *
ngx_http_devpilot_findings(const ngx_http_devpilot_main_conf_t *mcf)
{
    return &control_of(mcf)->findings;
}

uint64_t
ngx_http_devpilot_ids_count(const ngx_http_devpilot_main_conf_t *mcf,
                            ngx_uint_t series)
{
    return __atomic_fetch_add(&control_of(mcf)->ids[series], 1,
                              __ATOMIC_RELAXED);
}
