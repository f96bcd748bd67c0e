/*
 * Digests by OpenSSL 3.
 */

#include "digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>

static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD        *sha256;

static void
algorithms_fetch(void)
{
    sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (sha256 == NULL) {
        abort();
    }
}

void
dp_sha256(uint8_t digest[DP_SHA256_SIZE], const dp_slice_t *pieces, size_t count)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool        done;

    pthread_once(&fetched, algorithms_fetch);
    done = context != NULL && EVP_DigestInit_ex2(context, sha256, NULL) == 1;

    for (size_t i = 0; done && i < count; i++) {
        done = EVP_DigestUpdate(context, pieces[i].data, pieces[i].len) == 1;
    }

    if (!done || EVP_DigestFinal_ex(context, digest, NULL) != 1) {
        abort();
    }

    EVP_MD_CTX_free(context);
}

void
dp_hmac_sha256(uint8_t mac[DP_SHA256_SIZE], dp_slice_t key, dp_slice_t message)
{
    pthread_once(&fetched, algorithms_fetch);

    if (HMAC(sha256, key.data, (int) key.len, message.data, message.len, mac,
             NULL) == NULL) {
        abort();
    }
}

bool
dp_equal_secret(dp_slice_t a, dp_slice_t b)
{
    return a.len == b.len && CRYPTO_memcmp(a.data, b.data, a.len) == 0;
}
