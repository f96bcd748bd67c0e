/*
 * The zone of events: their ring, and a few words beside it.
 *
 * Of a fixed size, so that another size of the file is another limit and not
 * another zone: processes that drain and new ones use the same slots.
 */

#include "ngx_http_devpilot_events.h"
#include "ngx_http_devpilot_zone.h"

#define RING_OFFSET 128 /* as the ring is aligned */
#define ZONE_SIZE                                                     \
    (RING_OFFSET + DP_RING_MIN + NGX_HTTP_DEVPILOT_EVENTS_SIZE_MAX)

/* One slot of so many is for blocks only. */
#define RESERVED_SHARE 8

typedef struct {
    ngx_http_devpilot_zone_head_t    head;
    ngx_http_devpilot_events_state_t state;
} events_t;

_Static_assert(sizeof(events_t) <= RING_OFFSET, "the ring lies on the words");

static ngx_int_t zone_begin(void *zone, size_t size);

static const ngx_http_devpilot_zone_spec_t events_spec = {
    .name = ngx_string("devpilot_events"),
    .magic = 0x64704576,
    .layout = 1,
    .size = ZONE_SIZE,
    .begin = zone_begin,
};

static ngx_int_t
zone_begin(void *zone, size_t size)
{
    dp_ring_init((dp_ring_t *) ((u_char *) zone + RING_OFFSET),
                 size - RING_OFFSET);

    return NGX_OK;
}

ngx_int_t
ngx_http_devpilot_events_add(ngx_conf_t *cf,
                             ngx_http_devpilot_events_conf_t *conf)
{
    conf->zone = ngx_http_devpilot_zone_add(cf, &events_spec);

    return conf->zone == NULL ? NGX_ERROR : NGX_OK;
}

dp_ring_t *
ngx_http_devpilot_events_ring(const ngx_http_devpilot_events_conf_t *conf)
{
    u_char *zone = ngx_http_devpilot_zone_data(conf->zone);

    return (dp_ring_t *) (zone + RING_OFFSET);
}

ngx_http_devpilot_events_state_t *
ngx_http_devpilot_events_state(const ngx_http_devpilot_events_conf_t *conf)
{
    events_t *events = ngx_http_devpilot_zone_data(conf->zone);

    return &events->state;
}

/* The file's head is no slot. */
uint64_t
ngx_http_devpilot_events_slots(const ngx_http_devpilot_events_conf_t *conf)
{
    return conf->size / DP_RING_SLOT_SIZE - 1;
}

uint64_t
ngx_http_devpilot_events_slots_ordinary(
    const ngx_http_devpilot_events_conf_t *conf)
{
    uint64_t slots = ngx_http_devpilot_events_slots(conf);

    return slots - slots / RESERVED_SHARE;
}
