/*
 * JSON Web Tokens as they travel: JWS in its compact form (RFC 7515, 7519).
 *
 * dp_jwt_parse() takes a token apart, strictly: three parts in base64url without
 * padding or stray bits, a header of which nobody can think two things.  What the
 * header says is a stranger's word: its `alg` only has to agree with the key that
 * its `kid` names, a key that it brings or points to (jwk, jku, x5u, x5c) is not
 * looked at, and `crit` is refused whatever it lists.  The claims stay bytes: they
 * are for dp_jwt_claims.h, once dp_jws.h has found the signature good.
 *
 * Nothing here allocates or knows the time.
 */

#ifndef DP_JWT_H
#define DP_JWT_H

#include "dp_bytes.h"

#define DP_JWT_SIZE 8192           /* characters of a token, at most */
#define DP_JWT_HEADER_SIZE 1024    /* bytes of each part, decoded */
#define DP_JWT_CLAIMS_SIZE 6144
#define DP_JWT_SIGNATURE_SIZE 512  /* RSA of 4096 bits */
#define DP_JWT_KID_SIZE 255

/* Numbers are what the lists of dp_control_issuer.h carry. */
typedef enum {
    DP_JWT_HS256 = 1,
    DP_JWT_RS256 = 2,
    DP_JWT_ES256 = 3,
} dp_jwt_algorithm_t;

typedef enum {
    DP_JWT_OK,
    DP_JWT_TOO_LONG,
    DP_JWT_FORM,      /* not three parts, or not base64url */
    DP_JWT_HEADER,    /* no object, or a member is not what it must be */
    DP_JWT_ALGORITHM, /* "none", and all that we do not know */
    DP_JWT_TYPE,
    DP_JWT_CRITICAL,
    DP_JWT_KEY,       /* nobody's kid, or another algorithm than its key's */
    DP_JWT_SIGNATURE,
    DP_JWT_CLAIMS,    /* no object, or a claim is not what it must be */
    DP_JWT_ISSUER,
    DP_JWT_AUDIENCE,
    DP_JWT_EXPIRED,
    DP_JWT_EARLY,     /* nbf or iat is yet to come */
    DP_JWT_LIFETIME,  /* issued for longer than its issuer may */
} dp_jwt_fault_t;

typedef struct {
    dp_slice_t         signed_text; /* of the token, borrowed */
    dp_slice_t         kid;         /* empty: it names none */
    dp_slice_t         claims;      /* JSON, or not */
    dp_slice_t         signature;
    dp_jwt_algorithm_t algorithm;   /* as the header says */

    /* private: what the slices lie in */
    uint8_t header_bytes[DP_JWT_HEADER_SIZE];
    uint8_t kid_bytes[DP_JWT_KID_SIZE];
    uint8_t claims_bytes[DP_JWT_CLAIMS_SIZE];
    uint8_t signature_bytes[DP_JWT_SIGNATURE_SIZE];
} dp_jwt_t;

/* The text is a token of this kind, good or not, and no credential of ours. */
bool dp_jwt_meant(dp_slice_t text);

/* Slices of *jwt lie in it and in `text`; the signature is not verified. */
dp_jwt_fault_t dp_jwt_parse(dp_jwt_t *jwt, dp_slice_t text)
    __attribute__((warn_unused_result));

/* One word for logs, as "signature"; "ok" for DP_JWT_OK. */
const char *dp_jwt_fault_name(dp_jwt_fault_t fault);

#endif /* DP_JWT_H */
