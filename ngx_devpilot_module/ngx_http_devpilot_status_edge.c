/*
 * devpilot_status: what this nginx is, which processes it has, and where they
 * stand with their workers and the audit trail.
 */

#include "config.h"
#include "ngx_http_devpilot_build.h"
#include "ngx_http_devpilot_status.h"
#include "ngx_http_devpilot_zone.h"

static dp_slice_t
slice_of(const ngx_str_t *text)
{
    return dp_slice(text->data, text->len);
}

void
ngx_http_devpilot_status_build(dp_writer_t *out,
                               const ngx_http_devpilot_status_t *status)
{
    ngx_http_devpilot_status_begin(out, "build", '{');
    ngx_http_devpilot_status_text(out, "version", DP_SLICE(DP_VERSION));
    ngx_http_devpilot_status_text(out, "id",
                                  dp_slice_text(ngx_http_devpilot_build_id()));
    ngx_http_devpilot_status_end(out, '}');
}

void
ngx_http_devpilot_status_instance(dp_writer_t *out,
                                  const ngx_http_devpilot_status_t *status)
{
    ngx_http_devpilot_status_text(out, "instance",
                                  slice_of(&status->mcf->instance));
    ngx_http_devpilot_status_number(out, "pid", (uint64_t) ngx_pid);
}

void
ngx_http_devpilot_status_processes(dp_writer_t *out,
                                   const ngx_http_devpilot_status_t *status)
{
    ngx_http_devpilot_status_begin(out, "processes", '[');

    for (ngx_uint_t i = 0; i < status->process_count; i++) {
        const ngx_http_devpilot_process_t *process = &status->processes[i];

        ngx_http_devpilot_status_begin(out, NULL, '{');
        ngx_http_devpilot_status_number(out, "pid", process->pid);
        ngx_http_devpilot_status_number(out, "generation",
                                        process->generation);
        ngx_http_devpilot_status_flag(out, "draining", process->draining);
        ngx_http_devpilot_status_number(out, "inFlight", process->in_flight);
        ngx_http_devpilot_status_end(out, '}');
    }

    ngx_http_devpilot_status_end(out, ']');
}

void
ngx_http_devpilot_status_configuration(dp_writer_t *out,
                                       const ngx_http_devpilot_status_t *status)
{
    const ngx_http_devpilot_main_conf_t *mcf = status->mcf;

    ngx_http_devpilot_status_begin(out, "configuration", '{');
    ngx_http_devpilot_status_number(
        out, "generation", ngx_http_devpilot_switches_generation(mcf));
    ngx_http_devpilot_status_time(
        out, "loadedAt", ngx_http_devpilot_committed_s(mcf) * 1000000);
    ngx_http_devpilot_status_text(out, "file",
                                  slice_of((ngx_str_t *) &ngx_cycle->conf_file));
    ngx_http_devpilot_status_end(out, '}');
}

void
ngx_http_devpilot_status_workers(dp_writer_t *out,
                                 const ngx_http_devpilot_status_t *status)
{
    const ngx_http_devpilot_channels_t *channels = &status->mcf->channels;
    const ngx_addr_t *endpoints = channels->count == 0
                                      ? NULL : channels->endpoints->elts;

    ngx_http_devpilot_status_begin(out, "workers", '[');

    for (ngx_uint_t i = 0; i < channels->count; i++) {
        ngx_http_devpilot_status_begin(out, NULL, '{');
        ngx_http_devpilot_status_text(out, "endpoint",
                                      slice_of(&endpoints[i].name));
        ngx_http_devpilot_status_text(
            out, "state",
            dp_slice_text(ngx_http_devpilot_channel_state_name(channels, i)));
        ngx_http_devpilot_status_number(
            out, "inFlight", ngx_http_devpilot_channel_in_flight(channels, i));
        ngx_http_devpilot_status_end(out, '}');
    }

    ngx_http_devpilot_status_end(out, ']');
}

void
ngx_http_devpilot_status_spool(dp_writer_t *out,
                               const ngx_http_devpilot_status_t *status)
{
    const ngx_http_devpilot_events_conf_t  *conf = &status->mcf->events;
    const ngx_http_devpilot_events_state_t *state =
        ngx_http_devpilot_events_state(conf);

    ngx_http_devpilot_status_begin(out, "spool", '{');

    if (conf->spool.len == 0) {
        ngx_http_devpilot_status_null(out, "file");
    } else {
        ngx_http_devpilot_status_text(out, "file", slice_of(&conf->spool));
    }

    ngx_http_devpilot_status_number(
        out, "events", dp_ring_used(ngx_http_devpilot_events_ring(conf)));
    ngx_http_devpilot_status_number(
        out, "dropped", __atomic_load_n(&state->dropped, __ATOMIC_RELAXED));
    ngx_http_devpilot_status_flag(
        out, "full", __atomic_load_n(&state->full, __ATOMIC_RELAXED) != 0);
    ngx_http_devpilot_status_end(out, '}');
}
