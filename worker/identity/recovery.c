/*
 * Making and reading recovery codes.
 */

#include "recovery.h"

#include "crypto/base32.h"
#include "crypto/random.h"

#include <openssl/crypto.h>

#define CODE_BYTES 10
#define CODE_SIZE DP_BASE32_TEXT_SIZE(CODE_BYTES)
#define GROUP 4

void
dp_recovery_make(char text[DP_RECOVERY_TEXT_SIZE])
{
    uint8_t     bytes[CODE_BYTES];
    char        code[CODE_SIZE];
    dp_writer_t out = dp_writer(text, DP_RECOVERY_TEXT_SIZE);

    dp_random(bytes, sizeof(bytes));
    dp_base32_encode(code, dp_slice(bytes, sizeof(bytes)));

    for (size_t i = 0; i < CODE_SIZE; i += GROUP) {
        dp_write_text(&out, i == 0 ? "" : "-");
        dp_write_bytes(&out, dp_slice(code + i, GROUP));
    }

    OPENSSL_cleanse(bytes, sizeof(bytes));
    OPENSSL_cleanse(code, sizeof(code));
}

/* The values of the characters that count; false: there are others, or not 16. */
static bool
code_read(uint8_t code[CODE_SIZE], dp_slice_t text)
{
    size_t len = 0;

    for (size_t i = 0; i < text.len; i++) {
        int value = dp_base32_value(text.data[i]);

        if (text.data[i] == '-' || text.data[i] == ' ') {
            continue;
        }

        if (value < 0 || len == CODE_SIZE) {
            return false;
        }

        code[len++] = (uint8_t) value;
    }

    return len == CODE_SIZE;
}

bool
dp_recovery_digest(uint8_t digest[DP_SHA256_SIZE],
                   const uint8_t user_id[DP_ID_SIZE], dp_slice_t text)
{
    uint8_t          code[CODE_SIZE];
    const dp_slice_t pieces[] = {
        dp_slice(user_id, DP_ID_SIZE),
        dp_slice(code, sizeof(code)),
    };

    if (!code_read(code, text)) {
        return false;
    }

    dp_sha256(digest, pieces, 2);
    OPENSSL_cleanse(code, sizeof(code));

    return true;
}
