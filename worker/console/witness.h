/*
 * The witness: sees to it that every change of what instances have on by
 * themselves (directive, environment, file) becomes an audit event, and
 * remembers in the database what it saw last, so that a change made while no
 * worker ran is noticed as well.
 *
 * Of the console's thread.  Several workers may witness the same change: the
 * database records it once.
 */

#ifndef DP_WITNESS_H
#define DP_WITNESS_H

#include "control/peers.h"
#include "db/db.h"

typedef struct dp_witness_s dp_witness_t;

/* `address` names this worker as an instance, for its own setting. */
dp_witness_t *dp_witness_create(const char *address);
void          dp_witness_destroy(dp_witness_t *witness);

/* Looks at what was reported; asks the database only when something changed. */
void dp_witness_look(dp_witness_t *witness, dp_peers_t *peers, dp_db_t *db);

#endif /* DP_WITNESS_H */
