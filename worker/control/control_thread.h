/*
 * The control thread: reads the control state, on a connection of its own,
 * whenever it changes and twice a second, and puts it into the feed.
 *
 * It also turns off the switches whose time is over and, when edges are ahead of
 * a database that was restored, passes them.  Several workers may do the same.
 */

#ifndef DP_CONTROL_THREAD_H
#define DP_CONTROL_THREAD_H

#include "feed.h"
#include "peers.h"
#include "settings.h"

typedef struct dp_control_thread_s dp_control_thread_t;

/* Feed and peers stay the caller's.  NULL with errno when it cannot. */
dp_control_thread_t *dp_control_thread_start(const dp_settings_t *settings,
                                             dp_feed_t *feed, dp_peers_t *peers)
    __attribute__((warn_unused_result));

/* Ends the thread, after the reading it may be in, and frees all. */
void dp_control_thread_stop(dp_control_thread_t *control);

#endif /* DP_CONTROL_THREAD_H */
