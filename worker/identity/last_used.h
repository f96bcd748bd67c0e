/*
 * When API keys and sessions were last used: noted in memory by whoever executes
 * a request, written for all of them at once, now and then.
 *
 * A worker that is killed loses what it has not written; a note for more of them
 * than there is room for until the next write is dropped.
 */

#ifndef DP_LAST_USED_H
#define DP_LAST_USED_H

#include "dp_principal.h"

typedef struct dp_db_s dp_db_t;

/* From any thread; `used_us` since 1970. */
void dp_last_used_note(const dp_principal_t *principal, uint64_t used_us);

/*
 * Writes what was noted since the last write, by `until_us` (CLOCK_MONOTONIC).
 * What could not be written is kept.  From one thread only.
 */
void dp_last_used_write(dp_db_t *db, uint64_t until_us);

#endif /* DP_LAST_USED_H */
