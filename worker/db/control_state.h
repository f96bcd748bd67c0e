/*
 * The control state in the database: reading it, being told that it changed,
 * and the two repairs that whoever reads it makes.
 */

#ifndef DP_CONTROL_STATE_H
#define DP_CONTROL_STATE_H

#include "db.h"

/* One reading.  The lists, in the form of dp_control.h, borrow from `db`. */
typedef struct {
    uint64_t   generation;
    uint64_t   floor;
    uint32_t   switches; /* on in the database, DP_KILL_* */
    bool       expired;  /* the time of one of them is over */
    dp_slice_t plans;
    dp_slice_t revocations;
    dp_slice_t blocks;
    dp_slice_t keys; /* sealed, as they are read */
    dp_slice_t issuers;
} dp_control_state_t;

/*
 * Reads the state and listens for changes from now on; the lists stay empty
 * when its generation is `known`.  They are valid until the next call with
 * `db`.  False when the database did not answer until then.  Times are
 * CLOCK_MONOTONIC.
 */
bool dp_control_state_read(dp_db_t *db, uint64_t known, uint64_t until_us,
                           dp_control_state_t *state)
    __attribute__((warn_unused_result));

/* Passes a generation that an edge has seen and the database has not. */
void dp_control_state_catch_up(dp_db_t *db, uint64_t seen, uint64_t until_us);

/* Turns off the switches whose time is over. */
void dp_kill_switches_expire(dp_db_t *db, uint64_t until_us);

/* What to poll for notifications; -1 while there is no connection. */
int dp_db_socket(const dp_db_t *db);

/* Takes all notifications: true when the state is to be read again. */
bool dp_db_notified(dp_db_t *db);

#endif /* DP_CONTROL_STATE_H */
