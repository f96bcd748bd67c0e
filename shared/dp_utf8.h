/*
 * UTF-8, to the letter of RFC 3629: no overlong forms, no surrogates, nothing
 * above U+10FFFF.
 */

#ifndef DP_UTF8_H
#define DP_UTF8_H

#include "dp_bytes.h"

/* Bytes of the character at `pos` (before `end`): 1 to 4, or 0 if malformed. */
size_t dp_utf8_length(const uint8_t *pos, const uint8_t *end);

/* Counts characters (code points); false when the text is malformed. */
bool dp_utf8_count(dp_slice_t text, size_t *characters)
    __attribute__((warn_unused_result));

/*
 * Writes the character to `bytes` and returns its length, 1 to 4; 0 when the
 * code point is a surrogate or above U+10FFFF.
 */
size_t dp_utf8_encode(uint8_t bytes[4], uint32_t code_point);

#endif /* DP_UTF8_H */
