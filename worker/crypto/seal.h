/*
 * Secrets at rest: AES-256-GCM under a key that is derived from a master key,
 * bound to the place where they lie.
 *
 *     0   u8             version, 1
 *     1   u8             length of the id of the key, 8
 *     2   id             of the sealing key, hexadecimal
 *    10   nonce          12 random bytes
 *    22   ciphertext     as long as the secret
 *         tag            16 bytes
 *
 * Authenticated with it: "table|row|field|id", of which only the row can have a
 * '|', so that no two places read alike.  A sealed secret that is moved to
 * another row or column does not open.  Random nonces keep 2^32 seals of one
 * master key apart.  The caller wipes what was unsealed.
 */

#ifndef DP_SEAL_H
#define DP_SEAL_H

#include "keys.h"

#define DP_SEAL_OVERHEAD (2 + DP_KEY_ID_SIZE + 12 + 16)

/* A larger secret is none; a larger field is not read. */
#define DP_SEAL_PLAIN_MAX 65536

typedef struct {
    const char *table; /* "signing_key" */
    dp_slice_t  row;   /* its primary key; at most 64 bytes */
    const char *field; /* the column */
} dp_seal_place_t;

/*
 * Writes plain.len + DP_SEAL_OVERHEAD bytes and returns how many.  Stops the
 * process when OpenSSL fails: what cannot be sealed is not to be stored.
 */
size_t dp_seal(uint8_t *sealed, const dp_seal_place_t *place, dp_slice_t plain);

/*
 * Writes the secret of `len` bytes to `plain`, which has room for sealed.len.
 * False, with nothing of it left there, when one bit is not what was sealed, the
 * place is another, or the master key is not among ours.
 */
bool dp_unseal(uint8_t *plain, size_t *len, const dp_seal_place_t *place,
               dp_slice_t sealed) __attribute__((warn_unused_result));

/* Sealed with what seals now; false also when it is not sealed at all. */
bool dp_seal_current(dp_slice_t sealed);

#endif /* DP_SEAL_H */
