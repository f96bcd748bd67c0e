/*
 * Prometheus' text format (0.0.4): the lines that both programs write alike.
 *
 * Samples are the caller's: their labels differ in kind.  Names and texts need
 * no escaping; they are ours.
 */

#ifndef DP_PROMETHEUS_H
#define DP_PROMETHEUS_H

#include "dp_bytes.h"

/* # HELP and # TYPE; `kind` is counter, gauge or histogram. */
void dp_prometheus_family(dp_writer_t *writer, const char *name,
                          const char *kind, const char *help);

/* A duration as seconds with six decimals. */
void dp_prometheus_seconds(dp_writer_t *writer, uint64_t us);

#endif /* DP_PROMETHEUS_H */
