/*
 * base64url without padding (RFC 4648, section 5), strictly: each byte string
 * has one text, and only that text decodes.
 */

#ifndef DP_BASE64URL_H
#define DP_BASE64URL_H

#include "dp_bytes.h"

/* Characters that encode `len` bytes. */
#define DP_BASE64URL_TEXT_SIZE(len) (((len) * 4 + 2) / 3)

/* Bytes that a text of `len` characters decodes to, at most. */
#define DP_BASE64URL_BYTES_SIZE(len) ((len) * 3 / 4)

/* Writes DP_BASE64URL_TEXT_SIZE(bytes.len) characters, no terminating zero. */
void dp_base64url_encode(char *text, dp_slice_t bytes);

/*
 * Writes to `bytes`, which has room for `capacity`, and returns how many in
 * `len`.  False when the text has another character (padding is one), a length
 * that no encoding has, bits that an encoder would have left zero, or does not
 * fit.
 */
bool dp_base64url_decode(uint8_t *bytes, size_t capacity, size_t *len,
                         dp_slice_t text) __attribute__((warn_unused_result));

#endif /* DP_BASE64URL_H */
