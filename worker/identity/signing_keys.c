/*
 * Statements that change signing keys.
 */

#include "signing_keys.h"

#include "crypto/random.h"
#include "crypto/seal.h"
#include "dp_id.h"
#include "log.h"
#include "metrics.h"

#include <openssl/crypto.h>

#define KID_SIZE 16 /* characters */

static const char *const purposes[] = {
    [DP_CONTROL_KEY_JWT] = "jwt",
    [DP_CONTROL_KEY_CSRF] = "csrf",
};

#define PURPOSES (sizeof(purposes) / sizeof(purposes[0]))

/* As the database names them. */
static const char *const outcomes[] = {
    [DP_KEY_CREATED] = "created",
    [DP_KEY_ROTATED] = "rotated",
    [DP_KEY_NOT_DUE] = "not due",
    [DP_KEY_TOO_MANY] = "too many",
    [DP_KEY_REVOKED] = "revoked",
    [DP_KEY_UNKNOWN] = "no such key",
};

static const dp_statement_t key_rotate = {
    .name = "signing_key.rotate",
    .sql = "select outcome, generation"
           "  from app.signing_key_rotate($1, $2, $3, $4 = 1, $5, $6)",
    .rows = DP_ROWS_ONE,
};

static const dp_statement_t key_revoke = {
    .name = "signing_key.revoke",
    .sql = "select outcome, generation"
           "  from app.signing_key_revoke($1, $2, $3, $4, $5)",
    .rows = DP_ROWS_ONE,
};

enum {
    CHANGE_OUTCOME,
    CHANGE_GENERATION,
};

/* A key that was never used. */
typedef struct {
    char    kid[KID_SIZE];
    uint8_t sealed[DP_CONTROL_KEY_SECRET + DP_SEAL_OVERHEAD];
} new_key_t;

static void
new_key_make(new_key_t *key)
{
    uint8_t               id[KID_SIZE / 2];
    uint8_t               secret[DP_CONTROL_KEY_SECRET];
    const dp_seal_place_t place = {
        .table = "signing_key",
        .row = dp_slice(key->kid, KID_SIZE),
        .field = "secret",
    };

    dp_random(id, sizeof(id));
    dp_hex_format(key->kid, id, sizeof(id));
    dp_random(secret, sizeof(secret));
    (void) dp_seal(key->sealed, &place, dp_slice(secret, sizeof(secret)));
    OPENSSL_cleanse(secret, sizeof(secret));
}

bool
dp_key_purpose_parse(dp_slice_t name, dp_control_key_purpose_t *purpose)
{
    for (size_t i = DP_CONTROL_KEY_JWT; i < PURPOSES; i++) {
        if (dp_slice_equal(name, dp_slice_text(purposes[i]))) {
            *purpose = (dp_control_key_purpose_t) i;
            return true;
        }
    }

    return false;
}

/* Rotations and revocations are counted where they are made. */
static void
outcome_count(dp_key_outcome_t outcome)
{
    dp_metric_add(DP_METRIC_KEY_ROTATIONS, outcome == DP_KEY_ROTATED
                                               || outcome == DP_KEY_CREATED);
    dp_metric_add(DP_METRIC_KEY_INVALIDATIONS, outcome == DP_KEY_REVOKED);
}

static dp_error_t
change_make(dp_db_t *db, const dp_statement_t *statement, dp_values_t values,
            dp_key_change_t *change)
{
    dp_row_t   row;
    dp_error_t error = dp_ask(db,
                              &(dp_question_t) {
                                  .statement = statement,
                                  .values = values,
                                  .until_us = change->until_us,
                                  .role = change->role,
                                  .writes = true,
                              },
                              &row);

    if (error == DP_OK) {
        dp_slice_t said = dp_row_bytes(row, CHANGE_OUTCOME);

        change->outcome = DP_KEY_CREATED;

        while (!dp_slice_equal(said, dp_slice_text(outcomes[change->outcome]))) {
            change->outcome++;
        }

        change->generation = (uint64_t) dp_row_int(row, CHANGE_GENERATION);
        outcome_count(change->outcome);
    }

    dp_trip_clear(db);

    return error;
}

dp_error_t
dp_key_rotate(dp_db_t *db, dp_control_key_purpose_t purpose, bool when_due,
              dp_key_change_t *change)
{
    new_key_t key;

    new_key_make(&key);

    return change_make(
        db, &key_rotate,
        DP_BIND(dp_text(dp_slice_text(purposes[purpose])),
                dp_text(dp_slice(key.kid, sizeof(key.kid))),
                dp_bytea(dp_slice(key.sealed, sizeof(key.sealed))),
                dp_int4(when_due), dp_text(change->actor),
                dp_text(change->reason)),
        change);
}

dp_error_t
dp_key_revoke(dp_db_t *db, dp_slice_t kid, dp_key_change_t *change)
{
    new_key_t key;

    new_key_make(&key);

    return change_make(
        db, &key_revoke,
        DP_BIND(dp_text(kid), dp_text(dp_slice(key.kid, sizeof(key.kid))),
                dp_bytea(dp_slice(key.sealed, sizeof(key.sealed))),
                dp_text(change->actor), dp_text(change->reason)),
        change);
}

dp_error_t
dp_keys_ensure(dp_db_t *db, const char *actor, uint64_t until_us)
{
    for (size_t i = DP_CONTROL_KEY_JWT; i < PURPOSES; i++) {
        dp_key_change_t change = {
            .role = "dp_system",
            .actor = dp_slice_text(actor),
            .reason = DP_SLICE("by schedule"),
            .until_us = until_us,
        };
        dp_error_t error = dp_key_rotate(db, (dp_control_key_purpose_t) i, true,
                                         &change);

        if (error != DP_OK) {
            return error;
        }

        if (change.outcome != DP_KEY_NOT_DUE) {
            dp_log(change.outcome == DP_KEY_TOO_MANY ? DP_LOG_ERROR
                                                     : DP_LOG_INFO,
                   NULL, DP_OK, "signing key for %s: %s", purposes[i],
                   outcomes[change.outcome]);
        }
    }

    return DP_OK;
}
