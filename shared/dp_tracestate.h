/*
 * The tracestate header of W3C Trace Context: what other tracing systems say of
 * a trace, read from a client to be passed on.
 *
 * A client may spread its list over several headers.  Each is added in the order
 * it came in; the result is one list without blanks, empty members and repeated
 * keys, or nothing at all when any member is wrong.  Whoever could not read the
 * traceparent must not read this.  The text is written to the caller's buffer.
 */

#ifndef DP_TRACESTATE_H
#define DP_TRACESTATE_H

#include "dp_bytes.h"

#define DP_TRACESTATE_MEMBERS 32

/* Private to dp_tracestate.c; the keys borrow from the headers' values. */
typedef struct {
    dp_writer_t out;
    dp_slice_t  keys[DP_TRACESTATE_MEMBERS];
    size_t      count; /* of members, with those that repeat a key */
} dp_tracestate_t;

/*
 * Begins a list in `buffer`.  A capacity of all values' lengths and one more
 * byte for each of them is enough.
 */
void dp_tracestate_begin(dp_tracestate_t *state, void *buffer, size_t capacity);

/*
 * Adds the members of the next header's value.  Of a key that comes again the
 * first member stays: it is the most recent one.
 */
void dp_tracestate_add(dp_tracestate_t *state, dp_slice_t value);

/*
 * The list, in the buffer.  Empty: it has no members, more than
 * DP_TRACESTATE_MEMBERS, or one that is not well-formed.  Keys are read by the
 * grammar of level 2, which has all those of level 1 and more.
 */
dp_slice_t dp_tracestate_end(const dp_tracestate_t *state);

#endif /* DP_TRACESTATE_H */
