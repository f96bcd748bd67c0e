/*
 * Writes that this worker has taken on and not answered yet, by kill switch.
 *
 * nginx counts them as well; but when one of its processes is killed, what it
 * had sent may still wait here, and be executed.  Only the router counts, any
 * thread may look.
 */

#ifndef DP_WRITES_H
#define DP_WRITES_H

#include "message.h"

/* Counts a message that is taken on (1), or let go of (-1). */
void dp_writes_count(const dp_message_t *message, int change);

/* How many of those are under way that the switch with this bit refuses. */
uint64_t dp_writes_under_way(unsigned bit);

#endif /* DP_WRITES_H */
