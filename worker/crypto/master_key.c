/*
 * A master key from a file or from text; copies on the way are wiped.
 */

#include "master_key.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "dp_hex.h"

const char *
dp_master_key_read(uint8_t key[DP_MASTER_KEY_SIZE], const char *path)
{
    uint8_t bytes[DP_MASTER_KEY_SIZE + 1] = {0};
    int     file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = file < 0 ? -1 : read(file, bytes, sizeof(bytes));

    if (file >= 0) {
        close(file);
    }

    memcpy(key, bytes, DP_MASTER_KEY_SIZE);
    OPENSSL_cleanse(bytes, sizeof(bytes));

    if (got < 0) {
        return "the file cannot be read";
    }

    return got == DP_MASTER_KEY_SIZE ? NULL
                                     : "the file does not hold exactly 32 bytes";
}

static bool
hex_decode(uint8_t *key, const char *text)
{
    for (size_t i = 0; i < DP_MASTER_KEY_SIZE; i++) {
        int high = dp_hex_digit((uint8_t) text[2 * i]);
        int low = dp_hex_digit((uint8_t) text[2 * i + 1]);

        if (high < 0 || low < 0) {
            return false;
        }

        key[i] = (uint8_t) (high << 4 | low);
    }

    return true;
}

/* 44 characters with one '=' are 33 decoded bytes, the last one zero. */
static bool
base64_decode(uint8_t *key, const char *text)
{
    uint8_t bytes[DP_MASTER_KEY_SIZE + 1] = {0};
    int     got = EVP_DecodeBlock(bytes, (const uint8_t *) text, 44);

    memcpy(key, bytes, DP_MASTER_KEY_SIZE);
    OPENSSL_cleanse(bytes, sizeof(bytes));

    return got == DP_MASTER_KEY_SIZE + 1 && text[42] != '=' && text[43] == '=';
}

const char *
dp_master_key_decode(uint8_t key[DP_MASTER_KEY_SIZE], const char *text)
{
    size_t len = strlen(text);

    if ((len == (size_t) 2 * DP_MASTER_KEY_SIZE && hex_decode(key, text))
        || (len == 44 && base64_decode(key, text))) {
        return NULL;
    }

    return "it is neither 64 hexadecimal digits nor 44 characters of base64";
}
