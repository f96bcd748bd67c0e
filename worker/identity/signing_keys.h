/*
 * Changing signing keys in the database: a new one is made here, sealed, and
 * stored in one transaction with what becomes of the one before.
 */

#ifndef DP_SIGNING_KEYS_H
#define DP_SIGNING_KEYS_H

#include "db/ask.h"
#include "dp_control_key.h"

typedef enum {
    DP_KEY_CREATED, /* there was none */
    DP_KEY_ROTATED,
    DP_KEY_NOT_DUE,
    DP_KEY_TOO_MANY, /* that verify already: revoke some, or wait */
    DP_KEY_REVOKED,
    DP_KEY_UNKNOWN, /* or it has ended already */
} dp_key_outcome_t;

typedef struct {
    const char *role;    /* dp_system, dp_ops */
    dp_slice_t  actor;
    dp_slice_t  reason;
    uint64_t    until_us; /* CLOCK_MONOTONIC */

    /* what became of it */
    dp_key_outcome_t outcome;
    uint64_t         generation; /* that edges have to reach */
} dp_key_change_t;

/* False: it is none. */
bool dp_key_purpose_parse(dp_slice_t name, dp_control_key_purpose_t *purpose);

/* Makes a new key sign, or only when that is due. */
dp_error_t dp_key_rotate(dp_db_t *db, dp_control_key_purpose_t purpose,
                         bool when_due, dp_key_change_t *change)
    __attribute__((warn_unused_result));

/* Ends a key at once; one that signs gets a successor. */
dp_error_t dp_key_revoke(dp_db_t *db, dp_slice_t kid, dp_key_change_t *change)
    __attribute__((warn_unused_result));

/* Makes the first key of each purpose that has none, and of each that is due. */
dp_error_t dp_keys_ensure(dp_db_t *db, const char *actor, uint64_t until_us)
    __attribute__((warn_unused_result));

#endif /* DP_SIGNING_KEYS_H */
