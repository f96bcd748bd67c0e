/*
 * The zone of the buckets.
 *
 * A zone of another size is another zone to nginx: what the old one holds is
 * copied in while nginx still has both.  The key goes along, as the table knows
 * hashes only.
 *
 * The zone's clock is CLOCK_MONOTONIC, so nothing happens when somebody sets the
 * time.  Where the minutes of the day begin on it is kept in the zone, for all
 * processes alike; a step of the time moves that once.
 */

#include <openssl/rand.h>

#include "dp_siphash.h"
#include "ngx_http_devpilot_limit.h"
#include "ngx_http_devpilot_zone.h"

#define SUBJECT_MAX 32

/* Times of the first minute after the machine's start are not negative. */
#define CLOCK_START_NS DP_GCRA_MINUTE_NS

/* Two clocks read one after the other differ by less, unless one was set. */
#define STEP_NS (DP_GCRA_SECOND_NS / 10)

typedef struct {
    ngx_http_devpilot_zone_head_t head;
    dp_siphash_key_t              key;
    uint64_t                      wall_ns; /* what the wall's clock is ahead */
    dp_buckets_t                  table;
} buckets_t;

static ngx_int_t zone_begin(void *zone, size_t size);

#define ZONE_MAGIC 0x64704274
#define ZONE_LAYOUT 2

static ngx_str_t zone_name = ngx_string("devpilot_buckets");

ngx_int_t
ngx_http_devpilot_buckets_add(ngx_conf_t *cf,
                              ngx_http_devpilot_limit_conf_t *conf)
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

static buckets_t *
zone_of(const ngx_http_devpilot_limit_conf_t *conf)
{
    return ngx_http_devpilot_zone_data(conf->zone);
}

dp_buckets_t *
ngx_http_devpilot_buckets(const ngx_http_devpilot_limit_conf_t *conf)
{
    return &zone_of(conf)->table;
}

uint64_t
ngx_http_devpilot_bucket_hash(const ngx_http_devpilot_limit_conf_t *conf,
                              unsigned kind, dp_slice_t subject)
{
    uint8_t bytes[1 + SUBJECT_MAX];

    bytes[0] = (uint8_t) kind;
    ngx_memcpy(bytes + 1, subject.data, subject.len);

    return dp_siphash(&zone_of(conf)->key, dp_slice(bytes, 1 + subject.len));
}

/* --- time ------------------------------------------------------------------- */

static uint64_t
clock_ns(clockid_t clock)
{
    struct timespec now;

    (void) clock_gettime(clock, &now);

    return (uint64_t) now.tv_sec * DP_GCRA_SECOND_NS + (uint64_t) now.tv_nsec;
}

static uint64_t
minute_began(buckets_t *zone, uint64_t now_ns)
{
    uint64_t measured = clock_ns(CLOCK_REALTIME) - now_ns;
    uint64_t known = __atomic_load_n(&zone->wall_ns, __ATOMIC_RELAXED);

    if (measured - known > STEP_NS && known - measured > STEP_NS) {
        known = measured;
        __atomic_store_n(&zone->wall_ns, known, __ATOMIC_RELAXED);
    }

    return now_ns - (now_ns + known) % DP_GCRA_MINUTE_NS;
}

uint64_t
ngx_http_devpilot_zone_now_ns(void)
{
    return CLOCK_START_NS + clock_ns(CLOCK_MONOTONIC);
}

dp_gcra_moment_t
ngx_http_devpilot_moment(const ngx_http_devpilot_limit_conf_t *conf)
{
    uint64_t now_ns = ngx_http_devpilot_zone_now_ns();

    return (dp_gcra_moment_t) {
        .now_ns = now_ns,
        .minute_ns = conf->by_minute ? minute_began(zone_of(conf), now_ns)
                                     : now_ns,
    };
}

static dp_gcra_moment_t turn_moment;

static void
turn_over(ngx_event_t *event)
{
    turn_moment.now_ns = 0;
}

dp_gcra_moment_t
ngx_http_devpilot_turn_moment(const ngx_http_devpilot_limit_conf_t *conf)
{
    static ngx_event_t end = {.handler = turn_over};

    if (turn_moment.now_ns == 0) {
        turn_moment = ngx_http_devpilot_moment(conf);
        end.log = ngx_cycle->log;
        ngx_post_event(&end, &ngx_posted_events);
    }

    return turn_moment;
}

/* --- an empty zone ---------------------------------------------------------- */

static void
debts_copy(buckets_t *zone, const buckets_t *old)
{
    uint64_t         homeless;
    ngx_uint_t       level;
    dp_gcra_moment_t moment;

    moment.now_ns = ngx_http_devpilot_zone_now_ns();
    moment.minute_ns = moment.now_ns - DP_GCRA_MINUTE_NS;

    zone->key = old->key;
    zone->wall_ns = old->wall_ns;
    homeless = dp_buckets_copy(&zone->table, &old->table, &moment);

    level = homeless == 0 ? NGX_LOG_NOTICE : NGX_LOG_WARN;
    ngx_log_error(level, ngx_cycle->log, 0,
                  "shared zone \"%V\" has another size: its buckets were "
                  "copied, %uL of them had no room",
                  &zone_name, homeless);
}

static ngx_int_t
zone_begin(void *data, size_t size)
{
    buckets_t       *zone = data;
    const buckets_t *old = ngx_http_devpilot_zone_before(&zone_name, zone);

    zone->table.set_count = dp_buckets_sets_in(size - offsetof(buckets_t, table));

    if (old != NULL && old->head.magic == ZONE_MAGIC
        && old->head.layout == ZONE_LAYOUT)
    {
        debts_copy(zone, old);
        return NGX_OK;
    }

    return RAND_bytes((u_char *) &zone->key, sizeof(zone->key)) == 1 ? NGX_OK
                                                                     : NGX_ERROR;
}
