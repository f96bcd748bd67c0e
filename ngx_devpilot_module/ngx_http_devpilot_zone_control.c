/*
 * The control zone: what every nginx process must know of switches, plans and
 * revocations, and a few words that all processes share.
 *
 * Fixed size, no list, no lock.  A word per source of switches, a slot per
 * plan, a stripe per group of subjects; all processes read them, also those
 * that drain after a reload: a switch that is turned on binds requests which
 * they have not forwarded yet.  A source writes its own word only, so none can
 * clear another's switch.  Several processes may apply records at once, of
 * several workers.  The control state is a function of its generation, so
 * applying a record twice is harmless; the words that must not go back carry
 * their generation or only grow.  The generation is stored behind all that
 * belongs to it, so a process that is killed before leaves a zone that lacks
 * the record and says so.
 */

#include "dp_control.h"
#include "ngx_http_devpilot_clock.h"
#include "ngx_http_devpilot_zone.h"

#define STRIPES 4096 /* of subjects: who shares one is asked for once more */
#define SWITCH_BITS 8 /* of the database's word, below the generation */
#define SWITCH_MASK ((1u << SWITCH_BITS) - 1)

typedef struct {
    uint64_t key;     /* the plan + 1; 0: free */
    uint64_t user;    /* burst << 32 | per minute */
    uint64_t project; /* likewise */
} plan_t;

typedef struct {
    ngx_http_devpilot_zone_head_t head;
    uint32_t switches[DP_KILL_DATABASE]; /* on by each source, DP_KILL_* */
    uint32_t workers;   /* on in workers' environments */
    uint64_t database;  /* generation << SWITCH_BITS | on in the database */
    uint64_t commits;   /* configurations that were put in force */
    uint64_t committed_s; /* when the last one was, since 1970 */
    uint64_t started_s; /* likewise */
    uint64_t findings;  /* of ngx_http_devpilot_probe.c */
    uint64_t ids[2];    /* made so far, where they are deterministic */
    uint64_t generation;
    uint64_t read_us; /* when the newest record was read; 0: there is none */
    uint64_t floor;
    plan_t   plans[NGX_HTTP_DEVPILOT_PLANS];
    uint64_t revoked[STRIPES]; /* newest generation */
} control_t;

static const ngx_http_devpilot_zone_spec_t control_spec = {
    .name = ngx_string("devpilot_control"),
    .magic = 0x64704374,
    .layout = 6,
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
word_get(const uint64_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void
word_set(uint64_t *word, uint64_t value)
{
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

static void
word_raise(uint64_t *word, uint64_t value)
{
    uint64_t before = word_get(word);

    while (before < value
           && !__atomic_compare_exchange_n(word, &before, value, 1,
                                           __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    {
    }
}

void
ngx_http_devpilot_switches_set(const ngx_http_devpilot_main_conf_t *mcf,
                               dp_kill_source_t source, uint32_t switches)
{
    __atomic_store_n(&control_of(mcf)->switches[source], switches,
                     __ATOMIC_RELEASE);
}

void
ngx_http_devpilot_workers_environment_set(
    const ngx_http_devpilot_main_conf_t *mcf, uint32_t switches)
{
    __atomic_store_n(&control_of(mcf)->workers, switches, __ATOMIC_RELEASE);
}

uint32_t
ngx_http_devpilot_workers_environment(const ngx_http_devpilot_main_conf_t *mcf)
{
    return __atomic_load_n(&control_of(mcf)->workers, __ATOMIC_ACQUIRE);
}

void
ngx_http_devpilot_control_commit(const ngx_http_devpilot_main_conf_t *mcf)
{
    control_t *control = control_of(mcf);

    if (control->started_s == 0) {
        control->started_s = (uint64_t) ngx_time();
    }

    /* from here on older processes leave the file's word alone */
    word_set(&control->commits, word_get(&control->commits) + 1);
    word_set(&control->committed_s, (uint64_t) ngx_time());

    for (ngx_uint_t i = 0; i < DP_KILL_DATABASE; i++) {
        ngx_http_devpilot_switches_set(mcf, i, mcf->switches_on[i]);
    }
}

uint32_t
ngx_http_devpilot_switches_of(const ngx_http_devpilot_main_conf_t *mcf,
                              dp_kill_source_t source)
{
    control_t *control = control_of(mcf);
    uint32_t   on = 0;

    if (source == DP_KILL_DATABASE) {
        return (uint32_t) word_get(&control->database) & SWITCH_MASK;
    }

    if (source == DP_KILL_ENVIRONMENT) {
        on = ngx_http_devpilot_workers_environment(mcf);
    }

    return on | __atomic_load_n(&control->switches[source], __ATOMIC_ACQUIRE);
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
    return (uint32_t) word_get(&control_of(mcf)->commits);
}

uint64_t
ngx_http_devpilot_committed_s(const ngx_http_devpilot_main_conf_t *mcf)
{
    return word_get(&control_of(mcf)->committed_s);
}

static uint64_t *
stripe_of(control_t *control, const uint8_t id[DP_ID_SIZE])
{
    uint64_t halves[2];

    ngx_memcpy(halves, id, sizeof(halves));

    /* ids are random, but for a version's bits: any fold spreads them */
    return &control->revoked[((halves[0] ^ halves[1]) * 0x9e3779b97f4a7c15)
                             >> 52];
}

static plan_t *
plan_find(control_t *control, uint16_t number)
{
    plan_t *plan = control->plans;

    while (plan < control->plans + NGX_HTTP_DEVPILOT_PLANS
           && word_get(&plan->key) != number + 1u)
    {
        plan++;
    }

    return plan < control->plans + NGX_HTTP_DEVPILOT_PLANS ? plan : NULL;
}

/* The plan's slot, or a free one that becomes its; NULL when none is left. */
static plan_t *
plan_claim(control_t *control, uint16_t number)
{
    plan_t *plan = plan_find(control, number);

    for (ngx_uint_t i = 0; i < NGX_HTTP_DEVPILOT_PLANS && plan == NULL; i++) {
        uint64_t key = 0;

        if (__atomic_compare_exchange_n(&control->plans[i].key, &key,
                                        number + 1u, 0, __ATOMIC_ACQ_REL,
                                        __ATOMIC_ACQUIRE)
            || key == number + 1u)
        {
            plan = &control->plans[i];
        }
    }

    return plan;
}

static uint64_t
rate_pack(dp_rate_t rate)
{
    return (uint64_t) rate.burst << 32 | rate.per_minute;
}

static dp_rate_t
rate_unpack(uint64_t word)
{
    return (dp_rate_t) {
        .burst = (uint32_t) (word >> 32),
        .per_minute = (uint32_t) word,
    };
}

static void
plans_apply(control_t *control, dp_slice_t list)
{
    plan_t           *plan;
    dp_control_plan_t told;

    while (dp_control_plan_next(&list, &told)) {
        plan = plan_claim(control, told.plan);

        if (plan != NULL) {
            word_set(&plan->user, rate_pack(told.rates.user));
            word_set(&plan->project, rate_pack(told.rates.project));
        }
    }
}

static void
revocations_apply(control_t *control, dp_slice_t list)
{
    dp_control_revocation_t revocation;

    while (dp_control_revocation_next(&list, &revocation)) {
        word_raise(stripe_of(control, revocation.subject),
                   revocation.generation);
    }
}

ngx_uint_t
ngx_http_devpilot_control_apply(const ngx_http_devpilot_main_conf_t *mcf,
                                const dp_wire_control_t *record)
{
    control_t *control = control_of(mcf);
    uint64_t   now = ngx_http_devpilot_monotonic_us();

    if (record->generation < word_get(&control->generation)) {
        return 0;
    }

    revocations_apply(control, record->revocations);
    word_raise(&control->floor, record->floor);
    plans_apply(control, record->plans);
    word_raise(&control->database,
               record->generation << SWITCH_BITS
                   | (record->switches & SWITCH_MASK));
    word_raise(&control->generation, record->generation);
    word_raise(&control->read_us, ngx_min(record->read_us, now));

    return 1;
}

uint64_t
ngx_http_devpilot_control_generation(const ngx_http_devpilot_main_conf_t *mcf)
{
    return word_get(&control_of(mcf)->generation);
}

uint64_t
ngx_http_devpilot_revoked_at(const ngx_http_devpilot_main_conf_t *mcf,
                             const uint8_t id[DP_ID_SIZE])
{
    control_t *control = control_of(mcf);

    return ngx_max(word_get(stripe_of(control, id)),
                   word_get(&control->floor));
}

uint64_t
ngx_http_devpilot_feed_age_us(const ngx_http_devpilot_main_conf_t *mcf)
{
    uint64_t read_us = word_get(&control_of(mcf)->read_us);

    return read_us == 0 ? UINT64_MAX
                        : ngx_http_devpilot_monotonic_us() - read_us;
}

ngx_uint_t
ngx_http_devpilot_feed_fresh(const ngx_http_devpilot_main_conf_t *mcf)
{
    return ngx_http_devpilot_feed_age_us(mcf) / 1000 < mcf->feed_timeout;
}

static void
plan_read(const plan_t *plan, dp_plan_rates_t *rates)
{
    rates->user = rate_unpack(word_get(&plan->user));
    rates->project = rate_unpack(word_get(&plan->project));
}

ngx_uint_t
ngx_http_devpilot_plan_rates(const ngx_http_devpilot_main_conf_t *mcf,
                             uint16_t number, dp_plan_rates_t *rates)
{
    plan_t *plan = plan_find(control_of(mcf), number);

    if (plan == NULL) {
        return 0;
    }

    plan_read(plan, rates);

    return 1;
}

ngx_uint_t
ngx_http_devpilot_plan_at(const ngx_http_devpilot_main_conf_t *mcf,
                          ngx_uint_t index, uint16_t *number,
                          dp_plan_rates_t *rates)
{
    const plan_t *plan = &control_of(mcf)->plans[index];
    uint64_t      key = word_get(&plan->key);

    if (key == 0) {
        return 0;
    }

    *number = (uint16_t) (key - 1);
    plan_read(plan, rates);

    return 1;
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
