/*
 * The operation getReadiness: is this worker, and what it needs, fit to serve?
 *
 * The router answers it itself, from records in memory, so that the answer
 * comes also when every transaction thread is busy or stuck.
 */

#ifndef DP_READINESS_H
#define DP_READINESS_H

#include "db/db.h"

#define DP_READINESS_TEXT_SIZE 4096

/* What decides. */
typedef struct {
    dp_db_probe_t probe;
    uint32_t      switches; /* on, whatever their source */
    bool          control_ok; /* edges may be told of switches */
    bool          draining;
} dp_readiness_t;

/*
 * Fills `reply`: 200, or OPS_NOT_READY whose details name the gates that are
 * closed, or what the contract says of another query than its own.  `text`
 * receives the JSON that the reply borrows, at most DP_READINESS_TEXT_SIZE
 * bytes.
 */
void dp_readiness_answer(const dp_readiness_t *state, dp_slice_t query,
                         dp_writer_t *text, dp_wire_reply_t *reply);

#endif /* DP_READINESS_H */
