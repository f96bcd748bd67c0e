/*
 * devpilot_status: what is known of the control state: how new it is, which
 * switches are on and who says so, what plans grant.
 */

#include "ngx_http_devpilot_status.h"
#include "ngx_http_devpilot_zone.h"

void
ngx_http_devpilot_status_control(dp_writer_t *out,
                                 const ngx_http_devpilot_status_t *status)
{
    const ngx_http_devpilot_main_conf_t *mcf = status->mcf;
    uint64_t age_us = ngx_http_devpilot_feed_age_us(mcf);

    ngx_http_devpilot_status_begin(out, "control", '{');
    ngx_http_devpilot_status_number(
        out, "generation", ngx_http_devpilot_control_generation(mcf));

    if (age_us == UINT64_MAX) {
        ngx_http_devpilot_status_null(out, "feedAgeMs");
    } else {
        ngx_http_devpilot_status_number(out, "feedAgeMs", age_us / 1000);
    }

    ngx_http_devpilot_status_flag(out, "fresh",
                                  ngx_http_devpilot_feed_fresh(mcf));
    ngx_http_devpilot_status_end(out, '}');
}

/* `on` has a word for each source. */
static void
switch_write(dp_writer_t *out, const uint32_t *on, uint32_t bit)
{
    uint32_t any = 0;

    for (ngx_uint_t i = 0; i < DP_KILL_SOURCES; i++) {
        any |= on[i] & bit;
    }

    ngx_http_devpilot_status_begin(out, NULL, '{');
    ngx_http_devpilot_status_text(out, "name",
                                  dp_slice_text(dp_kill_switch_name(bit)));
    ngx_http_devpilot_status_flag(out, "on", any != 0);
    ngx_http_devpilot_status_begin(out, "sources", '[');

    for (ngx_uint_t i = 0; i < DP_KILL_SOURCES; i++) {
        if (on[i] & bit) {
            ngx_http_devpilot_status_text(
                out, NULL, dp_slice_text(dp_kill_source_name(i)));
        }
    }

    ngx_http_devpilot_status_end(out, ']');
    ngx_http_devpilot_status_end(out, '}');
}

void
ngx_http_devpilot_status_kill_switches(dp_writer_t *out,
                                       const ngx_http_devpilot_status_t *status)
{
    uint32_t on[DP_KILL_SOURCES];

    for (ngx_uint_t i = 0; i < DP_KILL_SOURCES; i++) {
        on[i] = ngx_http_devpilot_switches_of(status->mcf, i);
    }

    ngx_http_devpilot_status_begin(out, "killSwitches", '[');

    for (ngx_uint_t i = 0; i < DP_KILL_SWITCH_COUNT; i++) {
        switch_write(out, on, 1u << i);
    }

    ngx_http_devpilot_status_end(out, ']');
}

void
ngx_http_devpilot_status_plans(dp_writer_t *out,
                               const ngx_http_devpilot_status_t *status)
{
    uint16_t        rank;
    dp_plan_rates_t rates;

    ngx_http_devpilot_status_begin(out, "plans", '[');

    for (ngx_uint_t i = 0; i < NGX_HTTP_DEVPILOT_PLANS; i++) {
        if (!ngx_http_devpilot_plan_at(status->mcf, i, &rank, &rates)) {
            continue;
        }

        ngx_http_devpilot_status_begin(out, NULL, '{');
        ngx_http_devpilot_status_number(out, "rank", rank);
        ngx_http_devpilot_status_number(out, "userBurst", rates.user.burst);
        ngx_http_devpilot_status_number(out, "userPerMinute",
                                        rates.user.per_minute);
        ngx_http_devpilot_status_number(out, "projectBurst",
                                        rates.project.burst);
        ngx_http_devpilot_status_number(out, "projectPerMinute",
                                        rates.project.per_minute);
        ngx_http_devpilot_status_end(out, '}');
    }

    ngx_http_devpilot_status_end(out, ']');
}
