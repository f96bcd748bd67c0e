/*
 * The packed list of issuers in a control message: whose tokens are taken beside
 * our own, and with which public keys they are verified.
 *
 *     issuer   u16 length of what follows
 *              u8 length, issuer
 *              u32 lifetime of its tokens in seconds, at most
 *              u8 length of the audiences' list, audiences
 *              u16 length of the keys' list, keys
 *     audience u8 length, audience
 *     key      u8 algorithm (dp_jwt_algorithm_t), u8 length, kid
 *              u16 length, SubjectPublicKeyInfo in DER
 *
 * Integers are big-endian.  Nothing here allocates; what is read borrows.
 */

#ifndef DP_CONTROL_ISSUER_H
#define DP_CONTROL_ISSUER_H

#include "dp_jwt.h"

#define DP_CONTROL_ISSUERS_SIZE 32768 /* of a list; what is longer is malformed */
#define DP_CONTROL_ISSUERS 16
#define DP_CONTROL_ISSUER_AUDIENCES 8
#define DP_CONTROL_ISSUER_KEYS 16 /* of one issuer */

typedef struct {
    dp_slice_t issuer; /* 1 to 255 bytes */
    uint32_t   lifetime_s;
    dp_slice_t audiences; /* lists, of at least one entry each */
    dp_slice_t keys;
} dp_control_issuer_t;

typedef struct {
    uint8_t    algorithm; /* DP_JWT_RS256 or DP_JWT_ES256 */
    dp_slice_t kid;       /* empty: for tokens that name none */
    dp_slice_t spki;      /* 1 to DP_JWS_SPKI_SIZE bytes */
} dp_control_issuer_key_t;

/* Takes one from the front of a list; false at its end, and where it is broken. */
bool dp_control_issuer_next(dp_slice_t *list, dp_control_issuer_t *issuer);
bool dp_control_audience_next(dp_slice_t *list, dp_slice_t *audience);
bool dp_control_issuer_key_next(dp_slice_t *list, dp_control_issuer_key_t *key);

/* Whether a list of issuers is whole, in all its parts, and within the bounds. */
bool dp_control_issuers_valid(dp_slice_t list) __attribute__((warn_unused_result));

/* Each adds one entry to the end of its list. */
void dp_control_audience_write(dp_writer_t *list, dp_slice_t audience);
void dp_control_issuer_key_write(dp_writer_t *list,
                                 const dp_control_issuer_key_t *key);
void dp_control_issuer_write(dp_writer_t *list,
                             const dp_control_issuer_t *issuer);

#endif /* DP_CONTROL_ISSUER_H */
