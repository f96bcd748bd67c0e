/*
 * ID tokens (OpenID Connect Core, section 3.1.3.7): whether what a provider says
 * of somebody who logs in is for us, about this login, and signed by it.
 *
 * A function of its arguments; the clock is one of them.
 */

#ifndef DP_ID_TOKEN_H
#define DP_ID_TOKEN_H

#include "provider_file.h"
#include "runtime/arena.h"

/* What it says, in the arena. */
typedef struct {
    dp_slice_t subject;
    dp_slice_t email; /* empty: none that the provider has verified */
    dp_slice_t name;  /* may be empty */
} dp_id_token_t;

typedef struct {
    const dp_identity_provider_t *provider;
    dp_slice_t                    keys;   /* a list of dp_control_issuer.h */
    dp_slice_t                    nonce;  /* of this login */
    dp_slice_t                    access_token; /* that came with it */
    uint64_t                      now_us; /* since 1970 */
} dp_id_token_expected_t;

/*
 * NULL, with what it says; or one word for logs: why it is not taken.  "key":
 * none of the keys is the one that it names; there may be newer ones.
 */
const char *dp_id_token_read(dp_arena_t *arena, dp_slice_t text,
                             const dp_id_token_expected_t *expected,
                             dp_id_token_t *token);

#endif /* DP_ID_TOKEN_H */
