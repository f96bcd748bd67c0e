/*
 * The way back: answered messages from any thread to the router.
 *
 * Many threads push, the router takes all at once.  It is woken through a
 * descriptor, by the first push after it looked and by none of the others.
 */

#ifndef DP_REPLIES_H
#define DP_REPLIES_H

#include "message.h"

typedef struct dp_replies_s dp_replies_t;

/* Aborts when memory or descriptors are out. */
dp_replies_t *dp_replies_create(void);
void          dp_replies_destroy(dp_replies_t *replies);

/* Readable while something may be there to take. */
int dp_replies_fd(const dp_replies_t *replies);

/* Gives an answered message back to the router. */
void dp_replies_push(dp_replies_t *replies, dp_message_t *message);

/* All that were pushed, the oldest first, linked by `next`; NULL: none. */
dp_message_t *dp_replies_take(dp_replies_t *replies);

#endif /* DP_REPLIES_H */
