/*
 * Prometheus' text format (0.0.4): the lines that both programs write alike,
 * and the union of several texts.
 *
 * Names, labels and texts need no escaping where they are ours.
 */

#ifndef DP_PROMETHEUS_H
#define DP_PROMETHEUS_H

#include "dp_bytes.h"

/*
 * An upper bound of a histogram's bucket, and the same in seconds as it is
 * written.  The last row of an array of them is {UINT64_MAX, "+Inf"}.
 */
typedef struct {
    uint64_t    ns;
    const char *seconds;
} dp_prometheus_bound_t;

/* What a histogram counted; `counts` are not cumulative. */
typedef struct {
    const dp_prometheus_bound_t *bounds;
    const uint64_t              *counts; /* one for each bound */
    uint64_t                     sum_ns;
} dp_prometheus_histogram_t;

/* # HELP and # TYPE; `kind` is counter, gauge or histogram. */
void dp_prometheus_family(dp_writer_t *writer, const char *name,
                          const char *kind, const char *help);

/* A duration as seconds with nine decimals. */
void dp_prometheus_seconds(dp_writer_t *writer, uint64_t ns);

/* The bucket that a duration belongs to. */
size_t dp_prometheus_bucket(const dp_prometheus_bound_t *bounds, uint64_t ns);

/* Its samples; `labels` is what stands between the braces, or empty. */
void dp_prometheus_histogram(dp_writer_t *writer, const char *name,
                             const char *labels,
                             const dp_prometheus_histogram_t *histogram);

/* A label with a value of any bytes, escaped: name="value". */
void dp_prometheus_label(dp_writer_t *writer, const char *name,
                         dp_slice_t value);

/* dp_prometheus_merge.c */

/* One of several texts, and the label that tells its samples from others'. */
typedef struct {
    dp_slice_t text;
    dp_slice_t label; /* name="value" */

    const uint8_t *next; /* private */
} dp_prometheus_part_t;

/*
 * Writes the families of all parts, each once and with everybody's samples, in
 * the order in which they first come.  A family's help and type are those of
 * the first part that has it.  Lines that are no sample of the family they
 * stand under are left out.
 */
void dp_prometheus_merge(dp_writer_t *writer, dp_prometheus_part_t *parts,
                         size_t count);

/* Bytes that dp_prometheus_merge() writes at most. */
size_t dp_prometheus_merge_size(const dp_prometheus_part_t *parts,
                                size_t count);

#endif /* DP_PROMETHEUS_H */
