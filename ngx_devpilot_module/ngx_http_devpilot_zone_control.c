/*
 * The control zone: the kill switches that are on, in one atomic word.
 *
 * All nginx processes read the word, also those that drain after a reload: a
 * switch that is turned on binds requests which they have not forwarded yet.
 * The upper half of the word counts how often it was written, which tells an
 * operator that a reload did take effect.
 */

#include "ngx_http_devpilot_zone.h"

typedef struct {
    ngx_http_devpilot_zone_head_t head;
    uint64_t word; /* generation << 32 | DP_KILL_* */
} control_t;

static const ngx_http_devpilot_zone_spec_t control_spec = {
    .name = ngx_string("devpilot_control"),
    .magic = 0x64704374,
    .layout = 1,
    .size = sizeof(control_t),
};

ngx_int_t
ngx_http_devpilot_control_add(ngx_conf_t *cf,
                              ngx_http_devpilot_main_conf_t *mcf)
{
    mcf->control = ngx_http_devpilot_zone_add(cf, &control_spec);

    return mcf->control == NULL ? NGX_ERROR : NGX_OK;
}

static uint64_t
control_word(const ngx_http_devpilot_main_conf_t *mcf)
{
    control_t *control = ngx_http_devpilot_zone_data(mcf->control);

    return __atomic_load_n(&control->word, __ATOMIC_ACQUIRE);
}

void
ngx_http_devpilot_control_commit(const ngx_http_devpilot_main_conf_t *mcf)
{
    control_t *control = ngx_http_devpilot_zone_data(mcf->control);
    uint64_t   generation = (control_word(mcf) >> 32) + 1;

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
