/*
 * The metrics zone: counters that outlive reloads and nginx processes.
 *
 * Requests are counted in one of a few stripes, chosen by the process, with
 * relaxed atomic additions: a stripe has no owner, so nothing is lost or folded
 * when a process ends.  What only one process can say (its channels, its
 * requests in flight) has a place per process, by nginx's own index of the
 * process, which no two living processes of one master share.  The counters
 * there are carried on by the next process at that index; gauges end with their
 * process, however it ends.
 */

#include "ngx_http_devpilot_metrics.h"
#include "ngx_http_devpilot_zone.h"

#define STRIPES 16
#define CACHE_LINE 64 /* what different processes write lies apart */

typedef struct {
    ngx_http_devpilot_counts_t counts;
} __attribute__((aligned(CACHE_LINE))) stripe_t;

typedef struct {
    ngx_http_devpilot_process_counts_t counts;
    ngx_atomic_t                       pid; /* 0: nobody was here yet */
    uint64_t configuration; /* that it serves, by the number of commits */
    uint64_t generation;    /* of the control state, as it told last */
} __attribute__((aligned(CACHE_LINE))) process_t;

typedef struct {
    ngx_http_devpilot_zone_head_t head;
    stripe_t                      stripes[STRIPES];
    process_t                     processes[NGX_MAX_PROCESSES];
} metrics_t;

static const ngx_http_devpilot_zone_spec_t metrics_spec = {
    .name = ngx_string("devpilot_metrics"),
    .magic = 0x64704d74,
    .layout = 8,
    .size = sizeof(metrics_t),
};

/* nginx's own clock of a request is good to the millisecond. */
const dp_prometheus_bound_t ngx_http_devpilot_request_bounds[] = {
    {1000000, "0.001"},  {2500000, "0.0025"}, {5000000, "0.005"},
    {10000000, "0.01"},  {25000000, "0.025"}, {50000000, "0.05"},
    {100000000, "0.1"},  {250000000, "0.25"}, {500000000, "0.5"},
    {1000000000, "1"},   {2000000000, "2"},   {5000000000, "5"},
    {UINT64_MAX, "+Inf"},
};

const dp_prometheus_bound_t ngx_http_devpilot_wait_bounds[] = {
    {500000, "0.0005"},  {1000000, "0.001"},  {2500000, "0.0025"},
    {5000000, "0.005"},  {10000000, "0.01"},  {25000000, "0.025"},
    {50000000, "0.05"},  {100000000, "0.1"},  {300000000, "0.3"},
    {1000000000, "1"},   {5000000000, "5"},   {UINT64_MAX, "+Inf"},
};

const dp_prometheus_bound_t ngx_http_devpilot_check_bounds[] = {
    {500, "0.0000005"},   {1000, "0.000001"}, {2500, "0.0000025"},
    {5000, "0.000005"},   {10000, "0.00001"}, {100000, "0.0001"},
    {1000000, "0.001"},   {5000000, "0.005"}, {UINT64_MAX, "+Inf"},
};

const dp_prometheus_bound_t ngx_http_devpilot_stage_bounds[] = {
    {1000, "0.000001"},  {2500, "0.0000025"}, {5000, "0.000005"},
    {10000, "0.00001"},  {25000, "0.000025"}, {100000, "0.0001"},
    {1000000, "0.001"},  {10000000, "0.01"},  {100000000, "0.1"},
    {1000000000, "1"},   {UINT64_MAX, "+Inf"},
};

#define BOUNDS_FIT(bounds)                                                   \
    _Static_assert(sizeof(bounds) / sizeof(bounds[0])                        \
                       <= NGX_HTTP_DEVPILOT_BUCKETS,                         \
                   "no room for " #bounds)

BOUNDS_FIT(ngx_http_devpilot_request_bounds);
BOUNDS_FIT(ngx_http_devpilot_wait_bounds);
BOUNDS_FIT(ngx_http_devpilot_check_bounds);
BOUNDS_FIT(ngx_http_devpilot_stage_bounds);

/* This process's places. */
static ngx_http_devpilot_counts_t         *stripe;
static ngx_http_devpilot_process_counts_t *process;
static process_t                          *own;

ngx_int_t
ngx_http_devpilot_metrics_add(ngx_conf_t *cf,
                              ngx_http_devpilot_main_conf_t *mcf)
{
    mcf->metrics = ngx_http_devpilot_zone_add(cf, &metrics_spec);

    return mcf->metrics == NULL ? NGX_ERROR : NGX_OK;
}

void
ngx_http_devpilot_metrics_join(const ngx_http_devpilot_main_conf_t *mcf)
{
    metrics_t *metrics = ngx_http_devpilot_zone_data(mcf->metrics);
    process_t *place = &metrics->processes[ngx_process_slot];

    stripe = &metrics->stripes[ngx_process_slot % STRIPES].counts;
    process = &place->counts;
    ngx_memzero(&process->gauges, sizeof(process->gauges));
    process->gauges.processes = 1;
    place->configuration = ngx_http_devpilot_switches_generation(mcf);
    place->generation = 0;
    own = place;
    place->pid = (ngx_atomic_uint_t) ngx_pid;
}

ngx_http_devpilot_process_counts_t *
ngx_http_devpilot_metrics_process(void)
{
    return process;
}

static void
count(uint64_t *counter, uint64_t n)
{
    (void) __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
}

static void
observe(ngx_http_devpilot_histogram_t *histogram,
        const dp_prometheus_bound_t *bounds, uint64_t ns)
{
    count(&histogram->counts[dp_prometheus_bucket(bounds, ns)], 1);
    count(&histogram->sum_ns, ns);
}

void
ngx_http_devpilot_metrics_count(const ngx_http_devpilot_ended_t *ended)
{
    ngx_uint_t class = ended->status / 100 - 1;

    if (class < NGX_HTTP_DEVPILOT_STATUS_CLASSES) {
        count(&stripe->requests[ended->route][class], 1);
    }

    observe(&stripe->durations[ended->route], ngx_http_devpilot_request_bounds,
            ended->duration_ms * 1000000);

    if (ended->code != DP_OK) {
        count(&stripe->errors[ended->code], 1);
        count(&stripe->refusals[ended->stage], 1);
    }

    if (ended->worker_us != 0) {
        observe(&stripe->waits, ngx_http_devpilot_wait_bounds,
                ended->worker_us * 1000);
    }
}

void
ngx_http_devpilot_metrics_staged(ngx_uint_t stage, uint64_t ns)
{
    observe(&stripe->stages[stage], ngx_http_devpilot_stage_bounds, ns);
}

void
ngx_http_devpilot_metrics_consumed(ngx_http_devpilot_rule_t rule,
                                   dp_cost_class_t cost_class, uint32_t tokens)
{
    count(&stripe->limits.consumed[rule][cost_class], tokens);
}

void
ngx_http_devpilot_metrics_refused(ngx_http_devpilot_rule_t rule)
{
    count(&stripe->limits.refused[rule], 1);
}

void
ngx_http_devpilot_metrics_would_refuse(ngx_http_devpilot_rule_t rule)
{
    count(&stripe->limits.would_refuse[rule], 1);
}

void
ngx_http_devpilot_metrics_checked(uint64_t check_ns)
{
    observe(&stripe->limits.checks, ngx_http_devpilot_check_bounds, check_ns);
}

void
ngx_http_devpilot_metrics_abuse_signal(dp_abuse_signal_t signal)
{
    count(&stripe->abuse.signals[signal], 1);
}

void
ngx_http_devpilot_metrics_abuse_pattern(void)
{
    count(&stripe->abuse.patterns, 1);
}

void
ngx_http_devpilot_metrics_abuse_transition(unsigned kind, unsigned to)
{
    if (kind == DP_ABUSE_ADDRESS || kind == DP_ABUSE_CREDENTIAL) {
        count(&stripe->abuse.transitions[kind - DP_ABUSE_ADDRESS][to], 1);
    }
}

void
ngx_http_devpilot_metrics_abuse_refused(dp_abuse_tier_t tier)
{
    count(&stripe->abuse.refused[tier], 1);
}

void
ngx_http_devpilot_metrics_abuse_would_refuse(void)
{
    count(&stripe->abuse.would_refuse, 1);
}

void
ngx_http_devpilot_metrics_told(uint64_t generation)
{
    __atomic_store_n(&own->generation, generation, __ATOMIC_RELAXED);
}

/* Who serves an older configuration than there is has been told to end. */
static ngx_http_devpilot_process_t
process_tell(const process_t *place, uint64_t configuration)
{
    return (ngx_http_devpilot_process_t) {
        .pid = place->pid,
        .generation = __atomic_load_n(&place->generation, __ATOMIC_RELAXED),
        .in_flight = __atomic_load_n(&place->counts.gauges.in_flight,
                                     __ATOMIC_RELAXED),
        .draining = place->configuration != configuration
                    || (place == own && ngx_exiting),
    };
}

ngx_uint_t
ngx_http_devpilot_metrics_processes(const ngx_http_devpilot_main_conf_t *mcf,
                                    ngx_http_devpilot_process_t *processes)
{
    const metrics_t *metrics = ngx_http_devpilot_zone_data(mcf->metrics);
    ngx_uint_t       n = 0;
    uint64_t configuration = ngx_http_devpilot_switches_generation(mcf);

    for (ngx_uint_t i = 0; i < NGX_MAX_PROCESSES; i++) {
        const process_t *place = &metrics->processes[i];

        if (ngx_http_devpilot_process_lives((uint32_t) place->pid)) {
            processes[n++] = process_tell(place, configuration);
        }
    }

    return n;
}

/* All members of both structs are of one width: they are summed as words. */
static void
words_add(void *sum, const void *words, size_t size)
{
    uint64_t       *to = sum;
    const uint64_t *from = words;

    for (size_t i = 0; i < size / sizeof(uint64_t); i++) {
        to[i] += __atomic_load_n(&from[i], __ATOMIC_RELAXED);
    }
}

void
ngx_http_devpilot_metrics_sum(const ngx_http_devpilot_main_conf_t *mcf,
                              ngx_http_devpilot_counts_t *counts,
                              ngx_http_devpilot_process_counts_t *processes)
{
    const metrics_t *metrics = ngx_http_devpilot_zone_data(mcf->metrics);

    ngx_memzero(counts, sizeof(*counts));
    ngx_memzero(processes, sizeof(*processes));

    for (ngx_uint_t i = 0; i < STRIPES; i++) {
        words_add(counts, &metrics->stripes[i].counts, sizeof(*counts));
    }

    for (ngx_uint_t i = 0; i < NGX_MAX_PROCESSES; i++) {
        const process_t *place = &metrics->processes[i];

        words_add(processes, &place->counts,
                  ngx_http_devpilot_process_lives((uint32_t) place->pid)
                      ? sizeof(*processes)
                      : offsetof(ngx_http_devpilot_process_counts_t, gauges));
    }
}
