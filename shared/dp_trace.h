/*
 * The traceparent header of W3C Trace Context: reading a client's, writing
 * ours.
 *
 * A request carries one traceparent; a caller who finds two has none.
 */

#ifndef DP_TRACE_H
#define DP_TRACE_H

#include "dp_bytes.h"

#define DP_TRACE_ID_SIZE 16
#define DP_TRACE_SPAN_SIZE 8
#define DP_TRACE_TEXT_SIZE 55 /* without a terminating zero */

#define DP_TRACE_SAMPLED 0x01
#define DP_TRACE_RANDOM 0x02 /* level 2: the trace id is made at random */

typedef struct {
    uint8_t trace_id[DP_TRACE_ID_SIZE];
    uint8_t span_id[DP_TRACE_SPAN_SIZE]; /* the sender's, our parent */
    uint8_t flags;                       /* of those above */
} dp_trace_t;

/*
 * Reads a header's value.  False, and `trace` unchanged, when it must be
 * ignored: upper-case digits, an id of zeros, version ff, or version 00 with
 * anything behind the flags.  Of a version above 00 the part that 00 defines
 * is read, as the recommendation asks.  Flags without a name here are dropped,
 * blanks around the value belong to the header and not to it.
 */
bool dp_trace_parse(dp_trace_t *trace, dp_slice_t text)
    __attribute__((warn_unused_result));

/* Writes DP_TRACE_TEXT_SIZE characters of version 00, no terminating zero. */
void dp_trace_format(char *text, const dp_trace_t *trace);

#endif /* DP_TRACE_H */
