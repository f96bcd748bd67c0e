/*
 * Counters, gauges and histograms of this process, as rows of metrics.def, and
 * their Prometheus text.
 *
 * Any thread may change any of them; all are atomics, relaxed, without a lock.
 * Labels are fixed by the row: none ever comes from a request.
 */

#ifndef DP_METRICS_H
#define DP_METRICS_H

#include "dp_bytes.h"

typedef enum {
#define DP_METRIC(id, kind, name, labels, help) DP_METRIC_##id,
#define DP_HISTOGRAM(id, name, labels, help)
#define DP_DEPTH(id, name, labels, help)
#include "metrics.def"
#undef DP_METRIC
#undef DP_HISTOGRAM
#undef DP_DEPTH
    DP_METRIC_COUNT
} dp_metric_t;

typedef enum {
#define DP_METRIC(id, kind, name, labels, help)
#define DP_HISTOGRAM(id, name, labels, help) DP_HISTOGRAM_##id,
#define DP_DEPTH(id, name, labels, help) DP_HISTOGRAM_##id,
#include "metrics.def"
#undef DP_METRIC
#undef DP_HISTOGRAM
#undef DP_DEPTH
    DP_HISTOGRAM_COUNT
} dp_histogram_t;

/* Adds to a counter or, possibly a negative number, to a gauge. */
void dp_metric_add(dp_metric_t metric, int64_t amount);

/* Sets a gauge. */
void dp_metric_set(dp_metric_t metric, int64_t value);

int64_t dp_metric_get(dp_metric_t metric);

/* Counts one observation of a duration. */
void dp_histogram_observe(dp_histogram_t histogram, uint64_t duration_us);

/* Counts one observation of a number, of a row that is DP_DEPTH. */
void dp_depth_observe(dp_histogram_t histogram, unsigned number);

/*
 * Writes Prometheus text format 0.0.4; the writer fails when it lacks room:
 * DP_METRICS_TEXT_SIZE always suffices.
 */
void dp_metrics_render(dp_writer_t *writer);

#define DP_METRICS_CALLS_SIZE (256 * (size_t) 1024) /* what tally.h writes */
#define DP_METRICS_TEXT_SIZE                                               \
    (512 * (size_t) DP_METRIC_COUNT + 4096 * (size_t) DP_HISTOGRAM_COUNT   \
     + DP_METRICS_CALLS_SIZE)

#endif /* DP_METRICS_H */
