/*
 * Printing a new factor.
 */

#include "factor_new.h"

#include "crypto/base32.h"
#include "crypto/random.h"
#include "dp_id.h"
#include "factor.h"

#include <openssl/crypto.h>

#define SECRET_TEXT_SIZE DP_BASE32_TEXT_SIZE(DP_TOTP_SECRET_SIZE)

static void
hex_print(FILE *out, dp_slice_t bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        fprintf(out, "%02x", bytes.data[i]);
    }
}

void
dp_factor_print_new(FILE *out)
{
    dp_arena_t *arena = dp_arena_create();
    uint8_t     id[DP_ID_SIZE];
    uint8_t     secret[DP_TOTP_SECRET_SIZE];
    char        id_text[DP_ID_TEXT_SIZE];
    char        secret_text[SECRET_TEXT_SIZE];

    dp_random(id, sizeof(id));
    dp_id_from_random(id);
    dp_id_format(id_text, id);
    dp_random(secret, sizeof(secret));
    dp_base32_encode(secret_text, dp_slice(secret, sizeof(secret)));

    fprintf(out, "%.*s %.*s ", (int) sizeof(id_text), id_text,
            (int) sizeof(secret_text), secret_text);
    hex_print(out, dp_factor_seal(arena, id, secret));
    fprintf(out, "\n");

    OPENSSL_cleanse(secret, sizeof(secret));
    dp_arena_destroy(arena);
}
