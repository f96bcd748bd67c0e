/*
 * The control zone: the kill switches that are on, in one atomic word, and a few
 * words that all nginx processes share.
 *
 * All nginx processes read the word, also those that drain after a reload: a
 * switch that is turned on binds requests which they have not forwarded yet.
 * The upper half of the word counts how often it was written, which tells an
 * operator that a reload did take effect.
 */

#include "ngx_http_devpilot_zone.h"

typedef struct {
    ngx_http_devpilot_zone_head_t head;
    uint64_t word;      /* generation << 32 | DP_KILL_* */
    uint64_t started_s; /* since 1970 */
    uint64_t findings;  /* of ngx_http_devpilot_probe.c */
    uint64_t ids[2];    /* made so far, where they are deterministic */
} control_t;

static const ngx_http_devpilot_zone_spec_t control_spec = {
    .name = ngx_string("devpilot_control"),
    .magic = 0x64704374,
    .layout = 3,
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

static uint64_t
control_word(const ngx_http_devpilot_main_conf_t *mcf)
{
    return __atomic_load_n(&control_of(mcf)->word, __ATOMIC_ACQUIRE);
}

void
ngx_http_devpilot_control_commit(const ngx_http_devpilot_main_conf_t *mcf)
{
    control_t *control = control_of(mcf);
    uint64_t   generation = (control_word(mcf) >> 32) + 1;

    if (control->started_s == 0) {
        control->started_s = (uint64_t) ngx_time();
    }

    __atomic_store_n(&control->word, generation << 32 | mcf->switches_on,
                     __ATOMIC_RELEASE);
}

uint32_t
ngx_http_devpilot_switches(const ngx_http_devpilot_main_conf_t *mcf)
{
    return (uint32_t) control_word(mcf);
}

uint32_t
ngx_http_devpilot_switches_generation(const ngx_http_devpilot_main_conf_t *mcf)
{
    return (uint32_t) (control_word(mcf) >> 32);
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
