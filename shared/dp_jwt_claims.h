/*
 * The claims of a token whose signature was found good: reading them, and whether
 * the token holds here and now.
 *
 * dp_jwt_judge() is a function of its arguments: tests use numbers.  A date is a
 * number of seconds since 1970, whole or not (RFC 7519, section 2); here it is
 * microseconds, rounded down.
 */

#ifndef DP_JWT_CLAIMS_H
#define DP_JWT_CLAIMS_H

#include "dp_json_check.h"
#include "dp_jwt.h"

#define DP_JWT_TOKENS 512
#define DP_JWT_LEEWAY_S 60
#define DP_JWT_TEXT_SIZE 255 /* of an issuer, of a subject */

/* In place: the tape of `json` lies in the struct.  It borrows from the JSON. */
typedef struct {
    dp_slice_t issuer;
    dp_slice_t subject;
    uint64_t   expires_us; /* since 1970; absent ones are 0 */
    uint64_t   not_before_us;
    uint64_t   issued_us;
    uint32_t   audience; /* token of a string or of strings; 0: absent */
    dp_json_t  json;

    /* private */
    dp_json_token_t tokens[DP_JWT_TOKENS];
    uint8_t         issuer_bytes[DP_JWT_TEXT_SIZE];
    uint8_t         subject_bytes[DP_JWT_TEXT_SIZE];
} dp_jwt_claims_t;

typedef struct {
    dp_slice_t        issuer;
    const dp_slice_t *audiences; /* the token must name one of these */
    size_t            audiences_count;
    uint32_t          lifetime_s; /* from iat to exp, at most */
    uint32_t          leeway_s;   /* by which clocks may differ */
} dp_jwt_expected_t;

/* Reads the JSON; DP_JWT_CLAIMS: it is not as RFC 7519 has it. */
dp_jwt_fault_t dp_jwt_claims_read(dp_jwt_claims_t *claims, dp_slice_t json)
    __attribute__((warn_unused_result));

/* exp and iat must be there; `now_us` is since 1970. */
dp_jwt_fault_t dp_jwt_judge(const dp_jwt_claims_t   *claims,
                            const dp_jwt_expected_t *expected, uint64_t now_us)
    __attribute__((warn_unused_result));

/* The token of a claim's value, by its name; 0: absent. */
uint32_t dp_jwt_claim(const dp_jwt_claims_t *claims, dp_slice_t name);

/*
 * Claims of one type, by name; text borrows from the JSON or lies in `buffer`.
 * False: absent, of another type, or it does not fit.
 */
bool dp_jwt_claim_text(const dp_jwt_claims_t *claims, dp_slice_t name,
                       void *buffer, size_t capacity, dp_slice_t *text)
    __attribute__((warn_unused_result));
bool dp_jwt_claim_date(const dp_jwt_claims_t *claims, dp_slice_t name,
                       uint64_t *us) __attribute__((warn_unused_result));

#endif /* DP_JWT_CLAIMS_H */
