/*
 * From a message to its answer, in a transaction thread.
 */

#ifndef DP_DISPATCH_H
#define DP_DISPATCH_H

#include "db/db.h"
#include "message.h"

/*
 * Executes what the message asks and fills its reply.  The arena is the
 * caller's and may be reset afterwards.
 */
void dp_dispatch(dp_message_t *message, dp_arena_t *arena, dp_db_t *db);

#endif /* DP_DISPATCH_H */
