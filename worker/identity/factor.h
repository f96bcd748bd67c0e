/*
 * The second factor of a user: an authenticator app, and recovery codes.
 *
 * dp_factor_lock() in the first trip holds off every other change of his factors,
 * so what is judged there and used up in the change is used once.  Its statements
 * may be run by the platform's role and by a tenant's, the latter for the caller
 * himself only.
 */

#ifndef DP_FACTOR_H
#define DP_FACTOR_H

#include "db/transaction.h"
#include "recovery.h"
#include "totp.h"

/* What was locked; borrows from the row. */
typedef struct {
    dp_slice_t     email;
    const uint8_t *id; /* NULL: he has none */
    dp_slice_t     sealed;
    uint64_t       last_step;
    const uint8_t *pending_id; /* waits for its first code; NULL: none */
    dp_slice_t     pending_sealed;
    dp_slice_t     recovery;  /* digests of his codes, one behind the other */
    bool           mandatory; /* a role of his wants it */
} dp_factor_t;

/* Queues reading and locking a user's factors: a result for dp_factor_read(). */
unsigned    dp_factor_lock(dp_op_t *op, const uint8_t *user_id);
dp_factor_t dp_factor_read(const dp_op_t *op, unsigned locked);

/*
 * Whether `code` is the app's of now or a recovery code.  If so, queues using it
 * up, in the change, and `method` says which it was.
 */
bool dp_factor_use(dp_op_t *op, const dp_factor_t *factor,
                   const uint8_t *user_id, dp_slice_t code, const char **method)
    __attribute__((warn_unused_result));

/* The step of the first code of the factor that waits; 0: it is none. */
uint64_t dp_factor_first_step(dp_op_t *op, const dp_factor_t *factor,
                              dp_slice_t code);

/* A secret, sealed for the factor of that id, in the arena. */
dp_slice_t dp_factor_seal(dp_arena_t *arena, const uint8_t *id,
                          const uint8_t secret[DP_TOTP_SECRET_SIZE]);

/*
 * Queues giving the caller new recovery codes, and sets the reply's body:
 * {"recoveryCodes": [...]}, which is never shown again.
 */
void dp_factor_codes_queue(dp_op_t *op);

#endif /* DP_FACTOR_H */
