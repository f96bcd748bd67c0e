/*
 * Whose account somebody has who comes from an identity provider.
 */

#ifndef DP_ACCOUNT_H
#define DP_ACCOUNT_H

#include "id_token.h"
#include "runtime/operation.h"

typedef struct {
    const uint8_t *user_id; /* in the arena */
    const char    *refused; /* NULL: he may log in; else one word why not */
} dp_account_t;

/*
 * Finds the account that he logged in to before; else links him to the one with
 * his address, or makes one, as far as the provider's configuration allows.
 * DP_OK with `account`, or the error of the database.
 */
dp_error_t dp_account_find(dp_op_t *op, const dp_identity_provider_t *provider,
                           const dp_id_token_t *token, dp_account_t *account);

#endif /* DP_ACCOUNT_H */
