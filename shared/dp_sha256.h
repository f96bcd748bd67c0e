/*
 * SHA-256 by OpenSSL, with a context that is used again: a third of what a new
 * one costs, for who makes thousands of small digests.
 *
 * One context serves one thread.  A failure of OpenSSL's is sticky: `failed` is
 * looked at once, at the end; until then digests are zeros.
 */

#ifndef DP_SHA256_H
#define DP_SHA256_H

#include <openssl/types.h>

#include "dp_bytes.h"

#define DP_SHA256_BYTES 32

typedef struct {
    EVP_MD_CTX *ctx; /* private */
    EVP_MD     *md;  /* private */
    bool        failed;
} dp_sha256_t;

/* Sets `failed` when OpenSSL refuses; to be closed in either case. */
void dp_sha256_open(dp_sha256_t *sha);
void dp_sha256_close(dp_sha256_t *sha);

/* A digest: begin, add what there is, end. */
void dp_sha256_begin(dp_sha256_t *sha);
void dp_sha256_add(dp_sha256_t *sha, dp_slice_t bytes);
void dp_sha256_end(dp_sha256_t *sha, uint8_t digest[DP_SHA256_BYTES]);

#endif /* DP_SHA256_H */
