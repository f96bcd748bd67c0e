/*
 * The newest record of the control state, on its way from the control thread to
 * the router.
 *
 * One thread puts, one takes; both only copy what is short while they hold the
 * mutex.  What was put and not taken yet is replaced: it is state, not news.
 */

#ifndef DP_FEED_H
#define DP_FEED_H

#include "db/control_state.h"

typedef struct dp_feed_s dp_feed_t;

/* Aborts when memory or descriptors are out. */
dp_feed_t *dp_feed_create(void);
void       dp_feed_destroy(dp_feed_t *feed);

/*
 * Copies what was read at `read_us` (CLOCK_MONOTONIC) and wakes the one who
 * takes.  The lists count only when the generation is another one than that of
 * the last call.
 */
void dp_feed_put(dp_feed_t *feed, const dp_control_state_t *state,
                 uint64_t read_us);

/* Readable when something was put since the last call of dp_feed_take(). */
int dp_feed_fd(const dp_feed_t *feed);

/*
 * The newest record, valid until the next call; NULL when there is none yet.
 * It belongs to whoever calls this.
 */
const dp_wire_control_t *dp_feed_take(dp_feed_t *feed);

#endif /* DP_FEED_H */
