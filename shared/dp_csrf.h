/*
 * CSRF tokens: what a page must say besides the cookie that its browser sends by
 * itself.
 *
 * A token is the HMAC-SHA256 of the session's id by a key of the ring, in
 * base64url: nobody keeps any, and a token is good as long as its session and key.
 */

#ifndef DP_CSRF_H
#define DP_CSRF_H

#include "dp_base64url.h"
#include "dp_hmac.h"
#include "dp_principal.h"

#define DP_CSRF_TEXT_SIZE DP_BASE64URL_TEXT_SIZE(DP_HMAC_SIZE) /* 43 */

/* Writes DP_CSRF_TEXT_SIZE characters, no terminating zero. */
bool dp_csrf_make(dp_hmac_t *key, const uint8_t session_id[DP_ID_SIZE],
                  char *text) __attribute__((warn_unused_result));

/* Whether the token is this session's, in a time that tells nothing else. */
bool dp_csrf_matches(dp_hmac_t *key, const uint8_t session_id[DP_ID_SIZE],
                     dp_slice_t token) __attribute__((warn_unused_result));

#endif /* DP_CSRF_H */
