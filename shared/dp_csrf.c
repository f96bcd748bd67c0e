/*
 * CSRF tokens of a session.
 */

#include "dp_csrf.h"

bool
dp_csrf_make(dp_hmac_t *key, const uint8_t session_id[DP_ID_SIZE], char *text)
{
    uint8_t digest[DP_HMAC_SIZE];

    if (!dp_hmac_make(key, dp_slice(session_id, DP_ID_SIZE), digest)) {
        return false;
    }

    dp_base64url_encode(text, dp_slice(digest, sizeof(digest)));

    return true;
}

bool
dp_csrf_matches(dp_hmac_t *key, const uint8_t session_id[DP_ID_SIZE],
                dp_slice_t token)
{
    uint8_t digest[DP_HMAC_SIZE];
    size_t  len;

    return token.len == DP_CSRF_TEXT_SIZE
           && dp_base64url_decode(digest, sizeof(digest), &len, token)
           && dp_hmac_matches(key, dp_slice(session_id, DP_ID_SIZE),
                              dp_slice(digest, len));
}
