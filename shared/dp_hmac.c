/*
 * HMAC-SHA256.  EVP_MAC_init() without a key begins anew with the one it has.
 * Uses OpenSSL.
 */

#include "dp_hmac.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

bool
dp_hmac_open(dp_hmac_t *hmac, dp_slice_t secret)
{
    static char digest_name[] = "SHA256";

    EVP_MAC         *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
        OSSL_PARAM_construct_end(),
    };

    hmac->ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    EVP_MAC_free(mac); /* the context keeps it */

    if (hmac->ctx != NULL
        && EVP_MAC_init(hmac->ctx, secret.data, secret.len, params) != 1) {
        dp_hmac_close(hmac);
    }

    return hmac->ctx != NULL;
}

void
dp_hmac_close(dp_hmac_t *hmac)
{
    EVP_MAC_CTX_free(hmac->ctx);
    hmac->ctx = NULL;
}

bool
dp_hmac_make(dp_hmac_t *hmac, dp_slice_t text, uint8_t digest[DP_HMAC_SIZE])
{
    size_t len;

    return hmac->ctx != NULL && EVP_MAC_init(hmac->ctx, NULL, 0, NULL) == 1
           && EVP_MAC_update(hmac->ctx, text.data, text.len) == 1
           && EVP_MAC_final(hmac->ctx, digest, &len, DP_HMAC_SIZE) == 1
           && len == DP_HMAC_SIZE;
}

bool
dp_hmac_matches(dp_hmac_t *hmac, dp_slice_t text, dp_slice_t digest)
{
    uint8_t made[DP_HMAC_SIZE];

    return digest.len == sizeof(made) && dp_hmac_make(hmac, text, made)
           && CRYPTO_memcmp(made, digest.data, sizeof(made)) == 0;
}
