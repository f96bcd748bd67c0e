/*
 * Metrics: arrays of atomics indexed by the rows of metrics.def, and one walk
 * over the rows that writes them down.
 */

#include "metrics.h"

#include "dp_json_out.h"
#include "dp_prometheus.h"
#include "outbound/tally.h"

#include <stdatomic.h>

typedef struct {
    const char *name;
    const char *labels;
    const char *help;
    const char *kind; /* of Prometheus */

    const dp_prometheus_bound_t *bounds; /* of a histogram */
} row_t;

#define BUCKETS 16

static const dp_prometheus_bound_t durations[BUCKETS] = {
    {100000, "0.0001"},   {250000, "0.00025"}, {500000, "0.0005"},
    {1000000, "0.001"},   {2500000, "0.0025"}, {5000000, "0.005"},
    {10000000, "0.01"},   {25000000, "0.025"}, {50000000, "0.05"},
    {100000000, "0.1"},   {250000000, "0.25"}, {500000000, "0.5"},
    {1000000000, "1"},    {2500000000, "2.5"}, {5000000000, "5"},
    {UINT64_MAX, "+Inf"},
};

/* A number is kept, and written, as so many seconds. */
#define ONE_US UINT64_C(1000000)

static const dp_prometheus_bound_t depths[] = {
    {1000000000, "1"},   {2000000000, "2"},   {3000000000, "3"},
    {5000000000, "5"},   {10000000000, "10"}, {UINT64_MAX, "+Inf"},
};

static const row_t metric_rows[DP_METRIC_COUNT] = {
#define DP_METRIC(id, kind, name, labels, help) {name, labels, help, #kind, NULL},
#define DP_HISTOGRAM(id, name, labels, help)
#define DP_DEPTH(id, name, labels, help)
#include "metrics.def"
#undef DP_METRIC
#undef DP_HISTOGRAM
#undef DP_DEPTH
};

static const row_t histogram_rows[DP_HISTOGRAM_COUNT] = {
#define DP_METRIC(id, kind, name, labels, help)
#define DP_HISTOGRAM(id, name, labels, help) \
    {name, labels, help, "histogram", durations},
#define DP_DEPTH(id, name, labels, help) \
    {name, labels, help, "histogram", depths},
#include "metrics.def"
#undef DP_METRIC
#undef DP_HISTOGRAM
#undef DP_DEPTH
};

typedef struct {
    atomic_uint_fast64_t counts[BUCKETS]; /* not cumulative */
    atomic_uint_fast64_t sum_us;
} histogram_t;

static atomic_int_fast64_t metrics[DP_METRIC_COUNT];
static histogram_t         histograms[DP_HISTOGRAM_COUNT];

void
dp_metric_add(dp_metric_t metric, int64_t amount)
{
    atomic_fetch_add_explicit(&metrics[metric], amount, memory_order_relaxed);
}

void
dp_metric_set(dp_metric_t metric, int64_t value)
{
    atomic_store_explicit(&metrics[metric], value, memory_order_relaxed);
}

int64_t
dp_metric_get(dp_metric_t metric)
{
    return atomic_load_explicit(&metrics[metric], memory_order_relaxed);
}

void
dp_histogram_observe(dp_histogram_t histogram, uint64_t duration_us)
{
    histogram_t *values = &histograms[histogram];
    size_t       i = dp_prometheus_bucket(histogram_rows[histogram].bounds,
                                            duration_us * 1000);

    atomic_fetch_add_explicit(&values->counts[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&values->sum_us, duration_us,
                              memory_order_relaxed);
}

void
dp_depth_observe(dp_histogram_t histogram, unsigned number)
{
    dp_histogram_observe(histogram, number * ONE_US);
}

/* # HELP and # TYPE, unless the row before it was of the same name. */
static void
render_family(dp_writer_t *writer, const row_t *rows, size_t index)
{
    const row_t *row = &rows[index];

    if (index > 0 && strcmp(row->name, rows[index - 1].name) == 0) {
        return;
    }

    dp_prometheus_family(writer, row->name, row->kind, row->help);
}

static void
render_metric(dp_writer_t *writer, size_t index)
{
    const row_t *row = &metric_rows[index];
    int64_t      value = dp_metric_get((dp_metric_t) index);

    render_family(writer, metric_rows, index);
    dp_write_text(writer, row->name);

    if (row->labels[0] != '\0') {
        dp_write_text(writer, "{");
        dp_write_text(writer, row->labels);
        dp_write_text(writer, "}");
    }

    dp_write_text(writer, value < 0 ? " -" : " ");
    dp_json_uint(writer, (uint64_t) (value < 0 ? -value : value));
    dp_write_text(writer, "\n");
}

static void
render_histogram(dp_writer_t *writer, size_t index)
{
    const row_t *row = &histogram_rows[index];
    histogram_t *values = &histograms[index];
    uint64_t     counts[BUCKETS];

    for (size_t i = 0; i < BUCKETS; i++) {
        counts[i] = atomic_load_explicit(&values->counts[i],
                                         memory_order_relaxed);
    }

    render_family(writer, histogram_rows, index);
    dp_prometheus_histogram(
        writer, row->name, row->labels,
        &(const dp_prometheus_histogram_t) {
            .bounds = row->bounds,
            .counts = counts,
            .sum_ns = 1000 * atomic_load_explicit(&values->sum_us,
                                                  memory_order_relaxed),
        });
}

void
dp_metrics_render(dp_writer_t *writer)
{
    for (size_t i = 0; i < DP_METRIC_COUNT; i++) {
        render_metric(writer, i);
    }

    for (size_t i = 0; i < DP_HISTOGRAM_COUNT; i++) {
        render_histogram(writer, i);
    }

    /* begins with samples of the last histogram's family, retry_attempts */
    dp_tally_render(writer);
}
