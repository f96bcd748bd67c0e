/*
 * Signatures of tokens, by OpenSSL: RS256 and ES256 with an issuer's public key.
 * Those of HS256 are dp_hmac.h's.
 *
 * The algorithm belongs to the key, never to the token: who calls has looked a key
 * up and compared its algorithm with what the token says.
 */

#ifndef DP_JWS_H
#define DP_JWS_H

#include <openssl/types.h>

#include "dp_jwt.h"

#define DP_JWS_SPKI_SIZE 600 /* of an RSA key of 4096 bits, and some */

typedef struct {
    dp_jwt_algorithm_t algorithm;
    EVP_PKEY          *key; /* private; NULL: closed */
} dp_jws_key_t;

/*
 * Reads a key (SubjectPublicKeyInfo, DER).  False: not one for the algorithm, as
 * RS256 takes RSA of 2048 to 4096 bits, ES256 the curve P-256; or leftover bytes.
 */
bool dp_jws_key_open(dp_jws_key_t *key, dp_jwt_algorithm_t algorithm,
                     dp_slice_t spki) __attribute__((warn_unused_result));

void dp_jws_key_close(dp_jws_key_t *key);

/* Whether the key made that signature of the text. */
bool dp_jws_verify(const dp_jws_key_t *key, dp_slice_t text,
                   dp_slice_t signature) __attribute__((warn_unused_result));

#endif /* DP_JWS_H */
