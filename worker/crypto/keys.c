/*
 * Deriving keys from the master keys.
 */

#include "keys.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "dp_id.h"
#include "master_key.h"

/* The info of each derivation; a new version of a key gets a new name. */
static const char *const purposes[DP_KEY_COUNT] = {
    [DP_KEY_CURSOR] = "devpilot cursor v1",
    [DP_KEY_REFRESH] = "devpilot refresh v1",
    [DP_KEY_ACCOUNT] = "devpilot account v1",
    [DP_KEY_AUDIT] = "devpilot audit v1",
    [DP_KEY_CHECKPOINT] = "devpilot checkpoint v1",
};

#define SEALING_PURPOSE "devpilot seal v1"
#define SEALING_ID_PURPOSE "devpilot seal id v1"

static uint8_t          keys[DP_KEY_COUNT][DP_KEY_SIZE];
static dp_sealing_key_t sealing[DP_MASTER_COUNT];
static size_t           sealing_count;

/* RFC 5869 without a salt. */
static bool
key_derive(uint8_t *key, const uint8_t *master, const char *purpose)
{
    EVP_KDF     *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM   params[] = {
        OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *) "SHA256", 6),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, (void *) master,
                                DP_MASTER_KEY_SIZE),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_INFO, (void *) purpose,
                                strlen(purpose)),
        OSSL_PARAM_END,
    };
    bool done = context != NULL
                && EVP_KDF_derive(context, key, DP_KEY_SIZE, params) == 1;

    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);

    return done;
}

static bool
purposes_derive(const uint8_t *master)
{
    for (size_t i = 0; i < DP_KEY_COUNT; i++) {
        if (!key_derive(keys[i], master, purposes[i])) {
            return false;
        }
    }

    return true;
}

static bool
sealing_derive(dp_sealing_key_t *key, const uint8_t *master)
{
    uint8_t id[DP_KEY_SIZE];

    if (!key_derive(key->secret, master, SEALING_PURPOSE)
        || !key_derive(id, master, SEALING_ID_PURPOSE)) {
        return false;
    }

    dp_hex_format(key->id, id, DP_KEY_ID_SIZE / 2);

    return true;
}

static bool
keys_derive(dp_master_t master, const uint8_t *bytes)
{
    sealing_count = (size_t) master + 1;

    return sealing_derive(&sealing[master], bytes)
           && (master != DP_MASTER_V1 || purposes_derive(bytes));
}

const char *
dp_keys_load(dp_master_t master, const char *path, const char *text)
{
    uint8_t     bytes[DP_MASTER_KEY_SIZE] = {0};
    bool        given = text != NULL && text[0] != '\0';
    const char *wrong = given ? dp_master_key_decode(bytes, text)
                              : dp_master_key_read(bytes, path);

    if (wrong == NULL && !keys_derive(master, bytes)) {
        wrong = "OpenSSL could not derive keys from it";
    }

    OPENSSL_cleanse(bytes, sizeof(bytes));

    return wrong;
}

const uint8_t *
dp_key(dp_key_purpose_t purpose)
{
    return keys[purpose];
}

const dp_sealing_key_t *
dp_sealing_key(void)
{
    return &sealing[sealing_count - 1];
}

const dp_sealing_key_t *
dp_sealing_key_find(dp_slice_t id)
{
    for (size_t i = 0; i < sealing_count; i++) {
        if (dp_slice_equal(id, dp_slice(sealing[i].id, DP_KEY_ID_SIZE))) {
            return &sealing[i];
        }
    }

    return NULL;
}
