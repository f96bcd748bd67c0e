/*
 * The keeper: a thread that renews the leases of this worker's jobs, and that,
 * in one worker at a time, queues what is due by schedule, ends attempts whose
 * worker is gone, and counts what waits.
 */

#ifndef DP_KEEPER_H
#define DP_KEEPER_H

#include "seats.h"
#include "settings.h"

typedef struct dp_keeper_s dp_keeper_t;

/* NULL with errno: it cannot be started.  Borrows all it is given. */
dp_keeper_t *dp_keeper_start(const dp_settings_t *settings,
                             const dp_job_owner_t *owner, dp_seats_t *seats);
void         dp_keeper_stop(dp_keeper_t *keeper);

#endif /* DP_KEEPER_H */
