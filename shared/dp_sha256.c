/*
 * SHA-256 with one context.  Uses OpenSSL.
 */

#include "dp_sha256.h"

#include <openssl/evp.h>

void
dp_sha256_open(dp_sha256_t *sha)
{
    sha->md = EVP_MD_fetch(NULL, "SHA256", NULL);
    sha->ctx = EVP_MD_CTX_new();
    sha->failed = sha->md == NULL || sha->ctx == NULL;
}

void
dp_sha256_close(dp_sha256_t *sha)
{
    EVP_MD_CTX_free(sha->ctx);
    EVP_MD_free(sha->md);
    *sha = (dp_sha256_t) {.failed = true};
}

void
dp_sha256_begin(dp_sha256_t *sha)
{
    sha->failed = sha->failed || EVP_DigestInit_ex2(sha->ctx, sha->md, NULL) != 1;
}

void
dp_sha256_add(dp_sha256_t *sha, dp_slice_t bytes)
{
    sha->failed = sha->failed
                  || (bytes.len != 0
                      && EVP_DigestUpdate(sha->ctx, bytes.data, bytes.len) != 1);
}

void
dp_sha256_end(dp_sha256_t *sha, uint8_t digest[DP_SHA256_BYTES])
{
    sha->failed = sha->failed
                  || EVP_DigestFinal_ex(sha->ctx, digest, NULL) != 1;

    if (sha->failed) {
        memset(digest, 0, DP_SHA256_BYTES);
    }
}
