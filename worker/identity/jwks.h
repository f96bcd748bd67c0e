/*
 * A JSON Web Key Set (RFC 7517) as the list of keys of dp_control_issuer.h.
 *
 * Taken are public keys for verifying RS256 (2048 to 4096 bits) and ES256
 * (P-256); all others of the set are left out.
 */

#ifndef DP_JWKS_H
#define DP_JWKS_H

#include "dp_json_check.h"
#include "dp_jwt.h"

#define DP_JWKS_KEYS_SIZE 16384 /* of the list, at most */

/*
 * Writes the keys whose algorithm is among `algorithms`, bits
 * 1 << dp_jwt_algorithm_t.  False: it is no such set, or has no such key.
 */
bool dp_jwks_keys(dp_writer_t *keys, dp_slice_t text, unsigned algorithms)
    __attribute__((warn_unused_result));

#endif /* DP_JWKS_H */
