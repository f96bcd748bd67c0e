/*
 * devpilot_status: the zones, how large they are, how full, and how often
 * something had no room.
 *
 * How full a table is comes from a sample of its sets, all of them when it is
 * small: a question reads a few thousand cache lines, however large the zone is.
 */

#include "ngx_http_devpilot_principals.h"
#include "ngx_http_devpilot_status.h"
#include "ngx_http_devpilot_zone.h"

#define SAMPLE_SETS 4096

typedef void (*fill_pt)(dp_writer_t *out,
                        const ngx_http_devpilot_main_conf_t *mcf);

static void
fill_write(dp_writer_t *out, uint64_t slots, uint64_t used)
{
    ngx_http_devpilot_status_number(out, "slots", slots);
    ngx_http_devpilot_status_number(out, "used", used);
}

static void
overflows_write(dp_writer_t *out, const uint64_t *overflows)
{
    ngx_http_devpilot_status_number(
        out, "overflows", __atomic_load_n(overflows, __ATOMIC_RELAXED));
}

static void
principals_fill(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf)
{
    const dp_principal_table_t *table = ngx_http_devpilot_principals(mcf);

    fill_write(out, dp_principal_table_slots(table),
               dp_principal_table_used(table, SAMPLE_SETS));
}

static void
buckets_fill(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf)
{
    const dp_buckets_t *table = ngx_http_devpilot_buckets(&mcf->limits);
    dp_gcra_moment_t    moment = ngx_http_devpilot_moment(&mcf->limits);
    uint64_t            sample = ngx_min(SAMPLE_SETS, table->set_count);

    fill_write(out, table->set_count * DP_BUCKETS_SET_SLOTS,
               dp_buckets_indebted(table, &moment, sample) * table->set_count
                   / sample);
    overflows_write(out, &table->overflows);
}

static void
abuse_fill(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf)
{
    const dp_abuse_table_t *table = ngx_http_devpilot_abuse_table(&mcf->abuse);

    fill_write(out, table->set_count * DP_ABUSE_SET_SLOTS,
               dp_abuse_table_used(table, SAMPLE_SETS));
    overflows_write(out, &table->overflows);
}

static void
events_fill(dp_writer_t *out, const ngx_http_devpilot_main_conf_t *mcf)
{
    const ngx_http_devpilot_events_conf_t *conf = &mcf->events;

    fill_write(out, ngx_http_devpilot_events_slots(conf),
               dp_ring_used(ngx_http_devpilot_events_ring(conf)));
    overflows_write(out, &ngx_http_devpilot_events_state(conf)->dropped);
}

void
ngx_http_devpilot_status_zones(dp_writer_t *out,
                               const ngx_http_devpilot_status_t *status)
{
    const ngx_http_devpilot_main_conf_t *mcf = status->mcf;
    const struct {
        const ngx_shm_zone_t *zone;
        fill_pt               fill; /* NULL: it is of a fixed layout */
    } zones[] = {
        {mcf->control, NULL},
        {mcf->metrics, NULL},
        {mcf->principals, principals_fill},
        {mcf->limits.zone, buckets_fill},
        {mcf->abuse.zone, abuse_fill},
        {mcf->events.zone, events_fill},
    };

    ngx_http_devpilot_status_begin(out, "zones", '[');

    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        const ngx_str_t *name = &zones[i].zone->shm.name;

        ngx_http_devpilot_status_begin(out, NULL, '{');
        ngx_http_devpilot_status_text(out, "name",
                                      dp_slice(name->data, name->len));
        ngx_http_devpilot_status_number(
            out, "bytes", ngx_http_devpilot_zone_size(zones[i].zone));

        if (zones[i].fill != NULL) {
            zones[i].fill(out, mcf);
        }

        ngx_http_devpilot_status_end(out, '}');
    }

    ngx_http_devpilot_status_end(out, ']');
}
