/*
 * Making and recognising secrets that are text.
 */

#include "secret_text.h"

#include "crypto/random.h"
#include "dp_base64url.h"

#include <openssl/crypto.h>

#define PREFIX_SIZE 4

_Static_assert(PREFIX_SIZE + DP_BASE64URL_TEXT_SIZE(DP_SHA256_SIZE)
                   == DP_SECRET_TEXT_SIZE,
               "a secret is as long as a digest");

static dp_slice_t
text_format(dp_arena_t *arena, const char *prefix,
            const uint8_t bytes[DP_SHA256_SIZE])
{
    char *text = dp_arena_alloc(arena, DP_SECRET_TEXT_SIZE);

    memcpy(text, prefix, PREFIX_SIZE);
    dp_base64url_encode(text + PREFIX_SIZE, dp_slice(bytes, DP_SHA256_SIZE));

    return dp_slice(text, DP_SECRET_TEXT_SIZE);
}

dp_slice_t
dp_secret_text_make(dp_arena_t *arena, const char *prefix)
{
    uint8_t    bytes[DP_SHA256_SIZE];
    dp_slice_t text;

    dp_random(bytes, sizeof(bytes));
    text = text_format(arena, prefix, bytes);
    OPENSSL_cleanse(bytes, sizeof(bytes));

    return text;
}

dp_slice_t
dp_secret_text_follow(dp_arena_t *arena, const char *prefix, dp_slice_t key,
                      dp_slice_t text)
{
    uint8_t    mac[DP_SHA256_SIZE];
    dp_slice_t successor;

    dp_hmac_sha256(mac, key, text);
    successor = text_format(arena, prefix, mac);
    OPENSSL_cleanse(mac, sizeof(mac));

    return successor;
}

bool
dp_secret_text_valid(dp_slice_t text, const char *prefix)
{
    uint8_t bytes[DP_SHA256_SIZE];
    size_t  len;

    return text.len == DP_SECRET_TEXT_SIZE
           && memcmp(text.data, prefix, PREFIX_SIZE) == 0
           && dp_base64url_decode(bytes, sizeof(bytes), &len,
                                  dp_slice(text.data + PREFIX_SIZE,
                                           text.len - PREFIX_SIZE))
           && len == sizeof(bytes);
}

void
dp_secret_text_digest(uint8_t digest[DP_SHA256_SIZE], dp_slice_t text)
{
    dp_sha256(digest, &text, 1);
}
