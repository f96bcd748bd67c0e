/*
 * The trail of a request in the database: the name of its session, a comment in
 * front of its transaction, and a line for what was slow.
 *
 * Private to this folder, but for dp_trail_follow().
 */

#ifndef DP_TRAIL_H
#define DP_TRAIL_H

#include <stdint.h>

typedef enum {
    DP_COMMENTS_NONE,
    DP_COMMENTS_SAMPLED, /* of traces that are recorded */
    DP_COMMENTS_ALL,
} dp_comments_t;

/*
 * From now on round trips of `slow_us` and more are logged (0: none), and
 * transactions begin with a comment.  Any thread may call it.
 */
void dp_trail_follow(uint64_t slow_us, dp_comments_t comments);

#endif /* DP_TRAIL_H */
