/*
 * Making access tokens, JWS in its compact form with HS256, and CSRF tokens, by
 * the keys of the ring.  Edges verify them without asking anybody.
 *
 * An access token stands for a session or an API key: it lives for 15 minutes at
 * most, and ends when that does.
 */

#ifndef DP_TOKEN_H
#define DP_TOKEN_H

#include "key_ring.h"
#include "runtime/operation.h"

#define DP_ACCESS_TOKEN_S 900

/* Whom a token is made for, as read in the operation's own transaction. */
typedef struct {
    dp_principal_kind_t kind; /* SESSION or API_KEY */
    const uint8_t      *credential_id;
    const uint8_t      *user_id;
    const uint8_t      *org_id;
    int                 auth_level;
    int                 plan;       /* its rank */
    uint64_t            generation; /* of the control state, in that snapshot */
    uint64_t            auth_us;    /* since 1970; 0: nobody logged in */
    uint64_t            expires_us; /* of the credential; 0: never */
    dp_slice_t          scope;      /* names with spaces between; empty: all */
} dp_token_claims_t;

/* Before any thread: what tokens name as issuer and audience; borrowed. */
void dp_token_configure(const char *issuer, const char *audience);

/*
 * The token, in the arena.  Empty after dp_op_fail(WORKER_UNAVAILABLE): there is
 * no key that signs.
 */
dp_slice_t dp_access_token_make(dp_op_t *op, const dp_token_claims_t *claims);

/* Likewise the token that goes with a session's cookie. */
dp_slice_t dp_csrf_token_make(dp_op_t *op, const uint8_t *session_id);

/* An access token by this key at this time, microseconds since 1970. */
dp_slice_t dp_access_token_sign(dp_arena_t *arena,
                                const dp_token_claims_t *claims,
                                const dp_signing_key_t *key, uint64_t now_us);

/* For how many seconds such a token holds. */
uint64_t dp_access_token_lifetime_s(const dp_token_claims_t *claims,
                                    uint64_t now_us);

#endif /* DP_TOKEN_H */
