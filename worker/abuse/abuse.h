/*
 * What edges tell of abuse, stored; and the operator's word against it.
 */

#ifndef DP_WORKER_ABUSE_H
#define DP_WORKER_ABUSE_H

#include "db/db.h"
#include "dp_error.h"
#include "dp_wire.h"
#include "runtime/arena.h"

/* events_json.c */

/*
 * The events of a list, in the form of dp_wire_events_t, as a JSON array for
 * app.abuse_events_store().  Those that cannot be read are left out and counted
 * in `refused`.  The text lives in the arena.
 */
dp_slice_t dp_abuse_events_json(dp_arena_t *arena, dp_slice_t list,
                                dp_slice_t instance, unsigned *refused);

/* events_store.c */

/*
 * Stores all events of the message in one transaction, each id once; the code of
 * the answer stays empty when they are stored.
 */
void dp_abuse_events_store(dp_db_t *db, dp_arena_t *arena,
                           const dp_wire_events_t *asked,
                           dp_wire_events_stored_t *answer);

/* lift.c */

typedef struct {
    dp_slice_t  subject; /* as a person writes it */
    dp_slice_t  reason;
    const char *actor;
} dp_abuse_lift_t;

/* Whether that is a subject. */
bool dp_abuse_subject_valid(dp_slice_t subject);

/*
 * Records that the valid subject is NORMAL again, for every edge; `generation`
 * is what those have to reach.  Until `until_us` (CLOCK_MONOTONIC).
 */
dp_error_t dp_abuse_lift(dp_db_t *db, const dp_abuse_lift_t *lift,
                         uint64_t until_us, uint64_t *generation)
    __attribute__((warn_unused_result));

#endif /* DP_WORKER_ABUSE_H */
