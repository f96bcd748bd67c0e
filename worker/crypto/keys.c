/*
 * Reading the master key and deriving from it.
 */

#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <unistd.h>

#include "dp_hex.h"

#define MASTER_SIZE 32

/* The info of each derivation; a new version of a key gets a new name. */
static const char *const purposes[DP_KEY_COUNT] = {
    [DP_KEY_CURSOR] = "devpilot cursor v1",
};

static uint8_t keys[DP_KEY_COUNT][DP_KEY_SIZE];

/* RFC 5869 without a salt. */
static bool
key_derive(uint8_t *key, const uint8_t *master, const char *purpose)
{
    EVP_KDF     *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    OSSL_PARAM   params[] = {
        OSSL_PARAM_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *) "SHA256", 6),
        OSSL_PARAM_octet_string(OSSL_KDF_PARAM_KEY, (void *) master, MASTER_SIZE),
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
keys_derive(const uint8_t *master)
{
    for (size_t i = 0; i < DP_KEY_COUNT; i++) {
        if (!key_derive(keys[i], master, purposes[i])) {
            return false;
        }
    }

    return true;
}

/* Exactly MASTER_SIZE bytes, no more. */
static const char *
master_read(uint8_t *master, const char *path)
{
    uint8_t bytes[MASTER_SIZE + 1];
    int     file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, bytes, sizeof(bytes));

    if (file >= 0) {
        close(file);
    }

    if (got < 0) {
        return "the file cannot be read";
    }

    memcpy(master, bytes, MASTER_SIZE);
    OPENSSL_cleanse(bytes, sizeof(bytes));

    return got == MASTER_SIZE ? NULL : "the file does not hold exactly 32 bytes";
}

static bool
hex_decode(uint8_t *master, const char *text)
{
    for (size_t i = 0; i < MASTER_SIZE; i++) {
        int high = dp_hex_digit((uint8_t) text[2 * i]);
        int low = dp_hex_digit((uint8_t) text[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }

        master[i] = (uint8_t) (high << 4 | low);
    }

    return true;
}

/* 44 characters with one '=' are 33 decoded bytes, the last one zero. */
static bool
base64_decode(uint8_t *master, const char *text)
{
    uint8_t bytes[MASTER_SIZE + 1];
    int     got = EVP_DecodeBlock(bytes, (const uint8_t *) text, 44);

    memcpy(master, bytes, MASTER_SIZE);
    OPENSSL_cleanse(bytes, sizeof(bytes));

    return got == MASTER_SIZE + 1 && text[42] != '=' && text[43] == '=';
}

static const char *
master_decode(uint8_t *master, const char *text)
{
    size_t len = strlen(text);

    if ((len == 2 * MASTER_SIZE && hex_decode(master, text))
        || (len == 44 && base64_decode(master, text))) {
        return NULL;
    }

    return "it is neither 64 hexadecimal digits nor 44 characters of base64";
}

const char *
dp_keys_load(const char *path, const char *text)
{
    uint8_t     master[MASTER_SIZE] = {0};
    bool        given = text != NULL && text[0] != '\0';
    const char *wrong = given ? master_decode(master, text)
                              : master_read(master, path);

    if (wrong == NULL && !keys_derive(master)) {
        wrong = "OpenSSL could not derive keys from it";
    }

    OPENSSL_cleanse(master, sizeof(master));

    return wrong;
}

const uint8_t *
dp_key(dp_key_purpose_t purpose)
{
    return keys[purpose];
}
