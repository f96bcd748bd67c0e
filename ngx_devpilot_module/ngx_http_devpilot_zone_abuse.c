/*
 * The zone of the abuse tiers' subjects, apart from the buckets: a flood of keys
 * there frees nobody here.
 *
 * A zone of another size is another zone to nginx: what the old one knows is
 * taken over while nginx still has both.
 */

#include <openssl/rand.h>

#include "ngx_http_devpilot_abuse.h"
#include "ngx_http_devpilot_zone.h"

#define SWEEP_MS 1000

typedef struct {
    ngx_http_devpilot_zone_head_t head;
    uint64_t                      swept_ms;
    uint64_t                      tiers[DP_ABUSE_TIERS];
    dp_abuse_table_t              table;
} abuse_t;

#define ZONE_MAGIC 0x64704162
#define ZONE_LAYOUT 1

static ngx_str_t zone_name = ngx_string("devpilot_abuse");

static ngx_int_t zone_begin(void *zone, size_t size);

ngx_int_t
ngx_http_devpilot_abuse_add(ngx_conf_t *cf,
                            ngx_http_devpilot_abuse_conf_t *conf)
{
    const ngx_http_devpilot_zone_spec_t spec = {
        .name = zone_name,
        .magic = ZONE_MAGIC,
        .layout = ZONE_LAYOUT,
        .size = conf->zone_size,
        .begin = zone_begin,
    };

    conf->zone = ngx_http_devpilot_zone_add(cf, &spec);

    return conf->zone == NULL ? NGX_ERROR : NGX_OK;
}

static abuse_t *
zone_of(const ngx_http_devpilot_abuse_conf_t *conf)
{
    return ngx_http_devpilot_zone_data(conf->zone);
}

dp_abuse_table_t *
ngx_http_devpilot_abuse_table(const ngx_http_devpilot_abuse_conf_t *conf)
{
    return &zone_of(conf)->table;
}

const uint64_t *
ngx_http_devpilot_abuse_tiers(const ngx_http_devpilot_abuse_conf_t *conf)
{
    return zone_of(conf)->tiers;
}

ngx_uint_t
ngx_http_devpilot_abuse_sweep(const dp_abuse_keeper_t *keeper,
                              const ngx_http_devpilot_abuse_conf_t *conf)
{
    abuse_t  *zone = zone_of(conf);
    uint64_t  tiers[DP_ABUSE_TIERS];
    uint64_t  swept_ms = __atomic_load_n(&zone->swept_ms, __ATOMIC_RELAXED);

    if (keeper->now_ms < swept_ms + SWEEP_MS / 2
        || !__atomic_compare_exchange_n(&zone->swept_ms, &swept_ms,
                                        keeper->now_ms, 0, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
    {
        return 0;
    }

    dp_abuse_table_sweep(keeper, tiers);

    for (ngx_uint_t i = 0; i < DP_ABUSE_TIERS; i++) {
        __atomic_store_n(&zone->tiers[i], tiers[i], __ATOMIC_RELAXED);
    }

    return 1;
}

static void
subjects_copy(abuse_t *zone, const abuse_t *old)
{
    uint64_t                homeless;
    ngx_uint_t              level;
    const dp_abuse_policy_t policy = {.hold_ms = 1, .forget_ms = 1};
    const dp_abuse_keeper_t keeper = {
        .table = &zone->table,
        .policy = &policy,
        .now_ms = ngx_current_msec,
    };

    homeless = dp_abuse_table_copy(&keeper, &old->table);
    level = homeless == 0 ? NGX_LOG_NOTICE : NGX_LOG_WARN;
    ngx_log_error(level, ngx_cycle->log, 0,
                  "shared zone \"%V\" has another size: its subjects were "
                  "copied, %uL of them had no room",
                  &zone_name, homeless);
}

static ngx_int_t
zone_begin(void *data, size_t size)
{
    abuse_t       *zone = data;
    const abuse_t *old = ngx_http_devpilot_zone_before(&zone_name, zone);

    zone->table.set_count =
        dp_abuse_table_sets_in(size - offsetof(abuse_t, table));

    if (old != NULL && old->head.magic == ZONE_MAGIC
        && old->head.layout == ZONE_LAYOUT)
    {
        subjects_copy(zone, old);
        return NGX_OK;
    }

    return RAND_bytes((u_char *) &zone->table.random,
                      sizeof(zone->table.random))
                   == 1
               ? NGX_OK
               : NGX_ERROR;
}
