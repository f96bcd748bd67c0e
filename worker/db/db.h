/*
 * The worker's database: one connection per thread, opened when it is first
 * needed and again after a loss.
 *
 * This is what the runtime sees.  Operations see transaction.h and row.h; only
 * the files of this folder see libpq.  A dp_db_t belongs to one thread.
 */

#ifndef DP_DB_H
#define DP_DB_H

#include "runtime/operation.h"

/*
 * Keeps a copy of `conninfo` (a libpq connection string or URI) and connects
 * on first use.  Its `options` are ours: those of the string are ignored.
 * Process lifetime; aborts when memory is out.
 */
dp_db_t *dp_db_create(const char *conninfo);
void     dp_db_destroy(dp_db_t *db);

/*
 * Runs the operation of op->route, which is not an edge row: checks what the
 * route demands, calls its function, retries what may be retried inside the
 * deadline, audits denials.  True with op->reply filled, false with op->error
 * set.  Afterwards the connection is idle or closed, and everything in op is
 * in the arena or the frame.
 */
bool dp_operation_execute(dp_op_t *op);

/*
 * Answers whose credential this is.  Unknown, revoked and expired are all one:
 * AUTH_KEY_INVALID of an API key, AUTH_SESSION_REVOKED of a session, in
 * `answer->code`; a database that cannot be asked is DATABASE_UNAVAILABLE or
 * WORKER_TIMEOUT, with its cause.  False when `code` was filled, with static text.
 * Of a credential that is known but not usable `answer` says whose it is and at
 * which generation, too.
 */
bool dp_authenticate(dp_db_t *db, const dp_wire_authenticate_t *asked,
                     dp_wire_principal_t *answer);

/* What one look at the database showed. */
typedef struct {
    bool     reachable;
    bool     schema_ok;  /* the newest change is the one we were built for */
    uint32_t switches;   /* DP_KILL_* that are on in dp.kill_switch */
    uint64_t latency_us; /* of the query */
} dp_db_probe_t;

/* Looks, for at most `timeout_us`.  False when the database did not answer. */
bool dp_db_probe(dp_db_t *db, uint64_t timeout_us, dp_db_probe_t *probe);

#endif /* DP_DB_H */
