/*
 * SHA-256 over several pieces, HMAC-SHA-256, constant-time comparison.
 *
 * OpenSSL's algorithms are fetched once per process.  A failure of OpenSSL's
 * stops the process: there is no answer without a digest.
 */

#ifndef DP_DIGEST_H
#define DP_DIGEST_H

#include "dp_bytes.h"

#define DP_SHA256_SIZE 32

void dp_sha256(uint8_t digest[DP_SHA256_SIZE], const dp_slice_t *pieces,
               size_t count);

void dp_hmac_sha256(uint8_t mac[DP_SHA256_SIZE], dp_slice_t key,
                    dp_slice_t message);

/* Takes time that depends on the lengths only; those may differ. */
bool dp_equal_secret(dp_slice_t a, dp_slice_t b);

#endif /* DP_DIGEST_H */
